/** The statement behind a business date: what ledger, gateway and settlement say of it, per rail and direction. Reads only. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { SideRow } from './figure.ts';

/** A payment kind whose money a settlement names. */
export interface SettledKind {
  readonly kind: string;
  readonly rail: string;
  readonly direction: 'out' | 'in';
}

/** The three sides of a business date. A payment belongs to the date of its line; one without a line to its own, so that a cut-over
 * makes no difference. A further line of a payment adds to the settlement side alone.
 * A line of cash or of a shown code, which the ledger books with the statement, waits like one that is not judged yet.
 * Cost: the date's rows of three tables, once; callers keep the answer for a while. */
export function selectSides(
  db: Queryable,
  input: { readonly businessDate: string; readonly kinds: readonly SettledKind[] },
): Promise<SideRow[]> {
  const { businessDate, kinds } = input;
  return db.query<SideRow>(sql`
    with kind as (
      select * from unnest(${kinds.map((k) => k.kind)}::text[], ${kinds.map((k) => k.rail)}::text[], ${kinds.map((k) => k.direction)}::text[])
        as k (kind, rail, direction)
    ), line as materialized (
      select l.rail, l.direction, l.biz_msg_idr, l.counterparty_bank, l.amount_sen, l.match_state, l.payment_id,
        l.match_state = 'open' or exists (select from payment p where p.id = l.payment_id and p.state = 'accepted') as is_waiting
      from settlement_line l where l.business_date = ${businessDate}::date
    ), booked as materialized (
      select k.rail, k.direction, p.biz_msg_idr, p.amount_sen, true as has_line
      from line l join payment p on p.id = l.payment_id join kind k on k.kind = p.kind
      where l.match_state not in ('duplicate', 'orphan') and p.state in ('settled', 'returned')
      union all
      select k.rail, k.direction, p.biz_msg_idr, p.amount_sen, false
      from payment p join kind k on k.kind = p.kind
      where p.business_date = ${businessDate}::date and p.state in ('settled', 'returned') and p.biz_msg_idr is not null
        and not exists (select from settlement_line l where l.rail = k.rail and l.direction = k.direction
          and l.biz_msg_idr = p.biz_msg_idr and l.match_state <> 'orphan'
          and (l.direction = 'out' or l.counterparty_bank = p.counterparty_bank))
    ), sent as (
      select i.rail, i.direction, i.biz_msg_idr,
        (select (j.body::jsonb ->> 'amountSen')::bigint from journal_entry j
          where i.direction = 'out' and j.message_id = i.biz_msg_idr and j.kind = 'intent' order by j.at limit 1) as amount_sen,
        exists (select from journal_entry j where j.message_id = i.biz_msg_idr
          and j.kind = case i.direction when 'out' then 'intent' else 'inbound' end) as is_seen
      from (
        select rail, direction, biz_msg_idr from booked union select rail, direction, biz_msg_idr from line
        union select rail, 'out', biz_msg_idr from match_break
          where kind = 'orphan' and detail like '% out %' and (opened_at at time zone 'Asia/Jakarta')::date = ${businessDate}::date
      ) i
    )
    select rail, direction, 'ledger' as side, count(*) as n, coalesce(sum(amount_sen), 0)::bigint as value_sen,
      count(*) filter (where not has_line) as odd_n, coalesce(sum(amount_sen) filter (where not has_line), 0)::bigint as odd_sen
      from booked group by rail, direction
    union all
    select rail, direction, 'gateway', count(*), sum(amount_sen)::bigint, 0, 0 from sent where is_seen group by rail, direction
    union all
    select rail, direction, 'settlement', count(*), coalesce(sum(amount_sen), 0)::bigint,
      count(*) filter (where is_waiting), coalesce(sum(amount_sen) filter (where is_waiting), 0)::bigint
      from line group by rail, direction
    order by 1, 2, 3`);
}

/** Open breaks per rail, those that opened by the end of the date. */
export function countBreaksOf(
  db: Queryable,
  businessDate: string,
): Promise<{ rail: string; n: bigint; value_sen: bigint }[]> {
  return db.query(sql`select rail, count(*) as n, coalesce(sum(amount_sen), 0)::bigint as value_sen from match_break
    where closed_at is null and (opened_at at time zone 'Asia/Jakarta')::date <= ${businessDate}::date group by rail order by rail`);
}

/** When each rail's feed last brought a line, and when its statement of the date came. */
export function selectFeeds(
  db: Queryable,
  input: { readonly businessDate: string; readonly rails: readonly string[] },
): Promise<{ rail: string; line_at: Date | null; statement_at: Date | null }[]> {
  return db.query(sql`select r.rail,
      (select max(seen_at) from settlement_line l where l.rail = r.rail and l.business_date = ${input.businessDate}::date) as line_at,
      (select received_at from settlement_statement s where s.rail = r.rail and s.business_date = ${input.businessDate}::date) as statement_at
    from unnest(${input.rails}::text[]) as r (rail)`);
}
