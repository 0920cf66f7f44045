/** The SQL of bills: what an inquiry showed, what a payment was for, and its receipt. */
import { instantArray, int4Array, textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { Bill } from '../../rail/gateway-wire.ts';
import type { PaymentRow } from '../row.ts';

/** What an inquiry showed to a customer. Times are UTC ms. */
export interface BillInquiry {
  readonly id: string;
  readonly customerId: string;
  readonly product: string;
  readonly customerKey: string;
  readonly aggregator: string;
  readonly bill: Bill;
  readonly madeAtMs: number;
}

/** What a bill payment is for. */
export interface BillDetail {
  readonly inquiryId: string;
  readonly product: string;
  readonly customerKey: string;
  readonly inquiryReference: string;
  readonly periodCount: number;
}

/** A bill payment's detail with its receipt, sealed. */
export interface PaidBill extends BillDetail {
  readonly receipt?: string;
}

/** Keeps what an inquiry showed. */
export async function insertInquiry(
  db: Queryable,
  input: { readonly inquiry: BillInquiry; readonly text: string },
): Promise<void> {
  const { inquiry, text } = input;
  const { bill } = inquiry;
  await db.query(sql`
    insert into bill_inquiry (id, customer_id, product, customer_key, aggregator, inquiry_reference, customer_name, bill, made_at, valid_until)
    values (${inquiry.id}, ${inquiry.customerId}, ${inquiry.product}, ${inquiry.customerKey}, ${inquiry.aggregator},
      ${bill.inquiryReference}, ${bill.customerName}, ${text}, ${new Date(inquiry.madeAtMs)}, ${new Date(bill.validUntilMs)})`);
}

/** An inquiry of this customer's own; undefined for anybody else's. */
export async function findInquiry(
  db: Queryable,
  of: { readonly id: string; readonly customerId: string },
): Promise<BillInquiry | undefined> {
  const [row] = await db.query<{
    id: string;
    customer_id: string;
    product: string;
    customer_key: string;
    aggregator: string;
    bill: string;
    made_at: Date;
  }>(sql`
    select id, customer_id, product, customer_key, aggregator, bill, made_at from bill_inquiry
    where id = ${of.id} and customer_id = ${of.customerId}`);
  return (
    row && {
      id: row.id,
      customerId: row.customer_id,
      product: row.product,
      customerKey: row.customer_key,
      aggregator: row.aggregator,
      bill: JSON.parse(row.bill) as Bill, // our own row, in the form that was written
      madeAtMs: row.made_at.getTime(),
    }
  );
}

/** Writes what bill payments are for, beside their payments. */
export async function insertBills(
  tx: Tx,
  rows: readonly { readonly row: PaymentRow; readonly bill: BillDetail }[],
): Promise<void> {
  await tx.query(sql`
    insert into bill_payment (payment_id, inquiry_id, product, customer_key, inquiry_reference, period_count, made_at)
    select * from unnest(${textArray(rows.map(({ row }) => row.id))}::text[], ${textArray(rows.map(({ bill }) => bill.inquiryId))}::text[],
      ${textArray(rows.map(({ bill }) => bill.product))}::text[], ${textArray(rows.map(({ bill }) => bill.customerKey))}::text[],
      ${textArray(rows.map(({ bill }) => bill.inquiryReference))}::text[], ${int4Array(rows.map(({ bill }) => bill.periodCount))}::integer[],
      ${instantArray(rows.map(({ row }) => row.madeAtMs))}::timestamptz[])`);
}

/** Keeps receipts of settled bills; one without a receipt is due to be asked for it. A receipt that is there stays. */
export async function keepReceipts(
  tx: Queryable,
  rows: readonly {
    readonly paymentId: string;
    readonly receipt: string | undefined;
    readonly atMs: number;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(sql`
    update bill_payment b set receipt = r.receipt, receipt_due_at = case when r.receipt is null then r.at end
    from unnest(${textArray(rows.map((row) => row.paymentId))}::text[], ${textArray(rows.map((row) => row.receipt ?? null))}::text[],
      ${instantArray(rows.map((row) => row.atMs))}::timestamptz[]) as r (payment_id, receipt, at)
    where b.payment_id = r.payment_id and b.receipt is null`);
}

/** What a payment was for; undefined when it is no bill. */
export async function findBill(db: Queryable, paymentId: string): Promise<PaidBill | undefined> {
  const [row] = await db.query<{
    inquiry_id: string;
    product: string;
    customer_key: string;
    inquiry_reference: string;
    period_count: number;
    receipt: string | null;
  }>(sql`
    select inquiry_id, product, customer_key, inquiry_reference, period_count, receipt from bill_payment
    where payment_id = ${paymentId}`);
  return (
    row && {
      inquiryId: row.inquiry_id,
      product: row.product,
      customerKey: row.customer_key,
      inquiryReference: row.inquiry_reference,
      periodCount: row.period_count,
      ...(row.receipt !== null && { receipt: row.receipt }),
    }
  );
}

/** Takes settled bills whose receipt is due; each is due again at `nextAtMs`, and never after `attemptsMax` tries. */
export async function claimReceipts(
  db: Queryable,
  input: {
    readonly nowMs: number;
    readonly nextAtMs: number;
    readonly limit: number;
    readonly attemptsMax: number;
  },
): Promise<readonly string[]> {
  const rows = await db.query<{ payment_id: string }>(sql`
    with due as (
      select payment_id from bill_payment where receipt_due_at <= ${new Date(input.nowMs)}
      order by receipt_due_at limit ${input.limit} for update skip locked
    )
    update bill_payment b set receipt_attempts = receipt_attempts + 1,
      receipt_due_at = case when receipt_attempts + 1 < ${input.attemptsMax} then ${new Date(input.nextAtMs)}::timestamptz end
    from due where b.payment_id = due.payment_id returning b.payment_id`);
  return rows.map((row) => row.payment_id);
}
