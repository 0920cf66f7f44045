/** Speaks to the hub: sends, inquires, enquires, signs on, reads feed and statement, controls our own links in the portal.
 * Believes only bodies that the hub signed and that answer what was asked; all else is `unknown` (I2, I12). Holds no state
 * about payments: the journal does. */
import type { KeyObject } from 'node:crypto';
import type { BifastInstruction } from '../../authorisation/form-bifast.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Time } from '../../kernel/time.ts';
import { parseJson, WireFault, type WireClient, type WireResponse } from '../../kernel/wire.ts';
import type { PortalRequest, RailAnswer } from '../contract.ts';
import type { EnquiryAnswer } from '../gateway-wire.ts';
import { encodeMessage } from './encode.ts';
import { type AdminFunction, type BifastMessage, MSG_DEF, type StatusReport } from './message.ts';
import type { IdSource } from './own-id.ts';
import { parseMessage } from './parse.ts';
import { answerOf, reasonOf } from './reason.ts';
import { renderAdmin, renderEnquiry, renderStatusRequest, renderTransfer } from './render.ts';
import type { FeedPage, Statement } from '../settlement-page.ts';
import { parseFeed, parseStatement } from './settlement.ts';
import { isSigned, signedHeaders } from '../signature.ts';

/** How long each call may take. Source: docs/rail/bifast.md section 7. */
export interface HubTimeouts {
  readonly sendMs: number;
  readonly inquireMs: number;
  readonly enquireMs: number;
  readonly feedMs: number;
}

/** The limits in force. */
export const HUB_TIMEOUTS: HubTimeouts = {
  sendMs: 10_000,
  inquireMs: 5_000,
  enquireMs: 5_000,
  feedMs: 5_000,
};

/** Something that claimed to be the hub's word and was not. */
export interface ForgedAnswer {
  readonly what: string;
  readonly bizMsgIdr?: string;
}

export interface BifastConnector {
  send(instruction: BifastInstruction): Promise<RailAnswer>;
  inquire(payment: {
    readonly bizMsgIdr: string;
    readonly msgId: string;
  }): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  enquireAccount(input: {
    readonly bank: string;
    readonly account: string;
    readonly amountSen: bigint;
  }): Promise<EnquiryAnswer>;
  /** Sign-on, sign-off, echo: true when the hub agreed. */
  administer(fn: AdminFunction): Promise<boolean>;
  /** Undefined when the hub did not answer or its page is not to be believed. */
  feed(after: string): Promise<FeedPage | undefined>;
  statement(businessDate: string): Promise<Statement | undefined>;
  /** The participant portal: closes a certificate, or closes and opens our own outbound. */
  control(input: PortalRequest): Promise<boolean>;
}

interface Link {
  readonly time: Time;
  readonly hub: WireClient;
  readonly bank: BankProfile;
  /** Our private message key. */
  readonly messageKey: KeyObject;
  /** The hub's public message key. */
  readonly hubKey: KeyObject;
  readonly nextId: IdSource;
  readonly timeouts: HubTimeouts;
  readonly onForged: (forged: ForgedAnswer) => void;
}

/** Makes the connector. */
export function openConnector(link: Link): BifastConnector {
  return {
    send: (instruction) => send(link, instruction),
    inquire: (payment) => inquire(link, payment),
    enquireAccount: (input) => enquire(link, input),
    administer: (fn) => administer(link, fn),
    async feed(after) {
      const body = await fetchSigned(link, { path: `/feed?after=${after}`, what: 'feed' });
      const page = body && parseFeed({ body, bic: link.bank.bic, after, nowMs: link.time.now() });
      if (body && !page) link.onForged({ what: 'feed' });
      return page;
    },
    async statement(businessDate) {
      const body = await fetchSigned(link, {
        path: `/statement?date=${businessDate}`,
        what: 'statement',
      });
      const page =
        body && parseStatement({ body, bic: link.bank.bic, businessDate, nowMs: link.time.now() });
      if (body && !page) link.onForged({ what: 'statement' });
      return page;
    },
    control: (input) => control(link, input),
  };
}

