/** What its owner does to a list: confirm, pause, resume, cancel. Each locks the list first, as the worker does, so that one of the two is
 * clearly first. Rows that were asked for already go through. */
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import type { BulkContext } from './context.ts';
import type { Agreement, Bulk, ChangeResult, OwnBulk } from './port.ts';
import { tell } from './record.ts';
import { mayMoveBulk } from './state.ts';
import {
  agreeBulk,
  lockBulk,
  moveBulk,
  selectBulk,
  selectLimits,
  selectSubmitting,
  selectSums,
} from './store.ts';

/** How long the rows of an agreed list are tried: payday and the day after. */
export const RUN_WITHIN_MS = 24 * 3_600_000;

type Verb = 'pause' | 'resume' | 'cancel';

const VERBS = {
  pause: { to: 'paused', fact: 'paused' },
  resume: { to: 'running', fact: 'resumed' },
  cancel: { to: 'cancelled', fact: 'cancelled' },
} as const;

/** Lets a previewed list go. */
export async function confirm(
  context: BulkContext,
  own: OwnBulk,
  agreement: Agreement,
): Promise<ChangeResult> {
  return context.db.tx(async (tx): Promise<ChangeResult> => {
    const bulk = await lockBulk(tx, own.id);
    if (bulk?.customerId !== own.customerId) return { ok: false, reason: 'not_found' };
    if (bulk.agreed?.key === agreement.key) return { ok: true, bulk };
    const nowMs = context.time.now();
    if (bulk.state === 'checking') return { ok: false, reason: 'bulk_not_ready' };
    if (bulk.state !== 'ready' || nowMs >= bulk.endsAtMs) return { ok: false, reason: 'bulk_over' };
    if (!(await selectLimits(tx, own.customerId))) return { ok: false, reason: 'bulk_not_agreed' };
    const total = (await selectSums(tx, bulk.id)).find(({ state }) => state === 'checked');
    assert(total, 'a list that is ready has rows to pay');
    const endsAtMs = nowMs + RUN_WITHIN_MS;
    await agreeBulk(tx, { bulk, agreement, total, endsAtMs, nowMs });
    await moveBulk(tx, { bulk, to: 'running', dueAtMs: nowMs, nowMs, isByOwner: true });
    const leftCount = bulk.rowCount - total.count;
    await tell(context, tx, { bulk, fact: 'agreed', nowMs, total: { ...total, leftCount } });
    return { ok: true, bulk: (await selectBulk(tx, bulk.id))! };
  });
}

/** Changes the state; a list that is in it already is answered as it is. */
export async function change(
  context: BulkContext,
  verb: Verb,
  own: OwnBulk,
): Promise<ChangeResult> {
  const { to } = VERBS[verb];
  return context.db.tx(async (tx): Promise<ChangeResult> => {
    const bulk = await lockBulk(tx, own.id);
    if (bulk?.customerId !== own.customerId) return { ok: false, reason: 'not_found' };
    if (bulk.state === to) return { ok: true, bulk };
    const nowMs = context.time.now();
    // A list that is ready runs by its agreement alone.
    const mayMove =
      mayMoveBulk({ from: bulk.state, to }) && (verb !== 'resume' || bulk.state === 'paused');
    if (!mayMove || (verb === 'resume' && nowMs >= bulk.endsAtMs))
      return { ok: false, reason: 'bulk_over' };
    if (verb === 'resume' && !(await selectLimits(tx, own.customerId)))
      return { ok: false, reason: 'bulk_not_agreed' };
    await move(context, tx, { bulk, verb, nowMs });
    return { ok: true, bulk: (await selectBulk(tx, bulk.id))! };
  });
}

async function move(
  context: BulkContext,
  tx: Tx,
  input: { readonly bulk: Bulk; readonly verb: Verb; readonly nowMs: number },
): Promise<void> {
  const { bulk, verb, nowMs } = input;
  const { to, fact } = VERBS[verb];
  const isOpen = (await selectSubmitting(tx, { bulkId: bulk.id, limit: 1 })).length > 0;
  const later = verb === 'pause' ? bulk.endsAtMs : undefined;
  const dueAtMs = verb === 'resume' || isOpen ? nowMs : later;
  await moveBulk(tx, { bulk, to, dueAtMs, nowMs, isByOwner: true });
  await tell(context, tx, { bulk, fact, nowMs });
}
