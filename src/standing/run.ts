/** Works on one claimed run: asks the engine outside of any transaction, decides, and writes what it decided.
 *
 * A payment is asked for under `standing:<order>:<date>:<attempt>`. The run says `submitting` on disk before; the attempt rises only with
 * the known answer to the one before. So a crash anywhere, two processes at once or a clock that jumps back ask under the same key, and
 * the ledger answers one payment. */
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { sen } from '../kernel/money.ts';
import type { SubmitResult, TransferCommand } from '../payment/port.ts';
import type { StandingContext } from './context.ts';
import { decideDue, isWaitTold, type Asked, type DueDecision } from './decide-due.ts';
import { endIfDone } from './open-date.ts';
import type { StandingOrder, StandingRun } from './port.ts';
import { tell } from './record.ts';
import {
  changeRun,
  hasAnswer,
  lockOrder,
  moveOrder,
  selectOrder,
  type RunChange,
} from './store.ts';

/** The key of one try of one date. */
export function keyOf(run: Pick<StandingRun, 'orderId' | 'date' | 'attempt'>): string {
  return `standing:${run.orderId}:${run.date}:${run.attempt}`;
}

/** A decision that is written; `ask` and `submit` lead to one. */
type Written = Exclude<DueDecision, { readonly kind: 'ask' | 'submit' }>;

interface Claimed {
  readonly order: StandingOrder;
  readonly run: StandingRun;
  readonly leaseUntilMs: number;
}

/** Takes a claimed run as far as it goes now. A fault leaves it as it is: its lease brings it back. */
export async function workRun(
  context: StandingContext,
  input: { readonly run: StandingRun; readonly leaseUntilMs: number },
): Promise<void> {
  const order = await selectOrder(context.db, input.run.orderId);
  assert(order, 'a run has its order');
  const claimed: Claimed = { ...input, order };
  if (input.run.state === 'submitting' && (await hasAnswer(context.db, keyOf(input.run))))
    return submitAndRecord(context, claimed, { feeSen: order.feeMaxSen });
  // Paused or cancelled while a process that died had the run in hand: nothing was asked for, and nothing is any more.
  if (order.state !== 'active') {
    const reason = order.state === 'paused' ? 'paused' : 'cancelled';
    return record(context, claimed, { kind: 'miss', reason });
  }
  const decision = await decide(context, claimed);
  if (decision.kind !== 'submit') return record(context, claimed, decision);
  const submitting = await beginSubmit(context, claimed);
  if (submitting) await submitAndRecord(context, { ...claimed, run: submitting }, decision);
}

async function decide(
  context: StandingContext,
  { order, run }: Claimed,
): Promise<Exclude<DueDecision, { readonly kind: 'ask' }>> {
  const facts = {
    date: run.date,
    lastReason: run.reason,
    feeMaxSen: order.feeMaxSen,
    clock: await context.clock(),
  };
  const first = decideDue({ ...facts, nowMs: context.time.now() });
  if (first.kind !== 'ask') return first;
  const asked = await ask(context, order);
  const second = decideDue({ ...facts, nowMs: context.time.now(), asked });
  assert(second.kind !== 'ask', 'what was asked is answered');
  return second;
}

/** The gate, the limits and the fee first: they cost nothing. Then who owns the payee's account now. */
async function ask({ engine }: StandingContext, order: StandingOrder): Promise<Asked> {
  const quote = await engine.quote({
    channel: 'mobile',
    debitAccount: order.debitAccount,
    creditorBank: order.payeeBank,
    amount: order.amountSen,
  });
  if (!quote.open) return { kind: 'refused', reason: quote.reason };
  const check = await engine.checkName({
    bank: order.payeeBank,
    account: order.payeeAccount,
    amount: order.amountSen,
  });
  const name =
    check.found === 'unknown'
      ? 'unknown'
      : !check.found
        ? 'missing'
        : plain(check.name) === plain(order.payeeName)
          ? 'same'
          : 'changed';
  return { kind: 'open', feeSen: quote.feeSen, name };
}

/** Banks change case and spacing of a name from one answer to the next; anything else is another name. */
function plain(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toUpperCase();
}

/** Says on disk that a payment is about to be asked for; undefined when the customer or a peer was first. */
async function beginSubmit(
  context: StandingContext,
  { run, leaseUntilMs }: Claimed,
): Promise<StandingRun | undefined> {
  const begun = await context.db.tx(async (tx) => {
    const order = await lockOrder(tx, run.orderId);
    if (order?.state !== 'active') return undefined;
    const nowMs = context.time.now();
    // Whoever comes late finds the lease over and leaves the run to the one who took it.
    if (nowMs >= leaseUntilMs) return undefined;
    const changed = await changeRun(tx, {
      ...changeOf(run, nowMs),
      state: 'submitting',
      dueAtMs: run.dueAtMs ?? nowMs,
      leasedUntilMs: leaseUntilMs,
    });
    if (changed)
      await tell(context, tx, {
        order,
        fact: 'run_submitting',
        about: { nowMs, date: run.date, attempt: run.attempt },
      });
    return changed;
  });
  faultPoint('standing.beforeSubmit');
  return begun;
}

