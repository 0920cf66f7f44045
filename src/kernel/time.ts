/** Time as a port. Only kernel and app touch the machine's clock; all else receives a `Time`. SQL gets time as a parameter. */

/** A repeating task; `stop` waits for the run in progress. */
export interface Ticker {
  stop(): Promise<void>;
}

/** The clock, sleep and timers of one process, real or virtual. */
export interface Time {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Resolves after `ms` (also when the signal aborts, early). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` every `ms` after the previous run ended. A throw goes to `onError` and the ticking goes on. */
  every(ms: number, task: () => Promise<void>, onError: (error: unknown) => void): Ticker;
  /** Marks outside work (database, file, socket) so that virtual time does not pass while it is outstanding. */
  track<T>(work: Promise<T>): Promise<T>;
}

/** The machine's clock. */
export function wallTime(): Time {
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    });
  return {
    now: () => Date.now(),
    sleep,
    track: (work) => work,
    every: (ms, task, onError) => tick({ ms, task, onError, sleep }),
  };
}

/** Shared by both clocks: run, then sleep, until stopped. */
export function tick(input: {
  readonly ms: number;
  readonly task: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}): Ticker {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await input.sleep(input.ms, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await input.task();
      } catch (error) {
        input.onError(error);
      }
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

const WIB_OFFSET_MS = 7 * 3_600_000;

const DAY_MS = 86_400_000;
/** The day that was asked for last: nearly always it is asked for again. */
let known = { day: Number.NaN, date: '' };

/** The WIB (UTC+7, no daylight saving) calendar date, `YYYY-MM-DD`. Ids use the WIB date at allocation. */
export function wibDate(nowMs: number): string {
  const day = Math.floor((nowMs + WIB_OFFSET_MS) / DAY_MS);
  if (day !== known.day)
    known = { day, date: new Date(nowMs + WIB_OFFSET_MS).toISOString().slice(0, 10) };
  return known.date;
}

/** WIB time of day in minutes, 0–1439. */
export function wibMinute(nowMs: number): number {
  const at = new Date(nowMs + WIB_OFFSET_MS);
  return at.getUTCHours() * 60 + at.getUTCMinutes();
}

/** ISO form with the WIB offset and no milliseconds: `2026-08-01T10:00:05+07:00`. Source: domain.md 3.2. */
export function wibIso(nowMs: number): string {
  return `${new Date(nowMs + WIB_OFFSET_MS).toISOString().slice(0, 19)}+07:00`;
}

/** The business date of a rail: the WIB date, or the next one from the cut-over minute on (`cutOverMinute` of the WIB day;
 * 1440 = midnight, no early cut-over). */
export function businessDate(nowMs: number, cutOverMinute: number): string {
  return wibMinute(nowMs) >= cutOverMinute ? wibDate(nowMs + DAY_MS) : wibDate(nowMs);
}

/** A clock time for people: `14:32 WIB`. Source: UI.md. */
export function wibClock(nowMs: number): string {
  return `${new Date(nowMs + WIB_OFFSET_MS).toISOString().slice(11, 16)} WIB`;
}

/** True while a fact that was read at `atMs` is younger than `maxMs`. One that was read in the future is old: the clock jumped back,
 * and nobody knows how long ago that was. */
export function isFresh(input: {
  readonly atMs: number;
  readonly nowMs: number;
  readonly maxMs: number;
}): boolean {
  const ageMs = input.nowMs - input.atMs;
  return ageMs >= 0 && ageMs < input.maxMs;
}
