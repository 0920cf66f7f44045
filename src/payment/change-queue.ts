/** Group commit for state changes that move no money: whatever waits goes into one transaction, one transaction at a time. */
import type { Db } from '../db/pool.ts';
import { applyChanges, type PaymentChange } from './change.ts';
import type { PaymentRow } from './row.ts';

export interface ChangeQueue {
  /** Durable when it resolves: the row as it is now, or undefined when it stood elsewhere. Throws DbFault. */
  apply(change: PaymentChange): Promise<PaymentRow | undefined>;
}

interface Waiting {
  readonly change: PaymentChange;
  readonly resolve: (row: PaymentRow | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** One transaction of 200 changes takes a few milliseconds; more would only make the first wait. */
const BATCH_MAX = 200;

/** Opens the queue; `onMoved` hears of each row after its commit. */
export function changeQueue(db: Db, onMoved: (row: PaymentRow) => void): ChangeQueue {
  let waiting: Waiting[] = [];
  let isRunning = false;

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    let moved: ReadonlyMap<string, PaymentRow>;
    try {
      moved = await db.tx((tx) =>
        applyChanges(
          tx,
          batch.map(({ change }) => change),
        ),
      );
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      // One bad change must not fail its neighbours: each gets its own transaction, once.
      for (const one of batch) await commit([one]);
      return;
    }
    for (const { change, resolve } of batch) {
      const row = moved.get(change.id);
      if (row) onMoved(row);
      resolve(row);
    }
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      const { batch, rest } = takeBatch(waiting);
      waiting = rest;
      await commit(batch);
    }
    isRunning = false;
  };

  return {
    apply: (change) =>
      new Promise((resolve, reject) => {
        waiting.push({ change, resolve, reject });
        if (!isRunning) void run();
      }),
  };
}

/** At most one change per payment in a batch: the second must see what the first did. */
function takeBatch(waiting: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const seen = new Set<string>();
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const one of waiting) {
    const fits = batch.length < BATCH_MAX && !seen.has(one.change.id);
    seen.add(one.change.id);
    (fits ? batch : rest).push(one);
  }
  return { batch, rest };
}
