/** Counts of a batch in memory, in the order of its requests: pure. The rows are locked, so what is decided here is what every process
 * sees. */
import { assert } from '../kernel/assert.ts';
import type { Counter } from './port.ts';
import type { CounterRow } from './store-counter.ts';

/** Instants that one window keeps: a longer list would make its row dear to write. */
export const RECENT_MAX = 1_000;

/** The counters that a batch has locked. */
export interface Counting {
  /** The key of the first counter that has no room, or undefined. */
  exceeded(counters: readonly Counter[]): string | undefined;
  /** Counts. Only after `exceeded` found room. */
  take(counters: readonly Counter[]): void;
  /** The rows that changed, ascending by key. */
  changed(): readonly CounterRow[];
}

interface Running {
  amountSen: bigint;
  count: bigint;
  recentMs: readonly bigint[];
}

/** Opens the count on locked rows at the instant of the batch. */
export function openCounting(
  rows: readonly CounterRow[],
  input: { readonly atMs: number },
): Counting {
  const atMs = BigInt(input.atMs);
  const running = new Map<string, Running>(rows.map(({ key, ...row }) => [key, { ...row }]));
  const changedKeys = new Set<string>();
  const of = (key: string): Running => {
    const row = running.get(key);
    assert(row, 'every counter of a batch is locked before it counts');
    return row;
  };
  /** What lies ahead of us was counted by a process whose clock is ahead: it counts. */
  const within = (row: Running, windowMs: number): readonly bigint[] =>
    row.recentMs.filter((ms) => ms >= atMs - BigInt(windowMs));

  const hasRoom = (counter: Counter): boolean => {
    const row = of(counter.key);
    switch (counter.kind) {
      case 'spend':
        return (
          (counter.amountMax === undefined ||
            row.amountSen + counter.amount <= counter.amountMax) &&
          (counter.countMax === undefined || row.count + 1n <= counter.countMax)
        );
      case 'recent':
        return within(row, counter.windowMs).length + 1 <= counter.countMax;
      case 'give_back':
        return true;
    }
  };
  const count = (counter: Counter): void => {
    const row = of(counter.key);
    changedKeys.add(counter.key);
    switch (counter.kind) {
      case 'spend':
        row.amountSen += counter.amount;
        row.count += 1n;
        return;
      case 'recent':
        row.recentMs = [...within(row, counter.windowMs), atMs].slice(-RECENT_MAX);
        return;
      case 'give_back':
        // A refund never waits for a count: not below nothing, and no complaint.
        row.amountSen = row.amountSen > counter.amount ? row.amountSen - counter.amount : 0n;
        row.count = row.count > 0n ? row.count - 1n : 0n;
    }
  };

  return {
    exceeded: (counters) => counters.find((counter) => !hasRoom(counter))?.key,
    take: (counters) => counters.forEach(count),
    changed: () => [...changedKeys].toSorted().map((key) => ({ key, ...of(key) })),
  };
}
