/** Group posting: requests queue in the process and a writer takes what is there. A lone request goes at once; what queues during a
 * commit becomes the next batch, and when much queues a second writer has it ready. Owns the queue; what one bad request may not do to
 * the others is isolate.ts, a batch is batch.ts. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import { assert, BugError } from '../kernel/assert.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { readBalances } from './account.ts';
import type { BatchContext } from './facts.ts';
import { idCache } from './id-cache.ts';
import { runIsolated } from './isolate.ts';
import { RECENT_MAX } from './count.ts';
import { selectCounters } from './store-counter.ts';
import { LedgerBusy, type LedgerPort, type PostRequest, type PostResult } from './port.ts';

/** Requests that may wait; about one second of work. */
const QUEUE_MAX = 10_000;
/** Requests per transaction: past this the gain is small and the wait of the first grows. */
const BATCH_MAX = 1_000;
/** While one batch is written the next one waits for its locks, so that the database does not wait for us in between. */
const WRITERS_MAX = 2;
/** Requests that must wait before a second batch is worth its commit. */
const SECOND_MIN = 100;
/** Answers given in one turn: those who get one have work to do, and the next batch must not wait until all have done it. */
const ANSWERS_PER_TURN = 64;
/** Movements of one request; a payment has a handful. */
const LEGS_MAX = 16;
/** Limits of one request: a day and a window of the payer, the day of a partner, and what is counted of a bill or code. */
const COUNTERS_MAX = 6;

export interface LedgerOptions {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  /** When given, only this bank's id series may be drawn. */
  readonly bank?: BankProfile;
  /** @default 10,000 requests */
  readonly queueMax?: number;
  /** @default 1,000 requests */
  readonly batchMax?: number;
}

interface Waiting {
  readonly request: PostRequest;
  readonly resolve: (result: PostResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens our ledger. `stop` takes no new request, posts what is queued and resolves when the writer is idle.
 * Several ledgers, in one process or many, may share a database: account locks order them. */
export function openLedger(options: LedgerOptions): LedgerPort & { stop(): Promise<void> } {
  const queueMax = options.queueMax ?? QUEUE_MAX;
  const batchMax = options.batchMax ?? BATCH_MAX;
  const context: BatchContext = { db: options.db, time: options.time, cache: idCache() };
  const queue: Waiting[] = [];
  const inFlight = new Map<
    string,
    { readonly hash: Buffer; readonly result: Promise<PostResult> }
  >();
  let stopped = false;

  const settle = async (batch: readonly Waiting[]): Promise<void> => {
    const isolated = await runIsolated(
      batch.map(({ request }) => request),
      { context, options },
    );
    faultPoint('ledger.afterCommit');
    for (const [i, one] of batch.entries()) {
      if (i > 0 && i % ANSWERS_PER_TURN === 0) await nextTurn();
      const outcome = isolated[i]!;
      if ('error' in outcome) one.reject(outcome.error);
      else one.resolve(outcome.result);
    }
  };

  const balances = readTogether({
    read: (numbers: readonly string[]) => readBalances(options.db, numbers),
    keyOf: ({ number }) => number,
  });
  const writers = openWriters({ queue, batchMax, settle });

  const enqueue = (request: PostRequest): Promise<PostResult> => {
    if (queue.length >= queueMax) throw new LedgerBusy('Cannot post: the queue is full');
    const result = new Promise<PostResult>(
      (resolve, reject) => void queue.push({ request, resolve, reject }),
    );
    writers.wake();
    return result;
  };

  const post = async (request: PostRequest): Promise<PostResult> => {
    checkRequest(request, options.bank);
    // Whoever waits for a key of another body finds out from the database afterwards; each wait ends with that key's own answer.
    for (;;) {
      if (stopped) throw new LedgerBusy('Cannot post: the ledger is stopping');
      const earlier = inFlight.get(request.key);
      if (!earlier) break;
      if (earlier.hash.equals(request.requestHash))
        return { ...(await earlier.result), repeated: true };
      await earlier.result.catch(() => {});
    }
    const result = enqueue(request);
    inFlight.set(request.key, { hash: request.requestHash, result });
    try {
      return await result;
    } finally {
      inFlight.delete(request.key);
    }
  };

  return {
    post,
    balance: async (account) => (await balances([account])).get(account),
    async counted(keys) {
      const rows = await selectCounters(options.db, keys);
      return new Map(rows.map((row) => [row.key, row]));
    },
    async stop() {
      stopped = true;
      await writers.idle();
    },
  };
}

/** Writers of one queue: one at once, a second while much waits. */
function openWriters(input: {
  readonly queue: Waiting[];
  readonly batchMax: number;
  readonly settle: (batch: readonly Waiting[]) => Promise<void>;
}): { wake(): void; idle(): Promise<void> } {
  const { queue, batchMax, settle } = input;
  const writers = new Set<Promise<void>>();
  let active = 0;
  const write = async (): Promise<void> => {
    // Callers that asked in the same turn share the first batch.
    await Promise.resolve();
    while (queue.length > 0) await settle(queue.splice(0, batchMax));
    // In the turn in which the queue was found empty: who asks in the next one finds no writer and starts one.
    active--;
  };
  return {
    wake() {
      if (active >= (queue.length >= SECOND_MIN ? WRITERS_MAX : 1)) return;
      active++;
      const writer = write().finally(() => void writers.delete(writer));
      writers.add(writer);
    },
    async idle() {
      await Promise.all(writers);
    },
  };
}

/** Bugs of the caller, refused before anything is queued. */
function checkRequest(request: PostRequest, bank: BankProfile | undefined): void {
  assert(request.legs.length <= LEGS_MAX, `a request has at most ${LEGS_MAX} legs`);
  assert(request.key.length > 0, 'a request has an idempotency key');
  checkCounters(request);
  const draft = request.authorisation;
  if (!draft) return;
  const hold = request.legs.find((leg) => leg.kind === 'hold');
  if (hold?.kind !== 'hold')
    throw new BugError('Invariant broken: an authorisation comes with a hold (I1)');
  assert(
    draft.instruction.paymentId === request.paymentId,
    'an authorisation belongs to its payment',
  );
  assert(
    request.legs.every((leg) => leg.kind !== 'hold' || leg.expiresAtMs === undefined),
    'a hold that an authorisation comes with never expires by time (I4)',
  );
  assert(
    draft.instruction.amountSen === hold.amount.toString(),
    'an authorisation is of the amount held',
  );
  assert(!bank || draft.series.bic === bank.bic, "ids are drawn from our own bank's series only");
}

function checkCounters({ counters = [] }: PostRequest): void {
  assert(counters.length <= COUNTERS_MAX, `a request has at most ${COUNTERS_MAX} counters`);
  const keys = new Set(counters.map((counter) => counter.key));
  assert(
    keys.size === counters.length && !keys.has(''),
    'counters of a request have keys of their own',
  );
  for (const counter of counters) {
    if (counter.kind === 'recent')
      assert(
        counter.countMax >= 0 && counter.countMax <= RECENT_MAX,
        `a window counts at most ${RECENT_MAX}`,
      );
    else assert(counter.amount >= 0n, 'a counted amount is not negative');
  }
}
