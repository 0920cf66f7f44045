/** On which WIB dates a standing order runs. Pure: every date follows from the schedule and its place in it, so that the anchor day is
 * kept (31 Jan, 28 Feb, 31 Mar) and no date depends on when somebody looked. */
import { assert } from '../kernel/assert.ts';

export type Repetition = 'once' | 'weekly' | 'monthly';

/** When it stops. `times` counts dates, those that were missed included. */
export type ScheduleEnd =
  | { readonly kind: 'never' }
  | { readonly kind: 'until'; readonly date: string }
  | { readonly kind: 'times'; readonly count: number };

export interface Schedule {
  readonly repetition: Repetition;
  /** `YYYY-MM-DD`, WIB. */
  readonly firstDate: string;
  readonly end: ScheduleEnd;
}

/** A customer plans a year; further away, accounts and prices are guesses. */
export const AHEAD_DAYS_MAX = 365;
/** Ten years of weeks. */
export const TIMES_MAX = 520;

const DAY_MS = 86_400_000;

export type ScheduleRefusal = 'date_invalid' | 'date_not_ahead' | 'date_too_far' | 'end_invalid';

/** Whether a customer may ask for this on WIB date `today`; undefined when yes. */
export function refuseSchedule(schedule: Schedule, today: string): ScheduleRefusal | undefined {
  const { firstDate, end, repetition } = schedule;
  if (!isDate(firstDate)) return 'date_invalid';
  if (firstDate <= today) return 'date_not_ahead';
  if (firstDate > addDays(today, AHEAD_DAYS_MAX)) return 'date_too_far';
  if (repetition === 'once') return end.kind === 'never' ? undefined : 'end_invalid';
  if (end.kind === 'until' && (!isDate(end.date) || end.date < firstDate)) return 'end_invalid';
  if (end.kind === 'times' && !(Number.isInteger(end.count) && isTimes(end.count)))
    return 'end_invalid';
  return undefined;
}

function isTimes(count: number): boolean {
  return count >= 1 && count <= TIMES_MAX;
}

/** The date with `index` dates before it; undefined when the schedule is over by then. */
export function nthDate(schedule: Schedule, index: number): string | undefined {
  assert(Number.isInteger(index) && index >= 0, 'a place in a schedule is a whole number');
  const { repetition, firstDate, end } = schedule;
  if (repetition === 'once' && index > 0) return undefined;
  if (end.kind === 'times' && index >= end.count) return undefined;
  const date =
    repetition === 'monthly' ? addMonths(firstDate, index) : addDays(firstDate, 7 * index);
  return end.kind === 'until' && date > end.date ? undefined : date;
}

/** The next dates from a place on, at most `count`. */
export function nextDates(
  schedule: Schedule,
  from: { readonly index: number; readonly count: number },
): readonly string[] {
  const dates: string[] = [];
  for (let i = 0; i < from.count; i++) {
    const date = nthDate(schedule, from.index + i);
    if (date === undefined) break;
    dates.push(date);
  }
  return dates;
}

/** The one form in which a schedule stands in a consent. */
export function scheduleText({ repetition, firstDate, end }: Schedule): string {
  const until = end.kind === 'never' ? '' : end.kind === 'until' ? end.date : String(end.count);
  return `${repetition}|${firstDate}|${end.kind}|${until}`;
}

/** A date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of the month `months` later; the last day where the month is shorter. */
function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, lastDay)))
    .toISOString()
    .slice(0, 10);
}

/** A date that the calendar has. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10) === text;
}

/** The instant at which a minute of a WIB date begins; minute 1,440 is the end of the day. */
export function wibInstant(date: string, minute: number): number {
  return Date.parse(`${date}T00:00:00+07:00`) + minute * 60_000;
}
