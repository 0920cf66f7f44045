/** Opens standing orders: their verbs, and the loop that makes due transfers. Several processes may run it against one database. */
import { DbFault, type Db } from '../db/pool.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import { wibDate, type Ticker, type Time } from '../kernel/time.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { settingsReader, type PaymentSettings } from '../payment/settings.ts';
import { change } from './change.ts';
import type { StandingContext } from './context.ts';
import type { RunClock } from './decide-due.ts';
import { make } from './make.ts';
import { openDates } from './open-date.ts';
import type { StandingOrders, StandingQueue, StandingRun } from './port.ts';
import { workRun } from './run.ts';
import { claimRuns, selectOrder, selectOrders, selectQueue, selectRuns } from './store.ts';

export interface StandingInput {
  readonly db: Db;
  readonly engine: Pick<PaymentEngine, 'submit' | 'quote' | 'checkName'>;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  /** Put over the defaults; rows of `setting` go over both. */
  readonly settings: Partial<PaymentSettings>;
}

/** How often the loop looks. */
const WORK_EVERY_MS = 5_000;
/** How long a process may take over one run before another takes it up; longer than a name check and a submit together. */
const LEASE_MS = 60_000;
/** Runs worked on together. One that waits for a slow bank keeps one place, and the others go on around it. */
const TOGETHER_MAX = 64;
/** Runs of one call; the rest comes at the next tick. */
const TAKEN_MAX = 5_000;

/** Opens them. */
export function openStanding(input: StandingInput): StandingOrders {
  const { db, time, log } = input;
  const settings = settingsReader({ db, time, log, over: input.settings });
  const context: StandingContext = { ...input, clock: async () => clockOf(await settings()) };
  let queue: StandingQueue = { dueCount: 0, oldestDueMs: 0 };
  let ticker: Ticker | undefined;

  const workOn = async (run: StandingRun, leaseUntilMs: number): Promise<void> => {
    try {
      await workRun(context, { run, leaseUntilMs });
    } catch (error) {
      const { orderId, date } = run;
      log.error({ orderId, date, ...faultOf(error) }, 'standing.run_failed');
    }
  };
  const work = async (): Promise<number> => {
    await openDates(context);
    const active = new Set<Promise<void>>();
    let count = 0;
    for (let hasMore = true; hasMore && count < TAKEN_MAX;) {
      const room = TOGETHER_MAX - active.size;
      const nowMs = time.now();
      const leaseUntilMs = nowMs + LEASE_MS;
      const claimed = await claimRuns(db, { nowMs, leaseUntilMs, limit: room });
      for (const run of claimed) {
        const task = workOn(run, leaseUntilMs).finally(() => active.delete(task));
        active.add(task);
      }
      count += claimed.length;
      hasMore = claimed.length === room;
      if (hasMore) await Promise.race(active);
    }
    await Promise.all(active);
    const nowMs = time.now();
    queue = await selectQueue(db, { nowMs, today: wibDate(nowMs) });
    return count;
  };

  return {
    make: (command) => make(context, command),
    list: (customerId) => selectOrders(db, customerId),
    async find(own) {
      const order = await selectOrder(db, own.id);
      return order?.customerId === own.customerId ? order : undefined;
    },
    runs: (orderId) => selectRuns(db, orderId),
    pause: (own) => change(context, 'pause', own),
    resume: (own) => change(context, 'resume', own),
    cancel: (own) => change(context, 'cancel', own),
    work,
    clock: () => context.clock(),
    queue: () => queue,
    start() {
      ticker ??= time.every(
        WORK_EVERY_MS,
        async () => void (await work()),
        (error) => log.error(faultOf(error), 'standing.work_failed'),
      );
    },
    async stop() {
      await ticker?.stop();
      ticker = undefined;
    },
  };
}

function clockOf(settings: PaymentSettings): RunClock {
  const { standingFirstMinute, standingSecondMinute, standingThirdMinute } = settings;
  return {
    tryMinutes: [standingFirstMinute, standingSecondMinute, standingThirdMinute]
      .map(Number)
      .sort((a, b) => a - b),
    lateDays: Number(settings.standingLateDays),
  };
}

/** What may be logged of a fault: never its text, which may quote values. */
function faultOf(error: unknown): Readonly<Record<string, unknown>> {
  const { name, message } = error as Error;
  return error instanceof DbFault
    ? { fault: name, code: error.code, constraint: error.constraint }
    : { fault: name, error: message };
}
