/** Virtual time: hours take seconds. Time moves to the next sleeper only when no tracked I/O is outstanding and the
 * event loop has drained, so a run with a seed repeats itself. For drills and tests. */
import { tick, type Time } from './time.ts';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A `Time` that somebody drives. */
export interface VirtualTime extends Time {
  /** Drives time until `done` resolves (or throws); `untilMs` bounds the run. */
  run<T>(done: Promise<T>, untilMs: number): Promise<T>;
  /** Sets the clock on without waking anybody on the way, like a machine that was asleep: who slept past their time wakes late. An earlier
   * instant changes nothing. */
  leap(toMs: number): void;
}

const DRAIN_TURNS = 3;

/** Starts a virtual clock at `startMs`. */
export function virtualTime(startMs: number): VirtualTime {
  let now = startMs;
  let order = 0;
  let outstanding = 0;
  let idle: (() => void) | undefined;
  const heap: Sleeper[] = [];

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      let awake = false;
      const wake = (): void => {
        if (awake) return;
        awake = true;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      push(heap, { at: now + Math.max(0, ms), order: order++, wake });
      signal?.addEventListener('abort', wake, { once: true });
    });

  const track = <T>(work: Promise<T>): Promise<T> => {
    outstanding++;
    const release = (): void => {
      outstanding--;
      if (outstanding === 0) idle?.();
    };
    work.then(release, release);
    return work;
  };

  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < DRAIN_TURNS;) {
      if (outstanding > 0) {
        await new Promise<void>((resolve) => (idle = resolve));
        quiet = 0;
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = outstanding > 0 ? 0 : quiet + 1;
    }
  };

  const run = async <T>(done: Promise<T>, untilMs: number): Promise<T> => {
    let finished = false;
    const mark = (): void => void (finished = true);
    done.then(mark, mark);
    for (;;) {
      await settle();
      if (finished) return done;
      const next = pop(heap);
      if (!next)
        throw new Error('Cannot advance virtual time: nobody sleeps and the run has not ended');
      if (next.at > untilMs)
        throw new Error(
          `Cannot advance virtual time: past the bound ${new Date(untilMs).toISOString()}`,
        );
      now = Math.max(now, next.at);
      next.wake();
    }
  };

  return {
    now: () => now,
    sleep,
    track,
    run,
    leap: (toMs) => void (now = Math.max(now, toMs)),
    every: (ms, task, onError) => tick({ ms, task, onError, sleep }),
  };
}

function before(a: Sleeper, b: Sleeper): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Sleeper[], item: Sleeper): void {
  heap.push(item);
  for (let i = heap.length - 1; i > 0;) {
    const parent = (i - 1) >> 1;
    if (!before(heap[i]!, heap[parent]!)) return;
    [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
    i = parent;
  }
}

function pop(heap: Sleeper[]): Sleeper | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  heap[0] = last;
  for (let i = 0; ;) {
    const left = 2 * i + 1;
    const right = left + 1;
    let least = i;
    if (left < heap.length && before(heap[left]!, heap[least]!)) least = left;
    if (right < heap.length && before(heap[right]!, heap[least]!)) least = right;
    if (least === i) return top;
    [heap[i], heap[least]] = [heap[least]!, heap[i]!];
    i = least;
  }
}
