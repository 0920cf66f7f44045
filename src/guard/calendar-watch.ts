/** Looks whether the calendar knows this year and, late in the year, the next: without it no night before a holiday is watched more closely
 * and every Eid looks like an attack. */
import { recordEvents } from '../audit/record.ts';
import { wibDate } from '../kernel/time.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { GuardInput, Reign } from './context.ts';
import { missingYears } from './flow/calendar.ts';
import type { Lead } from './leader.ts';
import { hasEventAfter } from './store-partition.ts';

/** A look reads nothing while all years are there. */
export const CALENDAR_WATCH_MS = 10 * 60_000;
const CODE = 'calendar_missing';
const REPEAT_MS = 7 * 86_400_000;

/** Raises `calendar_missing` once a week for each year that the calendar does not know: P2 for this year, P3 for the next. */
export async function watchCalendar(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
  calendar: Reign['calendar'],
): Promise<void> {
  const nowMs = time.now();
  const missing = missingYears(calendar, nowMs);
  if (missing.length === 0) return;
  const thisYear = Number(wibDate(nowMs).slice(0, 4));
  await lead.tx(async (tx) => {
    for (const year of missing) {
      const [kind, subject] = [alarmKind(CODE), `calendar ${year}`];
      if (await hasEventAfter(tx, { kind, subject, afterMs: nowMs - REPEAT_MS })) continue;
      const data = {
        detector: 'guard',
        severity: year === thisYear ? 'P2' : 'P3',
        runbook: runbookOf(CODE),
        year,
        calendarVersion: calendar.version,
      };
      await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
    }
  });
}
