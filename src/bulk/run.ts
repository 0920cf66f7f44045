/** Pays the rows of an agreed list round by round. Each row is a payment of its own with its own authorisation, asked for under
 * `bulk:<list>:<position>:<attempt>`. A row says `submitting` on disk before; the attempt rises only with the known answer to the one before. So
 * a crash anywhere, or two processes at once, ask under the same key, and the ledger answers one payment. A row that says `submitting` goes
 * through whatever becomes of its list: nobody has to know whether it was asked for. */
import type { Tx } from '../db/pool.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { sen } from '../kernel/money.ts';
import type { BulkReason } from '../notify/bulk-reason.ts';
import type { SubmitResult, TransferCommand } from '../payment/port.ts';
import { ROUND_MAX, ROUND_MS } from './check.ts';
import type { BulkContext } from './context.ts';
import { decideRefused, type RowDecision } from './decide-row.ts';
import type { Bulk, BulkLimits, BulkRow, BulkSum } from './port.ts';
import { tell } from './record.ts';
import {
  beginRows,
  changeRows,
  lockBulk,
  moveBulk,
  selectLimits,
  selectNextDue,
  selectSubmitting,
  selectSums,
  type RowChange,
} from './store.ts';

/** How soon a row that waits for us is tried again: a service that opens is used within minutes, and nobody is knocked at. */
const AGAIN_MS = 10 * 60_000;

/** The key of one try of one row. */
export function keyOf(bulkId: string, row: Pick<BulkRow, 'position' | 'attempt'>): string {
  return `bulk:${bulkId}:${row.position}:${row.attempt}`;
}

/** One round of a claimed list that was agreed to. */
export async function payRound(context: BulkContext, bulk: Bulk): Promise<void> {
  const limits = await selectLimits(context.db, bulk.customerId);
  const rows = await begin(context, { bulk, limits });
  if (!rows) return;
  faultPoint('bulk.beforeSubmit');
  // What was asked for already is asked again under its key also when the agreement has ended: most of it was paid.
  const dayMaxSen = limits?.dayMaxSen ?? sen(0n);
  const results = await Promise.all(
    rows.map((row) => context.engine.submit(commandOf(bulk, { row, dayMaxSen }))),
  );
  faultPoint('bulk.afterSubmit');
  await record(context, bulk, { rows, results });
  faultPoint('bulk.afterMark');
}

/** Marks the rows of this round as asked for; undefined when the list is not this process's any more. */
async function begin(
  { db, time, random }: BulkContext,
  { bulk, limits }: { readonly bulk: Bulk; readonly limits: BulkLimits | undefined },
): Promise<readonly BulkRow[] | undefined> {
  return db.tx(async (tx) => {
    const now = await lockBulk(tx, bulk.id);
    if (now?.version !== bulk.version) return undefined;
    const left = await selectSubmitting(tx, { bulkId: bulk.id, limit: ROUND_MAX });
    if (left.length > 0 || now.state !== 'running' || !limits) return left;
    const nowMs = time.now();
    const rows = await beginRows(tx, { bulkId: bulk.id, nowMs, limit: ROUND_MAX });
    if (rows.length > 0)
      await tell({ random }, tx, {
        bulk,
        fact: 'rows_submitting',
        nowMs,
        data: { tries: rows.map(({ position, attempt }) => `${position}:${attempt}`) },
      });
    return rows;
  });
}

function commandOf(
  bulk: Bulk,
  { row, dayMaxSen }: { readonly row: BulkRow; readonly dayMaxSen: bigint },
): TransferCommand {
  const asked = {
    debitAccount: bulk.debitAccount,
    creditorBank: row.bank,
    creditorAccount: row.account,
    creditorName: row.name,
    amount: row.amountSen!, // SQL: a row that was checked has both
    remark: row.remark,
    confirmedFeeSen: row.feeSen!,
  };
  return {
    channel: 'mobile',
    key: keyOf(bulk.id, row),
    requestHash: sha256(canonicalJson(asked)),
    customerId: bulk.customerId,
    mayWait: 'by_rule',
    bulk: { id: bulk.id, dayMaxSen, sumSen: bulk.agreed?.amountSen },
    proof: { kind: 'list', id: bulk.id },
    ...asked,
  };
}

async function record(
  context: BulkContext,
  bulk: Bulk,
  round: { readonly rows: readonly BulkRow[]; readonly results: readonly SubmitResult[] },
): Promise<void> {
  await context.db.tx(async (tx) => {
    const now = await lockBulk(tx, bulk.id);
    if (!now) return;
    const nowMs = context.time.now();
    const decided = round.rows.map((row, index) => {
      const result = round.results[index]!; // one for each
      return { row, result, decision: decisionOf(result, { nowMs, endsAtMs: now.endsAtMs }) };
    });
    const changes = decided.map((one) => changeOf(one, nowMs));
    const moved = await changeRows(tx, { bulkId: bulk.id, from: 'submitting', changes });
    if (moved.size > 0)
      await tell(context, tx, {
        bulk,
        fact: 'rows_answered',
        nowMs,
        data: answersOf(changes, moved),
      });
    // Whoever took it over moves it on.
    if (now.version !== bulk.version) return;
    const stop = decided.flatMap(({ decision }) =>
      decision?.kind === 'pause' ? [decision.reason] : [],
    )[0];
    await moveOn(context, tx, { now, nowMs, stop });
  });
}

