/** Speaks to the bill aggregator: inquires, pays, advises, reads feed and statement. Believes only bodies that the aggregator signed
 * and that answer what was asked; all else is `unknown` (I2, I12). Holds no state about payments: the journal does. */
import type { KeyObject } from 'node:crypto';
import type { BillerInstruction } from '../../authorisation/form-biller.ts';
import { newId } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import { parseJson, WireFault, type WireClient, type WireResponse } from '../../kernel/wire.ts';
import type { RailAnswer } from '../contract.ts';
import type { BillAnswer } from '../gateway-wire.ts';
import { parseFeed, parseStatement, type FeedPage, type Statement } from '../settlement-page.ts';
import { isSigned, signedHeaders } from '../signature.ts';
import { billOf } from './bill.ts';
import { answerOf, type CodeTable } from './code.ts';
import {
  readInquiryAnswer,
  readPaymentAnswer,
  renderAdvice,
  renderInquiry,
  renderPayment,
  type Receipt,
} from './message.ts';
import type { BillerProduct } from './product.ts';

/** How long each call may take. Source: docs/rail/biller.md section 5. */
export interface BillerTimeouts {
  readonly payMs: number;
  readonly adviseMs: number;
  readonly inquireMs: number;
  readonly feedMs: number;
}

/** The limits in force. */
export const BILLER_TIMEOUTS: BillerTimeouts = {
  payMs: 10_000,
  adviseMs: 5_000,
  inquireMs: 5_000,
  feedMs: 5_000,
};

/** Something that claimed to be the aggregator's word and was not. */
export interface ForgedAnswer {
  readonly what: string;
  readonly bizMsgIdr?: string;
}

export interface BillerConnector {
  pay(instruction: BillerInstruction): Promise<RailAnswer>;
  /** Asks what became of a payment, and for its receipt again. Never pays. */
  advise(
    instruction: BillerInstruction,
  ): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  inquire(asked: {
    readonly product: BillerProduct;
    readonly customerKey: string;
  }): Promise<BillAnswer>;
  feed(after: string): Promise<FeedPage | undefined>;
  statement(businessDate: string): Promise<Statement | undefined>;
}

export interface BillerLink {
  readonly time: Time;
  readonly random: Random;
  readonly aggregator: WireClient;
  readonly bic: string;
  /** Our private message key, and the aggregator's public one. */
  readonly messageKey: KeyObject;
  readonly aggregatorKey: KeyObject;
  readonly codes: CodeTable;
  readonly product: (code: string) => BillerProduct | undefined;
  /** Makes what a receipt holds unreadable on its way to core. */
  readonly seal: (receipt: Receipt, reference: string) => string;
  readonly timeouts: BillerTimeouts;
  readonly onForged: (forged: ForgedAnswer) => void;
}

/** Our reference: day, BIC, eight digits. */
export const REFERENCE = /^(\d{8})([A-Z0-9]{8})(\d{8})$/;

/** Makes the connector. */
export function openBillerConnector(link: BillerLink): BillerConnector {
  const page = { bic: link.bic, isId: (value: unknown) => isReference(value) };
  return {
    pay: (instruction) => pay(link, instruction),
    advise: (instruction) => advise(link, instruction),
    inquire: (asked) => inquire(link, asked),
    async feed(after) {
      const body = await fetchSigned(link, { path: `/biller/feed?after=${after}`, what: 'feed' });
      const read = body && parseFeed({ body, ...page, after, nowMs: link.time.now() });
      if (body && !read) link.onForged({ what: 'feed' });
      return read;
    },
    async statement(businessDate) {
      const path = `/biller/statement?date=${businessDate}`;
      const body = await fetchSigned(link, { path, what: 'statement' });
      const read = body && parseStatement({ body, ...page, businessDate, nowMs: link.time.now() });
      if (body && !read) link.onForged({ what: 'statement' });
      return read;
    },
  };
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && REFERENCE.test(value);
}

async function pay(link: BillerLink, instruction: BillerInstruction): Promise<RailAnswer> {
  const got = await callSigned(link, {
    path: '/biller/payment',
    body: renderPayment({ instruction, nowMs: link.time.now() }),
    timeoutMs: link.timeouts.payMs,
    what: 'answer',
    bizMsgIdr: instruction.reference,
  });
  if (got.kind !== 'signed') return { outcome: got.kind, reason: got.reason };
  return readAnswer(link, { response: got.response, instruction, kind: 'payment' });
}

