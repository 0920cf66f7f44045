/** What the network sends us (I12): only the hub's own, signed word enters; it is on disk before it is answered or passed on.
 * A forged message posts nothing, costs its sender and is kept as evidence. */
import type { WireRequest, WireResponse } from '../../kernel/wire.ts';
import { encodeAs, parseAs } from '../../rail/bifast/encoding.ts';
import type { SystemEvent } from '../../rail/bifast/event.ts';
import { parseBizMsgIdr } from '../../rail/bifast/id.ts';
import type {
  BifastMessage,
  BulkCredit,
  CreditTransfer,
  StatusReport,
} from '../../rail/bifast/message.ts';
import { BULK_TYPE, type ParseError } from '../../rail/bifast/parse.ts';
import type { ProxyNotice } from '../../rail/bifast/proxy-message.ts';
import { answerOf, reasonOf } from '../../rail/bifast/reason.ts';
import type { AccountReport } from '../../rail/bifast/report.ts';
import {
  renderAck,
  renderBulkReport,
  renderReject,
  renderReport,
  type CreditWord,
} from '../../rail/bifast/render.ts';
import { isSigned, signedHeaders } from '../../rail/signature.ts';
import type { NoticeAnswer, RailNotice } from '../../rail/notice.ts';
import type { Forwarder } from '../forward.ts';
import { inboundKey } from '../journal-index.ts';
import { append, bulkProblem, creditProblem, takeOne, within } from './credit.ts';
import type { BifastContext } from './host.ts';
import { takePushed } from './pushed-line.ts';
import { passEvent, passMoved } from './world.ts';

/** The only name that may speak on the network side. */
const HUB_PEER = 'hub';

const EMPTY = Buffer.alloc(0);

/** Makes the handler of `<partition>-network`. */
export function makeInbound(
  context: BifastContext,
  forwarder: Forwarder,
): (request: WireRequest) => Promise<WireResponse> {
  return async (request) => {
    const parsed = parseAs(context.encoding ?? 'json', request.body);
    const message = parsed.ok ? parsed.message : undefined;
    if (!isFromHub(context, request, message)) {
      await recordForged({ context, request, message });
      return { status: 403, body: EMPTY };
    }
    if (!parsed.ok) return reject(context, parsed.error);
    switch (parsed.message.kind) {
      case 'credit_transfer':
        return parsed.message.trxType === '510'
          ? answerEnquiry({ context, forwarder, message: parsed.message })
          : takeCredit({ context, forwarder, message: parsed.message });
      case 'bulk_credit':
        return takeBulk({ context, forwarder, message: parsed.message });
      case 'status_report':
        return takeNotice({ context, forwarder, request, message: parsed.message });
      case 'proxy_notice':
        return takeMoved({ context, forwarder, message: parsed.message });
      case 'system_event':
        return takeEvent({ context, forwarder, message: parsed.message });
      case 'account_report':
        return takeReport(context, parsed.message);
      default:
        return rejectKind(context, parsed.message);
    }
  };
}

function isFromHub(
  context: BifastContext,
  request: WireRequest,
  message: BifastMessage | undefined,
): boolean {
  if (request.peer !== HUB_PEER || request.method !== 'POST' || request.path !== '/bifast')
    return false;
  if (!isSigned({ key: context.hubKey, body: request.body, headers: request.headers }))
    return false;
  return (
    message === undefined ||
    (message.header.from === context.bank.hubBic && message.header.to === context.bank.bic)
  );
}

/** Whoever is not the hub is quarantined at once. The hub's own name never is: that would stop the rail by one knock; each of
 * its unsigned messages is refused by itself. */
async function recordForged(input: {
  context: BifastContext;
  request: WireRequest;
  message: BifastMessage | undefined;
}): Promise<void> {
  const { context, request, message } = input;
  const { peer, fingerprint } = request;
  context.log.error({ peer }, 'gateway.forged');
  await context.knocks.record({
    kind: 'forged',
    reason: 'bad_signature',
    weight: peer === HUB_PEER ? 'none' : 'hard',
    what: message?.kind ?? 'message',
    peer,
    fingerprint,
    ...(message && { bizMsgIdr: subjectOf(message) }),
    ...(message &&
      'amountSen' in message &&
      message.amountSen !== undefined && { amountSen: String(message.amountSen) }),
  });
}

