/** Too many wait for the next batch: answer 429; nothing was written for this one. */
export class BatcherFull extends Error {
  override name = 'BatcherFull';
}

/** Gathers items while the previous batch runs and hands them over set-based: at most one batch is under way, so a flood takes
 * one connection and one commit, and a quiet hour waits for nobody.
 * Shape: `run` answers in the order of its items; when it throws, each of its items does. */
export function openBatcher<Item, Answer>(input: {
  readonly batchMax: number;
  readonly waitingMax: number;
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>;
}): (item: Item) => Promise<Answer> {
  let waiting: {
    item: Item;
    resolve: (answer: Answer) => void;
    reject: (error: unknown) => void;
  }[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, input.batchMax);
      waiting = waiting.slice(input.batchMax);
      try {
        const answers = await input.run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(answers[i]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isRunning = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= input.waitingMax)
        return reject(new BatcherFull('Cannot take item: too many wait'));
      waiting.push({ item, resolve, reject });
      // A turn later, so that all requests read from the sockets in this turn travel together.
      if (!isRunning) {
        isRunning = true;
        queueMicrotask(() => void drain());
      }
    });
}
