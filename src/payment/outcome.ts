/** Applies what is known of a sent payment: settles, refunds, accepts or doubts it, once. The ledger's holds decide between
 * two final words: whoever ends them first wins, the other finds them ended and nothing is posted twice. */
import { CHART } from '../kernel/bank.ts';
import { recordEvents } from '../audit/record.ts';
import type { EventDraft } from '../audit/event.ts';
import { assert, assertNever } from '../kernel/assert.ts';
import { sha256 } from '../kernel/canonical.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { MessageTemplate } from '../notify/template.ts';
import type { AuthorisationDraft, Counter, Leg, PostResult } from '../ledger/port.ts';
import type { EvidenceSource, RailAnswer } from '../rail/contract.ts';
import {
  paymentCompanion,
  type MessageDraft,
  type PaymentChange,
  type PaymentPatch,
  type PaymentWrite,
} from './change.ts';
import { dueAtOf } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { decideAnswer, type AnswerStep } from './decide-answer.ts';
import { decidedEvent, paymentEvent } from './event.ts';
import { inquireAtFrom } from './inquire.ts';
import { isCapturedByStatement, networkRailOf } from './kind.ts';
import { countedKeys } from './limits.ts';
import { messageOf } from './message.ts';
import type { PaymentRow } from './row.ts';
import type { ReviewDecision } from './screening/store-review.ts';
import { discountLegs, scanPaid } from './sale/scan-end.ts';
import { selectRefundMdr } from './sale/store.ts';
import { isFinal, type PaymentState } from './state.ts';

/** States in which the holds still stand and something may have left. */
export const OPEN_STATES = [
  'sending',
  'accepted',
  'unknown',
  'review',
] as const satisfies readonly PaymentState[];

/** Steps that the sender itself must take; a notice or an inquiry that asks for one is handed to `advance`. */
export type SenderStep = Extract<AnswerStep, 'void' | 'resign' | 'retry' | 'recall'>;

export interface Evidence {
  readonly answer: RailAnswer;
  readonly source: EvidenceSource;
  /** When the network settled it, where it says so. */
  readonly settledAtMs?: number;
}

/** A payment moved between our look and our write: look again, this often at most. */
const LOOKS_MAX = 5;

/** Applies evidence about a sent payment. Idempotent. Returns the row as it is now and what the sender still has to do. */
export async function applyOutcome(
  context: PaymentContext,
  known: PaymentRow,
  evidence: Evidence,
): Promise<{ readonly row: PaymentRow; readonly todo?: SenderStep }> {
  let row = known;
  for (let look = 0; look < LOOKS_MAX; look++) {
    const step = decideAnswer(row.state, evidence.answer);
    switch (step) {
      case 'nothing':
        return { row };
      case 'contradicted':
      case 'settled_after_refund':
        await tellContradiction(context, { row, evidence, step });
        return { row };
      case 'void':
      case 'resign':
      case 'retry':
      case 'recall':
        return { row, todo: step };
      case 'settle':
      case 'refund':
      case 'accept':
      case 'doubt': {
        const moved = await applyStep(context, row, { step, evidence });
        if (moved) return { row: moved };
        break;
      }
      default:
        assertNever(step);
    }
    row = await reread(context, row.id);
  }
  throw new Error(`Cannot apply outcome: the payment keeps moving (payment=${row.id})`);
}

function applyStep(
  context: PaymentContext,
  row: PaymentRow,
  input: { readonly step: 'settle' | 'refund' | 'accept' | 'doubt'; readonly evidence: Evidence },
): Promise<PaymentRow | undefined> {
  const code = codeOf(input.evidence.answer);
  const { source, settledAtMs } = input.evidence;
  switch (input.step) {
    case 'settle':
      return settle(context, row, {
        code,
        source,
        settledAtMs: settledAtMs ?? context.time.now(),
        receipt: receiptOf(input.evidence.answer),
      });
    case 'refund':
      return refund(context, row, { code, source });
    case 'accept':
    case 'doubt':
      return standBy(context, row, {
        to: input.step === 'accept' ? 'accepted' : 'unknown',
        code,
        source,
      });
  }
}

function codeOf(answer: RailAnswer): string {
  return answer.outcome === 'accepted' || answer.outcome === 'rejected'
    ? answer.code
    : answer.reason.slice(0, 60);
}

function receiptOf(answer: RailAnswer): string | undefined {
  return answer.outcome === 'accepted' ? answer.receipt : undefined;
}