async function send(link: Link, instruction: BifastInstruction): Promise<RailAnswer> {
  const message = renderTransfer({ instruction, bank: link.bank, nowMs: link.time.now() });
  const { bizMsgIdr, msgId } = instruction;
  const got = await exchange(link, { message, timeoutMs: link.timeouts.sendMs });
  if (got.kind !== 'message') return { outcome: got.kind, reason: got.reason };
  const answer = got.message;
  if (answer.kind === 'message_reject' && answer.reference === bizMsgIdr)
    return { outcome: 'rejected', code: 'U215' };
  if (
    answer.kind !== 'status_report' ||
    !isAbout(answer, { msgId, definition: MSG_DEF.creditTransfer, payment: { bizMsgIdr, msgId } })
  ) {
    return unbelievable(link, { what: 'answer', bizMsgIdr });
  }
  if (answer.amountSen !== undefined && answer.amountSen !== message.amountSen)
    return unbelievable(link, { what: 'answer', bizMsgIdr });
  return answerOf(answer);
}

async function inquire(
  link: Link,
  payment: { readonly bizMsgIdr: string; readonly msgId: string },
): ReturnType<BifastConnector['inquire']> {
  const ids = link.nextId({ trxType: '000', originator: 'O', channelCode: '99' });
  const message = renderStatusRequest({ bank: link.bank, ids, payment, nowMs: link.time.now() });
  const got = await exchange(link, { message, timeoutMs: link.timeouts.inquireMs });
  if (got.kind !== 'message')
    return { outcome: got.kind === 'not_sent' ? 'not_reached' : 'unknown', reason: got.reason };
  const answer = got.message;
  // That our question could not be read says nothing about the payment.
  if (answer.kind === 'message_reject' && answer.reference === ids.bizMsgIdr)
    return { outcome: 'unknown', reason: 'the hub could not read the inquiry' };
  if (
    answer.kind !== 'status_report' ||
    !isAbout(answer, { msgId: ids.msgId, definition: MSG_DEF.statusRequest, payment })
  ) {
    return unbelievable(link, { what: 'inquiry', bizMsgIdr: payment.bizMsgIdr });
  }
  // These codes refuse the question, not the payment: our session, our signature.
  if (answer.status === 'RJCT' && (answer.code === 'U119' || answer.code === 'U999'))
    return { outcome: 'unknown', reason: `inquiry refused with ${answer.code}` };
  return answerOf(answer);
}

async function enquire(
  link: Link,
  input: { readonly bank: string; readonly account: string; readonly amountSen: bigint },
): Promise<EnquiryAnswer> {
  const ids = link.nextId({ trxType: '510', originator: 'O', channelCode: '99' });
  const message = renderEnquiry({
    bank: link.bank,
    ids,
    toBank: input.bank,
    account: input.account,
    amountSen: input.amountSen,
    nowMs: link.time.now(),
  });
  const got = await exchange(link, { message, timeoutMs: link.timeouts.enquireMs });
  if (got.kind !== 'message') return { found: 'unknown', reason: got.reason };
  const answer = got.message;
  const payment = { bizMsgIdr: ids.bizMsgIdr, msgId: ids.msgId };
  if (
    answer.kind !== 'status_report' ||
    !isAbout(answer, { msgId: ids.msgId, definition: MSG_DEF.creditTransfer, payment })
  ) {
    return {
      found: 'unknown',
      reason: unbelievable(link, { what: 'enquiry', bizMsgIdr: ids.bizMsgIdr }).reason,
    };
  }
  if (answer.status === 'RJCT') {
    return reasonOf(answer.code)?.class === 'rejected'
      ? { found: false, code: answer.code }
      : { found: 'unknown', reason: answer.code };
  }
  const { creditorName, creditorAccount } = answer;
  if (!creditorName || creditorAccount?.number !== input.account) {
    return {
      found: 'unknown',
      reason: unbelievable(link, { what: 'enquiry', bizMsgIdr: ids.bizMsgIdr }).reason,
    };
  }
  return { found: true, name: creditorName, accountType: creditorAccount.type ?? 'OTHR' };
}

async function administer(link: Link, fn: AdminFunction): Promise<boolean> {
  const ids = link.nextId({ trxType: '000', originator: 'O', channelCode: '99' });
  const message = renderAdmin({ bank: link.bank, ids, fn, nowMs: link.time.now() });
  const got = await exchange(link, { message, timeoutMs: link.timeouts.inquireMs });
  if (got.kind !== 'message' || got.message.kind !== 'admin_response') return false;
  return got.message.originalMsgId === ids.msgId && got.message.fn === fn && got.message.isAccepted;
}

