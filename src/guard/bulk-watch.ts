/** Looks whether lists of companies are worked on: wages that nobody sends are heard of before payday is over. */
import { recordEvents } from '../audit/record.ts';
import { selectOldestDueMs } from '../bulk/store.ts';
import { wibDate } from '../kernel/time.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { hasEventSince } from './store-partition.ts';

/** A look costs one read by index. */
export const BULK_WATCH_MS = 60_000;
/** A list is due every second, and a lease lasts two minutes: a quarter of an hour is many failed rounds. */
const LATE_MS = 15 * 60_000;
const CODE = 'bulk_late';

/** Raises `bulk_late` once a day while a list has been due for too long. */
export async function watchBulks(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const nowMs = time.now();
  await lead.tx(async (tx) => {
    const oldestDueMs = await selectOldestDueMs(tx, nowMs);
    if (oldestDueMs < LATE_MS) return;
    const [kind, subject] = [alarmKind(CODE), 'bulk'];
    if (await hasEventSince(tx, { kind, subject, since: wibDate(nowMs) })) return;
    const oldestDueMinutes = Math.floor(oldestDueMs / 60_000);
    const data = { detector: 'guard', severity: 'P2', runbook: runbookOf(CODE), oldestDueMinutes };
    await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
  });
}
