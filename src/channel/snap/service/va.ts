/** transfer-va/inquiry (24), payment (25), status (26), create-va (27): bills of our corporate customers that partners pay. Wire only:
 * what may be paid, and once only, is the virtual account slice's. Source: domain.md 3.6, 5.3. */
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr, type Sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import {
  leftOf,
  refuseVa,
  VA_KINDS,
  type VaKind,
  type VaRefusal,
} from '../../../virtual-account/decide.ts';
import { makeVa } from '../../../virtual-account/make.ts';
import { payVa, type VaExamined } from '../../../virtual-account/pay.ts';
import {
  selectChannel,
  selectVa,
  selectVaPayment,
  type VaPayment,
} from '../../../virtual-account/store.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import { REFUSAL_CASE, type CaseName } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { dayOf } from '../partner/partner.ts';
import type { Service, ServiceContext } from '../serve.ts';
import { parseTimestamp } from '../timestamp.ts';

const CASE_OF = {
  invalid: 'invalidBill',
  already_paid: 'paidBill',
  expired: 'expiredBill',
  wrong_amount: 'invalidAmount',
} as const satisfies Record<VaRefusal, CaseName>;

/** `virtualAccountTrxType`. */
const TRX_TYPE = {
  closed: 'C',
  open: 'O',
  partial: 'I',
  min: 'M',
  max: 'L',
} as const satisfies Record<VaKind, string>;

const REASON: Readonly<Record<string, { readonly english: string; readonly indonesia: string }>> = {
  paid: { english: 'Success', indonesia: 'Sukses' },
  invalid: { english: 'Bill not found', indonesia: 'Tagihan tidak ditemukan' },
  already_paid: { english: 'Bill has been paid', indonesia: 'Tagihan sudah dibayar' },
  expired: { english: 'Bill has expired', indonesia: 'Tagihan sudah kedaluwarsa' },
  wrong_amount: { english: 'Amount does not match', indonesia: 'Nominal tidak sesuai' },
  other: { english: 'Payment refused', indonesia: 'Pembayaran ditolak' },
};

/** What is asked of a virtual account now. No money moves. */
export const vaInquiry: Service = async (context, { caller, body }) => {
  const { isEnded } = await channelOf(context, caller.partner.id);
  if (isEnded) throw noChannel();
  const ids = readIds(body);
  const va = await selectVa(context.db, ids.number);
  const refusal = refuseVa(va, { nowMs: context.time.now() });
  const said = {
    ...ids.echo,
    inquiryRequestId: body.text('inquiryRequestId'),
  };
  if (refusal !== undefined || !va)
    return answer({
      service: '24',
      caseName: CASE_OF[refusal ?? 'invalid'],
      fields: {
        virtualAccountData: {
          ...said,
          inquiryStatus: '01',
          inquiryReason: reasonOf(refusal ?? 'invalid'),
        },
      },
    });
  const asked = leftOf(va) ?? va.amountSen;
  return answer({
    service: '24',
    caseName: 'successful',
    fields: {
      virtualAccountData: {
        inquiryStatus: '00',
        inquiryReason: REASON['paid'],
        ...said,
        virtualAccountName: va.name,
        // Nothing is asked in all of one that takes any amount.
        totalAmount: amountObject(formatIdr(asked ?? 0n)),
        billDetails: JSON.parse(va.bills) as unknown,
        virtualAccountTrxType: TRX_TYPE[va.kind],
        feeAmount: amountObject('0.00'),
      },
    },
  });
};

