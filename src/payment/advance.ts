/** Moves an open payment one step on: sign, send, recall, give back, inquire, renew, hand to people. The row is the work queue:
 * whoever holds its lease works on it, and every step is safe to repeat after a crash at any point. */
import type { Instruction } from '../authorisation/instruction.ts';
import { assert, assertNever } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { RailAnswer } from '../rail/contract.ts';
import { cancelHeld } from './cancel.ts';
import { LEASE_MS, dueAtOf, lastWordFrom, renewAtOf } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { decideDue } from './decide-due.ts';
import { paymentEvent } from './event.ts';
import { rejectCredit } from './incoming/incoming.ts';
import { inquireOnce, jittered } from './inquire.ts';
import { messageOf } from './message.ts';
import { applyOutcome, refund, writeEvents, type SenderStep } from './outcome.ts';
import { renewPromise } from './promise.ts';
import { instructionOf } from './instruction.ts';
import { networkRailOf } from './kind.ts';
import type { PaymentRow } from './row.ts';
import { isStatementComplete } from './statement.ts';
import { isFinal } from './state.ts';
import { selectReleasedAtMs } from './screening/store-review.ts';
import { giveUp } from './screening/withheld.ts';

/** Tokens for one jti that one turn asks for. */
const TOKENS_MAX = 3;
/** Steps of one turn: a payment that needs more waits for the next. */
const STEPS_MAX = 6;
/** Twice what a network takes from taking a payment to settling it; far below the lease. */
const SETTLES_MS = 500;
const BACKOFF_FIRST_MS = 1_000;
/** Below RENEW_AHEAD_MS, so that a promise is renewed in time while the gateway is away. */
const BACKOFF_MAX_MS = 30_000;

/** One turn of a claimed payment. */
export async function advance(context: PaymentContext, claimed: PaymentRow): Promise<void> {
  let row: PaymentRow | undefined = claimed;
  if (row.state === 'withheld') return advanceWithheld(context, row);
  if (row.state === 'held' || row.state === 'sending') {
    const renewAtMs = renewAtOf(row);
    if (renewAtMs !== undefined && context.time.now() >= renewAtMs)
      row = await renewPromise(context, row);
    if (!row) return;
    await (row.state === 'held'
      ? advanceHeld(context, { row, instruction: undefined })
      : resume(context, row, { maySend: true }));
    return;
  }
  for (let step = 0; row && !isFinal(row.state) && step < STEPS_MAX; step++) {
    const next: { row: PaymentRow | undefined; isDone: boolean } = await stepDue(context, row);
    if (next.isDone) return;
    row = next.row;
  }
}

/** Nobody decided in time: the money is free again. */
async function advanceWithheld(context: PaymentContext, row: PaymentRow): Promise<void> {
  const isOver = row.resolveByMs === undefined || context.time.now() >= row.resolveByMs;
  if (isOver) await giveUp(context, row, { decision: 'ended', reason: '' });
  else await lookLater(context, row);
}

/** Signs a held payment and sends it. `instruction` is at hand right after the hold was committed; else it is read. */
export async function advanceHeld(
  context: PaymentContext,
  input: { readonly row: PaymentRow; readonly instruction: Instruction | undefined },
): Promise<void> {
  const { row } = input;
  if (await isTooOld(context, row)) {
    await cancelHeld(context, row, { code: 'NOT_SENT', source: 'engine' });
    return;
  }
  const instruction = input.instruction ?? (await instructionOf(context, row));
  const token = await tokenFor(context, row);
  if (token === undefined) return putOff(context, row);
  const settings = await context.settings();
  const nowMs = context.time.now();
  const sending = await context.changes.apply({
    kind: 'change',
    id: row.id,
    from: ['held'],
    to: 'sending',
    // Nobody cancelled it or took it over in between.
    version: row.version,
    atMs: nowMs,
    set: {
      ...lastWordFrom({ rail: networkRailOf(row), nowMs }, settings),
      dueAtMs: nowMs,
      leasedUntilMs: nowMs + LEASE_MS,
    },
    events: (now) => [paymentEvent(now, nowMs, 'sending')],
    messages: () => [],
  });
  if (sending) await send(context, { row: sending, instruction, token });
}

/** Money that was never sent is given back after this long rather than sent when nobody expects it any more. What people released is
 * expected from then on. */
async function isTooOld(context: PaymentContext, row: PaymentRow): Promise<boolean> {
  const giveUpMs = Number((await context.settings()).giveUpMs);
  if (context.time.now() - row.madeAtMs <= giveUpMs) return false;
  const releasedAtMs = await selectReleasedAtMs(context.db, row.id);
  return releasedAtMs === undefined || context.time.now() - releasedAtMs > giveUpMs;
}

