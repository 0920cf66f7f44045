/** Statements of verify.ts. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Runs and payments that contradict each other, the first of each kind, at most `limit`. A run's key is `standing:<order>:<date>:<attempt>`;
 * what the ledger answered under a key is for ever. A payment whose run still says `submitting` is in a worker's hand. */
export async function selectWrongRuns(
  db: Queryable,
  limit: number,
): Promise<readonly { readonly id: string; readonly detail: string }[]> {
  return db.query<{ id: string; detail: string }>(sql`
    with answer as materialized (
      select key, split_part(key, ':', 2) as order_id, split_part(key, ':', 3) as date, split_part(key, ':', 4) as attempt,
        result::json ->> 'paymentId' as payment_id
      from ledger_request where starts_with(key, 'standing:') and (result::json ->> 'ok')::boolean
    ), paid as (
      select a.* from answer a join payment p on p.id = a.payment_id where p.state <> 'refused'
    )
    (select r.order_id || ' ' || r.date as id, 'it says submitted, but there is no payment of its key' as detail
      from standing_order_run r
      left join paid on paid.key = 'standing:' || r.order_id || ':' || r.date || ':' || r.attempt and paid.payment_id = r.payment_id
      where r.state = 'submitted' and paid.key is null order by 1 limit ${limit})
    union all
    (select paid.order_id || ' ' || paid.date, format('payment %s was made for it, but the run says %s', paid.payment_id, coalesce(r.state, 'nothing'))
      from paid
      left join standing_order_run r on r.order_id = paid.order_id and r.date::text = paid.date
      where r.payment_id is distinct from paid.payment_id and not (coalesce(r.state = 'submitting', false) and r.attempt::text = paid.attempt)
      order by 1 limit ${limit})
    limit ${limit}`);
}
