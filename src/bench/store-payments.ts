/** What the payments benchmark asks the database after its load: what it says of the answers must be what was written. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface PartnerTotals {
  /** Rows of `payment`. */
  readonly payments: bigint;
  readonly settled: bigint;
  /** Different references among them. */
  readonly references: bigint;
  /** Movements of money in the ledger for them. */
  readonly transfers: bigint;
  readonly settledSen: bigint;
  /** What the settled ones paid as fees. */
  readonly feeSen: bigint;
  /** Neither settled nor ended otherwise. */
  readonly open: bigint;
  readonly movedSen: bigint;
}

/** Everything that one partner's payments of a kind came to, from the payment rows and, apart from them, from the ledger. */
export async function selectPartnerTotals(
  db: Queryable,
  of: { readonly partnerId: string; readonly kind: 'onus' | 'bifast_out' },
): Promise<PartnerTotals> {
  const [row] = await db.query<PartnerTotals>(sql`
    select count(*) as payments, count(*) filter (where p.state = 'settled') as settled,
      count(distinct p.partner_reference_no) as references,
      coalesce(sum(t.n), 0)::bigint as transfers,
      coalesce(sum(p.amount_sen) filter (where p.state = 'settled'), 0)::bigint as "settledSen",
      coalesce(sum(p.fee_sen) filter (where p.state = 'settled'), 0)::bigint as "feeSen",
      count(*) filter (where p.state not in ('settled', 'refunded', 'refused', 'cancelled', 'rejected', 'returned')) as open,
      coalesce(sum(t.amount), 0)::bigint as "movedSen"
    from payment p
    left join (
      select payment_id, count(*) as n, sum(amount_sen) as amount from transfer where kind in ('single', 'post') group by payment_id
    ) t on t.payment_id = p.id
    where p.partner_id = ${of.partnerId} and p.kind = ${of.kind}`);
  return row!;
}