async function advise(
  link: BillerLink,
  instruction: BillerInstruction,
): ReturnType<BillerConnector['advise']> {
  const nowMs = link.time.now();
  const messageId = newId('adv', nowMs, link.random);
  const got = await callSigned(link, {
    path: '/biller/advice',
    body: renderAdvice({ instruction, messageId, nowMs }),
    timeoutMs: link.timeouts.adviseMs,
    what: 'advice',
    bizMsgIdr: instruction.reference,
  });
  if (got.kind === 'not_sent') return { outcome: 'not_reached', reason: got.reason };
  if (got.kind !== 'signed') return { outcome: got.kind, reason: got.reason };
  return readAnswer(link, { response: got.response, instruction, kind: 'advice', messageId });
}

function readAnswer(
  link: BillerLink,
  input: {
    readonly response: WireResponse;
    readonly instruction: BillerInstruction;
    readonly kind: 'payment' | 'advice';
    readonly messageId?: string;
  },
): RailAnswer {
  const { response, instruction, kind } = input;
  const { reference } = instruction;
  const said = readPaymentAnswer(parseJson(response.body), {
    kind,
    messageId: input.messageId ?? reference,
    instruction,
  });
  if (!said) {
    link.onForged({ what: kind === 'payment' ? 'answer' : 'advice', bizMsgIdr: reference });
    return { outcome: 'unknown', reason: 'answer does not fit the question' };
  }
  const answer = answerOf(link.codes, { code: said.code, isAdvice: kind === 'advice' });
  const proof = link.product(instruction.product)?.proof ?? [];
  // Without its proof a payment is paid all the same; the receipt is asked for again.
  const isProven = proof.every((name) => said.receipt[name] !== undefined);
  return answer.outcome === 'accepted' && answer.isFinal && isProven
    ? { ...answer, receipt: link.seal(said.receipt, reference) }
    : answer;
}

async function inquire(
  link: BillerLink,
  asked: { readonly product: BillerProduct; readonly customerKey: string },
): Promise<BillAnswer> {
  const { product, customerKey } = asked;
  const nowMs = link.time.now();
  const messageId = newId('inq', nowMs, link.random);
  const question = { messageId, product: product.code, customerKey };
  const got = await callSigned(link, {
    path: '/biller/inquiry',
    body: renderInquiry({ bank: link.bic, ...question, nowMs }),
    timeoutMs: link.timeouts.inquireMs,
    what: 'inquiry',
  });
  if (got.kind !== 'signed') return { found: 'unknown', reason: got.reason };
  const said = readInquiryAnswer(parseJson(got.response.body), question);
  if (!said) {
    link.onForged({ what: 'inquiry' });
    return { found: 'unknown', reason: 'answer does not fit the question' };
  }
  if (!said.bill)
    return link.codes(said.code)?.class === 'rejected'
      ? { found: false, code: said.code }
      : { found: 'unknown', reason: `answered with ${said.code}` };
  const bill = billOf(product, said.bill);
  return bill ?? { found: 'unknown', reason: 'the bill does not fit its product' };
}

type Called =
  | { readonly kind: 'signed'; readonly response: WireResponse }
  | { readonly kind: 'not_sent' | 'unknown'; readonly reason: string };

async function callSigned(
  link: BillerLink,
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
    response = await link.aggregator.call({
      method: input.body ? 'POST' : 'GET',
      path: input.path,
      timeoutMs: input.timeoutMs,
      ...(input.body && { body: input.body, headers: signedHeaders(link.messageKey, input.body) }),
    });
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return error.kind === 'not_sent'
      ? { kind: 'not_sent', reason: 'aggregator not reached' }
      : { kind: 'unknown', reason: 'no answer' };
  }
  // A bare status is what a proxy or a closed certificate gives: no proof of anything, and no forgery.
  if (response.body.length === 0)
    return { kind: 'unknown', reason: `status ${response.status} without a body` };
  if (!isSigned({ key: link.aggregatorKey, body: response.body, headers: response.headers })) {
    link.onForged({ what: input.what, ...(input.bizMsgIdr && { bizMsgIdr: input.bizMsgIdr }) });
    return { kind: 'unknown', reason: 'answer is not signed by the aggregator' };
  }
  return { kind: 'signed', response };
}

async function fetchSigned(
  link: BillerLink,
  input: { readonly path: string; readonly what: string },
): Promise<Buffer | undefined> {
  const got = await callSigned(link, { ...input, timeoutMs: link.timeouts.feedMs });
  return got.kind === 'signed' && got.response.status === 200 ? got.response.body : undefined;
}
