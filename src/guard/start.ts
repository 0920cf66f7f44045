/** The guard: watches what leaves the bank, contains trouble, runs recovery, tells the truth. One leads, the others wait. */
import { ensurePartitions } from '../db/partition.ts';
import { wibDate } from '../kernel/time.ts';
import type { GuardInput } from './context.ts';
import { becomeLeader } from './leader.ts';
import { startReign, type GuardState, type RunningReign } from './reign.ts';
import { startNumbers } from './setting.ts';

/** After a start that failed, e.g. without a database. */
const RETRY_MS = 1_000;

export interface Guard {
  /** What the leader knows; undefined while this guard waits. */
  state(): GuardState | undefined;
  /** Ends the loops, gives the lead back. Restrictions stay as they are: processes keep their sets. */
  stop(): Promise<void>;
}

/** Starts a guard. It waits for the lead in the background. */
export function startGuard(input: GuardInput): Guard {
  const { db, time, log } = input;
  const stopping = new AbortController();
  const holder = `${input.name}:${input.random.bytes(6).toString('hex')}`;
  const { leaseMs } = startNumbers(input.numbers).loop;
  let reign: RunningReign | undefined;
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );

  const lead = async (): Promise<void> => {
    const won = await becomeLeader({ db, time, log, holder, leaseMs, stopping: stopping.signal });
    if (!won) return;
    try {
      await ensurePartitions(db, wibDate(time.now()));
      reign = await startReign(input, won);
      await Promise.race([reign.lost, stopped]);
    } finally {
      const ended = reign;
      reign = undefined;
      await ended?.stop();
      await won
        .leave()
        .catch((error: Error) => log.warn({ error: error.message }, 'guard.leave_failed'));
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await lead();
      } catch (error) {
        log.error({ error: (error as Error).message }, 'guard.start_failed');
        await time.sleep(RETRY_MS, stopping.signal);
      }
    }
  })();
  return {
    state: () => reign?.state(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
