/** How long it took from each event's own time to its fold: a bound from above of what the tail takes, as the commit lies between. */

export interface Latency {
  /** The newest samples, ms; a ring once it is full. */
  readonly samples: number[];
  next: number;
}

/** Between two scrapes of a busy bank; older ones give way. */
const SAMPLES_MAX = 20_000;

/** No sample yet. */
export function openLatency(): Latency {
  return { samples: [], next: 0 };
}

/** Keeps one. */
export function note(latency: Latency, ms: number): void {
  latency.samples[latency.next % SAMPLES_MAX] = ms;
  latency.next++;
}

/** Gives the samples out, once. */
export function take(latency: Latency): readonly number[] {
  latency.next = 0;
  return latency.samples.splice(0);
}
