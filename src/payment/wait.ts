import type { PaymentContext } from './context.ts';
import { paymentView, type PaymentRow } from './row.ts';
import type { PaymentView } from './port.ts';
import { assert } from '../kernel/assert.ts';
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

/** Another process may have seen the outcome: look besides listening, soon at first and then less often. */
const POLL_FIRST_MS = 250;
const POLL_MAX_MS = 1_000;

/** Waits for a final state, at most `waitMs`; what is known then. Throws BugError for an id that does not exist. */
export async function awaitOutcome(
  context: PaymentContext,
  input: { readonly paymentId: string; readonly waitMs: number },
): Promise<PaymentView> {
  const untilMs = context.time.now() + input.waitMs;
  const listening = context.waiters.wait(input.paymentId);
  try {
    for (let pollMs = POLL_FIRST_MS; ; pollMs = Math.min(2 * pollMs, POLL_MAX_MS)) {
      const ended = await context.looks.ended(input.paymentId);
      if (ended) return paymentView(ended);
      const leftMs = untilMs - context.time.now();
      if (leftMs <= 0) break;
      const waking = new AbortController();
      const told = await Promise.race([
        listening.done,
        context.time.sleep(Math.min(pollMs, leftMs), waking.signal),
      ]);
      waking.abort();
      if (told) return paymentView(told);
    }
  } finally {
    listening.cancel();
  }
  const row = await context.looks.byId(input.paymentId);
  assert(row, `payment ${input.paymentId} exists`);
  return paymentView(row);
}
