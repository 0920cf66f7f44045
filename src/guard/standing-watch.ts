/** Looks whether standing orders are made when their date comes: who promised a customer a date hears of it when nobody works on it. */
import { recordEvents } from '../audit/record.ts';
import { wibDate } from '../kernel/time.ts';
import { selectQueue } from '../standing/store.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { hasEventSince } from './store-partition.ts';

/** A look costs two reads by index. */
export const STANDING_WATCH_MS = 60_000;
/** Core looks every five seconds and a lease lasts a minute: half an hour is many failed tries, and long before a date is lost. */
const LATE_MS = 30 * 60_000;
const CODE = 'standing_order_late';

/** Raises `standing_order_late` once a day while something has been due for too long. */
export async function watchStanding(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const nowMs = time.now();
  const today = wibDate(nowMs);
  await lead.tx(async (tx) => {
    const { dueCount, oldestDueMs } = await selectQueue(tx, { nowMs, today });
    if (oldestDueMs < LATE_MS) return;
    const [kind, subject] = [alarmKind(CODE), 'standing_order'];
    if (await hasEventSince(tx, { kind, subject, since: today })) return;
    const oldestDueMinutes = Math.floor(oldestDueMs / 60_000);
    const data = {
      detector: 'guard',
      severity: 'P2',
      runbook: runbookOf(CODE),
      dueCount,
      oldestDueMinutes,
    };
    await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
  });
}
