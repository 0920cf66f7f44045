/** Counts and sums per minute over a bounded past. JSON-safe, changed in place, constant size. */

/** `at` is the newest minute (whole minutes since 1970); slot `minute % length` belongs to a minute. */
export interface Ring {
  at: number;
  readonly counts: number[];
  readonly sums: number[];
}

const MINUTE_MS = 60_000;

/** An empty ring over so many minutes. */
export function openRing(minutes: number): Ring {
  return { at: 0, counts: Array<number>(minutes).fill(0), sums: Array<number>(minutes).fill(0) };
}

/** The minute of an instant. */
export function minuteOf(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS);
}

/** Moves on to the minute of `atMs`, and forgets what fell out. An earlier instant changes nothing. */
export function turn(ring: Ring, atMs: number): void {
  const minute = minuteOf(atMs);
  const { length } = ring.counts;
  const steps = Math.min(length, minute - ring.at);
  for (let step = 0; step < steps; step++) {
    const slot = (minute - step) % length;
    ring.counts[slot] = 0;
    ring.sums[slot] = 0;
  }
  if (minute > ring.at) ring.at = minute;
}

/** Adds one thing of a size. What is older than the ring is left out. */
export function add(ring: Ring, atMs: number, size: number): void {
  turn(ring, atMs);
  const minute = minuteOf(atMs);
  const { length } = ring.counts;
  if (minute <= ring.at - length) return;
  ring.counts[minute % length]!++;
  ring.sums[minute % length]! += size;
}

/** Count and sum of the newest `minutes`, the running one included, seen `back` minutes ago. */
export function newest(
  ring: Ring,
  minutes: number,
  back = 0,
): { readonly count: number; readonly sum: number } {
  const { length } = ring.counts;
  let [count, sum] = [0, 0];
  for (let step = back; step < Math.min(back + minutes, length); step++) {
    const slot = (ring.at - step) % length;
    if (slot < 0) break;
    count += ring.counts[slot]!;
    sum += ring.sums[slot]!;
  }
  return { count, sum };
}
