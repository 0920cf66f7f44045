import { dueAtOf, nextPromiseOf } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { paymentEvent } from './event.ts';
import { messageOf } from './message.ts';
import type { PaymentRow } from './row.ts';

/** Renews the promise before it passes, tells the customer in the same commit and counts it (I3). The lease stays. */
export async function renewPromise(
  context: PaymentContext,
  row: PaymentRow,
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const promiseAtMs = nextPromiseOf(row, nowMs);
  const next: PaymentRow = { ...row, promiseAtMs, promiseRenewals: row.promiseRenewals + 1 };
  const isBeingSent = row.state === 'held' || row.state === 'sending';
  return context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    version: row.version,
    atMs: nowMs,
    set: {
      promiseAtMs,
      promiseRenewals: next.promiseRenewals,
      dueAtMs: isBeingSent ? nowMs : dueAtOf(next, nowMs, settings),
      leasedUntilMs: isBeingSent ? row.leasedUntilMs : undefined,
    },
    events: (now) => [
      paymentEvent(now, nowMs, 'promise_renewed', { promiseAtMs, renewals: now.promiseRenewals }),
    ],
    messages: (now) =>
      messageOf(now, nowMs, { template: 'payment.promise_renewed', random: context.random }),
  });
}
