/** Checks the rows of a list round by round, before anything is agreed: what each costs, and whose the account is. The name that a bank gave is
 * compared and forgotten, so that a list is no way to collect names. */
import type { Tx } from '../db/pool.ts';
import { sen } from '../kernel/money.ts';
import type { BulkContext } from './context.ts';
import { decideCheck } from './decide-row.ts';
import type { Bulk, BulkRow } from './port.ts';
import { tell } from './record.ts';
import {
  changeRows,
  lockBulk,
  moveBulk,
  selectLimits,
  selectSums,
  selectUnchecked,
  type RowChange,
} from './store.ts';

/** Rows of one round: a second's worth, so that a list of ten thousand is no storm at the network. */
export const ROUND_MAX = 100;
/** How far rounds of one list are apart, over all processes. */
export const ROUND_MS = 1_000;
/** Questions of one round that are open at a time. */
const TOGETHER_MAX = 20;
/** A bank that gives no definite word is asked in so many rounds. */
const ASKS_MAX = 3;

/** One round of a claimed list. */
export async function checkRound(context: BulkContext, bulk: Bulk): Promise<void> {
  const { db, time } = context;
  const limits = await selectLimits(db, bulk.customerId);
  const rows = await selectUnchecked(db, { bulkId: bulk.id, limit: ROUND_MAX });
  const changes: RowChange[] = [];
  for (let at = 0; at < rows.length; at += TOGETHER_MAX)
    changes.push(
      ...(await Promise.all(
        rows
          .slice(at, at + TOGETHER_MAX)
          .map((row) => checkRow(context, { bulk, row, dayMaxSen: limits?.dayMaxSen ?? sen(0n) })),
      )),
    );
  await db.tx(async (tx) => {
    const now = await lockBulk(tx, bulk.id);
    // Cancelled meanwhile, or somebody took it over.
    if (now?.state !== 'checking' || now.version !== bulk.version) return;
    const moved = await changeRows(tx, { bulkId: bulk.id, from: 'unchecked', changes });
    const nowMs = time.now();
    if (moved.size > 0)
      await tell(context, tx, { bulk, fact: 'rows_checked', nowMs, data: roundOf(changes) });
    if (nowMs >= bulk.endsAtMs) {
      await moveBulk(tx, { bulk, to: 'expired', dueAtMs: undefined, nowMs });
      return tell(context, tx, { bulk, fact: 'expired', nowMs });
    }
    if (rows.length === ROUND_MAX || changes.some(({ to }) => to === 'unchecked'))
      return moveBulk(tx, { bulk, to: 'checking', dueAtMs: nowMs + ROUND_MS, nowMs });
    await finish(context, tx, { bulk, nowMs });
  });
}

async function finish(
  context: BulkContext,
  tx: Tx,
  { bulk, nowMs }: { readonly bulk: Bulk; readonly nowMs: number },
): Promise<void> {
  const valid = (await selectSums(tx, bulk.id)).find(({ state }) => state === 'checked');
  if (!valid) {
    const reason = 'no_valid_row';
    await moveBulk(tx, { bulk, to: 'expired', reason, dueAtMs: undefined, nowMs });
    const total = { count: 0, amountSen: 0n, leftCount: bulk.rowCount };
    return tell(context, tx, {
      bulk,
      fact: 'expired',
      nowMs,
      reason,
      message: 'bulk.ready',
      total,
    });
  }
  await moveBulk(tx, { bulk, to: 'ready', dueAtMs: bulk.endsAtMs, nowMs });
  const total = { ...valid, leftCount: bulk.rowCount - valid.count };
  await tell(context, tx, { bulk, fact: 'ready', nowMs, message: 'bulk.ready', total });
}

/** Faults by position, and how many have none. */
function roundOf(changes: readonly RowChange[]): Readonly<Record<string, unknown>> {
  const faulty = changes.filter(({ to }) => to === 'faulty');
  return {
    checkedCount: changes.filter(({ to }) => to === 'checked').length,
    faulty: faulty.map(({ position, reason }) => `${position} ${reason}`),
  };
}

async function checkRow(
  { engine }: BulkContext,
  input: { readonly bulk: Bulk; readonly row: BulkRow; readonly dayMaxSen: bigint },
): Promise<RowChange> {
  const { bulk, row, dayMaxSen } = input;
  const amount = row.amountSen!; // SQL: a row that is to be checked has one
  const [quote, name] = await Promise.all([
    engine.quote({
      channel: 'mobile',
      debitAccount: bulk.debitAccount,
      creditorBank: row.bank,
      amount,
      bulk: { id: bulk.id, dayMaxSen },
    }),
    engine.checkName({ bank: row.bank, account: row.account, amount }),
  ]);
  const fault = decideCheck({
    refusal: quote.open ? undefined : quote.reason,
    name,
    statedName: row.name,
    isOwnAccount: name.found === true && row.account === bulk.debitAccount && quote.kind === 'onus',
  });
  const { position, attempt } = row;
  if (fault === 'name_unconfirmed' && attempt < ASKS_MAX)
    return { position, attempt, to: 'unchecked', nextAttempt: attempt + 1 };
  const change = { position, attempt, nextAttempt: attempt };
  return fault
    ? { ...change, to: 'faulty', reason: fault }
    : { ...change, to: 'checked', feeSen: quote.feeSen };
}

/** Ends a list that nobody agreed to in time. */
export async function expireReady({ db, time, random }: BulkContext, bulk: Bulk): Promise<void> {
  await db.tx(async (tx) => {
    const now = await lockBulk(tx, bulk.id);
    const nowMs = time.now();
    if (now?.state !== 'ready' || nowMs < now.endsAtMs) return;
    await moveBulk(tx, { bulk: now, to: 'expired', dueAtMs: undefined, nowMs });
    await tell({ random }, tx, { bulk: now, fact: 'expired', nowMs });
  });
}
