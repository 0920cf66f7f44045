/** Every statement of direct debits: `direct_debit`, `direct_debit_return`, `debit_merchant`; reads the transfer that a return gives back. */
import { textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { sen, type Sen } from '../kernel/money.ts';

/** A payment that a partner took from a customer's account by the customer's grant. */
export interface DirectDebit {
  readonly id: string;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly requestHash: Buffer;
  readonly grantId: string;
  readonly customerId: string;
  readonly account: string;
  readonly amountSen: Sen;
  /** Absent while nobody knows yet; `paid`, or why not. */
  readonly outcome?: string;
  readonly paymentId?: string;
  /** Cancelled or refunded so far. */
  readonly returnedSen: Sen;
  readonly isCancelled: boolean;
  readonly madeAtMs: number;
}

interface RawDebit {
  readonly id: string;
  readonly partner_id: string;
  readonly partner_reference_no: string;
  readonly request_hash: Buffer;
  readonly grant_id: string;
  readonly customer_id: string;
  readonly account: string;
  readonly amount_sen: bigint;
  readonly outcome: string | null;
  readonly payment_id: string | null;
  readonly returned_sen: bigint;
  readonly is_cancelled: boolean;
  readonly made_at: Date;
}

/** The account that payments to a partner go to or went to. */
export async function selectLastMerchant(
  db: Queryable,
  partnerId: string,
): Promise<{ readonly account: string; readonly ended_at: Date | null } | undefined> {
  const rows = await db.query<{ account: string; ended_at: Date | null }>(
    sql`select account, ended_at from debit_merchant where partner_id = ${partnerId}`,
  );
  return rows[0];
}

/** Ends a partner's account for payments; false when it has none. */
export async function updateMerchantEnd(
  db: Queryable,
  input: { readonly partnerId: string; readonly now: Date },
): Promise<boolean> {
  const rows = await db.query<{ partner_id: string }>(sql`
    update debit_merchant set ended_at = ${input.now} where partner_id = ${input.partnerId} and ended_at is null returning partner_id`);
  return rows.length === 1;
}

/** Writes a partner's account for payments, also after the last one ended; false when it has one. */
export async function insertMerchant(
  db: Queryable,
  row: {
    readonly partnerId: string;
    readonly account: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await db.query<{ partner_id: string }>(sql`
    insert into debit_merchant (partner_id, account, proposed_by, approved_by, made_at)
    values (${row.partnerId}, ${row.account}, ${row.proposedBy}, ${row.approvedBy}, ${row.now})
    on conflict (partner_id) do update set account = excluded.account, proposed_by = excluded.proposed_by,
      approved_by = excluded.approved_by, made_at = excluded.made_at, ended_at = null where debit_merchant.ended_at is not null
    returning partner_id`);
  return rows.length === 1;
}

/** Writes a request before anything is asked of the ledger; a reference that is taken stays as it is. */
export async function insertDebit(
  tx: Tx,
  row: Omit<DirectDebit, 'returnedSen' | 'isCancelled' | 'outcome' | 'paymentId'>,
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    insert into direct_debit (id, partner_id, partner_reference_no, request_hash, grant_id, customer_id, account, amount_sen, made_at)
    values (${row.id}, ${row.partnerId}, ${row.partnerReferenceNo}, ${row.requestHash}, ${row.grantId}, ${row.customerId}, ${row.account},
      ${row.amountSen}, ${new Date(row.madeAtMs)})
    on conflict (partner_id, partner_reference_no) do nothing returning id`);
  return rows.length === 1;
}

/** A debit by the partner's reference. */
export async function selectDebit(
  db: Queryable,
  input: { readonly partnerId: string; readonly partnerReferenceNo: string },
): Promise<DirectDebit | undefined> {
  const [row] = await db.query<RawDebit>(sql`
    select d.id, d.partner_id, d.partner_reference_no, d.request_hash, d.grant_id, d.customer_id, d.account, d.amount_sen, d.outcome,
      d.payment_id, d.made_at, coalesce(r.returned_sen, 0)::bigint as returned_sen, coalesce(r.is_cancelled, false) as is_cancelled
    from direct_debit d
    left join (select debit_id, sum(amount_sen) as returned_sen, bool_or(kind = 'cancel') as is_cancelled from direct_debit_return
      group by debit_id) r on r.debit_id = d.id
    where d.partner_id = ${input.partnerId} and d.partner_reference_no = ${input.partnerReferenceNo}`);
  return row && decode(row);
}

/** Requests without an outcome that were made before an instant, oldest first. */
export async function selectOpenDebits(
  db: Queryable,
  input: { readonly before: Date; readonly limit: number },
): Promise<readonly DirectDebit[]> {
  const rows = await db.query<RawDebit>(sql`
    select id, partner_id, partner_reference_no, request_hash, grant_id, customer_id, account, amount_sen, outcome, payment_id, made_at,
      0::bigint as returned_sen, false as is_cancelled
    from direct_debit where outcome is null and made_at < ${input.before} order by made_at limit ${input.limit}`);
  return rows.map(decode);
}

/** What the customer knows a partner by. */
export async function selectPartnerName(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ name: string }>(sql`select name from partner where id = ${id}`);
  return rows[0]?.name;
}

function decode(row: RawDebit): DirectDebit {
  return {
    id: row.id,
    partnerId: row.partner_id,
    partnerReferenceNo: row.partner_reference_no,
    requestHash: row.request_hash,
    grantId: row.grant_id,
    customerId: row.customer_id,
    account: row.account,
    amountSen: sen(row.amount_sen),
    ...(row.outcome !== null && { outcome: row.outcome }),
    ...(row.payment_id !== null && { paymentId: row.payment_id }),
    returnedSen: sen(row.returned_sen),
    isCancelled: row.is_cancelled,
    madeAtMs: row.made_at.getTime(),
  };
}

/** Writes what became of a request, once; false when it is known already. */
export async function updateOutcome(
  tx: Tx,
  input: {
    readonly id: string;
    readonly outcome: string;
    readonly paymentId: string | undefined;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update direct_debit set outcome = ${input.outcome}, payment_id = ${input.paymentId ?? null}
    where id = ${input.id} and outcome is null returning id`);
  return rows.length === 1;
}

/** The transfer that took the money of a payment. */
export async function selectPrincipal(
  db: Queryable,
  paymentId: string,
): Promise<bigint | undefined> {
  const rows = await db.query<{ id: bigint }>(sql`
    select id from transfer where payment_id = ${paymentId} and line = 'principal' and kind = 'single' and reverses is null
    order by id limit 1`);
  return rows[0]?.id;
}

/** Money given back: all of it by a cancellation, some or all by refunds. */
export interface DebitReturn {
  readonly id: string;
  readonly debitId: string;
  readonly kind: 'cancel' | 'refund';
  readonly partnerId: string;
  /** The partner's number of a refund; the debit's own id for a cancellation. */
  readonly partnerRefundNo: string;
  readonly requestHash: Buffer;
  readonly amountSen: Sen;
  readonly reason: string;
  readonly madeAtMs: number;
}

interface RawReturn {
  readonly id: string;
  readonly debit_id: string;
  readonly kind: 'cancel' | 'refund';
  readonly partner_id: string;
  readonly partner_refund_no: string;
  readonly request_hash: Buffer;
  readonly amount_sen: bigint;
  readonly reason: string;
  readonly made_at: Date;
}

/** A return by the partner's number. */
export async function selectReturn(
  db: Queryable,
  input: { readonly partnerId: string; readonly partnerRefundNo: string },
): Promise<DebitReturn | undefined> {
  const [row] = await db.query<RawReturn>(sql`
    select id, debit_id, kind, partner_id, partner_refund_no, request_hash, amount_sen, reason, made_at from direct_debit_return
    where partner_id = ${input.partnerId} and partner_refund_no = ${input.partnerRefundNo}`);
  return (
    row && {
      id: row.id,
      debitId: row.debit_id,
      kind: row.kind,
      partnerId: row.partner_id,
      partnerRefundNo: row.partner_refund_no,
      requestHash: row.request_hash,
      amountSen: sen(row.amount_sen),
      reason: row.reason,
      madeAtMs: row.made_at.getTime(),
    }
  );
}

/** Writes a return beside its transfer. */
export async function insertReturn(
  tx: Tx,
  row: DebitReturn & { readonly transferId: bigint },
): Promise<void> {
  await tx.query(sql`
    insert into direct_debit_return (id, debit_id, kind, partner_id, partner_refund_no, request_hash, amount_sen, reason, transfer_id, made_at)
    values (${row.id}, ${row.debitId}, ${row.kind}, ${row.partnerId}, ${row.partnerRefundNo}, ${row.requestHash}, ${row.amountSen},
      ${row.reason}, ${row.transferId}, ${new Date(row.madeAtMs)})`);
}

/** Tells the customer; part of the commit of the fact. */
export async function insertDebitMessage(
  tx: Tx,
  row: {
    readonly id: string;
    readonly customerId: string;
    readonly template: string;
    readonly params: string;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(sql`
    insert into customer_message (id, customer_id, template, params, made_at)
    values (${row.id}, ${row.customerId}, ${row.template}, ${row.params}, ${row.now})`);
}

/** Which of these payments were direct debits. One whose outcome nobody has written yet is known by the engine's key: it holds the hash that only
 * this debit asks under (`submitHash`), so that a transfer of the same reference is none. */
export async function selectDebitedPayments(
  db: Queryable,
  paymentIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await db.query<{ payment_id: string }>(
    sql`select p.id as payment_id
      from payment p join direct_debit d on d.partner_id = p.partner_id and d.partner_reference_no = p.partner_reference_no
      where p.id = any(${textArray(paymentIds)}::text[]) and (d.payment_id = p.id or (d.outcome is null and exists (
        select from ledger_request r where r.key = 'snap:' || d.partner_id || ':' || d.partner_reference_no
          and r.request_hash = sha256(convert_to('54:' || d.id, 'UTF8')))))`,
  );
  return rows.map((row) => row.payment_id);
}

/** Debits that contradict their payment or their returns; none in good order. */
export function selectWrongDebits(
  db: Queryable,
  limit: number,
): Promise<{ readonly id: string; readonly detail: string }[]> {
  return db.query(sql`
    select d.id, 'it is paid, but its payment is another one or not settled' as detail
    from direct_debit d left join payment p on p.id = d.payment_id
    where d.outcome = 'paid' and (p.id is null or p.state <> 'settled' or p.amount_sen <> d.amount_sen or p.debit_account <> d.account)
    union all
    select d.id, 'more was given back than was taken'
    from direct_debit d join (select debit_id, sum(amount_sen) as total from direct_debit_return group by debit_id) r on r.debit_id = d.id
    where r.total > d.amount_sen or d.outcome is distinct from 'paid'
    union all
    select r.id, 'its transfer is not there, or gives back something else'
    from direct_debit_return r left join transfer t on t.id = r.transfer_id and t.payment_id = r.id
    where (t.id is null or t.amount_sen <> r.amount_sen or t.reverses is null)
      and r.made_at >= coalesce((select ((max(month) + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' from archive_month), '-infinity')
    order by 1 limit ${limit}`);
}