/** A token, or undefined when there is none now: nothing has been sent, so waiting is safe. */
async function tokenFor(context: PaymentContext, row: PaymentRow): Promise<string | undefined> {
  try {
    const signed = await context.sign([row.jti!]);
    const token = signed.tokens[row.jti!];
    if (token === undefined)
      context.log.error(
        { paymentId: row.id, reason: signed.refused[row.jti!] ?? 'no_answer' },
        'payment.not_signed',
      );
    return token;
  } catch (error) {
    context.log.warn(
      { paymentId: row.id, error: (error as Error).message },
      'payment.signer_unreachable',
    );
    return undefined;
  }
}

interface Sending {
  readonly row: PaymentRow;
  readonly instruction: Instruction;
  readonly token: string;
}

async function send(context: PaymentContext, first: Sending): Promise<void> {
  let { row, token } = first;
  for (let tokens = 1; ; tokens++) {
    faultPoint('payment.beforeSend');
    const answer = await callRail(context, { ...first, row, token });
    faultPoint('payment.afterSend');
    if (answer.outcome === 'not_reached') return putOff(context, row);
    // Whether it got as far as the gateway at all is not ours to doubt: the journal knows.
    if (answer.outcome === 'unknown') return resume(context, row, { maySend: false });
    if (await settlesMeanwhile(context, row, answer)) return;
    const { row: now, todo } = await applyOutcome(context, row, { answer, source: 'rail_answer' });
    if (!todo) return;
    if (todo !== 'resign') return takeSenderStep(context, now, todo);
    const next = tokens < TOKENS_MAX ? await tokenFor(context, now) : undefined;
    if (next === undefined) return putOff(context, now);
    row = now;
    token = next;
  }
}

/** BI-FAST settles each payment within moments of taking it. While much is on its way, a payment waits for that word instead of being written
 * twice; that it was taken is in the gateway's journal, where whoever takes over finds it. */
async function settlesMeanwhile(
  context: PaymentContext,
  row: PaymentRow,
  answer: RailAnswer,
): Promise<boolean> {
  const isTaken = answer.outcome === 'accepted' && !answer.isFinal;
  if (!isTaken || networkRailOf(row) !== 'bifast' || !context.isBusy()) return false;
  const listening = context.waiters.wait(row.id);
  const late = new AbortController();
  const told = await Promise.race([
    listening.done,
    context.time.sleep(SETTLES_MS, late.signal),
  ]).finally(() => {
    late.abort();
    listening.cancel();
  });
  return told !== undefined;
}

/** A throw proves nothing about what left: unknown, never rejected (I2). */
async function callRail(
  context: PaymentContext,
  sending: Sending,
): Promise<RailAnswer | { readonly outcome: 'not_reached' }> {
  try {
    return await context.rail.send({ instruction: sending.instruction, token: sending.token });
  } catch (error) {
    context.log.error(
      { paymentId: sending.row.id, error: (error as Error).message },
      'payment.send_failed',
    );
    return { outcome: 'unknown', reason: 'send_failed' };
  }
}

/** Does what an answer left to the sender. */
export async function takeSenderStep(
  context: PaymentContext,
  row: PaymentRow,
  step: SenderStep,
): Promise<void> {
  switch (step) {
    case 'resign':
    case 'retry':
      return putOff(context, row);
    case 'recall':
      // It was refused as used: when the journal does not know it either, sending at once would only be refused again.
      return resume(context, row, { maySend: false });
    case 'void':
      return giveBack(context, row);
    default:
      assertNever(step);
  }
}

/** Has the gateway burn the jti; only its word that nothing left and nothing will gives the money back. */
async function giveBack(context: PaymentContext, row: PaymentRow): Promise<void> {
  const answer = await context.rail.void({ jti: row.jti!, paymentId: row.id });
  if (answer.outcome === 'not_reached') return putOff(context, row);
  if (answer.outcome === 'not_sent') {
    await refund(context, row, { code: 'NOT_SENT', source: 'gateway' });
    return;
  }
  const { row: now, todo } = await applyOutcome(context, row, { answer, source: 'gateway' });
  if (todo) await putOff(context, now);
}

