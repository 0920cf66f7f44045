/** What the switch asks of us for QRIS: payments to merchants of ours, refunds to customers of ours, and checks of both. What moves money is journalled and answered only with what
 * core has committed; a check moves nothing and is asked of core each time. */
import type { FlowFacts } from '../../gate/port.ts';
import { nnsOfBank } from '../../rail/qris/nns.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type {
  QrisCheckRequest,
  QrisPaymentRequest,
  QrisPresentedRequest,
  QrisRefundRequest,
  QrisRequestNotice,
  QrisTransferRequest,
} from '../../rail/notice-qris.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import { switchRequestId } from '../../rail/switch/id.ts';
import { refusal } from '../../rail/switch/manage.ts';
import { readQrisTransfer } from '../../rail/switch/qris-transfer.ts';
import { readQris } from '../../rail/switch/qris.ts';
import { checkedIds, readQrisCheck } from '../../rail/switch/qris-check.ts';
import { inboundKey } from '../journal-index.ts';
import { approval, askCore, SAID, type Served } from './ask.ts';
import type { SwitchContext } from './line.ts';

/** A refund by a merchant of another bank. Without a word of core's nothing is said: the other bank asks by check. */
export async function takeQrisRefund(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = refundNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  if (!isRepeat && isHeldBack(context, notice))
    return refusal(request, { mti, code: SAID.notPermitted });
  return answered(served, await askCore(context, notice));
}

/** A payment to a merchant of ours. Without a word of core's nothing is said: the other bank asks by check, and no goods are handed over. */
export async function takeQrisPayment(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = paymentNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  if (!isRepeat && isHeldBack(context, notice))
    return refusal(request, { mti, code: SAID.notPermitted });
  return answered(served, await askCore(context, notice));
}

/** Money for the customer of ours whose code another bank's customer scanned. Without a word of core's nothing is said: that bank asks by check. */
export async function takeQrisTransfer(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const said = readQrisTransfer(context.member.dialect, request);
  if (!said || said.receiver !== ownNns(context))
    return refusal(request, { mti, code: SAID.format });
  const { rrn, payeePan, beneficiary, payerPan, payerName } = said;
  const notice: QrisTransferRequest = {
    ...commonOf(context, served),
    what: 'qris_transfer',
    rrn,
    amountSen: String(said.amountSen),
    payeePan,
    beneficiary,
    payerPan,
    payerName,
  };
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  if (!isRepeat && isHeldBack(context, notice))
    return refusal(request, { mti, code: SAID.notPermitted });
  return answered(served, await askCore(context, notice));
}

/** A merchant of another bank scanned the code of a customer of ours. Without a word of core's nothing is said, and nothing is taken back:
 * the other bank asks by check. What stops our payments out stops this too. */
export async function takeQrisPresented(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = presentedNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  const isHeld = isHeldBack(context, notice) || isHeldBack(context, notice, 'out');
  if (!isRepeat && isHeld) return refusal(request, { mti, code: SAID.notPermitted });
  return answered(served, await askCore(context, notice));
}

/** What became of what the asker sent. */
export async function answerQrisCheck(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = checkNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  return answered(served, await context.forwarder.deliver(notice));
}

function answered(
  { request, mti }: Served,
  answer: NoticeAnswer | undefined,
): IsoMessage | undefined {
  if (!answer) return undefined;
  const isApproved = answer.taken && answer.approved === true;
  if (isApproved) return approval({ request, mti, change: { 38: answer.approvalCode } });
  return 'code' in answer ? refusal(request, { mti, code: answer.code }) : undefined;
}

function refundNotice(context: SwitchContext, served: Served): QrisRefundRequest | undefined {
  const said = readQris(context.member.dialect, served.request);
  if (said?.kind !== 'refund' || said.receiver !== ownNns(context)) return undefined;
  return {
    ...commonOf(context, served),
    what: 'qris_refund',
    rrn: said.rrn,
    amountSen: String(said.amountSen),
    originalRrn: said.originalRrn,
    originalDate: said.originalDate,
    refundNumber: said.refundNumber,
    customerPan: said.customerPan,
    merchantPan: said.merchant.pan,
    merchantName: said.merchant.name,
  };
}

function paymentNotice(context: SwitchContext, served: Served): QrisPaymentRequest | undefined {
  const said = readQris(context.member.dialect, served.request);
  if (said?.kind !== 'payment' || said.receiver !== ownNns(context)) return undefined;
  const { merchant, reference, billNumber } = said;
  return {
    ...commonOf(context, served),
    what: 'qris_payment',
    rrn: said.rrn,
    amountSen: String(said.amountSen),
    customerPan: said.customerPan,
    merchantPan: merchant.pan,
    criteria: merchant.criteria,
    tipSen: String(said.tipSen),
    terminal: said.terminal,
    ...(merchant.nmid !== undefined && { nmid: merchant.nmid }),
    ...(reference !== undefined && { reference }),
    ...(billNumber !== undefined && { billNumber }),
  };
}

function presentedNotice(context: SwitchContext, served: Served): QrisPresentedRequest | undefined {
  const said = readQris(context.member.dialect, served.request);
  if (said?.kind !== 'presented' || said.receiver !== ownNns(context)) return undefined;
  const { merchant } = said;
  return {
    ...commonOf(context, served),
    what: 'qris_presented',
    rrn: said.rrn,
    amountSen: String(said.amountSen),
    customerPan: said.customerPan,
    codeData: said.codeData,
    merchantPan: merchant.pan,
    merchantName: merchant.name,
    ...(merchant.nmid !== undefined && { nmid: merchant.nmid }),
  };
}

function checkNotice(context: SwitchContext, served: Served): QrisCheckRequest | undefined {
  const said = readQrisCheck(context.member.dialect, served.request);
  if (!said || said.receiver !== ownNns(context)) return undefined;
  const originalId = switchRequestId(checkedIds(said), context.time.now());
  if (originalId === undefined) return undefined;
  return {
    ...commonOf(context, served),
    what: 'qris_check',
    of: said.kind,
    originalId,
    rrn: said.rrn,
    amountSen: String(said.amountSen),
  };
}

function commonOf({ setting }: SwitchContext, { requestId, fromBank, deadlineMs }: Served) {
  return {
    kind: 'request',
    rail: 'qris',
    bizMsgIdr: requestId,
    fromBank,
    deadlineMs: deadlineMs - (setting.timers.serveMs - setting.timers.coreMs),
  } as const;
}

function ownNns({ bank }: SwitchContext): string {
  return nnsOfBank(bank.bankCode);
}

/** What the gateway itself knows of a stop; the account only core knows, and asks again. */
function isHeldBack(
  context: SwitchContext,
  notice: Exclude<QrisRequestNotice, QrisCheckRequest>,
  direction: FlowFacts['direction'] = 'in',
): boolean {
  const flow: FlowFacts = {
    rail: 'qris',
    direction,
    channel: direction === 'in' ? 'network' : 'mobile',
    bank: notice.fromBank,
    account: '',
    amountSen: BigInt(notice.amountSen),
    cohortBucket: 0,
    isStaff: false,
  };
  return context.latches.isLatched(flow);
}