function subjectOf(message: BifastMessage): string {
  return message.kind === 'status_report' ? message.originalEndToEndId : message.header.bizMsgIdr;
}

async function takeCredit(input: {
  context: BifastContext;
  forwarder: Forwarder;
  message: CreditTransfer;
}): Promise<WireResponse> {
  const { context, message } = input;
  const isOneMessage =
    message.header.bizMsgIdr === message.endToEndId && message.msgId === message.txId;
  const problem = isOneMessage
    ? creditProblem(context, { credit: message, place: 0 })
    : 'BusMsg.AppHdr.BizMsgIdr';
  if (problem) return disagrees(context, message, problem);
  const known = await takeOne({ ...input, credit: message });
  return known ? report(context, message, known) : { status: 503, body: EMPTY };
}

/** Each credit is taken as if it had come alone, so that a list that comes again, whole or in parts, posts each once. Answered when all
 * are: of one that core has no word about yet the hub hears nothing, and says the same again. */
async function takeBulk(input: {
  context: BifastContext;
  forwarder: Forwarder;
  message: BulkCredit;
}): Promise<WireResponse> {
  const { context, forwarder, message } = input;
  const { credits } = message;
  const problem = bulkProblem(context, message);
  if (problem) return disagrees(context, message, problem);
  // All or none: half a list on disk is a list that the hub must say again anyway.
  if (forwarder.pendingCount('bifast') + credits.length > context.limits.pendingCountMax)
    return { status: 503, body: EMPTY };
  const answers = await Promise.all(
    credits.map((credit) => takeOne({ context, forwarder, credit })),
  );
  const words = answers.flatMap((answer) => (answer ? [wordOf(answer)] : []));
  if (words.length < credits.length) return { status: 503, body: EMPTY };
  const ids = context.nextId({ trxType: BULK_TYPE, originator: 'R', channelCode: '99' });
  const common = { bank: context.bank, ids, nowMs: context.time.now() };
  return say(context, renderBulkReport({ ...common, about: message, words }));
}

function disagrees(context: BifastContext, { header }: BifastMessage, path: string): WireResponse {
  return reject(context, { path, problem: 'disagrees', bizMsgIdr: header.bizMsgIdr });
}

async function answerEnquiry(input: {
  context: BifastContext;
  forwarder: Forwarder;
  message: CreditTransfer;
}): Promise<WireResponse> {
  const { context, forwarder, message } = input;
  // No money and no effect, so it is not kept: whoever enquires a million accounts does not fill our disk.
  const answer = await within(
    context,
    forwarder.deliver({
      kind: 'account_enquiry',
      rail: 'bifast',
      account: message.creditorAccount.number,
    }),
  );
  return answer ? report(context, message, answer) : { status: 503, body: EMPTY };
}

async function takeNotice(input: {
  context: BifastContext;
  forwarder: Forwarder;
  request: WireRequest;
  message: StatusReport;
}): Promise<WireResponse> {
  const { context, forwarder, message } = input;
  const notice = noticeOf(context, message);
  const burn = context.journal.index.burnOfId(message.originalEndToEndId);
  const isOtherAmount =
    burn?.sent?.rail === 'bifast' &&
    message.amountSen !== undefined &&
    burn.sent.amountSen !== String(message.amountSen);
  if (isOtherAmount) {
    await recordForged(input);
    return { status: 403, body: EMPTY };
  }
  if (!notice) {
    context.log.warn(
      { code: message.code, status: message.status },
      'gateway.notice_without_effect',
    );
    return context.acknowledgement;
  }
  if (!context.journal.index.hasInbound(inboundKey(notice))) {
    if (forwarder.pendingCount('bifast') >= context.limits.pendingCountMax)
      return { status: 503, body: EMPTY };
    const what = notice.kind === 'outcome' ? 'outcome' : 'credit_settled';
    const position = await append(context, {
      kind: 'inbound',
      bizMsgIdr: message.originalEndToEndId,
      what,
      notice,
    });
    void forwarder.offer(position, notice);
  }
  return context.acknowledgement;
}

