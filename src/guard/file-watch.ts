/** Watches that each rail's settlement of a business date comes: late an hour after it is due, missing after six. A rail on which nothing moved
 * on that date owes no file. */
import { recordEvents } from '../audit/record.ts';
import { wibDate } from '../kernel/time.ts';
import { settledKinds } from '../reconcile/figure.ts';
import { alarmKind, runbookOf, type AlarmCode } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { selectUnfiled } from './store-file.ts';
import { hasEventSince } from './store-partition.ts';

/** A file is hours late before anybody hears of it. */
export const FILE_WATCH_MS = 600_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Dates that are looked at; older ones are on people's desks. */
const DAYS = 7;

/** Thresholds as data: a row of `setting` replaces single ones. Counted from the end of the date (24:00 WIB). */
export interface FileNumbers {
  readonly lateMs: number;
  readonly missingMs: number;
}

/** Files come in the night after their date; the switch's and the billers' on the morning after. */
export const FILE_DEFAULTS: FileNumbers = { lateMs: 12 * HOUR_MS, missingMs: 18 * HOUR_MS };

/** What a file that is not here means so long after the end of its date; undefined = nothing yet. Pure. */
export function fileAlarm(
  sinceEndMs: number,
  { lateMs, missingMs }: FileNumbers,
): { readonly code: AlarmCode; readonly severity: 'P1' | 'P2' } | undefined {
  if (sinceEndMs >= missingMs) return { code: 'file_missing', severity: 'P1' };
  return sinceEndMs >= lateMs ? { code: 'file_late', severity: 'P2' } : undefined;
}

/** Raises `file_late` and then `file_missing`, once per rail and date and day. */
export async function watchFiles(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
  numbers: FileNumbers,
): Promise<void> {
  const nowMs = time.now();
  const dates = Array.from({ length: DAYS }, (_, back) => wibDate(nowMs - (back + 1) * DAY_MS));
  await lead.tx(async (tx) => {
    const unfiled = await selectUnfiled(tx, { dates, kinds: settledKinds() });
    for (const { rail, date } of unfiled) {
      const alarm = fileAlarm(nowMs - Date.parse(`${date}T17:00:00Z`), numbers);
      if (!alarm) continue;
      const [kind, subject] = [alarmKind(alarm.code), `${rail} ${date}`];
      const since = wibDate(nowMs);
      if (await hasEventSince(tx, { kind, subject, since })) continue;
      const { code, severity } = alarm;
      const data = { detector: 'guard', severity, runbook: runbookOf(code), evidence: [subject] };
      await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
    }
  });
}
