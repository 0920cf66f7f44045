/** Makes a standing order from a consent. Idempotent by the consent: however often it is asked, one order. */
import type { Tx } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import { wibDate } from '../kernel/time.ts';
import type { StandingContext } from './context.ts';
import type { MakeResult, StandingCommand, StandingOrder } from './port.ts';
import { tell } from './record.ts';
import { nthDate, refuseSchedule } from './schedule.ts';
import { countOpenOrders, insertOrder, lockCustomer, selectByConsent } from './store.ts';

/** Orders of one customer that are not over: a person keeps an overview of so many, and a stolen session plans no flood. */
export const OPEN_ORDERS_MAX = 20;

/** Makes it. Durable when it answers. */
export async function make(
  context: StandingContext,
  command: StandingCommand,
): Promise<MakeResult> {
  const { db, time } = context;
  return db.tx(async (tx) => {
    await lockCustomer(tx, command.customerId);
    const known = await selectByConsent(tx, command.consentId);
    if (known) return { ok: true, isRepeat: true, order: known };
    const nowMs = time.now();
    const reason = refuseSchedule(command.schedule, wibDate(nowMs));
    if (reason) return { ok: false, reason };
    if ((await countOpenOrders(tx, command.customerId)) >= OPEN_ORDERS_MAX)
      return { ok: false, reason: 'too_many_orders' };
    return { ok: true, isRepeat: false, order: await insert(context, tx, { command, nowMs }) };
  });
}

async function insert(
  context: StandingContext,
  tx: Tx,
  { command, nowMs }: { readonly command: StandingCommand; readonly nowMs: number },
): Promise<StandingOrder> {
  const nextDate = nthDate(command.schedule, 0)!;
  const order: StandingOrder = {
    ...command,
    id: newId('sto', nowMs, context.random),
    state: 'active',
    openedCount: 0,
    nextDate,
    madeAtMs: nowMs,
    changedAtMs: nowMs,
  };
  await insertOrder(tx, order);
  await tell(context, tx, {
    order,
    fact: 'made',
    about: { nowMs },
    message: 'standing_order.made',
    again: { nextDate },
  });
  return order;
}