/** Posts the holds: the money is with the network, the fee is ours. */
export async function settle(
  context: PaymentContext,
  row: PaymentRow,
  input: {
    readonly code: string;
    readonly source: string;
    readonly settledAtMs: number;
    readonly receipt?: string | undefined;
  },
): Promise<PaymentRow | undefined> {
  const end: EndOfHolds = {
    kind: 'post',
    key: `settle:${row.id}`,
    from: OPEN_STATES,
    to: 'settled',
    set: { outcomeCode: input.code, outcomeSource: input.source, settledAtMs: input.settledAtMs },
    receipt: input.receipt,
    // Cash or goods were in the hand before: the settlement is no news, but where nobody knew.
    messages: (now) =>
      isCapturedByStatement(now)
        ? scanPaid(context, now)
        : messageOf(now, now.changedAtMs, { template: 'payment.settled', random: context.random }),
  };
  if (row.kind !== 'qris_scanned') return endHolds(context, row, end);
  const more = await discountLegs(context, row);
  const done = await endHolds(context, row, { ...end, more });
  if (done || more.length === 0 || isFinal((await reread(context, row.id)).state)) return done;
  // The merchant's account takes no debit any more: what it is owed is booked all the same, the discount is for people.
  context.log.error({ paymentId: row.id }, 'payment.discount_not_taken');
  return endHolds(context, row, { ...end, key: `${end.key}:discount-kept` });
}

/** Voids the holds, fee included: only on a final refusal, on proof that nothing left, or on the statement's last word. */
export async function refund(
  context: PaymentContext,
  row: PaymentRow,
  input: { readonly code: string; readonly source: string },
): Promise<PaymentRow | undefined> {
  const key = `refund:${row.id}`;
  const isUnsettled =
    row.kind === 'qris_scanned' && row.state !== 'sending' && input.source === 'statement';
  const end: EndOfHolds = {
    kind: 'void',
    key,
    from: OPEN_STATES,
    to: 'refunded',
    set: { outcomeCode: input.code, outcomeSource: input.source },
    ...(isUnsettled && { also: 'sale_unsettled' }),
    messages: (now) =>
      messageOf(now, now.changedAtMs, { template: refundTemplate(row), random: context.random }),
  };
  if (row.kind !== 'qris_refund_out') return endHolds(context, row, end);
  const more = await discountAgain(context, row);
  const done = await endHolds(context, row, { ...end, more });
  if (done && more.length === 0 && (await discountAgain(context, row)).length > 0)
    // Its sale was settled in between, and may have counted it.
    await writeEvents(context, [
      paymentEvent(done, context.time.now(), 'outcome_contradicted', { why: 'discount_differs' }),
    ]);
  if (done || isFinal((await reread(context, row.id)).state)) return done;
  // The merchant's account takes no debit any more: its money is freed all the same, the discount is for people.
  context.log.error({ paymentId: row.id }, 'payment.discount_not_taken_back');
  return endHolds(context, row, { ...end, key: `${key}:discount-kept` });
}

/** What was approved and is in no statement: the shop's goods may be gone. */
function refundTemplate({ kind, state }: PaymentRow): MessageTemplate {
  if (kind === 'qris_scanned' && state === 'accepted') return 'qris.sale_unsettled';
  return kind === 'card_withdrawal' ? 'card.returned' : 'payment.refunded';
}

/** A merchant's refund that failed: the discount that came back with it is due again. While its sale is not settled none was taken. */
async function discountAgain(context: PaymentContext, row: PaymentRow): Promise<readonly Leg[]> {
  const { mdrSen: amount, isSaleSettled } = await selectRefundMdr(context.db, row.id);
  if (amount === 0n || !isSaleSettled) return [];
  return [{ kind: 'single', line: 'mdr', debit: row.debitAccount, credit: CHART.qrisFee, amount }];
}

interface EndOfHolds {
  readonly kind: 'post' | 'void';
  readonly key: string;
  readonly from: readonly PaymentState[];
  readonly to: PaymentState;
  readonly version?: bigint;
  readonly set: PaymentPatch;
  /** What else moves with it, behind the holds. */
  readonly more?: readonly Leg[];
  /** An event of its own beside the state's: what people must see. */
  readonly also?: string;
  readonly receipt?: string | undefined;
  /** The word about a payment that waited for a person. */
  readonly decision?: ReviewDecision;
  readonly messages: (row: PaymentRow) => readonly MessageDraft[];
}