/** A payment found in `sending`: we do not know how far we came, but the gateway's journal does. */
async function resume(
  context: PaymentContext,
  row: PaymentRow,
  may: { readonly maySend: boolean },
): Promise<void> {
  const memory = await context.rail.recall({ jti: row.jti! });
  switch (memory.known) {
    case 'not_reached':
      return putOff(context, row);
    case 'voided':
      await refund(context, row, { code: 'NOT_SENT', source: 'gateway' });
      return;
    case 'intent': {
      const { todo } = await applyOutcome(context, row, {
        answer: { outcome: 'unknown', reason: 'recalled_intent' },
        source: 'gateway',
      });
      assert(!todo, 'an unknown asks nothing of the sender');
      return;
    }
    case 'outcome': {
      const { row: now, todo } = await applyOutcome(context, row, {
        answer: memory.answer,
        source: 'gateway',
      });
      if (todo === 'void') await giveBack(context, now);
      else if (todo) await putOff(context, now);
      return;
    }
    case 'never_seen':
      return may.maySend ? sendAgain(context, row) : putOff(context, row);
    default:
      assertNever(memory);
  }
}

/** The gateway never saw the jti: send it as if for the first time, or give it back when it is too old to be expected. */
async function sendAgain(context: PaymentContext, row: PaymentRow): Promise<void> {
  if (row.state !== 'sending' || (await isTooOld(context, row))) return giveBack(context, row);
  const instruction = await instructionOf(context, row);
  const token = await tokenFor(context, row);
  if (token === undefined) return putOff(context, row);
  const settings = await context.settings();
  const nowMs = context.time.now();
  const again = await context.changes.apply({
    kind: 'change',
    id: row.id,
    from: ['sending'],
    atMs: nowMs,
    set: {
      ...lastWordFrom({ rail: networkRailOf(row), nowMs }, settings),
      dueAtMs: nowMs,
      leasedUntilMs: nowMs + LEASE_MS,
    },
    events: () => [],
    messages: () => [],
  });
  if (again) await send(context, { row: again, instruction, token });
}

/** Comes back later, with back-off and jitter; the lease is given up. A promise that passes meanwhile is renewed first. */
async function putOff(context: PaymentContext, row: PaymentRow): Promise<void> {
  const nowMs = context.time.now();
  const backoffMs = Math.min(
    BACKOFF_MAX_MS,
    BACKOFF_FIRST_MS * 2 ** Math.min(row.attemptCount, 10),
  );
  await context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    // Whoever took the row over since keeps it.
    version: row.version,
    atMs: nowMs,
    set: {
      attemptCount: row.attemptCount + 1,
      dueAtMs: nowMs + jittered(backoffMs, context.random),
    },
    events: () => [],
    messages: () => [],
  });
}

/** One step of a payment that waits for a word. */
async function stepDue(
  context: PaymentContext,
  row: PaymentRow,
): Promise<{ row: PaymentRow | undefined; isDone: boolean }> {
  const settings = await context.settings();
  const nowMs = context.time.now();
  const step = decideDue(row, {
    nowMs,
    isStatementComplete: await isStatementComplete(context, row),
    settings,
  });
  switch (step) {
    case 'refund_by_statement':
      return {
        row: await refund(context, row, { code: 'NOT_IN_STATEMENT', source: 'statement' }),
        isDone: true,
      };
    case 'reject_credit':
      return { row: await rejectCredit(context, row), isDone: true };
    case 'renew':
      return { row: await renewPromise(context, row), isDone: false };
    case 'doubt':
    case 'review':
      return {
        row: await moveByClock(context, row, step === 'doubt' ? 'unknown' : 'review'),
        isDone: false,
      };
    case 'inquire': {
      const asked = await inquireOnce(context, row, settings);
      if (!asked.row || !asked.answer) return { row: asked.row, isDone: true };
      const { row: now, todo } = await applyOutcome(context, asked.row, {
        answer: asked.answer,
        source: 'inquiry',
      });
      if (todo) await takeSenderStep(context, now, todo);
      return { row: now, isDone: true };
    }
    case 'overdue':
      await writeEvents(context, [paymentEvent(row, nowMs, 'overdue')]);
      return { row: await lookLater(context, row), isDone: true };
    case 'wait':
      return { row: await lookLater(context, row), isDone: true };
    default:
      return assertNever(step);
  }
}

/** Accepted for too long becomes unknown; unknown for too long goes to people, and the customer is told. */
async function moveByClock(
  context: PaymentContext,
  row: PaymentRow,
  to: 'unknown' | 'review',
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  return context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    to,
    atMs: nowMs,
    set: { dueAtMs: dueAtOf({ ...row, state: to }, nowMs, settings) },
    events: (now) => [paymentEvent(now, nowMs, now.state)],
    messages: (now) =>
      to === 'review'
        ? messageOf(now, nowMs, { template: 'payment.review', random: context.random })
        : [],
  });
}

async function lookLater(
  context: PaymentContext,
  row: PaymentRow,
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  return context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    atMs: nowMs,
    set: { dueAtMs: dueAtOf(row, nowMs, settings) },
    events: () => [],
    messages: () => [],
  });
}
