/** What the switch asks of us (I12). Its MAC was checked by the link; here it is written down, handed to core within the network's
 * time, and answered only with what core has committed. Core's answer is the same for the same request, so a repeat, an advice and a
 * request after a crash are one. A new flow is one entry in `FLOWS`. */
import type { FlowFacts } from '../../gate/port.ts';
import type { SwitchReversalNotice, TransferInRequest } from '../../rail/notice-switch.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import { readComposite, writeComposite, type Parts } from '../../rail/iso8583/composite.ts';
import type { IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import { answerMti } from '../../rail/switch/correlate.ts';
import { requestIdOf, switchRequestId } from '../../rail/switch/id.ts';
import { bankOfCode } from '../../rail/switch/institution.ts';
import { refusal } from '../../rail/switch/manage.ts';
import type { SwitchPorts } from '../../rail/switch/port.ts';
import { plain } from '../../rail/switch/transfer.ts';
import { inboundKey } from '../journal-index.ts';
import { approval, askCore, SAID, type Served } from './ask.ts';
import { takeCard } from './card.ts';
import {
  answerQrisCheck,
  takeQrisPayment,
  takeQrisPresented,
  takeQrisRefund,
  takeQrisTransfer,
} from './qris-in.ts';
import type { SwitchContext } from './line.ts';

/** Answers one kind of request; undefined = nothing is answered, and the network does what it does then. */
export type Flow = (context: SwitchContext, served: Served) => Promise<IsoMessage | undefined>;

/** By the first two digits of DE3. */
const FLOWS: Readonly<Record<string, Flow>> = {
  '01': takeCard,
  '20': takeQrisRefund,
  '26': takeQrisPayment,
  '27': takeQrisPresented,
  '28': takeQrisTransfer,
  '30': takeCard,
  '31': takeCard,
  '36': answerQrisCheck,
  '39': answerEnquiry,
  '40': takeTransfer,
};

/** What a reversal is of, by the same digits. */
const REVERSIBLE: Readonly<Record<string, SwitchReversalNotice['what']>> = {
  '01': 'withdrawal',
  '40': 'transfer_in',
};

/** Makes the `serve` port of the links. */
export function makeServe(context: SwitchContext): SwitchPorts['serve'] {
  return async (request, { deadlineMs }) => {
    const mti = answerMti(request.mti);
    if (mti === undefined) return undefined;
    const requestId = requestIdOf(request.fields, context.time.now());
    const acquirer = request.fields[32] ?? '';
    const bare = acquirer.replace(/^0+/, '');
    const fromBank = bankOfCode(acquirer);
    // Our own machines have a link of their own: over the network nobody is us.
    const isUs = bare === context.bank.bankCode || fromBank === context.bank.bic;
    if (requestId === undefined || fromBank === undefined || isUs)
      return refusal(request, { mti, code: SAID.format });
    const served = { request, mti, requestId, fromBank, deadlineMs };
    if (request.mti.charAt(1) === '4') return takeReversal(context, served);
    const flow = FLOWS[request.fields[3]?.slice(0, 2) ?? ''];
    return flow ? flow(context, served) : refusal(request, { mti, code: SAID.notSupported });
  };
}

/** True for a request that the journal has: one of its copies may have been approved. A reversal may always be refused; it comes again. */
export function mayBeTaken(context: SwitchContext, { mti, fields }: IsoMessage): boolean {
  const id = requestIdOf(fields, context.time.now());
  const { index } = context.journal;
  if (id === undefined || mti.charAt(1) === '4') return false;
  return index.hasInbound(`request:${id}`) || index.acquired.ofRequest(id) !== undefined;
}

/** Whose account it is. No money and no effect: not kept. */
async function answerEnquiry(
  context: SwitchContext,
  { request, mti }: Served,
): Promise<IsoMessage | undefined> {
  const account = request.fields[103];
  if (account === undefined || !isForUs(context, request.fields))
    return refusal(request, { mti, code: SAID.format });
  const answer = await context.forwarder.deliver({
    kind: 'account_enquiry',
    rail: 'switch',
    account,
  });
  if (!answer) return refusal(request, { mti, code: SAID.notNow });
  if (!answer.taken || answer.accountName === undefined)
    return refusal(request, { mti, code: SAID.payeeInvalid });
  return approval({ request, mti, change: named(context, request, answer.accountName) });
}

/** A transfer to an account of ours, or the advice of one (0220): a credit, once. */
async function takeTransfer(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = transferNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const isRepeat = context.journal.index.hasInbound(inboundKey(notice));
  if (!isRepeat && isHeldBack(context, notice))
    return refusal(request, { mti, code: SAID.notPermitted });
  const answer = await askCore(context, notice);
  // Without a word of core's nothing may be said: the network asks again by advice, and the same request gets the same answer.
  if (!answer) return undefined;
  if (!answer.taken) return refusal(request, { mti, code: answer.code });
  if (answer.approved === undefined) return undefined;
  if (!answer.approved) return refusal(request, { mti, code: answer.code });
  return approval({
    request,
    mti,
    change: {
      38: answer.approvalCode,
      ...named(context, request, answer.accountName ?? ''),
    },
  });
}

/** What did not happen after all (0400, 0420), once per original however often it comes. Answered only when core has taken it. */
async function takeReversal(
  context: SwitchContext,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const notice = reversalNotice(context, served);
  if (!notice) return refusal(request, { mti, code: SAID.format });
  const answer = await askCore(context, notice, served.deadlineMs);
  if (!answer) return undefined;
  return answer.taken
    ? approval({ request, mti, change: {} })
    : refusal(request, { mti, code: answer.code });
}

function transferNotice(
  context: SwitchContext,
  { request, requestId, fromBank, deadlineMs }: Served,
): TransferInRequest | undefined {
  const { dialect } = context.member;
  const { fields } = request;
  const amount = readAmount(dialect, fields[4]);
  const names = readComposite(dialect, { field: 48, fields });
  const isWhole = amount !== undefined && amount > 0n && fields[49] === '360' && fields[103];
  if (!isWhole || !isForUs(context, fields) || !names.ok || names.value.kind !== 'parts')
    return undefined;
  const parts: Parts = names.value.parts;
  return {
    kind: 'request',
    rail: 'switch',
    what: 'transfer_in',
    bizMsgIdr: requestId,
    rrn: fields[37] ?? '000000000000',
    fromBank,
    amountSen: String(amount),
    deadlineMs: deadlineMs - (context.setting.timers.serveMs - context.setting.timers.coreMs),
    debtorName: parts['senderName'] ?? '',
    debtorAccount: plain(fields[102] ?? '', 28),
    creditorAccount: fields[103]!, // checked above
    remark: parts['reference'] ?? '',
  };
}

function reversalNotice(
  context: SwitchContext,
  { request, fromBank }: Served,
): SwitchReversalNotice | undefined {
  const { dialect } = context.member;
  const { fields } = request;
  const original = readComposite(dialect, { field: 90, fields });
  const what = REVERSIBLE[fields[3]?.slice(0, 2) ?? ''];
  const amount = readAmount(dialect, fields[4]);
  const kept = fields[95] === undefined ? 0n : keptOf(context, fields);
  if (!original.ok || original.value.kind !== 'parts' || amount === undefined || kept === undefined)
    return undefined;
  const { stan, transmittedAt, acquirer } = original.value.parts;
  // Nobody over the network takes back what our own machine asked.
  if (acquirer?.replace(/^0+/, '') === context.bank.bankCode) return undefined;
  const bizMsgIdr = switchRequestId(
    { stan, transmittedAt, acquirer: acquirer || '0' },
    context.time.now(),
  );
  if (what === undefined || bizMsgIdr === undefined || kept > amount) return undefined;
  return {
    kind: 'reversal',
    rail: 'switch',
    what,
    bizMsgIdr,
    fromBank,
    amountSen: String(amount),
    keptSen: String(kept),
  };
}

function keptOf(context: SwitchContext, fields: IsoFields): bigint | undefined {
  const { dialect } = context.member;
  const read = readComposite(dialect, { field: 95, fields });
  return read.ok && read.value.kind === 'parts'
    ? readAmount(dialect, read.value.parts['amount'])
    : undefined;
}

/** DE100 and DE127 name us, where they are there. */
function isForUs({ bank }: SwitchContext, fields: IsoFields): boolean {
  const { 100: receiver, 127: destination } = fields;
  return (
    (receiver === undefined || receiver.endsWith(bank.bankCode)) &&
    (destination === undefined || destination === bank.bankCode)
  );
}

function isHeldBack(context: SwitchContext, notice: TransferInRequest): boolean {
  const flow: FlowFacts = {
    rail: 'switch',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    account: notice.creditorAccount,
    amountSen: BigInt(notice.amountSen),
    cohortBucket: 0,
    isStaff: false,
  };
  const word = context.holder.decide(flow);
  return context.latches.isLatched(flow) || word.kind === 'stop' || word.kind === 'cap';
}

/** DE48 of a transfer with the account's name; nothing where it cannot be written. */
function named(context: SwitchContext, { fields }: IsoMessage, name: string): IsoFields {
  const { dialect } = context.member;
  const given =
    fields[48] === undefined ? undefined : readComposite(dialect, { field: 48, fields });
  const parts: Parts = given?.ok && given.value.kind === 'parts' ? given.value.parts : {};
  const written = writeComposite(dialect, {
    field: 48,
    fields,
    value: {
      kind: 'parts',
      parts: {
        beneficiaryName: plain(name, 30),
        reference: parts['reference'] ?? '',
        senderName: parts['senderName'] ?? '',
      },
    },
  });
  return written.ok ? { 48: written.value } : {};
}