/** Ends a payment's holds and moves its row in the same commit; the row, or undefined when the holds had ended before. */
export async function endHolds(
  context: PaymentContext,
  row: PaymentRow,
  end: EndOfHolds,
): Promise<PaymentRow | undefined> {
  const change: PaymentChange = {
    kind: 'change',
    id: row.id,
    from: end.from,
    to: end.to,
    ...(end.version !== undefined && { version: end.version }),
    atMs: context.time.now(),
    set: end.set,
    receipt: end.receipt,
    decision: end.decision,
    events: (now) => [
      paymentEvent(now, now.changedAtMs, now.state),
      ...(end.also === undefined ? [] : [paymentEvent(now, now.changedAtMs, end.also)]),
      ...(end.decision ? [decidedEvent(now, now.changedAtMs, end.decision)] : []),
    ],
    messages: end.messages,
  };
  const legs: Leg[] = [...holdLegs(row, end.kind), ...(end.more ?? [])];
  faultPoint('payment.beforeOutcome');
  const result = await postWrites(context, {
    row,
    key: end.key,
    legs,
    counters: end.kind === 'void' ? givenBack(row) : [],
    writes: [change],
  });
  faultPoint('payment.afterOutcome');
  if (!result.ok) {
    context.log.warn(
      { paymentId: row.id, reason: result.reason, to: end.to },
      'payment.holds_had_ended',
    );
    return undefined;
  }
  const now = await reread(context, row.id);
  context.waiters.tell(now);
  return now;
}

/** Ends every hold that a payment has. */
export function holdLegs(row: PaymentRow, kind: 'post' | 'void'): readonly Leg[] {
  assert(row.principalHold !== undefined, `payment ${row.id} has a hold to end`);
  const legs: Leg[] = [{ kind, line: 'principal', holdId: row.principalHold }];
  if (row.feeHold !== undefined) legs.push({ kind, line: 'fee', holdId: row.feeHold });
  if (row.taxHold !== undefined) legs.push({ kind, line: 'tax', holdId: row.taxHold });
  return legs;
}

/** What did not leave does not count against the day that it was made on. The window keeps it: it was an attempt. */
function givenBack(row: PaymentRow): readonly Counter[] {
  return countedKeys(row.countedIn).map((key) => ({
    kind: 'give_back',
    key,
    amount: row.amountSen,
  }));
}

/** Posts legs of one payment with rows beside them, under a key of the engine's own. */
export function postWrites(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly key: string;
    readonly legs: readonly Leg[];
    readonly counters?: readonly Counter[];
    readonly authorisation?: AuthorisationDraft;
    readonly writes: readonly PaymentWrite[];
  },
): Promise<PostResult> {
  return context.ledger.post({
    key: input.key,
    requestHash: sha256(input.key),
    paymentId: input.row.id,
    legs: input.legs,
    ...(input.counters && { counters: input.counters }),
    ...(input.authorisation && { authorisation: input.authorisation }),
    valueDate: input.row.valueDate,
    businessDate: input.row.businessDate,
    companion: { of: paymentCompanion, row: input.writes },
  });
}

/** Accepted by the network but not settled, or nobody knows: the holds stay, the inquiries are planned. */
async function standBy(
  context: PaymentContext,
  row: PaymentRow,
  input: { readonly to: 'accepted' | 'unknown'; readonly code: string; readonly source: string },
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const inquireAtMs =
    row.inquireAtMs ??
    inquireAtFrom(context.random, { rail: networkRailOf(row), nowMs, inquiryCount: 0, settings });
  const next: PaymentRow = { ...row, state: input.to, inquireAtMs };
  return context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    to: input.to,
    atMs: nowMs,
    set: {
      outcomeCode: input.code,
      outcomeSource: input.source,
      inquireAtMs,
      dueAtMs: dueAtOf(next, nowMs, settings),
    },
    events: (now) => [paymentEvent(now, nowMs, now.state)],
    // An acceptance is followed by settlement within seconds as a rule: only doubt is worth a message of its own.
    messages: (now) =>
      input.to === 'unknown'
        ? messageOf(now, nowMs, { template: 'payment.pending', random: context.random })
        : scanPaid(context, now),
  });
}

async function tellContradiction(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly evidence: Evidence;
    readonly step: 'contradicted' | 'settled_after_refund';
  },
): Promise<void> {
  const { row, evidence, step } = input;
  const kind = step === 'contradicted' ? 'outcome_contradicted' : step;
  context.log.error(
    {
      paymentId: row.id,
      state: row.state,
      outcome: evidence.answer.outcome,
      source: evidence.source,
    },
    `payment.${kind}`,
  );
  await writeEvents(context, [
    paymentEvent(row, context.time.now(), kind, {
      said: evidence.answer.outcome,
      saidCode: codeOf(evidence.answer),
      saidBy: evidence.source,
    }),
  ]);
}

/** Appends events that go with no change. */
export async function writeEvents(
  context: PaymentContext,
  events: readonly EventDraft[],
): Promise<void> {
  await context.db.tx((tx) => recordEvents(tx, events));
}

/** The row as it is committed now. */
export async function reread(context: PaymentContext, paymentId: string): Promise<PaymentRow> {
  const row = await context.looks.byId(paymentId);
  assert(row, `payment ${paymentId} exists`);
  return row;
}
