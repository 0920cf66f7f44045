/** The simulated BI-FAST hub: listens as `hub`, knows connectors by their certificates and banks by their message keys,
 * settles gross against prefunded accounts and shows every bank its settlement. Every fault it can play is data. */
import type { KeyObject } from 'node:crypto';
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import {
  jsonResponse,
  type Net,
  type WireRequest,
  type WireResponse,
} from '../../src/kernel/wire.ts';
import { answerParticipants, setParticipant } from './announce.ts';
import { answerMessage, empty, signed } from './answer.ts';
import { openBookFile } from './book-file.ts';
import { openBook, type FeedLine, type Transfer } from './book.ts';
import {
  enquire,
  resume,
  sendBulk,
  sendCredit,
  type CreditInput,
  type CreditResult,
  type EnquiryResult,
} from './clearing.ts';
import type { HubContext, HubFaults } from './context.ts';
import { openCounters, type Arrival, type HubCounters } from './counter.ts';
import { openChooser, type Chooser } from '../fault/chooser.ts';
import { onBadLine, openBadCaller, skewed } from '../fault/exchange.ts';
import { HUB_DEFAULTS, MAGIC_ACCOUNTS, type FaultRule } from './faults.ts';
import { SCHEME_CAP_SEN } from './judge.ts';
import type { Participant } from './participant.ts';
import { answerBalances, answerPosition } from './position.ts';
import { portAway } from './proxy.ts';
import type { DirectoryProxy } from './proxy-schema.ts';
import { factsOfRequest, readRequest } from './read.ts';
import { xmlOfJson } from './xml.ts';
import { answerFeed, answerPortal, answerStatement } from './portal.ts';

export interface Hub {
  /** A customer of another bank pays into a connected one. */
  sendCredit(input: CreditInput): Promise<CreditResult>;
  /** Several of one bank in one message; a word for each, in their order. */
  sendBulk(inputs: readonly CreditInput[]): Promise<readonly CreditResult[]>;
  enquire(input: {
    readonly fromBank: string;
    readonly toBank: string;
    readonly account: string;
    readonly amountSen: bigint;
  }): Promise<EnquiryResult>;
  faults(): HubFaults;
  setFaults(change: Partial<HubFaults>): void;
  /** The rules that it plays. */
  readonly chooser: Chooser<FaultRule>;
  counters(): HubCounters & { readonly socketBytes: Readonly<Record<string, number>> };
  /** How often an instruction with this id arrived, from whomever, and with how many bytes. */
  arrivals(bizMsgIdr: string): Arrival;
  /** What lies on a bank's settlement account. */
  balance(bank: string): bigint;
  feed(bank: string): readonly FeedLine[];
  /** Opens or closes a participant, and tells the banks. */
  setParticipant(input: { readonly bic: string; readonly isOpen: boolean }): boolean;
  /** A customer takes a proxy to another bank. */
  portAway(input: { readonly proxy: DirectoryProxy; readonly toBank: string }): boolean;
  transfer(key: { readonly fromBank: string; readonly bizMsgIdr: string }): Transfer | undefined;
  stop(): Promise<void>;
}

/** Identifiers are reserved on disk in blocks, so that a restart never gives one twice. */
const SEQUENCE_BLOCK = 1_000;

export interface HubInput {
  readonly time: Time;
  readonly net: Net;
  readonly random: Random;
  readonly log: Log;
  /** The hub's private message key. */
  readonly messageKey: KeyObject;
  /** BIC → public message key of each connected bank. */
  readonly bankKeys: Readonly<Record<string, KeyObject>>;
  readonly participants: readonly Participant[];
  readonly faults?: Partial<HubFaults>;
  /** @default the accounts that always misbehave */
  readonly rules?: readonly FaultRule[];
  /** Draws the shares of the rules. @default `random` */
  readonly faultRandom?: Random;
  /** Minute of the WIB day from which the next business date counts; midnight when absent. */
  readonly cutOverMinute?: number;
  /** Where it remembers across restarts; in memory when absent. */
  readonly folder?: string;
}

