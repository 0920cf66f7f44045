/** The events of standing orders, and the messages to their owner: both in the transaction that makes them true. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import type { StandingReason } from '../notify/standing-reason.ts';
import type { MessageTemplate } from '../notify/template.ts';
import type { StandingContext } from './context.ts';
import type { StandingOrder } from './port.ts';
import { insertMessage } from './store.ts';

/** What happened to an order, or to one of its dates. */
export type StandingFact =
  | 'made'
  | 'paused'
  | 'resumed'
  | 'cancelled'
  | 'ended'
  | 'run_opened'
  | 'run_submitting'
  | 'run_waiting'
  | 'run_submitted'
  | 'run_missed';

type StandingMessage = Extract<MessageTemplate, `standing_order.${string}`>;

interface About {
  readonly nowMs: number;
  readonly date?: string | undefined;
  readonly reason?: StandingReason | undefined;
  readonly paymentId?: string | undefined;
}

/** One event. Data: customerId, amountSen, repetition, date, reason, paymentId, attempt. */
export function standingEvent(
  order: StandingOrder,
  fact: StandingFact,
  about: About & { readonly attempt?: number },
): EventDraft {
  const { nowMs, ...rest } = about;
  return {
    atMs: nowMs,
    kind: `standing_order.${fact}`,
    subject: order.id,
    data: {
      customerId: order.customerId,
      amountSen: order.amountSen,
      repetition: order.schedule.repetition,
      ...rest,
    },
  };
}

/** Appends an event and, where one is named, a message to the customer. */
export async function tell(
  context: Pick<StandingContext, 'random'>,
  tx: Tx,
  told: {
    readonly order: StandingOrder;
    readonly fact: StandingFact;
    readonly about: About & { readonly attempt?: number };
    readonly message?: StandingMessage | undefined;
    /** When it is tried again, or the next date. */
    readonly again?: { readonly nextAtMs?: number; readonly nextDate?: string | undefined };
  },
): Promise<void> {
  const { order, about, message } = told;
  await recordEvents(tx, [standingEvent(order, told.fact, about)]);
  if (!message) return;
  const { nextAtMs, nextDate } = told.again ?? {};
  await insertMessage(tx, {
    id: newId('msg', about.nowMs, context.random),
    customerId: order.customerId,
    paymentId: about.paymentId,
    template: message,
    nowMs: about.nowMs,
    params: {
      amountSen: String(order.amountSen),
      name: order.payeeName,
      reference: order.id,
      atMs: String(about.nowMs),
      ...(about.date !== undefined && { date: about.date }),
      ...(about.reason !== undefined && { reason: about.reason }),
      ...(nextAtMs !== undefined && { nextAtMs: String(nextAtMs) }),
      ...(nextDate !== undefined && { nextDate }),
    },
  });
}
