/** How much money leaves per minute, by source and rail, and what is usual: shared by all flow detectors. JSON-safe, bounded by the number
 * of rails, changed in place. */
import type { Scope } from '../../gate/restriction.ts';
import { hourOfWeek, learn, usualAt, type Baseline, type Usual } from './baseline.ts';
import { isCleanSince, type CleanWatch } from './clean.ts';
import type { FlowNumbers, FlowSource, Look } from './detector.ts';
import { add, newest, openRing, turn, type Ring } from './ring.ts';
import type { FlowSeen } from './seen.ts';

/** One source and rail. `sinceMs`: nothing before it was seen. */
interface Series {
  readonly ring: Ring;
  readonly baseline: Baseline;
  readonly sinceMs: number;
  /** The hour that runs. */
  hour: number;
}

export type Traffic = Record<string, Series>;

const HOUR_MS = 3_600_000;
const HOUR_MINUTES = 60;
/** An hour to learn from and the running one; and as long as what waits for a network that is away. */
const RING_MINUTES = 4 * HOUR_MINUTES;

/** Money that leaves, as one source sees it. */
export interface Outflow {
  readonly source: FlowSource;
  readonly rail: NonNullable<Scope['rail']>;
  readonly rupiah: number;
}

/** What leaves by this observation. */
export function outflowOf(seen: FlowSeen): Outflow | undefined {
  if (seen.kind === 'line')
    return seen.direction === 'out'
      ? { source: 'settled', rail: seen.rail, rupiah: seen.rupiah }
      : undefined;
  return seen.kind === 'payment' && seen.isLeaving
    ? { source: 'made', rail: seen.rail, rupiah: seen.rupiah }
    : undefined;
}

/** Turns all minutes on; an hour that ended is learned when it was clean and seen whole. */
export function passTime(traffic: Traffic, nowMs: number, clean: CleanWatch): void {
  const hour = Math.floor(nowMs / HOUR_MS);
  for (const series of Object.values(traffic)) {
    if (hour > series.hour) {
      turn(series.ring, hour * HOUR_MS);
      if (hour === series.hour + 1) learnHour(series, clean);
      series.hour = hour;
    }
    turn(series.ring, nowMs);
  }
}

function learnHour(series: Series, clean: CleanWatch): void {
  const fromMs = series.hour * HOUR_MS;
  if (series.sinceMs > fromMs || !isCleanSince(clean, fromMs)) return;
  const { ring, baseline } = series;
  const minutes = Array.from(
    { length: HOUR_MINUTES },
    (_, at) => (fromMs / 60_000 + at) % ring.counts.length,
  );
  learn(baseline, {
    hourOfWeek: hourOfWeek(fromMs),
    counts: minutes.map((slot) => ring.counts[slot]!),
    sums: minutes.map((slot) => ring.sums[slot]!),
  });
}

/** Counts an outflow in its own minute: after a gap the stream and the journals are read at different speeds, and what one of them brings
 * late is no burst of now. */
export function countOutflow(
  traffic: Traffic,
  at: { readonly atMs: number; readonly nowMs: number },
  one: Outflow,
): void {
  const key = `${one.source} ${one.rail}`;
  const series = (traffic[key] ??= {
    ring: openRing(RING_MINUTES),
    baseline: {},
    sinceMs: at.nowMs,
    hour: Math.floor(at.nowMs / HOUR_MS),
  });
  turn(series.ring, at.nowMs);
  add(series.ring, at.atMs, one.rupiah);
}

/** Begins every minute anew at `nowMs`; what is usual stays. */
export function rewindTraffic(traffic: Traffic, nowMs: number): void {
  for (const [key, { baseline }] of Object.entries(traffic))
    traffic[key] = {
      ring: openRing(RING_MINUTES),
      baseline,
      sinceMs: nowMs,
      hour: Math.floor(nowMs / HOUR_MS),
    };
}

/** The minutes of a source and rail. */
export function ringOf(traffic: Traffic, source: FlowSource, rail: string): Ring | undefined {
  return traffic[`${source} ${rail}`]?.ring;
}

/** The usual minute of a source and rail at this hour. */
export function usualOf(
  traffic: Traffic,
  of: { readonly source: FlowSource; readonly rail: string; readonly atMs: number },
): Usual | undefined {
  const series = traffic[`${of.source} ${of.rail}`];
  return series && usualAt(series.baseline, hourOfWeek(of.atMs));
}

/** True when more settles on a rail than core made: money leaves that is not our customers'. What was made is read over twice the time,
 * because it settles later; and all that settled lately is held against all that was made, because what waited for a network that was away
 * settles at once when it is back. */
export function isUnmade(
  look: Pick<Look<FlowNumbers>, 'ring'>,
  of: { readonly rail: string; readonly what: 'count' | 'sum'; readonly percent: number },
): boolean {
  const [settled, made] = [look.ring('settled', of.rail), look.ring('made', of.rail)];
  if (!settled) return false;
  const left = made ? newest(made, 2 * UNMADE_MINUTES)[of.what] : 0;
  const leftLately = made ? newest(made, RING_MINUTES)[of.what] : 0;
  return (
    newest(settled, UNMADE_MINUTES)[of.what] * 100 > left * of.percent &&
    newest(settled, RING_MINUTES)[of.what] > leftLately
  );
}

const UNMADE_MINUTES = 15;
