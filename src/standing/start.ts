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
import type { StandingOrders, StandingQueue } from './port.ts';
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
/** Runs claimed at once, and worked on together: their name checks share the network with everybody else's. */
const CLAIM_MAX = 20;
/** Rounds of one call; the rest comes at the next tick. Bounds what a burst at six in the morning may hold up. */
const ROUNDS_MAX = 100;

/** Opens them. */
export function openStanding(input: StandingInput): StandingOrders {
  const { db, time, log } = input;
  const settings = settingsReader({ db, time, log, over: input.settings });
  const context: StandingContext = { ...input, clock: async () => clockOf(await settings()) };
  let queue: StandingQueue = { dueCount: 0, oldestDueMs: 0 };
  let ticker: Ticker | undefined;

  const work = async (): Promise<number> => {
    await openDates(context);
    let count = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const nowMs = time.now();
      const leaseUntilMs = nowMs + LEASE_MS;
      const claimed = await claimRuns(db, { nowMs, leaseUntilMs, limit: CLAIM_MAX });
      await Promise.all(
        claimed.map((run) =>
          workRun(context, { run, leaseUntilMs }).catch((error: unknown) =>
            log.error(
              { orderId: run.orderId, date: run.date, ...faultOf(error) },
              'standing.run_failed',
            ),
          ),
        ),
      );
      count += claimed.length;
      if (claimed.length < CLAIM_MAX) break;
    }
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
