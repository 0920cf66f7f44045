/** qr-mpm-payment (50), and its status (51 with service code 50): a partner pays a merchant by QRIS from a customer's account, by the customer's
 * token. The code comes in `additionalInfo.qrContent`: the standard names no field for it. Wire only. Source: domain.md 3.4, 3.6. */
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr, sen, type Sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import {
  findQrisDebitEnd,
  isQrisDebited,
  payQris,
  type QrisDebitEnd,
} from '../../../direct-debit/pay-qris.ts';
import { selectLastMerchant } from '../../../direct-debit/store.ts';
import { selectQrisDebit, type QrisDebit } from '../../../direct-debit/store-qris.ts';
import { payeeOf, readPayable, remarkOf, type PayableCode } from '../../../merchant/payable.ts';
import type { PaymentView, SubmitRefusal } from '../../../payment/port.ts';
import { isFinal } from '../../../payment/state.ts';
import { decideDue } from '../../../rail/qris/amount.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import { demandOtp } from './challenge.ts';
import { LATEST_STATUS, paymentCase, REFUSAL_CASE, type CaseName } from '../code.ts';
import { chooseAccount, customerAccess } from '../entitlement.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { dayOf } from '../partner/partner.ts';
import { faultOf } from './qr.ts';
import type { Service, ServiceContext } from '../serve.ts';
import { outcomeOf } from './transfer.ts';

const QR_LENGTH_MAX = 512;

/** Pays a merchant, once per partnerReferenceNo. */
export const qrPayment: Service = async (context, { caller, body, headers }) => {
  const partnerId = caller.partner.id;
  const partnerReferenceNo = body.text('partnerReferenceNo');
  const access = await customerAccess(context, { partnerId, headers, scope: 'qris' });
  const more = moreOf(body);
  const account = chooseAccount(access.accounts, {
    account: more.accountNo,
    field: 'additionalInfo.accountNo',
  });
  const asked = askedOf(body);
  const { amountSen, feeSen } = asked;
  const requestHash = sha256(
    `50|${partnerReferenceNo}|${more.payload}|${amountSen}|${feeSen}|${account}|${access.customerId}`,
  );
  const known = await selectQrisDebit(context.db, { partnerId, partnerReferenceNo });
  // A repeat hears of the first, whatever limits, codes and restrictions say by now.
  if (known && !known.requestHash.equals(requestHash)) return conflict(context, known);
  const before = known && (await paymentOf(context, known));
  if (known && before) return told(context, { payment: before, debit: known, body });
  // As for debits, two people of the bank let this partner move customers' money; what stands open meanwhile its status ends.
  const agreed = await selectLastMerchant(context.db, partnerId);
  if (agreed?.ended_at !== null) {
    if (known) return answer({ service: '50', caseName: 'inProgress' });
    throw new SnapRefusal('featureNotAllowed', 'not agreed');
  }
  const read = await codeOf(context, { payload: more.payload, body });
  const due = dueOf(context, { read, ...asked });
  const payee = payeeOf(context, { read, ...due });
  if (!payee) throw new SnapRefusal('invalidMerchant', 'additionalInfo.qrContent');
  if (!known && due.totalSen > caller.partner.amount_max_sen)
    throw new SnapRefusal('aboveLimit', 'amount.value');
  const open = await demandOtp(context, {
    service: '50',
    isKnown: known !== undefined,
    partnerId,
    partnerReferenceNo,
    requestHash,
    amountSen: due.totalSen,
    access,
    name: caller.partner.name,
    payeeName: payee.name,
    body,
  });
  if (open) return open;
  const result = await payQris(context, {
    partnerId,
    partnerReferenceNo,
    requestHash,
    grant: {
      id: access.grantId,
      // A grant with this scope has both (access_grant_money_has_limits).
      limitSen: access.limits?.perPaymentSen ?? sen(0n),
      dayLimitSen: access.limits?.perDaySen ?? sen(0n),
    },
    customerId: access.customerId,
    account,
    payload: more.payload,
    amountSen: due.totalSen,
    tipSen: due.tipSen,
    payee,
    remark: remarkOf(read.code),
    ...dayOf(caller.partner),
  });
  const debit = await selectQrisDebit(context.db, { partnerId, partnerReferenceNo });
  if (!debit) throw new Error('Cannot answer a payment by QRIS: its row is gone');
  if (result === 'conflict') return conflict(context, debit);
  if (result.ok) return told(context, { payment: result.payment, debit, body });
  return answer({ service: '50', caseName: refusalCase(result.reason) });
};