/** Pays, once per `paymentRequestId`; a repeat (`flagAdvise` Y or not) gets the first answer. */
export const vaPayment: Service = async (context, { caller, body }) => {
  const partnerId = caller.partner.id;
  const channel = await channelOf(context, partnerId);
  const ids = readIds(body);
  const amountSen = body.sen('paidAmount');
  const requestId = body.text('paymentRequestId');
  // Where the channel ended nothing new is paid, and a repeat still hears what became of it: refused, it would be taken for unpaid.
  if (channel.isEnded && !(await selectVaPayment(context.db, { partnerId, requestId })))
    throw noChannel();
  const { account } = channel;
  const total = body.optionalSen('totalAmount');
  const trxDateTime = body.optionalText('trxDateTime');
  const result = await payVa(context, {
    partnerId,
    settlementAccount: account,
    requestId,
    requestHash: sha256(`25|${ids.number}|${requestId}|${amountSen}`),
    number: ids.number,
    amountSen,
    echo: JSON.stringify({ ...ids.echo, ...(trxDateTime !== undefined && { trxDateTime }) }),
    examine: async (va) => {
      // Who states another total than we ask has an old bill before it.
      const asked = va.kind === 'closed' ? va.amountSen : undefined;
      if (total !== undefined && asked !== undefined && total !== asked)
        return { refusal: 'wrong_amount' };
      if (amountSen > caller.partner.amount_max_sen) return { refusal: 'above_rail_cap' };
      return examinePayer(context, { account, amountSen });
    },
    ...dayOf(caller.partner),
  });
  if (result.ok) return paymentAnswer('25', result.payment);
  if (result.reason === 'conflict')
    // 404xx18 means to the partner that the first went through (domain.md 3.4): said only where it did.
    return answer({
      service: '25',
      caseName: result.original?.outcome === 'paid' ? 'inconsistent' : 'invalidStatus',
      detail: 'paymentRequestId',
    });
  return refusedByLedger(ids.echo, requestId, { reason: result.reason, amountSen });
};

/** What became of a payment, from the row that was written with its money. Not found is not proof of failure before the cut-off. */
export const vaStatus: Service = async (context, { caller, body }) => {
  const partnerId = caller.partner.id;
  await channelOf(context, partnerId);
  const ids = readIds(body);
  const requestId = body.optionalText('paymentRequestId') ?? body.optionalText('inquiryRequestId');
  if (requestId === undefined) throw new SnapRefusal('missingField', 'paymentRequestId');
  const payment = await selectVaPayment(context.db, { partnerId, requestId });
  if (!payment || payment.number !== ids.number) throw new SnapRefusal('transactionNotFound');
  return answer({
    service: '26',
    caseName: 'successful',
    fields: {
      virtualAccountData: {
        ...dataOf(payment),
        transactionDate: wibIso(payment.madeAtMs),
      },
    },
  });
};

/** Makes a virtual account of the corporate's own service. */
export const createVa: Service = async (context, { caller, body }) => {
  const ids = readIds(body);
  const kind = VA_KINDS.find((one) => TRX_TYPE[one] === body.text('virtualAccountTrxType'));
  if (!kind) throw new SnapRefusal('invalidFormat', 'virtualAccountTrxType');
  const amountSen = body.optionalSen('totalAmount');
  if ((kind === 'open') !== (amountSen === undefined))
    throw new SnapRefusal(kind === 'open' ? 'invalidFormat' : 'missingField', 'totalAmount');
  if (amountSen !== undefined && amountSen <= 0n)
    throw new SnapRefusal('invalidAmount', 'totalAmount');
  const expired = body.optionalText('expiredDate');
  const made = await makeVa(context, {
    partnerId: caller.partner.id,
    serviceId: ids.serviceId,
    customerNo: ids.customerNo,
    name: body.text('virtualAccountName'),
    kind,
    ...(amountSen !== undefined && { amountSen }),
    ...(expired !== undefined && { expiresAtMs: parseTimestamp(expired)! }),
    bills: JSON.stringify(body.raw['billDetails'] ?? []),
    trxId: body.text('trxId'),
  });
  if (made === 'not_yours') throw new SnapRefusal('notPermitted', 'partnerServiceId');
  if (made === 'taken') throw new SnapRefusal('conflict', 'virtualAccountNo');
  const { billDetails, totalAmount, expiredDate } = body.raw;
  return answer({
    service: '27',
    caseName: 'successful',
    fields: {
      virtualAccountData: {
        ...ids.echo,
        virtualAccountName: body.text('virtualAccountName'),
        trxId: body.text('trxId'),
        totalAmount,
        billDetails,
        virtualAccountTrxType: TRX_TYPE[kind],
        expiredDate,
      },
    },
  });
};

