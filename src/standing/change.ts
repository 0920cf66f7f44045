/** What a customer does to a standing order: pause, resume, cancel. Each locks the order first, as the worker does before it asks for a
 * payment, so that one of the two is clearly first. */
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import type { StandingContext } from './context.ts';
import { openOrder } from './open-date.ts';
import type { ChangeResult, OwnOrder, StandingOrder } from './port.ts';
import { tell } from './record.ts';
import { lockOrder, missWaiting, moveOrder, selectOrder } from './store.ts';
import { mayMoveStanding, type StandingState } from './state.ts';

type Verb = 'pause' | 'resume' | 'cancel';

const VERBS = {
  pause: { to: 'paused', fact: 'paused' },
  resume: { to: 'active', fact: 'resumed' },
  cancel: { to: 'cancelled', fact: 'cancelled' },
} as const satisfies Readonly<Record<Verb, { to: StandingState; fact: string }>>;

/** Changes the state; an order that is in it already is answered as it is. */
export async function change(
  context: StandingContext,
  verb: Verb,
  own: OwnOrder,
): Promise<ChangeResult> {
  const { to } = VERBS[verb];
  return context.db.tx(async (tx) => {
    const found = await lockOrder(tx, own.id);
    if (found?.customerId !== own.customerId) return { ok: false, reason: 'not_found' };
    if (found.state === to) return { ok: true, order: found };
    const order = verb === 'resume' ? await losePaused(context, tx, found) : found;
    if (!mayMoveStanding({ from: order.state, to })) return { ok: false, reason: 'order_over' };
    await move(context, tx, { order, verb });
    return { ok: true, order: (await selectOrder(tx, order.id))! };
  });
}

/** Dates that went by while it was paused are lost before it runs again, also when no worker has looked since. */
async function losePaused(
  context: StandingContext,
  tx: Tx,
  order: StandingOrder,
): Promise<StandingOrder> {
  if (order.state !== 'paused') return order;
  return openOrder(context, tx, {
    order,
    nowMs: context.time.now(),
    clock: await context.clock(),
  });
}

async function move(
  context: StandingContext,
  tx: Tx,
  { order, verb }: { readonly order: StandingOrder; readonly verb: Verb },
): Promise<void> {
  const nowMs = context.time.now();
  const { to, fact } = VERBS[verb];
  assert(
    await moveOrder(tx, { id: order.id, from: order.state, to, reason: undefined, nowMs }),
    'a locked order is in the state that was read',
  );
  await tell(context, tx, { order, fact, about: { nowMs } });
  if (verb === 'resume') return;
  const reason = verb === 'pause' ? 'paused' : 'cancelled';
  for (const { date } of await missWaiting(tx, { orderId: order.id, reason, nowMs }))
    await tell(context, tx, { order, fact: 'run_missed', about: { nowMs, date, reason } });
}
