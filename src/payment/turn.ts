/** One at a time per customer, so that a burst cannot pass a limit that its first payment used up: each reads what the one
 * before it committed. Another process is not held up: with k processes a customer may pass a limit by the k - 1 payments
 * that the others have in flight at that instant. */
export interface Turns {
  /** Runs `work` after those that came before it under `key`; undefined when too many wait. */
  take<T>(key: string, work: () => Promise<T>): Promise<T | undefined>;
}

/** A person has one hand; a script that sends more at once is told to come back. */
const WAITING_MAX = 32;

/** Opens an empty set of queues. */
export function openTurns(): Turns {
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();
  return {
    async take(key, work) {
      const queue = queues.get(key) ?? { last: Promise.resolve(), length: 0 };
      if (queue.length >= WAITING_MAX) return undefined;
      queues.set(key, queue);
      queue.length++;
      const mine = queue.last.then(work);
      queue.last = mine.catch(() => {});
      try {
        return await mine;
      } finally {
        if (--queue.length === 0) queues.delete(key);
      }
    },
  };
}