function decisionOf(
  result: SubmitResult,
  at: { readonly nowMs: number; readonly endsAtMs: number },
): RowDecision | undefined {
  return result.ok ? undefined : decideRefused(result.reason, at);
}

function changeOf(
  one: {
    readonly row: BulkRow;
    readonly result: SubmitResult;
    readonly decision: RowDecision | undefined;
  },
  nowMs: number,
): RowChange {
  const { row, result, decision } = one;
  const { position, attempt } = row;
  if (result.ok || !decision)
    return {
      position,
      attempt,
      to: 'submitted',
      nextAttempt: attempt,
      paymentId: result.ok ? result.payment.id : undefined,
    };
  if (decision.kind === 'refuse')
    return { position, attempt, to: 'refused', nextAttempt: attempt, reason: decision.reason };
  // A full queue keeps no answer: the same key asks again. Every other answer is for ever, so the next try has the next key.
  const nextAttempt = result.reason === 'busy' ? attempt : attempt + 1;
  const again = { position, attempt, to: 'checked' as const, nextAttempt };
  return decision.kind === 'pause'
    ? again
    : { ...again, reason: decision.reason, dueAtMs: nowMs + AGAIN_MS };
}

function answersOf(
  changes: readonly RowChange[],
  moved: ReadonlySet<number>,
): Readonly<Record<string, unknown>> {
  const written = changes.filter(({ position }) => moved.has(position));
  const of = (to: RowChange['to']): readonly string[] =>
    written.flatMap((one) =>
      one.to === to ? [`${one.position} ${one.paymentId ?? one.reason ?? 'again'}`] : [],
    );
  return { submitted: of('submitted'), refused: of('refused'), waiting: of('checked') };
}

/** What comes next for a locked list: another round, standing still, or its end. */
async function moveOn(
  context: BulkContext,
  tx: Tx,
  input: { readonly now: Bulk; readonly nowMs: number; readonly stop: BulkReason | undefined },
): Promise<void> {
  const { now, nowMs } = input;
  if (now.state !== 'running') return rest(context, tx, { now, nowMs });
  const nextMs = await selectNextDue(tx, now.id);
  if (nextMs === undefined) {
    await moveBulk(tx, { bulk: now, to: 'done', dueAtMs: undefined, nowMs });
    const total = totalOf(await selectSums(tx, now.id));
    return tell(context, tx, { bulk: now, fact: 'done', nowMs, message: 'bulk.done', total });
  }
  const limits = await selectLimits(tx, now.customerId);
  const stop = input.stop ?? (limits ? undefined : 'not_agreed');
  if (stop) {
    await moveBulk(tx, { bulk: now, to: 'paused', reason: stop, dueAtMs: now.endsAtMs, nowMs });
    const message = 'bulk.paused';
    return tell(context, tx, { bulk: now, fact: 'paused', nowMs, reason: stop, message });
  }
  const dueAtMs = Math.max(nextMs, nowMs + ROUND_MS);
  await moveBulk(tx, { bulk: now, to: 'running', dueAtMs, nowMs });
}

/** A list that stands still, or is over, is due only while answers of its rows are open, and when its time is up. */
async function rest(
  context: BulkContext,
  tx: Tx,
  { now, nowMs }: { readonly now: Bulk; readonly nowMs: number },
): Promise<void> {
  const open = await selectSubmitting(tx, { bulkId: now.id, limit: 1 });
  const isPaused = now.state === 'paused';
  if (open.length === 0 && isPaused && nowMs >= now.endsAtMs) {
    await moveBulk(tx, { bulk: now, to: 'expired', dueAtMs: undefined, nowMs });
    const total = totalOf(await selectSums(tx, now.id));
    return tell(context, tx, { bulk: now, fact: 'expired', nowMs, message: 'bulk.done', total });
  }
  const later = isPaused ? now.endsAtMs : undefined;
  const dueAtMs = open.length > 0 ? nowMs + ROUND_MS : later;
  await moveBulk(tx, { bulk: now, to: now.state, reason: now.reason, dueAtMs, nowMs });
}

/** What was submitted, and how many rows were not. */
function totalOf(
  sums: readonly BulkSum[],
): Pick<BulkSum, 'count' | 'amountSen'> & { readonly leftCount: number } {
  const sum = { count: 0, amountSen: 0n, leftCount: 0 };
  for (const one of sums) {
    if (one.state.startsWith('payment.')) {
      sum.count += one.count;
      sum.amountSen += one.amountSen;
    } else sum.leftCount += one.count;
  }
  return sum;
}
