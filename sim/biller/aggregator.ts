/** The simulated bill aggregator: listens as `biller`, knows connectors by their certificates and banks by their message keys,
 * quotes, pays once per reference, answers advice with the first answer and shows every bank its settlement. */
import type { KeyObject } from 'node:crypto';
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import { businessDate, type Time } from '../../src/kernel/time.ts';
import { parseJson, type Net, type WireRequest, type WireResponse } from '../../src/kernel/wire.ts';
import { isSigned, SIGNATURE_HEADER, signBody } from '../hub/message-signature.ts';
import { openAggregatorBook, type AggregatorBook, type Line, type Paid } from './book.ts';
import { openChooser, type Chooser, type Facts } from '../fault/chooser.ts';
import { onBadLine, skewed } from '../fault/exchange.ts';
import { isRecord } from '../fault/rule.ts';
import { BILLER_DEFAULTS, MAGIC_NUMBERS, type BillerRule } from './faults.ts';
import { answerInquiry } from './inquiry.ts';
import { answerAdvice, answerPayment, factsOf } from './payment.ts';

export interface AggregatorInput {
  readonly time: Time;
  readonly net: Net;
  readonly random: Random;
  readonly log: Log;
  readonly messageKey: KeyObject;
  /** BIC → public message key of each connected bank. */
  readonly bankKeys: Readonly<Record<string, KeyObject>>;
  readonly folder?: string;
  /** @default the numbers that always misbehave */
  readonly rules?: readonly BillerRule[];
  /** Draws the shares of the rules. @default `random` */
  readonly faultRandom?: Random;
  /** Minute of the WIB day from which the next business date counts; midnight when absent. */
  readonly cutOverMinute?: number;
}

export interface Aggregator {
  /** The rules that it plays. */
  readonly chooser: Chooser<BillerRule>;
  /** How often a payment of this reference arrived. */
  arrivals(reference: string): number;
  payment(reference: string): Paid | undefined;
  settledSen(): bigint;
  stop(): Promise<void>;
}

/** What the parts of the aggregator share. */
export interface Desk {
  readonly time: Time;
  readonly random: Random;
  readonly book: AggregatorBook;
  readonly chooser: Chooser<BillerRule>;
  readonly arrivals: Map<string, number>;
  dateOf(atMs: number): string;
  settle(paid: Paid): void;
}

/** Our code among the banks that settle. */
export const AGGREGATOR_CODE = 'TAGIHIDA';
const PAGE_LINE_COUNT_MAX = 500;
const CLOCK_DIFFERENCE_MS_MAX = 120_000;
const DATE_GRACE_MS = 60_000;

/** Starts it. */
export async function startAggregator(input: AggregatorInput): Promise<Aggregator> {
  const stopping = new AbortController();
  const desk = makeDesk(input);
  const server = await input.net.listen({
    name: 'biller',
    admit: (peer) => bankOf(input, peer) !== undefined,
    handler: onBadLine({
      time: input.time,
      stopping: stopping.signal,
      chooser: desk.chooser,
      factsOf: factsOfRequest,
      handler: (request) => route(input, desk, request),
    }),
  });
  return {
    chooser: desk.chooser,
    arrivals: (reference) => desk.arrivals.get(reference) ?? 0,
    payment: (reference) => endDue(desk, desk.book.payment(reference)),
    settledSen: () => desk.book.lines().reduce((sum, line) => sum + BigInt(line.amountSen), 0n),
    stop: async () => {
      stopping.abort();
      await server.close();
    },
  };
}

function makeDesk(input: AggregatorInput): Desk {
  const book = openAggregatorBook(input.folder);
  const dateOf = (atMs: number): string => businessDate(atMs, input.cutOverMinute ?? 1_440);
  const chooser = openChooser<BillerRule>({
    rules: input.rules ?? MAGIC_NUMBERS,
    random: input.faultRandom ?? input.random,
    now: () => input.time.now(),
    defaults: BILLER_DEFAULTS,
  });
  return {
    time: skewed(input.time, () => chooser.standing('clock_skew')?.skewMs ?? 0),
    random: input.random,
    book,
    chooser,
    arrivals: new Map(),
    dateOf,
    settle(paid) {
      const { reference: bizMsgIdr, sen: amountSen, connector, atMs: settledAtMs } = paid;
      const line: Line = {
        lineId: `B${book.lines().length + 1}`,
        direction: 'out',
        bizMsgIdr,
        amountSen,
        counterpartyBank: AGGREGATOR_CODE,
        connector,
        settledAtMs,
        businessDate: dateOf(settledAtMs),
      };
      book.record({ kind: 'settled', line });
    },
  };
}