async function control(link: Link, request: PortalRequest): Promise<boolean> {
  const common = {
    bank: link.bank.bic,
    reason: request.reason,
    requestId: request.requestId,
    atMs: link.time.now(),
  };
  const path = {
    revoke: '/portal/revoke',
    suspend_out: '/portal/suspend',
    resume_out: '/portal/resume',
  }[request.action];
  const what =
    request.action === 'revoke' ? { fingerprint: request.fingerprint } : { direction: 'out' };
  const body = Buffer.from(JSON.stringify({ ...common, ...what }));
  const answer = await callSigned(link, {
    path,
    body,
    timeoutMs: link.timeouts.inquireMs,
    what: 'portal',
  });
  if (answer.kind !== 'signed') return false;
  const value = parseJson(answer.response.body) as
    | { ok?: unknown; requestId?: unknown }
    | undefined;
  return value?.ok === true && value.requestId === request.requestId;
}

type Exchange =
  | { readonly kind: 'message'; readonly message: BifastMessage }
  | { readonly kind: 'not_sent' | 'unknown'; readonly reason: string };

/** Sends one message and reads the signed answer that came from the hub to us. */
async function exchange(
  link: Link,
  input: { readonly message: BifastMessage; readonly timeoutMs: number },
): Promise<Exchange> {
  const { bizMsgIdr } = input.message.header;
  const answer = await callSigned(link, {
    path: '/bifast',
    body: encodeMessage(input.message),
    timeoutMs: input.timeoutMs,
    what: 'answer',
    bizMsgIdr,
  });
  if (answer.kind !== 'signed') return answer;
  const parsed = parseMessage(answer.response.body);
  if (!parsed.ok)
    return { kind: 'unknown', reason: `answer cannot be read at ${parsed.error.path}` };
  const { header } = parsed.message;
  if (header.from !== link.bank.hubBic || header.to !== link.bank.bic) {
    link.onForged({ what: 'answer', bizMsgIdr });
    return { kind: 'unknown', reason: 'answer is not from the hub to us' };
  }
  return { kind: 'message', message: parsed.message };
}

type Called =
  | { readonly kind: 'signed'; readonly response: WireResponse }
  | { readonly kind: 'not_sent' | 'unknown'; readonly reason: string };

async function callSigned(
  link: Link,
  input: {
    readonly path: string;
    readonly body?: Buffer;
    readonly timeoutMs: number;
    readonly what: string;
    readonly bizMsgIdr?: string;
  },
): Promise<Called> {
  let response: WireResponse;
  try {
    response = await link.hub.call({
      method: input.body ? 'POST' : 'GET',
      path: input.path,
      timeoutMs: input.timeoutMs,
      ...(input.body && { body: input.body, headers: signedHeaders(link.messageKey, input.body) }),
    });
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return {
      kind: error.kind === 'not_sent' ? 'not_sent' : 'unknown',
      reason: error.kind === 'not_sent' ? 'hub not reached' : 'no answer',
    };
  }
  // A bare status without a body is what a proxy or a closed certificate gives: no proof of anything, and no forgery.
  if (response.body.length === 0)
    return { kind: 'unknown', reason: `status ${response.status} without a body` };
  if (!isSigned({ key: link.hubKey, body: response.body, headers: response.headers })) {
    link.onForged({ what: input.what, ...(input.bizMsgIdr && { bizMsgIdr: input.bizMsgIdr }) });
    return { kind: 'unknown', reason: 'answer is not signed by the hub' };
  }
  return { kind: 'signed', response };
}

async function fetchSigned(
  link: Link,
  input: { readonly path: string; readonly what: string },
): Promise<Buffer | undefined> {
  const answer = await callSigned(link, { ...input, timeoutMs: link.timeouts.feedMs });
  return answer.kind === 'signed' && answer.response.status === 200
    ? answer.response.body
    : undefined;
}

/** All four references must fit, so that no old answer can stand for a new question. */
function isAbout(
  report: StatusReport,
  asked: {
    readonly msgId: string;
    readonly definition: string;
    readonly payment: { readonly bizMsgIdr: string; readonly msgId: string };
  },
): boolean {
  return (
    report.originalMsgId === asked.msgId &&
    report.originalMsgDef === asked.definition &&
    report.originalEndToEndId === asked.payment.bizMsgIdr &&
    report.originalTxId === asked.payment.msgId
  );
}

function unbelievable(
  link: Link,
  forged: ForgedAnswer,
): { readonly outcome: 'unknown'; readonly reason: string } {
  link.onForged(forged);
  return { outcome: 'unknown', reason: 'answer does not fit the question' };
}
