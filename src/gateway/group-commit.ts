/** Many callers, one flush: entries that wait while the disk is busy go out together in the next group. After the first fault
 * nothing is written any more. */
import type { JournalEntry } from '../rail/journal-entry.ts';

export interface GroupCommit {
  /** Queues entries in order; resolves when they are on disk, throws when they may not be. */
  write(entries: readonly JournalEntry[]): Promise<void>;
  /** The last position on disk. */
  durable(): number;
  /** Resolves when everything up to a position is on disk, throws when it may not be. */
  untilDurable(position: number): Promise<void>;
  fault(): Error | undefined;
  /** Refuses everything from now on. */
  fail(error: Error): void;
  /** Resolves when no flush is under way. */
  settled(): Promise<void>;
}

/** Makes the queue over `flushGroup`, which writes one group and flushes it. */
export function makeGroupCommit(input: {
  readonly durable: number;
  readonly flushGroup: (group: readonly JournalEntry[]) => Promise<void>;
}): GroupCommit {
  let { durable } = input;
  let fault: Error | undefined;
  let queue: JournalEntry[] = [];
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (queue.length > 0 && !fault) {
      const group = queue;
      queue = [];
      try {
        await input.flushGroup(group);
        durable = group.at(-1)?.position ?? durable;
      } catch (error) {
        fault = error as Error;
      }
    }
    flushing = undefined;
  };
  const isWaiting = (position: number): boolean => durable < position;

  const untilDurable = async (position: number): Promise<void> => {
    while (isWaiting(position)) {
      if (fault) throw new Error('Cannot write journal: it is broken', { cause: fault });
      flushing ??= flush();
      await flushing;
    }
  };

  return {
    durable: () => durable,
    untilDurable,
    fault: () => fault,
    fail: (error) => void (fault ??= error),
    async settled() {
      await flushing;
    },
    async write(entries) {
      queue.push(...entries);
      await untilDurable(entries.at(-1)?.position ?? 0);
    },
  };
}
