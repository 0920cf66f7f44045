/** Ends the wait of a payment that people look at: released, refused, taken back, or ended by its clock. The holds decide between two
 * ends: whoever ends them first wins. */
import { recordEvents } from '../../audit/record.ts';
import { sen } from '../../kernel/money.ts';
import { faultPoint } from '../../kernel/fault-point.ts';
import { networkIds } from '../../authorisation/instruction.ts';
import type { Leg, Posted } from '../../ledger/port.ts';
import { announcer } from '../announce.ts';
import type { PaymentChange, Release } from '../change.ts';
import { LEASE_MS } from '../clock.ts';
import type { PaymentContext } from '../context.ts';
import { decideRelease, type ReleaseRefusal } from './decide-release.ts';
import { decideSubmit } from '../decide-submit.ts';
import { decidedEvent, paymentEvent } from '../event.ts';
import { holdsOf, legsOf } from '../lines.ts';
import { messageOf } from '../message.ts';
import { endHolds, holdLegs, postWrites, reread } from '../outcome.ts';
import type { PaymentRow } from '../row.ts';
import { findPayment } from '../store.ts';
import {
  insertAsk,
  listWaiting,
  selectLines,
  selectReview,
  type ReviewDecision,
  type ReviewEnd,
  type WaitingRow,
} from './store-review.ts';
import { gatherSubmitFacts } from '../submit-facts.ts';
import { readDraft } from './withheld-draft.ts';

/** What a person may do with a payment that waits. */
export type ReviewResult =
  | { readonly ok: true; readonly state: 'asked' | 'released' | 'refused' }
  | { readonly ok: false; readonly reason: ReleaseRefusal };

/** A person, and why. */
export interface ReviewAct {
  readonly paymentId: string;
  readonly staffId: string;
  /** At most 500 characters; no names and no account numbers. */
  readonly reason: string;
}

/** The queue of payments that wait for a person, for the console. */
export interface WithheldPort {
  /** The oldest hundred. */
  list(filter: {
    readonly kind?: string | undefined;
    readonly restrictionId?: string | undefined;
  }): Promise<readonly WaitingRow[]>;
  /** The first call asks, a second person's releases; where one is enough, the first releases. Idempotent. Throws DbFault. */
  release(act: ReviewAct): Promise<ReviewResult>;
  /** One person is enough to give the money back (I5: tighten alone). */
  refuse(act: ReviewAct): Promise<ReviewResult>;
}

/** Opens the queue. */
export function openWithheld(context: PaymentContext): WithheldPort {
  return {
    list: ({ kind, restrictionId }) => listWaiting(context.db, { kind, restrictionId }),
    release: (act) => release(context, act),
    refuse: (act) => refuse(context, act),
  };
}

async function release(context: PaymentContext, act: ReviewAct): Promise<ReviewResult> {
  const row = await findPayment(context.db, act.paymentId);
  const review = row && (await selectReview(context.db, row.id));
  const settings = await context.settings();
  const step = decideRelease({
    row,
    askedBy: review?.askedBy,
    staffId: act.staffId,
    nowMs: context.time.now(),
    aloneMaxSen: settings.releaseAloneSen,
  });
  if (!row || !review || step.kind === 'refuse')
    return { ok: false, reason: step.kind === 'refuse' ? step.reason : 'not_found' };
  const closed = await closedWay(context, row);
  if (closed) return { ok: false, reason: closed };
  if (step.kind === 'ask') return ask(context, row, act);
  const decision: ReviewDecision = {
    decision: 'released',
    decidedBy: act.staffId,
    askedBy: review.askedBy,
    aloneMaxSen: settings.releaseAloneSen,
    reason: act.reason,
  };
  const done =
    review.draft === undefined
      ? await settleOnus(context, row, decision)
      : await sendAfterAll(context, row, { decision, draft: review.draft });
  return done ? { ok: true, state: 'released' } : { ok: false, reason: 'not_waiting' };
}

/** A person who looked at one payment does not open a way that is closed to all. */
async function closedWay(
  context: PaymentContext,
  row: PaymentRow,
): Promise<ReleaseRefusal | undefined> {
  const { channel, kind } = row;
  if (channel === 'network') return 'not_waiting';
  const { facts } = await gatherSubmitFacts(context, {
    channel,
    debitAccount: row.debitAccount,
    creditorBank: row.counterpartyBank ?? context.bank.bic,
    ...(kind === 'switch_out' && { route: 'switch' as const }),
    creditorAccount: row.creditAccount,
    amount: row.amountSen,
    mayWait: true,
  });
  const decision = decideSubmit(facts, await context.settings());
  if (decision.ok || decision.reason === 'step_up_needed') return undefined;
  return 'way_closed';
}

async function ask(
  context: PaymentContext,
  row: PaymentRow,
  act: ReviewAct,
): Promise<ReviewResult> {
  const nowMs = context.time.now();
  const isFirst = await context.db.tx(async (tx) => {
    const isNew = await insertAsk(tx, { ...act, nowMs });
    if (isNew)
      await recordEvents(tx, [
        paymentEvent(row, nowMs, 'release_asked', { by: act.staffId, why: act.reason }),
      ]);
    return isNew;
  });
  return isFirst ? { ok: true, state: 'asked' } : { ok: false, reason: 'already_asked' };
}

