/** Every statement of `qris_debit`: merchants paid by QRIS through a partner. */
import { textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { sen, type Sen } from '../kernel/money.ts';

/** What a partner asked to pay, by whose grant. Amount with tip, in sen; times UTC ms. */
export interface QrisDebit {
  readonly id: string;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly requestHash: Buffer;
  readonly grantId: string;
  readonly customerId: string;
  readonly account: string;
  readonly payload: string;
  readonly amountSen: Sen;
  readonly tipSen: Sen;
  readonly madeAtMs: number;
}

/** Writes a request; false where its reference has one. */
export async function insertQrisDebit(tx: Tx, row: QrisDebit): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    insert into qris_debit (id, partner_id, partner_reference_no, request_hash, grant_id, customer_id, account, payload, amount_sen, tip_sen,
      made_at)
    values (${row.id}, ${row.partnerId}, ${row.partnerReferenceNo}, ${row.requestHash}, ${row.grantId}, ${row.customerId}, ${row.account},
      ${row.payload}, ${row.amountSen}, ${row.tipSen}, ${new Date(row.madeAtMs)})
    on conflict (partner_id, partner_reference_no) do nothing returning id`);
  return rows.length === 1;
}

/** A request by the partner's reference. */
export async function selectQrisDebit(
  db: Queryable,
  input: { readonly partnerId: string; readonly partnerReferenceNo: string },
): Promise<QrisDebit | undefined> {
  const [row] = await db.query<{
    id: string;
    request_hash: Buffer;
    grant_id: string;
    customer_id: string;
    account: string;
    payload: string;
    amount_sen: bigint;
    tip_sen: bigint;
    made_at: Date;
  }>(sql`
    select id, request_hash, grant_id, customer_id, account, payload, amount_sen, tip_sen, made_at from qris_debit
    where partner_id = ${input.partnerId} and partner_reference_no = ${input.partnerReferenceNo}`);
  return (
    row && {
      ...input,
      id: row.id,
      requestHash: row.request_hash,
      grantId: row.grant_id,
      customerId: row.customer_id,
      account: row.account,
      payload: row.payload,
      amountSen: sen(row.amount_sen),
      tipSen: sen(row.tip_sen),
      madeAtMs: row.made_at.getTime(),
    }
  );
}

/** True once the ledger decided something under a request's key, whoever asked. */
export async function isKeyTaken(db: Queryable, key: string): Promise<boolean> {
  const rows = await db.query<{ key: string }>(
    sql`select key from ledger_request where key = ${key}`,
  );
  return rows.length === 1;
}

/** Which of these payments paid a merchant by a grant: the engine's key holds the hash that only such a request asks under (`qrisHash`), so
 * that a transfer of the same reference is none. */
export async function selectQrisDebitedPayments(
  db: Queryable,
  paymentIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(sql`
    select p.id from payment p
    join qris_debit d on d.partner_id = p.partner_id and d.partner_reference_no = p.partner_reference_no
    join ledger_request r on r.key = 'snap:' || d.partner_id || ':' || d.partner_reference_no
      and r.request_hash = sha256(convert_to('50:' || d.id, 'UTF8'))
    where p.id = any(${textArray(paymentIds)}::text[])`);
  return rows.map((row) => row.id);
}

/** QRIS payments by grant whose money is not what was asked: the engine's key says that this very request was posted, so its payment must be
 * there, of the same account and amount. */
export function selectWrongQrisDebits(
  db: Queryable,
  limit: number,
): Promise<{ readonly id: string; readonly detail: string }[]> {
  return db.query(sql`
    select d.id, 'its payment is of another amount, account or kind' as detail
    from qris_debit d
    join ledger_request r on r.key = 'snap:' || d.partner_id || ':' || d.partner_reference_no
      and r.request_hash = sha256(convert_to('50:' || d.id, 'UTF8'))
    join payment p on p.partner_id = d.partner_id and p.partner_reference_no = d.partner_reference_no
    where p.amount_sen <> d.amount_sen or p.debit_account <> d.account or p.kind not in ('onus', 'qris_out')
    union all
    select d.id, 'its money was taken, and there is no payment'
    from qris_debit d
    join ledger_request r on r.key = 'snap:' || d.partner_id || ':' || d.partner_reference_no
      and r.request_hash = sha256(convert_to('50:' || d.id, 'UTF8'))
    left join payment p on p.partner_id = d.partner_id and p.partner_reference_no = d.partner_reference_no
    where p.id is null and (r.result::json ->> 'ok')::boolean
      and d.made_at >= coalesce((select ((max(month) + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' from archive_month), '-infinity')
    order by 1 limit ${limit}`);
}
