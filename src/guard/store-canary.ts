/** Statements about canaries: accounts and tables that nobody of ours touches. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Read by nobody of ours, whatever it runs as. */
const CANARY_TABLES = ['customer_card_backup'] as const;

/** Bounds a count: by then people have been told as often. */
const EVENTS_MAX = 10_000;

/** Each canary account with a print of its row and its holder's (what is posted, held, frozen, guessed at or written by hand changes it), and how
 * many events and payments there are in their name: signing in, being bound, trying to pay; with the newest event. Counted, not read from a
 * place on: an event that commits late is one more, too. */
export function selectCanaryAccounts(
  db: Queryable,
): Promise<{ id: string; print: string; events: bigint; newest: string | null }[]> {
  return db.query(sql`select c.id, md5(a::text || coalesce(h::text, '')) as print, e.events + p.payments as events, e.newest
    from canary_account c join account a on a.number = c.account left join customer h on h.id = a.customer_id, lateral (
      select count(*) as events, (array_agg(n.kind order by n.id desc))[1] as newest from (
        select id, kind from event where subject in (a.number, a.customer_id) and kind <> 'ledger.posted' limit ${EVENTS_MAX}
      ) n
    ) e, lateral (
      select count(*) as payments from (select from payment where customer_id = a.customer_id limit ${EVENTS_MAX}) m
    ) p order by c.id`);
}

/** How often each table that nobody reads was read since PostgreSQL began to count. */
export function selectReads(db: Queryable): Promise<{ name: string; reads: bigint }[]> {
  return db.query(sql`select relname as name, seq_scan + coalesce(idx_scan, 0) as reads from pg_stat_user_tables
    where schemaname = 'public' and relname = any(${CANARY_TABLES}) order by relname`);
}
