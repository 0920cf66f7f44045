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

/** Opens the in-process notification. */
export function openWaiters(): Waiters {
  const waiting = new Map<string, Set<(row: PaymentRow) => void>>();
  return {
    wait(paymentId) {
      let hear!: (row: PaymentRow) => void;
      const done = new Promise<PaymentRow>((resolve) => (hear = resolve));
      const set = waiting.get(paymentId) ?? new Set();
      waiting.set(paymentId, set.add(hear));
      return {
        done,
        cancel() {
          set.delete(hear);
          if (set.size === 0 && waiting.get(paymentId) === set) waiting.delete(paymentId);
        },
      };
    },
    tell(row) {
      if (!isFinal(row.state)) return;
      for (const hear of waiting.get(row.id) ?? []) hear(row);
    },
  };
}

/** Another process may have seen the outcome: look this often besides listening. */
const POLL_MS = 250;

/** Waits for a final state, at most `waitMs`; what is known then. Throws BugError for an id that does not exist. */
export async function awaitOutcome(
  context: PaymentContext,
  input: { readonly paymentId: string; readonly waitMs: number },
): Promise<PaymentView> {
  const untilMs = context.time.now() + input.waitMs;
  const listening = context.waiters.wait(input.paymentId);
  try {
    const first = await reread(context, input.paymentId);
    if (isFinal(first.state)) return paymentView(first);
    for (let leftMs = input.waitMs; leftMs > 0; leftMs = untilMs - context.time.now()) {
      const waking = new AbortController();
      const told = await Promise.race([
        listening.done,
        context.time.sleep(Math.min(POLL_MS, leftMs), waking.signal),
      ]);
      waking.abort();
      if (told) return paymentView(told);
      const ended = await context.looks.ended(input.paymentId);
      if (ended) return paymentView(ended);
    }
  } finally {
    listening.cancel();
  }
  return paymentView(await reread(context, input.paymentId));
}