/** Starts the hub and goes on with what an earlier run left unfinished. */
export async function startHub(input: HubInput): Promise<Hub> {
  const stopping = new AbortController();
  const work = new Set<Promise<void>>();
  const hub = makeContext(input, { stopping: stopping.signal, work });
  const { book, counters } = hub;
  const isAdmitted = (peer: string, fingerprint: string): boolean => {
    const bank = bankOf(hub, peer);
    if (bank !== undefined && !book.isRevoked({ bank, fingerprint })) return true;
    counters.refuse('connector');
    return false;
  };
  const line = onBadLine({
    time: input.time,
    stopping: stopping.signal,
    chooser: hub.chooser,
    factsOf: (request) => factsOfRequest(hub, { bank: bankOf(hub, request.peer)!, request }),
    handler: (request) => route(hub, request),
  });
  const server = await input.net.listen({
    name: 'hub',
    admit: isAdmitted,
    // Asked again here: a certificate may be revoked while its connection is open, and not every Net admits.
    handler: async (request) =>
      isAdmitted(request.peer, request.fingerprint) ? line(request) : empty(403),
  });
  resume(hub);
  return {
    sendCredit: (credit) => sendCredit(hub, credit),
    sendBulk: (credits) => sendBulk(hub, credits),
    enquire: (question) => enquire(hub, question),
    faults: () => hub.faults,
    setFaults: (change) => void (hub.faults = { ...hub.faults, ...change }),
    chooser: hub.chooser,
    counters: () => ({ ...counters.read(), socketBytes: server.bytesIn() }),
    arrivals: (bizMsgIdr) => counters.arrivals(bizMsgIdr),
    balance: (bank) => book.balance(bank),
    feed: (bank) => book.feed(bank),
    setParticipant: (standing) => setParticipant(hub, standing),
    portAway: (wish) => portAway(hub, wish),
    transfer: (key) => book.find(key),
    stop: async () => {
      stopping.abort();
      await server.close();
      await Promise.all(work);
      await Promise.all([...hub.clients.values()].map((client) => client.close()));
      hub.closeBook();
    },
  };
}

function makeContext(
  input: HubInput,
  life: { readonly stopping: AbortSignal; readonly work: Set<Promise<void>> },
): HubContext {
  const { net, log, participants } = input;
  const book = openBook(participants);
  const file = input.folder === undefined ? undefined : openBookFile(input.folder, book);
  let sequence = book.sequence();
  const record: HubContext['record'] = (event) => {
    book.apply(event);
    file?.append(event);
  };
  const chooser = openChooser<FaultRule>({
    rules: input.rules ?? MAGIC_ACCOUNTS,
    random: input.faultRandom ?? input.random,
    now: () => input.time.now(),
    defaults: HUB_DEFAULTS,
  });
  return {
    time: skewed(input.time, () => chooser.standing('clock_skew')?.skewMs ?? 0),
    chooser,
    callBank: openBadCaller({ time: input.time, stopping: life.stopping, chooser }),
    random: input.random,
    log,
    book,
    counters: openCounters(),
    messageKey: input.messageKey,
    bankKeys: input.bankKeys,
    participants: new Map(participants.map((bank) => [bank.bic, bank])),
    clients: new Map(
      participants.flatMap((bank) =>
        bank.endpoint === undefined ? [] : [[bank.bic, net.connect(bank.endpoint)] as const],
      ),
    ),
    cutOverMinute: input.cutOverMinute ?? 1_440,
    stopping: life.stopping,
    faults: {
      feedLagMs: 0,
      amountMaxSen: SCHEME_CAP_SEN,
      areLinesPushed: false,
      isStatementShort: false,
      ...input.faults,
    },
    record,
    closeBook: () => file?.close(),
    nextSequence: () => {
      if (sequence >= book.sequence())
        record({ kind: 'numbered', sequence: sequence + SEQUENCE_BLOCK });
      return ++sequence;
    },
    spawn: (task) => {
      const running = task().catch((error: unknown) =>
        log.error({ error: String(error) }, 'hub.work_failed'),
      );
      life.work.add(running);
      void running.finally(() => life.work.delete(running));
    },
  };
}

async function answerInEncoding(
  hub: HubContext,
  input: { readonly bank: string; readonly request: WireRequest },
): Promise<WireResponse> {
  const { bank, request } = input;
  const answer = await answerMessage(hub, { bank, request, read: readRequest(hub, input) });
  if (answer.body.length === 0 || hub.participants.get(bank)?.encoding !== 'xml') return answer;
  const { status } = answer;
  return signed(hub, status, xmlOfJson(answer.body));
}

/** The bank that a connector's certificate names. */
function bankOf(hub: HubContext, peer: string): string | undefined {
  const bic = /^connector:([A-Z0-9]{8})$/.exec(peer)?.[1];
  return bic !== undefined && Object.hasOwn(hub.bankKeys, bic) ? bic : undefined;
}

async function route(hub: HubContext, request: WireRequest): Promise<WireResponse> {
  const bank = bankOf(hub, request.peer)!;
  hub.counters.message(request.fingerprint, request.body.length);
  const url = new URL(request.path, 'http://hub');
  const query = url.searchParams;
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /bifast':
      return answerInEncoding(hub, { bank, request });
    case 'GET /feed':
      return answerFeed(hub, { bank, after: query.get('after') });
    case 'GET /statement':
      return answerStatement(hub, { bank, date: query.get('date') });
    case 'GET /participants':
      return answerParticipants(hub, bank);
    case 'GET /position':
      return answerPosition(hub, bank);
    case 'GET /balances':
      return answerBalances(hub, { bank, date: query.get('date') });
    case 'GET /counters':
      return signed(hub, 200, jsonResponse(200, hub.counters.read()).body);
    default:
      if (request.method === 'POST' && url.pathname.startsWith('/portal/'))
        return answerPortal(hub, { bank, action: url.pathname.slice('/portal/'.length), request });
      return empty(404);
  }
}