async function submitAndRecord(
  context: StandingContext,
  claimed: Claimed,
  { feeSen }: { readonly feeSen: bigint },
): Promise<void> {
  const { order, run } = claimed;
  const result = await context.engine.submit(commandOf(order, { run, feeSen }));
  faultPoint('standing.afterSubmit');
  if (result.ok) return recordSubmitted(context, claimed, result.payment.id);
  const decision = await decideAnswer(context, claimed, result);
  // A full queue keeps no answer: the same key asks again. Every other answer is for ever, so the next try has the next key.
  const attempt = result.reason === 'busy' ? run.attempt : run.attempt + 1;
  await record(context, { ...claimed, run: { ...run, attempt } }, decision);
}

async function decideAnswer(
  context: StandingContext,
  { order, run }: Claimed,
  { reason }: Extract<SubmitResult, { readonly ok: false }>,
): Promise<Written> {
  const decision = decideDue({
    nowMs: context.time.now(),
    date: run.date,
    lastReason: run.reason,
    feeMaxSen: order.feeMaxSen,
    clock: await context.clock(),
    asked: { kind: 'refused', reason },
  });
  assert(decision.kind !== 'ask' && decision.kind !== 'submit', 'a refusal is no way to pay');
  return decision;
}

function commandOf(
  order: StandingOrder,
  { run, feeSen }: { readonly run: StandingRun; readonly feeSen: bigint },
): TransferCommand {
  const asked = {
    debitAccount: order.debitAccount,
    creditorBank: order.payeeBank,
    creditorAccount: order.payeeAccount,
    creditorName: order.payeeName,
    amount: order.amountSen,
    remark: order.remark,
    consentId: order.consentId,
  };
  return {
    channel: 'mobile',
    key: keyOf(run),
    requestHash: sha256(canonicalJson(asked)),
    customerId: order.customerId,
    confirmedFeeSen: sen(feeSen),
    mayWait: 'by_rule',
    proof: { kind: 'order', id: order.id },
    ...asked,
  };
}

/** The unchanged part of a change. */
function changeOf(run: StandingRun, nowMs: number): RunChange {
  return {
    orderId: run.orderId,
    date: run.date,
    version: run.version,
    state: run.state,
    attempt: run.attempt,
    reason: run.reason,
    paymentId: run.paymentId,
    dueAtMs: run.dueAtMs,
    leasedUntilMs: undefined,
    nowMs,
  };
}

async function recordSubmitted(
  context: StandingContext,
  { run }: Claimed,
  paymentId: string,
): Promise<void> {
  await inOrder(context, run, async (tx, order, nowMs) => {
    const changed = await changeRun(tx, {
      ...changeOf(run, nowMs),
      state: 'submitted',
      reason: undefined,
      paymentId,
      dueAtMs: undefined,
    });
    if (!changed) return;
    await tell(context, tx, {
      order,
      fact: 'run_submitted',
      about: { nowMs, date: run.date, paymentId, attempt: run.attempt },
      message: 'standing_order.submitted',
      again: { nextDate: order.nextDate },
    });
    await endIfDone(context, tx, { order, nowMs });
  });
  faultPoint('standing.afterMark');
}

/** Writes a decision that paid nothing. */
async function record(
  context: StandingContext,
  { run }: Claimed,
  decision: Written,
): Promise<void> {
  await inOrder(context, run, async (tx, order, nowMs) => {
    const { date, attempt } = run;
    const { reason } = decision;
    const isWait = decision.kind === 'wait';
    const changed = await changeRun(tx, {
      ...changeOf(run, nowMs),
      state: isWait ? 'waiting' : 'missed',
      reason,
      dueAtMs: isWait ? decision.dueAtMs : undefined,
    });
    if (!changed) return;
    if (isWait) {
      await tell(context, tx, {
        order,
        fact: 'run_waiting',
        about: { nowMs, date, reason, attempt },
        message: isWaitTold(decision, run.reason) ? 'standing_order.waiting' : undefined,
        again: { nextAtMs: decision.dueAtMs, nextDate: decision.untilDate },
      });
      return;
    }
    const isPausing =
      decision.kind === 'pause' && order.state === 'active' && order.nextDate !== undefined;
    await tell(context, tx, {
      order,
      fact: 'run_missed',
      about: { nowMs, date, reason, attempt },
      message: isPausing ? 'standing_order.paused' : 'standing_order.missed',
      again: { nextDate: isPausing ? undefined : order.nextDate },
    });
    if (!isPausing) return void (await endIfDone(context, tx, { order, nowMs }));
    await moveOrder(tx, { id: order.id, from: 'active', to: 'paused', reason, nowMs });
    await tell(context, tx, { order, fact: 'paused', about: { nowMs, reason } });
  });
  faultPoint('standing.afterMark');
}

/** One transaction that locks the order before its run. */
async function inOrder(
  { db, time }: StandingContext,
  run: StandingRun,
  work: (tx: Tx, order: StandingOrder, nowMs: number) => Promise<void>,
): Promise<void> {
  await db.tx(async (tx) => {
    const order = await lockOrder(tx, run.orderId);
    assert(order, 'a run has its order');
    await work(tx, order, time.now());
  });
}
