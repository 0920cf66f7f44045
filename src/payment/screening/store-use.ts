/** The SQL of how an account is used, for the rules of risk: read from what the commits of the money wrote. */
import { textArray } from '../../db/array.ts';
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { AccountUse } from '../../risk/rule.ts';
import { PAYMENT_KINDS, type PaymentKind } from '../kind.ts';

const DAY_MS = 86_400_000;
const QUARTER_MS = 15 * 60_000;
/** How far back an account's own history goes, and how many transfers of it are looked at. */
const HISTORY_MS = 180 * DAY_MS;
const HISTORY_MAX = 200;
/** Movements of a day that are summed: the newest. More than so many are no person's. */
const MOVES_MAX = 1_000;

/** What the customer sends, and what is asked of the account: cash, a shown code. */
const KINDS_OUT = (Object.keys(PAYMENT_KINDS) as PaymentKind[]).filter(
  (kind) => PAYMENT_KINDS[kind].direction !== 'in',
);

/** How accounts are used, by number. Accounts that are not there are left out. */
export async function selectUses(
  db: Queryable,
  of: { readonly accounts: readonly string[]; readonly nowMs: number },
): Promise<readonly (AccountUse & { readonly account: string })[]> {
  const { nowMs } = of;
  const at = new Date(nowMs);
  const dayAgo = new Date(nowMs - DAY_MS);
  const rows = await db.query<UseRow>(sql`
    with first as materialized (select coalesce((select booked_at from transfer order by id limit 1), ${at}::timestamptz) as booked_at)
    select a.number, a.opened_at, a.posted_credit_sen - a.posted_debit_sen - a.pending_debit_sen as available_sen,
      h.past_count, h.median_sen, coalesce(greatest(d.booked_at, c.booked_at), greatest(a.opened_at, first.booked_at)) as quiet_from,
      i.in_sen, o.out_quarter_sen, o.out_day_sen
    from unnest(${textArray(of.accounts)}::text[]) as w (number)
    cross join first
    cross join lateral (select * from account where number = w.number and book = 'customer' limit 1) a
    cross join lateral (
      select count(*)::integer as past_count, coalesce(percentile_disc(0.5) within group (order by p.amount_sen), 0)::bigint as median_sen
      from (
        select amount_sen from payment
        where customer_id = a.customer_id and made_at > ${new Date(nowMs - HISTORY_MS)} and debit_account = a.number
          and kind in ('onus', 'bifast_out', 'switch_out', 'qris_transfer_out') and state not in ('refused', 'cancelled', 'refunded', 'withheld')
        order by made_at desc limit ${HISTORY_MAX}::integer
      ) p
    ) h
    cross join lateral (
      select coalesce(sum(p.amount_sen), 0)::bigint as out_day_sen,
        coalesce(sum(p.amount_sen) filter (where p.made_at > ${new Date(nowMs - QUARTER_MS)}), 0)::bigint as out_quarter_sen
      from (
        select amount_sen, made_at from payment
        where customer_id = a.customer_id and made_at > ${dayAgo} and debit_account = a.number
          and kind = any(${textArray(KINDS_OUT)}::text[]) and state not in ('refused', 'cancelled', 'refunded')
        order by made_at desc limit ${MOVES_MAX}::integer
      ) p
    ) o
    cross join lateral (
      select coalesce(sum(t.amount_sen), 0)::bigint as in_sen from (
        select amount_sen from transfer
        where credit_account = a.id and kind in ('single', 'post') and line = 'principal'
          and booked_on >= ${dayAgo}::timestamptz::date - 1 and booked_at > ${dayAgo}
        order by booked_on desc, id desc limit ${MOVES_MAX}::integer
      ) t
    ) i
    left join lateral (
      select booked_at from transfer where debit_account = a.id and kind in ('single', 'post')
        and booked_on <= ${dayAgo}::timestamptz::date + 1 and booked_at <= ${dayAgo}
      order by booked_on desc, id desc limit 1
    ) d on true
    left join lateral (
      select booked_at from transfer where credit_account = a.id and kind in ('single', 'post')
        and booked_on <= ${dayAgo}::timestamptz::date + 1 and booked_at <= ${dayAgo}
      order by booked_on desc, id desc limit 1
    ) c on true`);
  return rows.map((row) => ({
    account: row.number,
    pastCount: row.past_count,
    medianSen: row.median_sen,
    ageMs: nowMs - row.opened_at.getTime(),
    quietMs: nowMs - row.quiet_from.getTime(),
    availableSen: row.available_sen,
    inSen: row.in_sen,
    outQuarterSen: row.out_quarter_sen,
    outDaySen: row.out_day_sen,
  }));
}

interface UseRow {
  readonly number: string;
  readonly opened_at: Date;
  readonly available_sen: bigint;
  readonly past_count: number;
  readonly median_sen: bigint;
  readonly quiet_from: Date;
  readonly in_sen: bigint;
  readonly out_quarter_sen: bigint;
  readonly out_day_sen: bigint;
}
