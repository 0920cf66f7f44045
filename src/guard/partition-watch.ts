/** Keeps monthly partitions ahead of the calendar while the guard leads, and tells people when a month has none or when rows fell
 * into a default partition. Core makes partitions too: either process alone is enough. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { ensurePartitions } from '../db/partition.ts';
import { wibDate } from '../kernel/time.ts';
import { alarmKind, runbookOf, type AlarmCode } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { hasEventSince, selectMissingPartitions, selectStrayMonths } from './store-partition.ts';

/** Far below a month; an hour without a partition is long before the month that needs it. */
export const PARTITION_MS = 3_600_000;
const EPOCH = '1970-01-01';

/** Makes partitions ahead, then looks whether they are there; a failed making is an alarm only by its result.
 * Shape: `partition_missing` once a day per partition, `rows_in_default` once per table and month. */
export async function watchPartitions(
  { db, time, log }: Pick<GuardInput, 'db' | 'time' | 'log'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const nowMs = time.now();
  const today = wibDate(nowMs);
  await makeAhead({ db, log, today });
  await lead.tx(async (tx) => {
    const missing = await selectMissingPartitions(tx, today);
    const strays = await selectStrayMonths(tx);
    const found = [
      ...missing.map((subject) => ({ code: 'partition_missing' as const, subject, since: today })),
      ...strays.map((subject) => ({ code: 'rows_in_default' as const, subject, since: EPOCH })),
    ] satisfies readonly { code: AlarmCode; subject: string; since: string }[];
    for (const { code, subject, since } of found) {
      if (await hasEventSince(tx, { kind: alarmKind(code), subject, since })) continue;
      const data = { detector: 'guard', severity: 'P2', runbook: runbookOf(code) };
      await recordEvents(tx, [{ atMs: nowMs, kind: alarmKind(code), subject, data }]);
    }
  });
}

async function makeAhead(of: {
  readonly db: Db;
  readonly log: GuardInput['log'];
  readonly today: string;
}): Promise<void> {
  try {
    await ensurePartitions(of.db, of.today);
  } catch (error) {
    of.log.error({ error: (error as Error).message }, 'guard.partition_failed');
  }
}
