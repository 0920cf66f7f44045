/** qr-mpm-query (51), qr-mpm-cancel (77), qr-mpm-refund (78), and the same of scanned codes (61, 62, 80): what became of a code or a sale of the
 * partner's own merchants, and what is called back of it. Wire only: that a code pays once and a sale goes back at most once is the ledger's to keep. Source: domain.md 3.4, 3.6. */
import { formatIdr, sen } from '../../../kernel/money.ts';
import { wibDate, wibIso } from '../../../kernel/time.ts';
import { cancelCode } from '../../../merchant/cancel-code.ts';
import { lifeOf } from '../../../merchant/examine.ts';
import type { MadeCode } from '../../../merchant/port.ts';
import { selectByPartner, selectCode, selectMerchant } from '../../../merchant/store.ts';
import type { PaymentView, RefundRefusal } from '../../../payment/port.ts';
import { isFinal, type PaymentState } from '../../../payment/state.ts';
import type { Sale } from '../../../payment/sale/store.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import { LATEST_STATUS, REFUSAL_CASE, type CaseName } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { qrPaymentStatus } from './qr-pay.ts';
import type { Service, ServiceContext } from '../serve.ts';

/** Of our own codes, and of those that shops scan. */
type CancelService = '77' | '62';
type RefundService = '78' | '80';

/** A code, its sale, or both; of a static code only the sale. */
interface Original {
  readonly code: MadeCode | undefined;
  readonly sale: Sale | undefined;
  readonly merchantId: string;
  readonly partnerReferenceNo: string | undefined;
}

/** What became of it: of a code or sale (service code 47), or of what the partner paid for a customer (50). */
export const qrQuery: Service = async (context, { caller, body }) => {
  if (body.text('serviceCode') === '50')
    return qrPaymentStatus(context, { partnerId: caller.partner.id, body });
  const original = await findOriginal(context, { partnerId: caller.partner.id, body });
  const { code, sale } = original;
  const [latestTransactionStatus, transactionStatusDesc] = statusOf(original, context.time.now());
  const amountSen = sale?.amountSen ?? code?.amountSen;
  return answer({
    service: '51',
    caseName: 'successful',
    fields: {
      ...namesOf(original),
      serviceCode: '47',
      latestTransactionStatus,
      transactionStatusDesc,
      ...(sale && { paidTime: wibIso(sale.madeAtMs) }),
      ...(amountSen !== undefined && { amount: amountObject(formatIdr(amountSen)) }),
      terminalId: sale?.terminal ?? code?.terminal,
      ...(sale && {
        additionalInfo: {
          paymentReferenceNo: sale.paymentId,
          isSettled: sale.state === 'settled' ? 'Y' : 'N',
          merchantDiscount: amountObject(formatIdr(sale.mdrSen)),
          refundAmount: amountObject(formatIdr(sale.refundedSen)),
        },
      }),
    },
  });
};

/** What became of a code that a shop scanned (service code 60). */
export const scanQuery: Service = async (context, { caller, body }) => {
  const original = await findOriginal(context, { partnerId: caller.partner.id, body });
  const payment = original.sale && (await context.engine.find(original.sale.paymentId));
  if (!original.sale || !payment) throw new SnapRefusal('transactionNotFound');
  const { sale } = original;
  const [latestTransactionStatus, transactionStatusDesc] = statusOf(original, context.time.now());
  return answer({
    service: '61',
    caseName: 'successful',
    fields: {
      ...namesOf(original),
      serviceCode: '60',
      latestTransactionStatus,
      transactionStatusDesc,
      paidTime: wibIso(sale.madeAtMs),
      amount: amountObject(formatIdr(sale.amountSen)),
      terminalId: sale.terminal,
      additionalInfo: saleInfo(sale, payment),
    },
  });
};

/** What of a sale stands besides: whether its money is spendable, and while nobody knows whether it is paid, by when that is known. */
export function saleInfo(
  sale: Sale,
  { state, resolveByMs }: Pick<PaymentView, 'state' | 'resolveByMs'>,
): Readonly<Record<string, unknown>> {
  const isOpen = !isFinal(state) && state !== 'accepted';
  return {
    paymentReferenceNo: sale.paymentId,
    isSettled: state === 'settled' ? 'Y' : 'N',
    merchantDiscount: amountObject(formatIdr(sale.mdrSen)),
    refundAmount: amountObject(formatIdr(sale.refundedSen)),
    ...(isOpen && resolveByMs !== undefined && { definiteBy: wibIso(resolveByMs) }),
  };
}

