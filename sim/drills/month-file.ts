/** The part `month` of a scenario file: its shape, and what its fields allow only together. Pure. */
import { object } from '../hub/schema.ts';
import type { Month } from './month.ts';
import { count, number, rate, some } from './shape.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 60;
const HOURS = 24;
/** All wishes of a day are in memory at once. */
const DAY_WISHES_MAX = 1_000_000;
const percent = count(100);
const times = number({ min: 0.1, max: 100 });
const day = count(DAYS_MAX, -DAYS_MAX);

/** The shape of `month`. */
export const MONTH = object({
  days: count(DAYS_MAX, 1),
  learnDays: count(DAYS_MAX),
  perMinute: object({ onus: rate, bifast_out: rate, bifast_in: rate }),
  hours: some(number({ min: 0, max: 1_000 }), HOURS),
  customers: count(1_000_000, 2),
  firstPayeePercent: percent,
  splitPerMille: count(1_000),
  busy: some(
    object(
      { fromDay: day, toDay: day, volume: times },
      {
        firstPayeePercent: percent,
        almsPercent: percent,
        payrolls: percent,
        peak: object({ hour: count(23), minutes: count(1_440, 1), times }),
      },
    ),
    DAYS_MAX,
  ),
});

/** What is wrong with a month whose fields are right; undefined = nothing. */
export function contradictionOfMonth(
  month: Month,
  of: { readonly path: string; readonly start: string },
): string | undefined {
  const { hours, busy, perMinute } = month;
  if (!of.start.includes('T00:00:00+')) return 'scenario.start: not midnight, as a month needs';
  if (hours.length !== HOURS || hours.every((one) => one === 0))
    return `${of.path}.hours: not 24 numbers, one of them above 0`;
  const wrong = busy.findIndex(({ fromDay, toDay }) => fromDay > toDay);
  if (wrong >= 0) return `${of.path}.busy[${wrong}].toDay: before fromDay`;
  const most = Math.max(1, ...busy.map(({ volume, peak }) => Math.max(volume, peak?.times ?? 0)));
  const mean = perMinute.onus + perMinute.bifast_out + perMinute.bifast_in;
  return mean * most * 1_440 > DAY_WISHES_MAX
    ? `${of.path}.perMinute: more than ${DAY_WISHES_MAX} payments a day`
    : undefined;
}

/** How long it is, without the days of learning. */
export function monthMs({ days }: Month): number {
  return days * DAY_MS;
}
