/** Opens the dates of standing orders that have come: each gets its run, once and in order, in one transaction with its place in the
 * schedule. */
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { wibDate } from '../kernel/time.ts';
import type { StandingContext } from './context.ts';
import type { RunClock } from './decide-due.ts';
import { decideOpen } from './decide-open.ts';
import type { StandingOrder } from './port.ts';
import { tell } from './record.ts';
import { advanceOrder, hasOpenRun, insertRuns, lockOpening, moveOrder } from './store.ts';

/** Orders locked in one transaction. */
const ROUND_MAX = 100;
/** Rounds of one call; what is left comes at the next tick. */
const ROUNDS_MAX = 50;

/** Opens what has come; how many orders it moved on. */
export async function openDates(context: StandingContext): Promise<number> {
  const clock = await context.clock();
  let count = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const nowMs = context.time.now();
    const moved = await context.db.tx(async (tx) => {
      const orders = await lockOpening(tx, { today: wibDate(nowMs), limit: ROUND_MAX });
      for (const order of orders) await openOrder(context, tx, { order, nowMs, clock });
      return orders.length;
    });
    faultPoint('standing.afterOpen');
    count += moved;
    if (moved < ROUND_MAX) break;
  }
  return count;
}

/** Opens the dates of one locked order; the order as it is then. */
export async function openOrder(
  context: StandingContext,
  tx: Tx,
  input: { readonly order: StandingOrder; readonly nowMs: number; readonly clock: RunClock },
): Promise<StandingOrder> {
  const { order, nowMs, clock } = input;
  const opening = decideOpen({
    nowMs,
    today: wibDate(nowMs),
    schedule: order.schedule,
    openedCount: order.openedCount,
    isPaused: order.state === 'paused',
    clock,
  });
  if (opening.runs.length === 0) return order;
  const isFirst = await advanceOrder(tx, {
    id: order.id,
    from: order.openedCount,
    to: opening.openedCount,
    nextDate: opening.nextDate,
  });
  assert(isFirst, 'a locked order stands where it was read');
  await insertRuns(tx, { orderId: order.id, runs: opening.runs, nowMs });
  for (const { date, start } of opening.runs) {
    const reason = start.state === 'missed' ? start.reason : undefined;
    await tell(context, tx, {
      order,
      fact: reason === undefined ? 'run_opened' : 'run_missed',
      about: { nowMs, date, reason },
      // Who paused it knows that it does not run.
      message: reason === undefined || reason === 'paused' ? undefined : 'standing_order.missed',
      again: { nextDate: opening.nextDate },
    });
  }
  const { nextDate: _, ...rest } = order;
  const opened: StandingOrder = {
    ...rest,
    openedCount: opening.openedCount,
    ...(opening.nextDate !== undefined && { nextDate: opening.nextDate }),
  };
  return (await endIfDone(context, tx, { order: opened, nowMs }))
    ? { ...opened, state: 'ended' }
    : opened;
}

/** Ends a locked order that has no date left and no open run; whether it did. */
export async function endIfDone(
  context: StandingContext,
  tx: Tx,
  { order, nowMs }: { readonly order: StandingOrder; readonly nowMs: number },
): Promise<boolean> {
  const isLive = order.state === 'active' || order.state === 'paused';
  if (!isLive || order.nextDate !== undefined || (await hasOpenRun(tx, order.id))) return false;
  const { id, state } = order;
  assert(
    await moveOrder(tx, { id, from: state, to: 'ended', reason: undefined, nowMs }),
    'a locked order is in the state that was read',
  );
  await tell(context, tx, {
    order,
    fact: 'ended',
    about: { nowMs },
    // What became of the only date was just told.
    message: order.schedule.repetition === 'once' ? undefined : 'standing_order.ended',
  });
  return true;
}