/** An unpaid code is called back for good; a sale of the same WIB day, of which nothing was given back, goes back whole. */
export function qrCancel(service: CancelService): Service {
  return (context, asked) => cancel(context, service, asked);
}

async function cancel(
  context: ServiceContext,
  service: CancelService,
  { caller, body }: Parameters<Service>[1],
): Promise<SnapAnswer> {
  const original = await findOriginal(context, { partnerId: caller.partner.id, body });
  const { code } = original;
  const reason = body.text('reason');
  const cancelTime = wibIso(context.time.now());
  const done = (): SnapAnswer =>
    answer({ service, caseName: 'successful', fields: { ...namesOf(original), cancelTime } });
  if (!original.sale && code) {
    if ((await cancelCode(context, { code, by: caller.partner.id, reason })) === 'cancelled')
      return done();
  }
  // A payment may have come in the moment of the cancellation.
  const sale = original.sale ?? (code && (await context.sales.findOfCode(code.id)));
  if (!sale) throw new SnapRefusal('transactionNotFound');
  const refundNumber = `cancel.${sale.paymentId}`;
  const isWhole = sale.refundedSen === 0n || sale.refundedSen === sale.amountSen;
  if (wibDate(context.time.now()) !== wibDate(sale.madeAtMs) || !isWhole)
    return answer({ service, caseName: 'invalidStatus', detail: 'refund it' });
  const result = await context.sales.refund({
    saleId: sale.paymentId,
    merchantId: sale.merchantId,
    refundNumber,
    amountSen: sale.amountSen,
    reason,
    channel: 'snap',
    askedBy: caller.partner.id,
  });
  if (!result.ok) return refused(service, result.reason);
  return answerRefund(service, result.refund.state) ?? done();
}

/** Gives some or all of a sale back, once per partnerRefundNo. */
export function qrRefund(service: RefundService): Service {
  return (context, asked) => refund(context, service, asked);
}

async function refund(
  context: ServiceContext,
  service: RefundService,
  { caller, body }: Parameters<Service>[1],
): Promise<SnapAnswer> {
  const original = await findOriginal(context, { partnerId: caller.partner.id, body });
  const partnerRefundNo = body.text('partnerRefundNo');
  const amountSen = body.sen('refundAmount');
  if (!original.sale) return answer({ service, caseName: 'invalidStatus', detail: 'not paid' });
  const result = await context.sales.refund({
    saleId: original.sale.paymentId,
    merchantId: original.merchantId,
    refundNumber: partnerRefundNo,
    amountSen: sen(amountSen),
    reason: body.text('reason'),
    channel: 'snap',
    askedBy: caller.partner.id,
  });
  if (!result.ok) return refused(service, result.reason);
  const { refund: made } = result;
  const notYet = answerRefund(service, made.state);
  if (notYet) return notYet;
  return answer({
    service,
    caseName: 'successful',
    fields: {
      ...namesOf(original),
      refundNo: made.paymentId,
      partnerRefundNo,
      refundAmount: amountObject(formatIdr(made.amountSen)),
      refundTime: wibIso(made.madeAtMs),
    },
  });
}

/** By the partner's reference of the code, or by ours: a code's (47) or a sale's (52). Only of a merchant that is the partner's now. */
async function findOriginal(
  context: ServiceContext,
  input: { readonly partnerId: string; readonly body: ReadBody },
): Promise<Original> {
  const { partnerId, body } = input;
  const reference = body.optionalText('originalPartnerReferenceNo');
  const ours = body.optionalText('originalReferenceNo');
  if (reference === undefined && ours === undefined)
    throw new SnapRefusal('missingField', 'originalPartnerReferenceNo');
  const found =
    reference === undefined
      ? await findByOurs(context, ours!)
      : await findByReference(context, { partnerId, reference });
  const isMeant = ours === undefined || found?.code?.id === ours || found?.sale?.paymentId === ours;
  const merchantId = found?.code?.merchantId ?? found?.sale?.merchantId;
  if (!found || !isMeant || merchantId === undefined) throw new SnapRefusal('transactionNotFound');
  const merchant = await selectMerchant(context.db, merchantId);
  if (merchant?.partnerId !== partnerId) throw new SnapRefusal('transactionNotFound');
  const named = body.optionalText('merchantId');
  if (named !== undefined && named !== merchantId)
    throw new SnapRefusal('invalidMerchant', 'merchantId');
  return { ...found, merchantId, partnerReferenceNo: reference };
}

