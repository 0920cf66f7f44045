/** Opens lists: their verbs, and the loop that checks and pays them. Several processes may run it against one database. */
import { DbFault } from '../db/pool.ts';
import type { Ticker } from '../kernel/time.ts';
import { change, confirm } from './change.ts';
import { checkRound, expireReady, ROUND_MAX } from './check.ts';
import type { BulkContext } from './context.ts';
import type { Bulk, Bulks } from './port.ts';
import { payRound } from './run.ts';
import {
  claimBulk,
  selectBulk,
  selectBulks,
  selectLimits,
  selectRows,
  selectSums,
} from './store.ts';
import { upload } from './upload.ts';

/** How often the loop looks. */
const WORK_EVERY_MS = 1_000;
/** How long a process may take over one round before another takes it up: a hundred questions to a bank that answers nothing, twice over. */
const LEASE_MS = 120_000;
/** Lists that one call works on together; the rest comes at the next tick. */
const TOGETHER_MAX = 4;

/** Opens them. */
export function openBulks(context: BulkContext): Bulks {
  const { db, time, log } = context;
  let ticker: Ticker | undefined;

  const workOn = async (bulk: Bulk): Promise<void> => {
    try {
      if (bulk.state === 'checking') await checkRound(context, bulk);
      else if (bulk.state === 'ready') await expireReady(context, bulk);
      else await payRound(context, bulk);
    } catch (error) {
      log.error({ bulkId: bulk.id, ...faultOf(error) }, 'bulk.round_failed');
    }
  };
  const work = async (): Promise<number> => {
    const rounds: Promise<void>[] = [];
    while (rounds.length < TOGETHER_MAX) {
      const nowMs = time.now();
      const bulk = await claimBulk(db, { nowMs, leaseUntilMs: nowMs + LEASE_MS });
      if (!bulk) break;
      rounds.push(workOn(bulk));
    }
    await Promise.all(rounds);
    return rounds.length;
  };

  return {
    limits: (customerId) => selectLimits(db, customerId),
    upload: (command) => upload(context, command),
    list: (customerId) => selectBulks(db, customerId),
    async find(own) {
      const bulk = await selectBulk(db, own.id);
      return bulk?.customerId === own.customerId ? bulk : undefined;
    },
    sums: (bulkId) => selectSums(db, bulkId),
    rows: (bulkId, { after, only }) =>
      selectRows(db, { bulkId, after, isUnpaidOnly: only === 'unpaid', limit: ROUND_MAX }),
    confirm: (own, agreement) => confirm(context, own, agreement),
    pause: (own) => change(context, 'pause', own),
    resume: (own) => change(context, 'resume', own),
    cancel: (own) => change(context, 'cancel', own),
    work,
    start() {
      ticker ??= time.every(
        WORK_EVERY_MS,
        async () => void (await work()),
        (error) => log.error(faultOf(error), 'bulk.work_failed'),
      );
    },
    async stop() {
      await ticker?.stop();
      ticker = undefined;
    },
  };
}

/** What may be logged of a fault: never its text, which may quote values. */
function faultOf(error: unknown): Readonly<Record<string, unknown>> {
  const { name, message } = error as Error;
  return error instanceof DbFault
    ? { fault: name, code: error.code, constraint: error.constraint }
    : { fault: name, error: message };
}
