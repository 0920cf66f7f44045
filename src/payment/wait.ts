import type { Time } from '../kernel/time.ts';
import type { PaymentContext } from './context.ts';
import { paymentView, type PaymentRow } from './row.ts';
import type { PaymentView } from './port.ts';
import { reread } from './outcome.ts';
import { isFinal } from './state.ts';

/** Who waits for a payment in this process. */
export interface Waiters {
  /** Resolves when this process sees the payment reach a final state; `cancel` forgets it. */
  wait(paymentId: string): { readonly done: Promise<PaymentRow>; cancel(): void };
  tell(row: PaymentRow): void;
}

/** Another process may have seen the outcome: look this often besides listening. */
const POLL_MS = 250;

/** Opens the in-process notification. While somebody waits, `ended` is asked for all of them at once, of those alone that reached a final state: cheap
 * to ask again and again. */
export function openWaiters(input: {
  readonly time: Time;
  readonly ended: (ids: readonly string[]) => Promise<readonly PaymentRow[]>;
}): Waiters {
  const waiting = new Map<string, Set<(row: PaymentRow) => void>>();
  let isLooking = false;
  const tell = (row: PaymentRow): void => {
    if (!isWord(row)) return;
    for (const hear of waiting.get(row.id) ?? []) hear(row);
  };
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    while (waiting.size > 0) {
      await input.time.sleep(POLL_MS);
      // Whoever waits looks once more at the end of the wait, and is told of a database that is away then.
      const ids = [...waiting.keys()];
      const ended = ids.length > 0 ? await input.ended(ids).catch(() => []) : [];
      for (const row of ended) tell(row);
    }
    isLooking = false;
  };
  return {
    wait(paymentId) {
      let hear!: (row: PaymentRow) => void;
      const done = new Promise<PaymentRow>((resolve) => (hear = resolve));
      const set = waiting.get(paymentId) ?? new Set();
      waiting.set(paymentId, set.add(hear));
      void look();
      return {
        done,
        cancel() {
          set.delete(hear);
          if (set.size === 0 && waiting.get(paymentId) === set) waiting.delete(paymentId);
        },
      };
    },
    tell,
  };
}

/** Final; or approved by the other bank while a till waits, which the statement alone captures. */
function isWord({ kind, state }: PaymentRow): boolean {
  return isFinal(state) || (kind === 'qris_scanned' && state === 'accepted');
}

/** Waits for a final state, at most `waitMs`; what is known then. Throws BugError for an id that does not exist. */
export async function awaitOutcome(
  context: PaymentContext,
  input: { readonly paymentId: string; readonly waitMs: number },
): Promise<PaymentView> {
  const listening = context.waiters.wait(input.paymentId);
  try {
    const first = await reread(context, input.paymentId);
    if (isWord(first)) return paymentView(first);
    const waking = new AbortController();
    const told = await Promise.race([
      listening.done,
      context.time.sleep(input.waitMs, waking.signal),
    ]);
    waking.abort();
    if (told) return paymentView(told);
  } finally {
    listening.cancel();
  }
  return paymentView(await reread(context, input.paymentId));
}