/** What became of a payment that the partner made for a customer. */
export async function qrPaymentStatus(
  context: ServiceContext,
  { partnerId, body }: { readonly partnerId: string; readonly body: ReadBody },
): Promise<SnapAnswer> {
  const partnerReferenceNo = body.optionalText('originalPartnerReferenceNo');
  if (partnerReferenceNo === undefined)
    throw new SnapRefusal('missingField', 'originalPartnerReferenceNo');
  const debit = await selectQrisDebit(context.db, { partnerId, partnerReferenceNo });
  if (!debit) throw new SnapRefusal('transactionNotFound');
  const payment = await paymentOf(context, debit);
  const end: QrisDebitEnd = payment
    ? { kind: 'payment', payment }
    : await findQrisDebitEnd(context, debit);
  const found = end.kind === 'payment' ? end.payment : undefined;
  const ours = body.optionalText('originalReferenceNo');
  if (ours !== undefined && ours !== found?.id) throw new SnapRefusal('transactionNotFound');
  const [latestTransactionStatus, transactionStatusDesc] = statusOf(end);
  return answer({
    service: '51',
    caseName: 'successful',
    fields: {
      originalReferenceNo: found?.id ?? debit.id,
      originalPartnerReferenceNo: partnerReferenceNo,
      serviceCode: '50',
      latestTransactionStatus,
      transactionStatusDesc,
      ...(found?.state === 'settled' && { paidTime: wibIso(found.settledAtMs ?? found.madeAtMs) }),
      ...amountsOf(debit),
    },
  });
}

function statusOf(end: QrisDebitEnd): readonly [string, string] {
  switch (end.kind) {
    case 'payment':
      return LATEST_STATUS[end.payment.state];
    case 'refused':
      return LATEST_STATUS.refused;
    case 'open':
      return LATEST_STATUS.unknown;
  }
}

/** The payment of a request, where the engine made one for it. */
async function paymentOf(
  context: ServiceContext,
  debit: Pick<QrisDebit, 'partnerId' | 'partnerReferenceNo'>,
): Promise<PaymentView | undefined> {
  const { partnerId, partnerReferenceNo } = debit;
  const payment = await context.engine.findByPartnerReference(partnerId, partnerReferenceNo);
  return payment && (await isQrisDebited(context, payment.id)) ? payment : undefined;
}

async function told(
  context: ServiceContext,
  input: { readonly payment: PaymentView; readonly debit: QrisDebit; readonly body: ReadBody },
): Promise<SnapAnswer> {
  const { debit, body } = input;
  const payment = isFinal(input.payment.state)
    ? input.payment
    : await outcomeOf(context, input.payment);
  const fields = {
    referenceNo: payment.id,
    partnerReferenceNo: debit.partnerReferenceNo,
    transactionDate: wibIso(payment.madeAtMs),
    ...amountsOf(debit),
    verificationId: body.optionalText('verificationId'),
  };
  const caseName =
    payment.state === 'refused'
      ? refusalCase(payment.outcomeCode as SubmitRefusal)
      : paymentCase(payment);
  return answer({ service: '50', caseName, fields });
}

function amountsOf({ amountSen, tipSen }: Pick<QrisDebit, 'amountSen' | 'tipSen'>) {
  return {
    amount: amountObject(formatIdr(sen(amountSen - tipSen))),
    feeAmount: amountObject(formatIdr(tipSen)),
  };
}

/** Another request under a reference. Whether partners book 404xx18 of this service as success or as failure is not settled in the standard, so
 * it is never said: 409xx01 where the first was paid or may be, 404xx00 where it was not. */