interface Ids {
  readonly serviceId: string;
  readonly customerNo: string;
  readonly number: string;
  /** As the partner wrote them, padding included. */
  readonly echo: Readonly<Record<string, string>>;
}

/** The three names of a virtual account, which must agree: the number is service id and customer number, padded or not. */
function readIds(body: ReadBody): Ids {
  const partnerServiceId = body.text('partnerServiceId');
  const customerNo = body.text('customerNo');
  const virtualAccountNo = body.text('virtualAccountNo');
  const serviceId = partnerServiceId.trim();
  const number = `${serviceId}${customerNo}`;
  if (virtualAccountNo.trim() !== number)
    throw new SnapRefusal('invalidFormat', 'virtualAccountNo');
  return {
    serviceId,
    customerNo,
    number,
    echo: { partnerServiceId, customerNo, virtualAccountNo },
  };
}

/** The channel of a partner, also one that ended: what it paid is asked about afterwards. */
async function channelOf(
  context: ServiceContext,
  partnerId: string,
): Promise<{ readonly account: string; readonly isEnded: boolean }> {
  const channel = await selectChannel(context.db, partnerId);
  if (!channel) throw noChannel();
  return { account: channel.account, isEnded: channel.ended_at !== null };
}

function noChannel(): SnapRefusal {
  return new SnapRefusal('featureNotAllowed', 'no bill channel');
}

/** The gate's word on money inside the bank: a restriction stops bills as it stops transfers. */
async function examinePayer(
  context: ServiceContext,
  asked: { readonly account: string; readonly amountSen: Sen },
): Promise<VaExamined> {
  const quote = await context.engine.quote({
    channel: 'snap',
    debitAccount: asked.account,
    creditorBank: context.bank.bic,
    amount: asked.amountSen,
  });
  return quote.open ? { counters: quote.counters ?? [] } : { refusal: quote.reason };
}

function paymentAnswer(service: '25', payment: VaPayment): SnapAnswer {
  return answer({
    service,
    caseName: caseOf(payment.outcome),
    fields: { virtualAccountData: dataOf(payment) },
  });
}

/** Written from the row alone, so that every repeat reads the same. */
function dataOf(payment: VaPayment): Readonly<Record<string, unknown>> {
  const isPaid = payment.outcome === 'paid';
  return {
    paymentFlagReason: isPaid ? REASON['paid'] : reasonOf(payment.outcome),
    ...(JSON.parse(payment.echo) as Readonly<Record<string, unknown>>),
    paymentRequestId: payment.requestId,
    paidAmount: amountObject(formatIdr(payment.amountSen)),
    ...(payment.totalSen !== undefined && {
      totalAmount: amountObject(formatIdr(payment.totalSen)),
    }),
    ...(isPaid && { referenceNo: payment.id }),
    paymentFlagStatus: isPaid ? '00' : '01',
  };
}

/** The ledger remembers its refusal under the key, so a repeat comes here again with the same reason. */
function refusedByLedger(
  echo: Ids['echo'],
  paymentRequestId: string,
  refused: { readonly reason: string; readonly amountSen: Sen },
): SnapAnswer {
  return answer({
    service: '25',
    caseName: caseOf(refused.reason),
    fields: {
      virtualAccountData: {
        paymentFlagReason: reasonOf(refused.reason),
        ...echo,
        paymentRequestId,
        paidAmount: amountObject(formatIdr(refused.amountSen)),
        paymentFlagStatus: '01',
      },
    },
  });
}

function caseOf(outcome: string): CaseName {
  if (outcome === 'paid') return 'successful';
  if (Object.hasOwn(CASE_OF, outcome)) return CASE_OF[outcome as VaRefusal];
  return refusalCase(outcome);
}

function refusalCase(reason: string): CaseName {
  return Object.hasOwn(REFUSAL_CASE, reason)
    ? REFUSAL_CASE[reason as keyof typeof REFUSAL_CASE]
    : 'doNotHonor';
}

function reasonOf(outcome: string): unknown {
  return REASON[outcome] ?? REASON['other'];
}
