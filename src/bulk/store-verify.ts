/** Statements of verify.ts. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Rows and payments that contradict each other, the first of each kind, at most `limit`. A row's key is `bulk:<list>:<position>:<attempt>`; what
 * the ledger answered under a key is for ever. A payment whose row still says `submitting` is in a worker's hand. */
export async function selectWrongRows(
  db: Queryable,
  limit: number,
): Promise<readonly { readonly id: string; readonly detail: string }[]> {
  return db.query<{ id: string; detail: string }>(sql`
    with answer as materialized (
      select key, split_part(key, ':', 2) as bulk_id, split_part(key, ':', 3) as position, split_part(key, ':', 4) as attempt,
        result::json ->> 'paymentId' as payment_id
      from ledger_request where starts_with(key, 'bulk:') and (result::json ->> 'ok')::boolean
    ), paid as (
      select a.*, p.amount_sen, p.bulk_id as list from answer a join payment p on p.id = a.payment_id where p.state <> 'refused'
    )
    (select r.bulk_id || ' ' || r.position as id, 'it says submitted, but there is no payment of its key and amount' as detail
      from bulk_row r
      left join paid on paid.key = 'bulk:' || r.bulk_id || ':' || r.position || ':' || r.attempt and paid.payment_id = r.payment_id
        and paid.amount_sen = r.amount_sen and paid.list = r.bulk_id
      where r.state = 'submitted' and paid.key is null order by 1 limit ${limit})
    union all
    (select paid.bulk_id || ' ' || paid.position, format('payment %s was made for it, but the row says %s', paid.payment_id, coalesce(r.state, 'nothing'))
      from paid
      left join bulk_row r on r.bulk_id = paid.bulk_id and r.position::text = paid.position
      where r.payment_id is distinct from paid.payment_id and not (coalesce(r.state = 'submitting', false) and r.attempt::text = paid.attempt)
      order by 1 limit ${limit})
    limit ${limit}`);
}