function bankOf(input: AggregatorInput, peer: string): string | undefined {
  const bic = /^connector:([A-Z0-9]{8})$/.exec(peer)?.[1];
  return bic !== undefined && Object.hasOwn(input.bankKeys, bic) ? bic : undefined;
}

const EMPTY = Buffer.alloc(0);

async function route(
  input: AggregatorInput,
  desk: Desk,
  request: WireRequest,
): Promise<WireResponse> {
  const bank = bankOf(input, request.peer);
  if (bank === undefined) return { status: 403, body: EMPTY };
  endAllDue(desk);
  const url = new URL(request.path, 'http://biller');
  if (request.method === 'GET') {
    const page = pageOf(desk, { bank, path: url.pathname, query: url.searchParams });
    return page ? signed(input, page) : { status: 404, body: EMPTY };
  }
  const signature = request.headers[SIGNATURE_HEADER];
  if (!isSigned({ key: input.bankKeys[bank]!, body: request.body, signature }))
    return { status: 403, body: EMPTY };
  const message = parseJson(request.body) as Record<string, unknown> | undefined;
  const isFresh =
    Math.abs(desk.time.now() - Number(message?.['madeAtMs'])) <= CLOCK_DIFFERENCE_MS_MAX;
  if (!message || message['bank'] !== bank || !isFresh) return { status: 400, body: EMPTY };
  const answer = answerOf(desk, { path: url.pathname, message, request });
  return answer ? signed(input, answer) : { status: 404, body: EMPTY };
}

function answerOf(
  desk: Desk,
  given: {
    readonly path: string;
    readonly message: Readonly<Record<string, unknown>>;
    readonly request: WireRequest;
  },
): object | undefined {
  const { path, message, request } = given;
  if (path === '/biller/inquiry' && message['kind'] === 'inquiry')
    return answerInquiry(desk, message);
  if (path === '/biller/payment' && message['kind'] === 'payment')
    return answerPayment(desk, { message, connector: request.fingerprint });
  if (path === '/biller/advice' && message['kind'] === 'advice') return answerAdvice(desk, message);
  return undefined;
}

/** What a fault rule may match of a request. */
function factsOfRequest(request: WireRequest): Facts {
  const path = request.path.split('?')[0]!;
  const message = parseJson(request.body);
  if (isRecord(message)) return factsOf(message);
  return { message: /^\/biller\/(feed|statement)$/.exec(path)?.[1] ?? 'other' };
}

function signed(input: AggregatorInput, value: object): WireResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status: 200, headers: { [SIGNATURE_HEADER]: signBody(input.messageKey, body) }, body };
}

function pageOf(
  desk: Desk,
  asked: { readonly bank: string; readonly path: string; readonly query: URLSearchParams },
): object | undefined {
  const head = { bank: asked.bank, madeAtMs: desk.time.now() };
  if (asked.path === '/biller/feed') {
    const after = Number(asked.query.get('after'));
    const lines = desk.book.lines().slice(after, after + PAGE_LINE_COUNT_MAX);
    return { ...head, after: String(after), cursor: String(after + lines.length), lines };
  }
  const date = asked.query.get('date');
  if (asked.path !== '/biller/statement' || date === null) return undefined;
  const isOver = desk.dateOf(desk.time.now() - DATE_GRACE_MS) > date;
  if (isOver) closeDate(desk, date);
  const lines = desk.book.lines().filter((line) => line.businessDate === date);
  return { ...head, businessDate: date, complete: isOver, lines };
}

/** What is still pending when its date ends is refused. */
function closeDate(desk: Desk, date: string): void {
  for (const paid of desk.book.payments())
    if (paid.state === 'pending' && paid.date <= date)
      desk.book.record({ kind: 'payment', paid: { ...paid, state: 'refused', code: '76' } });
}

function endAllDue(desk: Desk): void {
  for (const paid of desk.book.payments()) endDue(desk, paid);
}

/** A pending payment whose time has come is through, or refused. */
function endDue(desk: Desk, paid: Paid | undefined): Paid | undefined {
  if (paid?.state !== 'pending' || desk.time.now() < (paid.endsAtMs ?? Infinity)) return paid;
  const code = paid.endCode ?? '76';
  const state = code === '00' ? 'paid' : 'refused';
  const ended: Paid = { ...paid, state, code, atMs: paid.endsAtMs! };
  desk.book.record({ kind: 'payment', paid: ended });
  if (state === 'paid') desk.settle(ended);
  return ended;
}
