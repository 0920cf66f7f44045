/** One leader at a time. Every write of a leader stands in a transaction that locks the lead's row for its own epoch, so a
 * guard that was replaced cannot write, whatever it believes; processes refuse sets of an older epoch as well. */
import type { Db, Tx } from '../db/pool.ts';
import type { Log } from '../kernel/log.ts';
import type { Time } from '../kernel/time.ts';
import { holdsLead, leaveLead, renewLead, selectLeader, takeLead } from './store.ts';

/** Another guard leads now: stop at once, write nothing. */
export class LeadershipLost extends Error {
  override name = 'LeadershipLost';
}

export interface Lead {
  readonly epoch: number;
  /** Runs `work` in a transaction that only the leader can commit. Throws LeadershipLost. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A sign of life. Throws LeadershipLost. */
  renew(): Promise<void>;
  leave(): Promise<void>;
}

/** Waits until this guard leads; undefined when `stopping` aborts first. A silent leader is replaced once its row has not
 * changed for `leaseMs` by our own clock, so clocks of two machines need not agree. */
export async function becomeLeader(input: {
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
  readonly holder: string;
  readonly leaseMs: number;
  readonly stopping: AbortSignal;
}): Promise<Lead | undefined> {
  const { db, time, log, holder, leaseMs, stopping } = input;
  let seen: { epoch: bigint; takenMs: bigint } | undefined;
  let sinceMs = time.now();
  while (!stopping.aborted) {
    try {
      const row = await selectLeader(db);
      const isSame = seen?.epoch === row.epoch && seen.takenMs === row.takenMs;
      if (!isSame) sinceMs = time.now();
      seen = row;
      if (row.holder === 'nobody' || (isSame && time.now() - sinceMs >= leaseMs)) {
        const epoch = await takeLead(db, { seen: row, holder, nowMs: time.now() });
        if (epoch !== undefined) {
          log.info({ epoch: Number(epoch), holder }, 'guard.leads');
          return makeLead({ db, time, epoch });
        }
      }
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'guard.lead_unreadable');
    }
    await time.sleep(Math.max(50, Math.floor(leaseMs / 5)), stopping);
  }
  return undefined;
}

/** The lead of a known epoch. Exported for the fencing test. */
export function makeLead({
  db,
  time,
  epoch,
}: {
  readonly db: Db;
  readonly time: Time;
  readonly epoch: bigint;
}): Lead {
  return {
    epoch: Number(epoch),
    tx: (work) =>
      db.tx(async (tx) => {
        if (!(await holdsLead(tx, epoch)))
          throw new LeadershipLost(`Cannot write: another guard leads (epoch=${epoch})`);
        return work(tx);
      }),
    async renew() {
      if (!(await renewLead(db, { epoch, nowMs: time.now() })))
        throw new LeadershipLost(`Cannot renew: another guard leads (epoch=${epoch})`);
    },
    leave: () => leaveLead(db, epoch),
  };
}