/** A proxy that moved is taken once core has it; until then the hub says it again. */
async function takeMoved(input: {
  context: BifastContext;
  forwarder: Forwarder;
  message: ProxyNotice;
}): Promise<WireResponse> {
  const { context, forwarder, message } = input;
  const known = await within(context, passMoved(forwarder, message));
  return known ? context.acknowledgement : { status: 503, body: EMPTY };
}

/** An event is acknowledged once core has taken it. Events about the world are not kept: the list of participants tells the same. */
async function takeEvent(input: {
  context: BifastContext;
  forwarder: Forwarder;
  message: SystemEvent;
}): Promise<WireResponse> {
  const { context, forwarder, message } = input;
  const known = await within(context, passEvent(forwarder, message));
  if (!known) return { status: 503, body: EMPTY };
  const ids = context.nextId({ trxType: '000', originator: 'R', channelCode: '99' });
  const { bank, time } = context;
  return say(context, renderAck({ bank, ids, about: message, nowMs: time.now() }));
}

/** Lines are pushed; a position and the sums of a date are asked for. */
async function takeReport(context: BifastContext, message: AccountReport): Promise<WireResponse> {
  if (message.of !== 'lines') return rejectKind(context, message);
  if (await takePushed(context, message)) return context.acknowledgement;
  const path = 'BusMsg.Document.BkToCstmrDbtCdtNtfctn.Ntfctn[0].Acct';
  return reject(context, { path, problem: 'disagrees', bizMsgIdr: message.header.bizMsgIdr });
}

function rejectKind(context: BifastContext, { header }: BifastMessage): WireResponse {
  const path = 'BusMsg.AppHdr.MsgDefIdr';
  return reject(context, { path, problem: 'not_supported', bizMsgIdr: header.bizMsgIdr });
}

/** What the hub's notice means to core; undefined when it proves nothing. */
function noticeOf(context: BifastContext, message: StatusReport): RailNotice | undefined {
  if (message.header.service !== 'STTL') return undefined;
  const about = parseBizMsgIdr(message.originalEndToEndId)!; // the parser refuses anything else
  const bizMsgIdr = message.originalEndToEndId;
  if (about.bic === context.bank.bic) {
    const answer = answerOf(message);
    const isWord = answer.outcome === 'accepted' || answer.outcome === 'rejected';
    return isWord
      ? { kind: 'outcome', rail: 'bifast', bizMsgIdr, answer, source: 'rail_notice' }
      : undefined;
  }
  const isSettled = message.status === 'ACSC' && reasonOf(message.code)?.class === 'success';
  if (!isSettled) return undefined;
  const { amountSen } = message;
  return {
    kind: 'credit_settled',
    rail: 'bifast',
    fromBank: about.bic,
    bizMsgIdr,
    // What settled: the credit itself may have said more (I12).
    ...(amountSen !== undefined && { amountSen: String(amountSen) }),
  };
}

function report(context: BifastContext, about: CreditTransfer, answer: NoticeAnswer): WireResponse {
  const ids = context.nextId({
    trxType: about.trxType,
    originator: 'R',
    channelCode: about.channelCode,
  });
  const common = { bank: context.bank, ids, about, nowMs: context.time.now() };
  return say(context, renderReport({ ...common, word: wordOf(answer) }));
}

function wordOf(answer: NoticeAnswer): CreditWord {
  if (!answer.taken) return { status: 'RJCT', code: answer.code };
  const owner = answer.accountName
    ? { name: answer.accountName, accountType: answer.accountType ?? 'OTHR' }
    : undefined;
  return { status: 'ACTC', code: 'U000', ...(owner && { owner }) };
}

function reject(context: BifastContext, error: ParseError): WireResponse {
  context.log.warn({ path: error.path, problem: error.problem }, 'gateway.inbound_unreadable');
  const ids = context.nextId({ trxType: '000', originator: 'R', channelCode: '99' });
  const message = renderReject({ bank: context.bank, ids, error, nowMs: context.time.now() });
  return say(context, message, 400);
}

function say(context: BifastContext, message: BifastMessage, status = 200): WireResponse {
  return signed(context, encodeAs(context.encoding ?? 'json', message), status);
}

function signed(context: BifastContext, body: Buffer, status = 200): WireResponse {
  return { status, headers: signedHeaders(context.messageKey, body, context.encoding), body };
}