/** A reference names a code that the partner had made, or one that its shop scanned. */
async function findByReference(
  context: ServiceContext,
  { partnerId, reference }: { readonly partnerId: string; readonly reference: string },
): Promise<Pick<Original, 'code' | 'sale'> | undefined> {
  const made = await selectByPartner(context.db, { id: partnerId, referenceNo: reference });
  if (made) return withSale(context, made.code);
  const scanned = await context.engine.findByPartnerReference(partnerId, reference);
  const sale = scanned && (await context.sales.find(scanned.id));
  return sale && { code: undefined, sale };
}

async function findByOurs(
  context: ServiceContext,
  ours: string,
): Promise<Pick<Original, 'code' | 'sale'> | undefined> {
  const code = (await selectCode(context.db, ours))?.code;
  if (code) return withSale(context, code);
  const sale = await context.sales.find(ours);
  return sale && { code: undefined, sale };
}

async function withSale(
  context: ServiceContext,
  code: MadeCode | undefined,
): Promise<Pick<Original, 'code' | 'sale'> | undefined> {
  return code && { code, sale: await context.sales.findOfCode(code.id) };
}

function namesOf({ code, sale, partnerReferenceNo }: Original) {
  return {
    originalReferenceNo: code?.id ?? sale?.paymentId,
    ...(partnerReferenceNo !== undefined && { originalPartnerReferenceNo: partnerReferenceNo }),
  };
}

/** A sale that the network has still to settle is paid: goods may be handed over. */
function statusOf({ code, sale }: Original, nowMs: number): readonly [string, string] {
  if (sale) {
    if (sale.kind === 'qris_scanned' && isFinal(sale.state) && sale.state !== 'settled')
      return LATEST_STATUS.refused;
    if (sale.refundedSen === sale.amountSen) return LATEST_STATUS.refunded;
    return LATEST_STATUS[sale.state === 'pending_credit' ? 'settled' : sale.state];
  }
  if (code?.cancelledAtMs !== undefined) return LATEST_STATUS.cancelled;
  return code && lifeOf(code, nowMs) === 'expired' ? ['06', 'Expired'] : LATEST_STATUS.new;
}

/** What a refund that stands is answered with while its money is not with the payer; undefined once it is. One that the other bank turned
 * down gave nothing back. */
export function answerRefund(
  service: CancelService | RefundService,
  state: PaymentState,
): SnapAnswer | undefined {
  if (state === 'settled') return undefined;
  return isFinal(state)
    ? answer({ service, caseName: 'doNotHonor', detail: state })
    : answer({ service, caseName: 'inProgress' });
}

/** Cases of refusals that a transfer does not know. To the partner 404xx18 means that the first refund went through (domain.md 3.4). */
const OWN_CASE = {
  sale_not_found: ['transactionNotFound', undefined],
  sale_not_made: ['invalidStatus', 'not paid'],
  refund_window_over: ['notPermitted', 'too late'],
  above_sale: ['invalidAmount', 'more than is left'],
  refund_conflict: ['inconsistent', 'partnerRefundNo'],
  key_conflict: ['invalidStatus', 'partnerRefundNo was refused'],
} as const satisfies Partial<Record<RefundRefusal, readonly [CaseName, string | undefined]>>;

function refused(service: CancelService | RefundService, reason: RefundRefusal): SnapAnswer {
  if (Object.hasOwn(OWN_CASE, reason)) {
    const [caseName, detail] = OWN_CASE[reason as keyof typeof OWN_CASE];
    return answer({ service, caseName, detail });
  }
  return answer({
    service,
    caseName: REFUSAL_CASE[reason as Exclude<RefundRefusal, keyof typeof OWN_CASE>],
  });
}
