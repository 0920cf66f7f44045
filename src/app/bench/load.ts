/** The load generator of `pulih bench payments`: a process of its own that plays one partner with many connections. It signs each
 * request as a partner's server does. Speaks to the bench over IPC: `open`, then any number of `run`. */
import { createPrivateKey } from 'node:crypto';
import { snapClient, type SnapAnswer, type SnapClient } from '../../../sim/customer/snap-client.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { openSockets, type SocketPool } from './socket.ts';

/** Who pays, and where. */
export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  readonly partnerId: string;
  readonly secret: string;
  readonly privateKeyPem: string;
  /** Both sides of each transfer are drawn from these. */
  readonly accounts: readonly string[];
  /** Payees of BI-FAST transfers are drawn from these banks. */
  readonly banks: readonly string[];
}

/** Inside the bank, or out through gateway and hub. */
export type LoadKind = 'onus' | 'bifast';

/** One run: what is answered in the first `warmUpSeconds` is made but not measured. */
export interface LoadRun {
  readonly kind: LoadKind;
  /** Connections, each with one request at a time. */
  readonly clients: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** A request is sent each time one is due, whether those before it were answered or not, and its time counts from then. Left out: each
   * connection sends the next when it has an answer. */
  readonly perSecond?: number;
}

/** What a run met. */
export interface LoadReport {
  /** Measured answers that the money is there, and the time they took. */
  readonly done: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  /** Measured or not: every such answer, and the sum of what they moved. */
  readonly doneInAll: number;
  /** Answers that it is on its way. */
  readonly pending: number;
  readonly movedSen: string;
  /** Everything else by SNAP response code, HTTP status, or `no_answer`; warm-up included. */
  readonly errors: Readonly<Record<string, number>>;
  /** Share of one CPU that this process took. */
  readonly cpuShare: number;
}

/** What the bench says to the load generator. */
export type LoadRequest =
  | { readonly kind: 'open'; readonly target: LoadTarget }
  | { readonly kind: 'run'; readonly run: LoadRun };

const ANSWER_MS_MAX = 30_000;
/** Small beside the opening balances, so that nobody runs dry. */
const AMOUNT_RUPIAH_MAX = 1_000;
/** Account numbers at other banks, none of those that the simulated hub treats in a way of its own (…99xxx). */
const PAYEE_FIRST = 1_200_000_000;
const PAYEES = 90_000;
const STATUS_DONE = 200;
/** SNAP: in progress, domain.md 3.4. */
const CODE_PENDING = '202';

/** Runs until its parent is gone; the exit code. */
export function serveLoad(): Promise<number> {
  return new Promise((resolve) => {
    let load: Load | undefined;
    process.on('disconnect', () => resolve(0));
    process.on('message', (message) => {
      const request = message as LoadRequest;
      if (request.kind === 'open') load = openLoad(request.target);
      else if (load) void runLoad(load, request.run).then((report) => process.send?.(report));
    });
  });
}

interface Load {
  readonly target: LoadTarget;
  readonly client: SnapClient;
  readonly sockets: SocketPool;
  readonly prefix: string;
  count: number;
}

function openLoad(target: LoadTarget): Load {
  const { host, port, partnerId, secret } = target;
  const random = systemRandom();
  const sockets = openSockets({ host, port, timeoutMs: ANSWER_MS_MAX });
  const client = snapClient({
    time: wallTime(),
    random,
    http: sockets.http,
    partner: {
      clientId: partnerId,
      partnerId,
      channelId: '95221',
      privateKey: createPrivateKey(target.privateKeyPem),
      clientSecret: secret,
      signatureEncoding: 'base64',
    },
  });
  return { target, client, sockets, prefix: random.bytes(6).toString('hex'), count: 0 };
}

interface Tally {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly latenciesMs: number[];
  readonly errors: Map<string, number>;
  doneInAll: number;
  pending: number;
  movedSen: bigint;
}

async function runLoad(load: Load, run: LoadRun): Promise<LoadReport> {
  const fromMs = performance.now() + run.warmUpSeconds * 1_000;
  const tally: Tally = {
    fromMs,
    untilMs: fromMs + run.seconds * 1_000,
    latenciesMs: [],
    errors: new Map(),
    doneInAll: 0,
    pending: 0,
    movedSen: 0n,
  };
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const due = openPace(run);
  await Promise.all(
    Array.from({ length: run.clients }, () => pay(load, { kind: run.kind, tally, due })),
  );
  const { user, system } = process.cpuUsage(cpu);
  return {
    done: tally.latenciesMs.length,
    seconds: run.seconds,
    latenciesMs: tally.latenciesMs,
    doneInAll: tally.doneInAll,
    pending: tally.pending,
    movedSen: String(tally.movedSen),
    errors: Object.fromEntries(tally.errors),
    cpuShare: (user + system) / 1_000 / (performance.now() - beganMs),
  };
}

/** When the next request is due; resolves then, with that moment. One that is late is due at once, and its wait counts. */
function openPace({ perSecond }: LoadRun): () => Promise<number> {
  if (perSecond === undefined) return async () => performance.now();
  const beganMs = performance.now();
  let count = 0;
  return async () => {
    const dueMs = beganMs + (++count * 1_000) / perSecond;
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) await wallTime().sleep(leftMs);
    return dueMs;
  };
}

/** One connection: pays, waits for the answer, pays again. Answers that come after the end count as made, not as measured. */
async function pay(
  load: Load,
  run: {
    readonly kind: LoadKind;
    readonly tally: Tally;
    readonly due: () => Promise<number>;
  },
): Promise<void> {
  const { tally, due } = run;
  for (let sentMs = await due(); sentMs < tally.untilMs; sentMs = await due()) {
    const amountSen = sen(BigInt(1 + draw(AMOUNT_RUPIAH_MAX)) * 100n);
    const failed = await transfer(load, { kind: run.kind, amountSen }).then(
      ({ status, code }) => (status === STATUS_DONE ? undefined : code || `http_${status}`),
      () => 'no_answer',
    );
    const nowMs = performance.now();
    if (failed?.startsWith(CODE_PENDING)) {
      tally.pending++;
    } else if (failed !== undefined) {
      tally.errors.set(failed, (tally.errors.get(failed) ?? 0) + 1);
    } else {
      tally.doneInAll++;
      tally.movedSen += amountSen;
      if (nowMs >= tally.fromMs && nowMs < tally.untilMs) tally.latenciesMs.push(nowMs - sentMs);
    }
  }
}

function transfer(
  load: Load,
  input: { readonly kind: LoadKind; readonly amountSen: Sen },
): Promise<SnapAnswer> {
  const { accounts, banks } = load.target;
  const { kind, amountSen } = input;
  const from = draw(accounts.length);
  const to = (from + 1 + draw(accounts.length - 1)) % accounts.length;
  const base = { reference: `${load.prefix}${++load.count}`, from: accounts[from]!, amountSen };
  if (kind === 'onus') return load.client.transferIntrabank({ ...base, to: accounts[to]! });
  return load.client.transferInterbank({
    ...base,
    toBank: banks[draw(banks.length)]!,
    to: String(PAYEE_FIRST + draw(PAYEES)),
    toName: 'BENCH PAYEE',
  });
}

function draw(below: number): number {
  return Math.floor(Math.random() * below);
}
