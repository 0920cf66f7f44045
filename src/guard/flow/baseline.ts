/** What is usual per hour of the week: robust, learned from clean hours only. JSON-safe, bounded, changed in place.
 * Cold start: until an hour of the week is known from `CELL_MIN` clean weeks, the busiest hour that is known speaks for it; until a day's
 * worth of hours is known nothing does (a night says nothing of the morning after it), and detectors go by fixed numbers. */
import { median, medianDeviation } from './robust.ts';

/** Minutes of one clean hour: median and deviation of the count and of the value per minute, and the value of the highest five
 * minutes, per minute (absent in what was saved before it was learned). */
type Sample = readonly [
  count: number,
  countMad: number,
  sum: number,
  sumMad: number,
  sumCrest?: number,
];

/** Samples by hour of the week (`0` = Monday 00:00 WIB), oldest first. */
export type Baseline = Record<string, Sample[]>;

/** What a minute of now is usually like. */
export interface Usual {
  readonly count: number;
  readonly countMad: number;
  readonly sum: number;
  readonly sumMad: number;
  /** The value per minute of the highest five minutes that clean weeks have seen at this hour: far above the median where few large payments
   * carry most of it. */
  readonly sumCrest: number;
}

/** Two months: what was usual last year is not. */
const SAMPLES_MAX = 8;
const CELL_MIN = 2;
/** Hours of the week that must be known before one speaks for another. */
const HOURS_MIN = 24;
const CREST_MINUTES = 5;
const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** The epoch is a Thursday, 07:00 WIB: this many hours after Monday 00:00 WIB. */
const EPOCH_HOURS = 79;

/** The hour of the week, 0–167, Monday 00:00 WIB first. */
export function hourOfWeek(atMs: number): number {
  return (Math.floor(atMs / HOUR_MS) + EPOCH_HOURS) % WEEK_HOURS;
}

/** Learns an hour from its minutes. */
export function learn(
  baseline: Baseline,
  hour: {
    readonly hourOfWeek: number;
    readonly counts: readonly number[];
    readonly sums: readonly number[];
  },
): void {
  const count = median(hour.counts);
  const sum = median(hour.sums);
  const cell = (baseline[hour.hourOfWeek] ??= []);
  cell.push([
    count,
    medianDeviation(hour.counts, count),
    sum,
    medianDeviation(hour.sums, sum),
    crestOf(hour.sums),
  ]);
  if (cell.length > SAMPLES_MAX) cell.shift();
}

function crestOf(sums: readonly number[]): number {
  let crest = 0;
  for (let at = CREST_MINUTES; at <= sums.length; at++)
    crest = Math.max(
      crest,
      sums.slice(at - CREST_MINUTES, at).reduce((all, one) => all + one, 0) / CREST_MINUTES,
    );
  return crest;
}

/** The usual minute of an hour of the week; undefined while nothing is known. */
export function usualAt(baseline: Baseline, hour: number): Usual | undefined {
  const cell = baseline[hour];
  if (cell && cell.length >= CELL_MIN) return usualOf(cell);
  const known = Object.values(baseline).filter((samples) => samples.length > 0);
  if (known.length < HOURS_MIN) return undefined;
  return known
    .map(usualOf)
    .reduce<Usual | undefined>(
      (busiest, one) =>
        !busiest || one.count + one.countMad > busiest.count + busiest.countMad ? one : busiest,
      undefined,
    );
}

/** Weeks that differ count as deviation too. */
function usualOf(samples: readonly Sample[]): Usual {
  const column = (at: 0 | 1 | 2 | 3 | 4): readonly number[] =>
    samples.map((sample) => sample[at] ?? 0);
  const [counts, sums] = [column(0), column(2)];
  const [count, sum] = [median(counts), median(sums)];
  return {
    count,
    countMad: Math.max(median(column(1)), medianDeviation(counts, count)),
    sum,
    sumMad: Math.max(median(column(3)), medianDeviation(sums, sum)),
    sumCrest: Math.max(...column(4)),
  };
}