/** Within the bank: the hold is posted, both sides hear of it. */
async function settleOnus(
  context: PaymentContext,
  row: PaymentRow,
  decision: ReviewDecision,
): Promise<PaymentRow | undefined> {
  const [payee] = await context.facts.accounts([row.creditAccount]);
  const { random } = context;
  return endHolds(context, row, {
    kind: 'post',
    key: `release:${row.id}`,
    from: ['withheld'],
    to: 'settled',
    set: { outcomeCode: 'U000', outcomeSource: 'review', settledAtMs: context.time.now() },
    decision,
    messages: (now) => [
      ...messageOf(now, now.changedAtMs, { template: 'payment.settled', random }),
      ...messageOf({ ...now, kind: 'bifast_in', customerId: payee?.customerId }, now.changedAtMs, {
        template: 'payment.received',
        random,
      }),
    ],
  });
}

/** Over a network: in one commit the old holds end, new ones stand with an authorisation, and the payment is on its way like any other. */
async function sendAfterAll(
  context: PaymentContext,
  row: PaymentRow,
  of: { readonly decision: ReviewDecision; readonly draft: string },
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const lines = await selectLines(context.db, row.id);
  const voids = holdLegs(row, 'void');
  const legs: Leg[] = [...voids, ...legsOf(lines, 'hold')];
  const authorisation = readDraft(of.draft);
  const change: PaymentChange = {
    kind: 'change',
    id: row.id,
    from: ['withheld'],
    to: 'held',
    atMs: nowMs,
    set: {
      promiseAtMs: nowMs + Number(settings.promiseMs),
      dueAtMs: nowMs,
      leasedUntilMs: nowMs + LEASE_MS,
    },
    release: reheld({ first: voids.length, holds: holdsOf(lines), jti: authorisation.jti }),
    decision: of.decision,
    events: (now) => [
      ...announcer(context, now, { isReleased: true })(
        { ...now, madeAtMs: nowMs },
        { paymentId: now.id, transferIds: [] },
      ),
      decidedEvent(now, nowMs, of.decision),
    ],
    messages: (now) =>
      messageOf(now, nowMs, { template: 'payment.released', random: context.random }),
  };
  faultPoint('payment.beforeRelease');
  const result = await postWrites(context, {
    row,
    key: `release:${row.id}`,
    legs,
    authorisation,
    writes: [change],
  });
  faultPoint('payment.afterRelease');
  if (!result.ok) {
    context.log.warn({ paymentId: row.id, reason: result.reason }, 'payment.not_released');
    return undefined;
  }
  const now = await reread(context, row.id);
  context.waiters.tell(now);
  if (now.state === 'held') context.sendSoon(now, result.posted.instruction);
  return now;
}

/** Where the new holds are among the transfers of a release. */
function reheld(of: {
  readonly first: number;
  readonly holds: ReturnType<typeof holdsOf>;
  readonly jti: string;
}): Release {
  return (posted: Posted) => {
    const at = (leg: number | undefined): bigint | undefined =>
      leg === undefined ? undefined : posted.transferIds[of.first + leg];
    const ids = posted.instruction && networkIds(posted.instruction);
    return {
      principalHold: at(of.holds.principal)!, // posted: every leg has its transfer
      feeHold: at(of.holds.fee),
      taxHold: at(of.holds.tax),
      jti: of.jti,
      bizMsgIdr: ids?.bizMsgIdr,
      msgId: ids?.msgId,
    };
  };
}

async function refuse(context: PaymentContext, act: ReviewAct): Promise<ReviewResult> {
  const row = await findPayment(context.db, act.paymentId);
  if (!row) return { ok: false, reason: 'not_found' };
  const done = await giveUp(context, row, {
    decision: 'refused',
    decidedBy: act.staffId,
    reason: act.reason,
  });
  return done ? { ok: true, state: 'refused' } : { ok: false, reason: 'not_waiting' };
}

const CODES: Readonly<Record<Exclude<ReviewEnd, 'released'>, string>> = {
  refused: 'REVIEW_REFUSED',
  ended: 'REVIEW_ENDED',
  withdrawn: 'CANCELLED',
};

/** Frees the money of a payment that waited, fee too; undefined when it waits no more. */
export async function giveUp(
  context: PaymentContext,
  row: PaymentRow,
  end: {
    readonly decision: Exclude<ReviewEnd, 'released'>;
    readonly decidedBy?: string;
    readonly reason: string;
  },
): Promise<PaymentRow | undefined> {
  if (row.state !== 'withheld') return undefined;
  return endHolds(context, row, {
    kind: 'void',
    key: `cancel:${row.id}`,
    from: ['withheld'],
    to: 'cancelled',
    set: { outcomeCode: CODES[end.decision], outcomeSource: 'review' },
    decision: { ...end, aloneMaxSen: sen(0n) },
    messages: (now) =>
      messageOf(now, now.changedAtMs, {
        template: end.decision === 'withdrawn' ? 'payment.cancelled' : 'payment.not_released',
        random: context.random,
      }),
  });
}
