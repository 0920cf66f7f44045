/** The SQL of merchants' sales and refunds. Written in the commit of their money, never changed. */
import { instantArray, int8Array, textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { prepared, sql } from '../../db/sql.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import type { MerchantClass } from '../../rail/qris/mdr.ts';
import type { PaymentKind } from '../kind.ts';
import type { RefundInsert, SaleInsert } from './sale.ts';
import type { PaymentRow } from '../row.ts';
import type { PaymentState } from '../state.ts';

/** Writes sales. */
export async function insertSales(
  tx: Tx,
  sales: readonly { readonly row: PaymentRow; readonly sale: SaleInsert }[],
): Promise<void> {
  await tx.query(sql`
    insert into merchant_sale (payment_id, merchant_id, terminal, code_id, amount_sen, mdr_sen, customer_pan, made_at)
    select * from unnest(${textArray(sales.map(({ row }) => row.id))}::text[], ${textArray(sales.map(({ sale }) => sale.id))}::text[],
      ${textArray(sales.map(({ sale }) => sale.terminal ?? null))}::text[], ${textArray(sales.map(({ sale }) => sale.code?.id ?? null))}::text[],
      ${int8Array(sales.map(({ row }) => row.amountSen))}::bigint[], ${int8Array(sales.map(({ sale }) => sale.mdrSen))}::bigint[],
      ${textArray(sales.map(({ sale }) => sale.customerPan ?? null))}::text[],
      ${instantArray(sales.map(({ row }) => row.madeAtMs))}::timestamptz[])`);
}

/** Writes refunds. */
export async function insertRefunds(
  tx: Tx,
  refunds: readonly { readonly row: PaymentRow; readonly refund: RefundInsert }[],
): Promise<void> {
  await tx.query(sql`
    insert into merchant_refund (payment_id, sale_id, merchant_id, refund_number, amount_sen, mdr_sen, reason, asked_by, made_at)
    select * from unnest(${textArray(refunds.map(({ row }) => row.id))}::text[], ${textArray(refunds.map(({ refund }) => refund.saleId))}::text[],
      ${textArray(refunds.map(({ refund }) => refund.merchantId))}::text[], ${textArray(refunds.map(({ refund }) => refund.refundNumber))}::text[],
      ${int8Array(refunds.map(({ row }) => row.amountSen))}::bigint[], ${int8Array(refunds.map(({ refund }) => refund.mdrSen))}::bigint[],
      ${textArray(refunds.map(({ refund }) => refund.reason))}::text[], ${textArray(refunds.map(({ refund }) => refund.askedBy))}::text[],
      ${instantArray(refunds.map(({ row }) => row.madeAtMs))}::timestamptz[])`);
}

/** A sale with its payment as it stands and what was given back of it. Amounts in sen. */
export interface Sale {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly merchantName: string;
  readonly merchant: {
    readonly pan: string;
    readonly nmid: string;
    readonly city: string;
    readonly serial: bigint;
    readonly merchantClass: MerchantClass;
  };
  readonly partnerId: string | undefined;
  readonly terminal: string | undefined;
  readonly codeId: string | undefined;
  readonly amountSen: Sen;
  readonly mdrSen: Sen;
  readonly madeAtMs: number;
  readonly settledAtMs: number | undefined;
  readonly kind: PaymentKind;
  readonly state: PaymentState;
  /** The merchant's, where the sale went; and the payer's. */
  readonly account: string;
  readonly payerAccount: string;
  readonly payerName: string;
  /** Of a sale over the switch: the payer's bank and alias, and the network's names of the payment. */
  readonly network?: {
    readonly bank: string;
    readonly customerPan: string;
    readonly rrn: string;
    readonly requestId: string;
  };
  /** Of all refunds that stand or may still stand. */
  readonly refundedSen: Sen;
  readonly refundCount: number;
  readonly mdrBackSen: Sen;
}

interface SaleRow {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly merchant_name: string;
  readonly partner_id: string | null;
  readonly terminal: string | null;
  readonly code_id: string | null;
  readonly amount_sen: Sen;
  readonly mdr_sen: Sen;
  readonly made_at: Date;
  readonly settled_at: Date | null;
  readonly kind: PaymentKind;
  readonly state: PaymentState;
  readonly credit_account: string;
  readonly debit_account: string;
  readonly debtor_name: string;
  readonly pan: string;
  readonly nmid: string;
  readonly city: string;
  readonly serial: bigint;
  readonly class: MerchantClass;
  readonly customer_pan: string | null;
  readonly counterparty_bank: string | null;
  readonly biz_msg_idr: string | null;
  readonly msg_id: string | null;
  readonly refunded_sen: Sen;
  readonly refund_count: bigint;
  readonly mdr_back_sen: Sen;
}

const SALES = `
  select s.payment_id, s.merchant_id, m.name as merchant_name, m.partner_id, s.terminal, s.code_id, s.amount_sen, s.mdr_sen, s.made_at,
    p.settled_at, p.kind, p.state, p.credit_account, p.debit_account, p.debtor_name, m.pan, m.nmid, m.city, m.serial, m.class,
    s.customer_pan, p.counterparty_bank, p.biz_msg_idr, p.msg_id, r.refunded_sen, r.refund_count, r.mdr_back_sen
  from merchant_sale s
  join merchant m on m.id = s.merchant_id
  join payment p on p.id = s.payment_id
  cross join lateral (
    select coalesce(sum(f.amount_sen), 0)::bigint as refunded_sen, coalesce(sum(f.mdr_sen), 0)::bigint as mdr_back_sen, count(*) as refund_count
    from merchant_refund f join payment q on q.id = f.payment_id
    where f.sale_id = s.payment_id and q.state not in ('refused', 'refunded', 'cancelled', 'rejected')
  ) r`;
const BY_PAYMENT = prepared(`${SALES} where s.payment_id = $1`);
const BY_CODE = prepared(`${SALES} where s.code_id = $1`);
const OF_MERCHANTS = prepared(
  `${SALES} where s.merchant_id = any($1::text[]) and s.made_at >= $2 order by s.made_at desc, s.payment_id desc limit $3::integer`,
);

/** A sale by its payment. */
export async function selectSale(db: Queryable, paymentId: string): Promise<Sale | undefined> {
  const [row] = await db.query<SaleRow>(BY_PAYMENT(paymentId));
  return row && decode(row);
}

/** The sale that used a dynamic code. */
export async function selectSaleOfCode(db: Queryable, codeId: string): Promise<Sale | undefined> {
  const [row] = await db.query<SaleRow>(BY_CODE(codeId));
  return row && decode(row);
}

/** Sales of some merchants since an instant, newest first. */
export async function selectSales(
  db: Queryable,
  of: { readonly merchantIds: readonly string[]; readonly sinceMs: number; readonly limit: number },
): Promise<readonly Sale[]> {
  const rows = await db.query<SaleRow>(
    OF_MERCHANTS(of.merchantIds, new Date(of.sinceMs), of.limit),
  );
  return rows.map(decode);
}

/** What a merchant sold since an instant, and what of its sales waits for its network. Failed sales count nowhere. Amounts in sen. */
export interface SaleTotals {
  readonly merchantId: string;
  readonly count: number;
  readonly amountSen: Sen;
  readonly mdrSen: Sen;
  readonly refundedSen: Sen;
  readonly pendingCount: number;
  readonly pendingSen: Sen;
  readonly pendingMdrSen: Sen;
}

/** Totals of some merchants. What is pending is looked for from `pendingSinceMs` on: older sales are settled or were not. */
export async function selectTotals(
  db: Queryable,
  of: {
    readonly merchantIds: readonly string[];
    readonly sinceMs: number;
    readonly pendingSinceMs: number;
  },
): Promise<readonly SaleTotals[]> {
  const rows = await db.query<Record<string, bigint> & { readonly id: string }>(sql`
    select s.merchant_id as id,
      count(*) filter (where s.made_at >= ${new Date(of.sinceMs)}) as n,
      coalesce(sum(s.amount_sen) filter (where s.made_at >= ${new Date(of.sinceMs)}), 0)::bigint as amount,
      coalesce(sum(s.mdr_sen) filter (where s.made_at >= ${new Date(of.sinceMs)}), 0)::bigint as mdr,
      coalesce(sum(r.amount_sen) filter (where s.made_at >= ${new Date(of.sinceMs)}), 0)::bigint as refunded,
      count(*) filter (where p.state <> 'settled') as pending_n,
      coalesce(sum(s.amount_sen) filter (where p.state <> 'settled'), 0)::bigint as pending,
      coalesce(sum(s.mdr_sen) filter (where p.state <> 'settled'), 0)::bigint as pending_mdr
    from merchant_sale s join payment p on p.id = s.payment_id
    cross join lateral (
      select coalesce(sum(f.amount_sen), 0)::bigint as amount_sen from merchant_refund f join payment q on q.id = f.payment_id
      where f.sale_id = s.payment_id and q.state not in ('refused', 'refunded', 'cancelled', 'rejected')
    ) r
    where s.merchant_id = any(${textArray(of.merchantIds)}::text[]) and s.made_at >= ${new Date(of.pendingSinceMs)}
      and (p.state in ('settled', 'pending_credit') or (p.kind = 'qris_scanned' and p.state = 'accepted'))
    group by s.merchant_id`);
  return rows.map((row) => ({
    merchantId: row.id,
    count: Number(row['n']),
    amountSen: sen(row['amount']!),
    mdrSen: sen(row['mdr']!),
    refundedSen: sen(row['refunded']!),
    pendingCount: Number(row['pending_n']),
    pendingSen: sen(row['pending']!),
    pendingMdrSen: sen(row['pending_mdr']!),
  }));
}

/** The discount that a refund brings back, and whether that of its sale was taken. */
export async function selectRefundMdr(
  db: Queryable,
  paymentId: string,
): Promise<{ readonly mdrSen: Sen; readonly isSaleSettled: boolean }> {
  const [row] = await db.query<{ mdr_sen: Sen; is_settled: boolean }>(sql`
    select f.mdr_sen, p.state = 'settled' as is_settled from merchant_refund f join payment p on p.id = f.sale_id
    where f.payment_id = ${paymentId}`);
  return { mdrSen: row?.mdr_sen ?? sen(0n), isSaleSettled: row?.is_settled ?? false };
}

/** The payment of a refund number; undefined where nobody used it. */
export async function selectRefund(
  db: Queryable,
  of: { readonly merchantId: string; readonly refundNumber: string },
): Promise<
  | {
      readonly paymentId: string;
      readonly saleId: string;
      readonly amountSen: Sen;
      readonly mdrSen: Sen;
    }
  | undefined
> {
  const [row] = await db.query<{ p: string; s: string; a: Sen; m: Sen }>(sql`
    select payment_id as p, sale_id as s, amount_sen as a, mdr_sen as m from merchant_refund
    where merchant_id = ${of.merchantId} and refund_number = ${of.refundNumber}`);
  return row && { paymentId: row.p, saleId: row.s, amountSen: row.a, mdrSen: row.m };
}

function decode(row: SaleRow): Sale {
  return {
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    merchantName: row.merchant_name,
    merchant: {
      pan: row.pan,
      nmid: row.nmid,
      city: row.city,
      serial: row.serial,
      merchantClass: row.class,
    },
    partnerId: row.partner_id ?? undefined,
    terminal: row.terminal ?? undefined,
    codeId: row.code_id ?? undefined,
    amountSen: row.amount_sen,
    mdrSen: row.mdr_sen,
    madeAtMs: row.made_at.getTime(),
    settledAtMs: row.settled_at?.getTime(),
    kind: row.kind,
    // Approved by a scanned code's bank: paid, and to come, as what other banks' customers sent.
    state: row.kind === 'qris_scanned' && row.state === 'accepted' ? 'pending_credit' : row.state,
    account: row.credit_account,
    payerAccount: row.debit_account,
    payerName: row.debtor_name,
    ...(row.customer_pan !== null && {
      network: {
        bank: row.counterparty_bank!, // of every payment over a network
        customerPan: row.customer_pan,
        rrn: row.msg_id ?? '',
        requestId: row.biz_msg_idr ?? '',
      },
    }),
    refundedSen: row.refunded_sen,
    refundCount: Number(row.refund_count),
    mdrBackSen: row.mdr_back_sen,
  };
}