async function conflict(context: ServiceContext, debit: QrisDebit): Promise<SnapAnswer> {
  const payment = await paymentOf(context, debit);
  const isFailed = !payment || (isFinal(payment.state) && payment.state !== 'settled');
  return answer({
    service: '50',
    caseName: isFailed ? 'invalidStatus' : 'duplicateReference',
    detail: 'partnerReferenceNo',
  });
}

interface Asked {
  readonly amountSen: Sen;
  /** Absent: what the code itself asks for. */
  readonly feeSen: Sen | undefined;
}

function askedOf(body: ReadBody): Asked {
  const amountSen = body.sen('amount');
  if (amountSen <= 0n) throw new SnapRefusal('invalidAmount', 'amount.value');
  return { amountSen, feeSen: body.optionalSen('feeAmount') };
}

function moreOf(body: ReadBody): {
  readonly payload: string;
  readonly accountNo: string | undefined;
} {
  const { qrContent, accountNo } = (body.raw['additionalInfo'] ?? {}) as {
    readonly qrContent?: unknown;
    readonly accountNo?: unknown;
  };
  if (qrContent === undefined || qrContent === '')
    throw new SnapRefusal('missingField', 'additionalInfo.qrContent');
  if (typeof qrContent !== 'string' || qrContent.length > QR_LENGTH_MAX)
    throw new SnapRefusal('invalidFormat', 'additionalInfo.qrContent');
  if (accountNo !== undefined && typeof accountNo !== 'string')
    throw new SnapRefusal('invalidFormat', 'additionalInfo.accountNo');
  return { payload: qrContent.trim(), accountNo };
}

async function codeOf(
  context: ServiceContext,
  { payload, body }: { readonly payload: string; readonly body: ReadBody },
): Promise<PayableCode> {
  const reading = await readPayable(context, payload);
  if (!reading.ok && reading.fault) throw faultOf(reading.fault);
  if (!reading.ok) throw new SnapRefusal('invalidMerchant', 'additionalInfo.qrContent');
  const { code, own } = reading.read;
  const merchantId = body.optionalText('merchantId');
  const names = [own?.id, ...code.accounts.flatMap((one) => [one.merchantId, one.pan])];
  if (merchantId !== undefined && !names.includes(merchantId))
    throw new SnapRefusal('invalidMerchant', 'merchantId');
  return reading.read;
}

/** What is owed: the code's amount, or what the customer typed, and the tip by the code's own rule, which `feeAmount` must not contradict. */
function dueOf(
  context: ServiceContext,
  input: Asked & { readonly read: PayableCode },
): { readonly totalSen: Sen; readonly tipSen: Sen } {
  const { amountSen, feeSen } = input;
  const { code } = input.read;
  if (code.amountSen !== undefined && code.amountSen !== amountSen)
    throw new SnapRefusal('invalidAmount', 'amount.value');
  const isAsked = code.tip.kind === 'prompt' && feeSen !== undefined;
  const due = decideDue({
    amountSen,
    tip: code.tip,
    capSen: context.merchants.rules().capSen,
    ...(isAsked && { askedTipSen: feeSen }),
  });
  if (!due.ok)
    throw new SnapRefusal(
      due.reason === 'above_cap' ? 'aboveLimit' : 'invalidAmount',
      'amount.value',
    );
  if (feeSen !== undefined && feeSen !== due.tipSen)
    throw new SnapRefusal('invalidAmount', 'feeAmount.value');
  return due;
}

/** A code is what is paid here, so that its own ends have cases. A key that somebody else took means that this request will never pay. */
const OWN_CASE: Readonly<Partial<Record<SubmitRefusal, CaseName>>> = {
  code_used: 'paidBill',
  code_expired: 'expiredBill',
  key_conflict: 'cancelled',
  reference_conflict: 'invalidStatus',
};

function refusalCase(reason: SubmitRefusal): CaseName {
  return OWN_CASE[reason] ?? REFUSAL_CASE[reason];
}
