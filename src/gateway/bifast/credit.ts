/** One credit that the network brings, alone or in a list: whether its fields agree, and into the journal and on to core, once for ever. */
import type { FlowFacts } from '../../gate/port.ts';
import { areOneMessage, parseBizMsgIdr } from '../../rail/bifast/id.ts';
import type { BulkCredit, CreditTransfer } from '../../rail/bifast/message.ts';
import type { JournalBody } from '../../rail/journal-entry.ts';
import type { CreditNotice, NoticeAnswer } from '../../rail/notice.ts';
import type { Forwarder } from '../forward.ts';
import { inboundKey } from '../journal-index.ts';
import type { BifastContext } from './host.ts';

/** On disk and with core, or the answer that it got before; undefined when nobody knows yet. */
export async function takeOne(input: {
  readonly context: BifastContext;
  readonly forwarder: Forwarder;
  readonly credit: CreditTransfer;
}): Promise<NoticeAnswer | undefined> {
  const { context, forwarder, credit } = input;
  const notice = creditNotice(credit);
  const key = inboundKey(notice);
  const isRepeat = context.journal.index.hasInbound(key);
  // A return gives us back what is ours: no restriction keeps it out.
  if (!isRepeat && credit.trxType !== '011' && isHeldBack(context, credit))
    return { taken: false, code: 'U110' };
  if (!isRepeat && forwarder.pendingCount('bifast') >= context.limits.pendingCountMax)
    return undefined;
  const answer = isRepeat
    ? (forwarder.pendingOf(key) ?? forwarder.deliver(notice))
    : append(context, {
        kind: 'inbound',
        bizMsgIdr: credit.endToEndId,
        what: 'credit',
        notice,
      }).then((position) => forwarder.offer(position, notice));
  return within(context, answer);
}

/** The path of the field that contradicts another, if any. */
export function creditProblem(
  context: BifastContext,
  { credit, place }: { readonly credit: CreditTransfer; readonly place: number },
): string | undefined {
  const tx = `BusMsg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[${place}]`;
  if (credit.creditorBank !== context.bank.bic) return `${tx}.CdtrAgt`;
  if (credit.debtorBank === context.bank.bic) return `${tx}.DbtrAgt`;
  const ids = parseBizMsgIdr(credit.endToEndId);
  if (ids?.bic !== credit.debtorBank || ids.originator !== 'O') return `${tx}.PmtId.EndToEndId`;
  if (!areOneMessage({ bizMsgIdr: credit.endToEndId, msgId: credit.txId }))
    return `${tx}.PmtId.TxId`;
  return undefined;
}

/** The same of a list: all of it is one bank's, plain transfers, and none stands twice. */
export function bulkProblem(context: BifastContext, message: BulkCredit): string | undefined {
  const { header, msgId, credits } = message;
  const ids = parseBizMsgIdr(header.bizMsgIdr);
  if (ids?.originator !== 'O') return 'BusMsg.AppHdr.BizMsgIdr';
  if (!areOneMessage({ bizMsgIdr: header.bizMsgIdr, msgId }))
    return 'BusMsg.Document.FIToFICstmrCdtTrf.GrpHdr.MsgId';
  const seen = new Set<string>();
  for (const [place, credit] of credits.entries()) {
    const tx = `BusMsg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[${place}]`;
    if (credit.trxType !== '010' || seen.has(credit.endToEndId)) return `${tx}.PmtId.EndToEndId`;
    if (credit.debtorBank !== ids.bic) return `${tx}.DbtrAgt`;
    const problem = creditProblem(context, { credit, place });
    if (problem) return problem;
    seen.add(credit.endToEndId);
  }
  return undefined;
}

function isHeldBack(context: BifastContext, credit: CreditTransfer): boolean {
  const flow: FlowFacts = {
    rail: 'bifast',
    direction: 'in',
    channel: 'network',
    bank: credit.debtorBank,
    account: credit.creditorAccount.number,
    amountSen: credit.amountSen,
    cohortBucket: 0,
    isStaff: false,
  };
  const word = context.holder.decide(flow);
  return context.latches.isLatched(flow) || word.kind === 'stop' || word.kind === 'cap';
}

function creditNotice(credit: CreditTransfer): CreditNotice {
  return {
    kind: 'credit',
    rail: 'bifast',
    bizMsgIdr: credit.endToEndId,
    msgId: credit.txId,
    fromBank: credit.debtorBank,
    debtorName: credit.debtorName,
    debtorAccount: credit.debtorAccount?.number ?? '',
    creditorAccount: credit.creditorAccount.number,
    creditorName: credit.creditorName ?? '',
    amountSen: String(credit.amountSen),
    remittance: credit.remittance,
    trxType: credit.trxType === '011' ? '011' : '010',
    ...(credit.relatedEndToEndId && { relatedEndToEndId: credit.relatedEndToEndId }),
  };
}

/** Into the journal; its position. */
export async function append(context: BifastContext, body: JournalBody): Promise<number> {
  const [entry] = await context.journal.append(body);
  return entry!.position; // one body in, one entry out
}

/** Core's answer, or undefined when it takes longer than the hub waits. */
export async function within(
  context: BifastContext,
  answer: Promise<NoticeAnswer | undefined>,
): Promise<NoticeAnswer | undefined> {
  const given = new AbortController();
  const timeout = context.time
    .sleep(context.limits.coreTimeoutMs, given.signal)
    .then(() => undefined);
  return Promise.race([answer, timeout]).finally(() => given.abort());
}
