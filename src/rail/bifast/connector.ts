/** Speaks to the hub: sends, inquires, enquires, signs on, reads feed and statement, controls our own links in the portal.
 * Believes only bodies that the hub signed and that answer what was asked; all else is `unknown` (I2, I12). Holds no state
 * about payments: the journal does. */
import type { BifastInstruction } from '../../authorisation/form-bifast.ts';
import { parseJson } from '../../kernel/wire.ts';
import type { PortalRequest, RailAnswer } from '../contract.ts';
import type { EnquiryAnswer } from '../gateway-wire.ts';
import { callSigned, exchange, fetchSigned, unbelievable, type Link } from './exchange.ts';
import {
  enquireProxies,
  lookUpProxy,
  registerProxy,
  type ProxiesKnown,
  type ProxyFound,
  type ProxyRegistered,
  type RegistrationWish,
} from './connector-proxy.ts';
import { fetchBalances, fetchParticipants, fetchPosition } from './connector-report.ts';
import { type AdminFunction, MSG_DEF, type StatusReport } from './message.ts';
import type { ParticipantList } from './participant-list.ts';
import type { SecondId } from './proxy-message.ts';
import type { Proxy } from './proxy.ts';
import type { AccountReport } from './report.ts';
import { answerOf, reasonOf } from './reason.ts';
import { renderAdmin, renderEnquiry, renderStatusRequest, renderTransfer } from './render.ts';
import type { FeedPage, Statement } from '../settlement-page.ts';
import { parseFeed, parseStatement } from './settlement.ts';

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
  /** Who is open and who is closed. */
  participants(): Promise<ParticipantList | undefined>;
  /** Our settlement account now. */
  position(): Promise<AccountReport | undefined>;
  /** Opening, closing and sums of a date. */
  balances(businessDate: string): Promise<AccountReport | undefined>;
  lookUpProxy(input: {
    readonly proxy: Proxy;
    readonly askingAccount: string;
  }): Promise<ProxyFound>;
  registerProxy(wish: RegistrationWish): Promise<ProxyRegistered>;
  enquireProxies(secondId: SecondId): Promise<ProxiesKnown>;
  /** The participant portal: closes a certificate, or closes and opens our own outbound. */
  control(input: PortalRequest): Promise<boolean>;
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
    participants: () => fetchParticipants(link),
    position: () => fetchPosition(link),
    balances: (businessDate) => fetchBalances(link, businessDate),
    lookUpProxy: (input) => lookUpProxy(link, input),
    registerProxy: (wish) => registerProxy(link, wish),
    enquireProxies: (secondId) => enquireProxies(link, secondId),
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
