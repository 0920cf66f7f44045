/** Bounded background work of one process: each payment at most once at a time, a limited number together. */
export interface Runner {
  /** Starts `work` as soon as there is room. False when this payment is under way or too much waits: its row stays due. */
  run(id: string, work: () => Promise<void>): boolean;
  /** Much is under way, and there is room for more. */
  isBusy(): boolean;
  /** Resolves when the work of `ids` (all work, when left out) has ended. */
  idle(ids?: readonly string[]): Promise<void>;
}

/** Calls to the gateway at once; the rail answers in tenths of a second, so this carries over a thousand a second. */
const TOGETHER_MAX = 256;
/** From so many on what can be done together is worth a short wait; near the bound, room is worth more. */
const BUSY_FROM = 32;
const BUSY_TO = 224;
/** Payments that may wait for room; the rest wait in the database. */
const WAITING_MAX = 5_000;

/** Opens the runner; `onError` hears what a piece of work threw, and the row's lease brings it back. */
export function openRunner(onError: (id: string, error: unknown) => void): Runner {
  const active = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const turn = (): Promise<void> => {
    if (running < TOGETHER_MAX) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };

  return {
    isBusy: () => running >= BUSY_FROM && running < BUSY_TO,
    run(id, work) {
      if (active.has(id) || waiting.length >= WAITING_MAX) return false;
      const task = (async () => {
        await turn();
        try {
          await work();
        } catch (error) {
          onError(id, error);
        } finally {
          release();
          active.delete(id);
        }
      })();
      active.set(id, task);
      return true;
    },
    async idle(ids) {
      if (ids) {
        await Promise.all(ids.flatMap((id) => active.get(id) ?? []));
        return;
      }
      while (active.size > 0) await Promise.all(active.values());
    },
  };
}
