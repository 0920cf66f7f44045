/** The three-way match, decided: ledger (payment and id registry) against gateway journal (intent) against settlement feed.
 * Pure: facts in, verdict out. An id never issued is an orphan at once; grace exists only where a copy of ours may lag. */

import type { RailName } from '../authorisation/instruction.ts';

/** The rails that stand beside BI-FAST. */
type OtherRail = Exclude<RailName, 'bifast'>;

/** One line of a network's settlement as the guard holds it. */
export interface FeedLine {
  readonly lineId: string;
  readonly direction: 'out' | 'in';
  readonly bizMsgIdr: string;
  readonly amountSen: bigint;
  readonly counterpartyBank: string;
  readonly connector: string;
  /** Absent = BI-FAST. */
  readonly rail?: OtherRail;
  readonly settledAtMs: number;
  readonly seenAtMs: number;
}

/** What our own side knows of a line's id. */
export interface LineFacts {
  readonly line: FeedLine;
  /** The id registry allocated this id (outgoing lines). */
  readonly isIssued: boolean;
  readonly payment?: {
    readonly id: string;
    readonly kind: string;
    readonly state: string;
    readonly amountSen: bigint;
    readonly bank: string;
  };
  /** The gateway's journal has the intent. */
  readonly intent?: { readonly amountSen: bigint; readonly bank: string };
  /** False when the line names a connector that is not one of ours. */
  readonly isOwnConnector: boolean;
  /** An earlier line already settled this id. */
  readonly hasEarlierLine: boolean;
  /** The feed had a line of this id before, whatever became of it. */
  readonly isFurtherLine: boolean;
}

/** How fresh our copies are, and how long a lag is believed. */
export interface MatchClock {
  readonly nowMs: number;
  /** The oldest of the last successful reads of the gateway journals. */
  readonly journalReadAtMs: number;
  readonly copyGraceMs: number;
  /** A journal that cannot be read excuses a missing intent no longer than this. */
  readonly journalGraceMs: number;
  readonly creditGraceMs: number;
}

export type BreakKind =
  | 'orphan'
  | 'mismatch'
  | 'duplicate'
  | 'missing'
  | 'settled_after_refund'
  | 'forged';

export type BreakReason =
  | 'never_issued'
  | 'foreign_connector'
  | 'no_payment'
  | 'no_intent'
  | 'amount_differs'
  | 'bank_differs'
  | 'settled_twice'
  | 'settled_after_refund'
  | 'credit_not_posted'
  | 'credit_rejected'
  | 'intent_without_authorisation'
  | 'intent_differs'
  | 'no_settlement';

/** A difference that somebody must explain. `moneyLeft`: money went out that the ledger did not authorise. */
export interface Break {
  /** Whose network it is about. Absent = BI-FAST. */
  readonly rail?: OtherRail;
  readonly kind: BreakKind;
  readonly reason: BreakReason;
  readonly bizMsgIdr: string;
  readonly direction: 'out' | 'in';
  readonly amountSen: bigint;
  readonly bank: string;
  readonly moneyLeft: boolean;
  readonly occurredAtMs: number;
  readonly lineId?: string;
  readonly connector?: string;
  readonly isOwnConnector?: boolean;
  readonly paymentId?: string;
  /** The feed had a line of this id before: more money under the same name. */
  readonly isFurtherLine?: boolean;
  /** The gateway's intent was told already, and this line says that it settled: the same transaction. */
  readonly isSettledIntent?: boolean;
}

export type LineVerdict =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'matched'; readonly paymentId: string }
  | { readonly kind: 'broken'; readonly found: Break };

const NOT_SENT_STATES: readonly string[] = ['refunded', 'cancelled', 'refused', 'rejected'];

/** Decides one settlement line. */
export function matchLine(facts: LineFacts, clock: MatchClock): LineVerdict {
  return facts.line.direction === 'out' ? matchOut(facts, clock) : matchIn(facts, clock);
}

function matchOut(facts: LineFacts, clock: MatchClock): LineVerdict {
  const { line, payment, intent } = facts;
  const ageMs = clock.nowMs - line.seenAtMs;
  if (!facts.isIssued) return broken(facts, { kind: 'orphan', reason: 'never_issued' });
  if (!facts.isOwnConnector) return broken(facts, { kind: 'orphan', reason: 'foreign_connector' });
  if (facts.hasEarlierLine) return broken(facts, { kind: 'duplicate', reason: 'settled_twice' });
  if (!payment) {
    // The id and the payment are one commit; a short wait covers a reader that saw the two tables at different instants.
    return ageMs < clock.copyGraceMs
      ? { kind: 'waiting' }
      : broken(facts, { kind: 'orphan', reason: 'no_payment' });
  }
  if (payment.amountSen !== line.amountSen)
    return broken(facts, { kind: 'mismatch', reason: 'amount_differs' });
  if (payment.bank !== line.counterpartyBank)
    return broken(facts, { kind: 'mismatch', reason: 'bank_differs' });
  if (NOT_SENT_STATES.includes(payment.state))
    return broken(facts, { kind: 'settled_after_refund', reason: 'settled_after_refund' });
  if (!intent) {
    const isCopied = clock.journalReadAtMs > line.seenAtMs && ageMs >= clock.copyGraceMs;
    if (!isCopied && ageMs < clock.journalGraceMs) return { kind: 'waiting' };
    return broken(facts, { kind: 'orphan', reason: 'no_intent' });
  }
  if (intent.amountSen !== line.amountSen || intent.bank !== line.counterpartyBank) {
    return broken(facts, { kind: 'mismatch', reason: 'intent_differs' });
  }
  return { kind: 'matched', paymentId: payment.id };
}

function matchIn(facts: LineFacts, clock: MatchClock): LineVerdict {
  const { line, payment } = facts;
  if (facts.hasEarlierLine) return broken(facts, { kind: 'duplicate', reason: 'settled_twice' });
  if (!payment) {
    if (clock.nowMs - line.seenAtMs < clock.creditGraceMs) return { kind: 'waiting' };
    return broken(facts, { kind: 'missing', reason: 'credit_not_posted' });
  }
  if (payment.amountSen !== line.amountSen)
    return broken(facts, { kind: 'mismatch', reason: 'amount_differs' });
  // What we turned down, and what we refused when the network asked for it.
  if (payment.state === 'rejected' || payment.state === 'refused')
    return broken(facts, { kind: 'mismatch', reason: 'credit_rejected' });
  return { kind: 'matched', paymentId: payment.id };
}

function broken(
  facts: LineFacts,
  what: { readonly kind: BreakKind; readonly reason: BreakReason },
): LineVerdict {
  const { line, payment } = facts;
  const leaves = what.kind === 'orphan' || what.kind === 'duplicate' || what.kind === 'mismatch';
  const found: Break = {
    ...what,
    ...(line.rail && { rail: line.rail }),
    bizMsgIdr: line.bizMsgIdr,
    direction: line.direction,
    amountSen: line.amountSen,
    bank: line.counterpartyBank,
    moneyLeft: line.direction === 'out' && leaves,
    occurredAtMs: line.settledAtMs,
    lineId: line.lineId,
    connector: line.connector,
    isOwnConnector: facts.isOwnConnector,
    ...(facts.isFurtherLine ? { isFurtherLine: true } : {}),
    ...(payment ? { paymentId: payment.id } : {}),
  };
  return { kind: 'broken', found };
}

/** A gateway intent against the ledger. The ledger commits before anything is signed, so there is no grace. */
export interface IntentFacts {
  /** Absent = BI-FAST. */
  readonly rail?: OtherRail;
  readonly bizMsgIdr: string;
  readonly jti: string;
  readonly amountSen: bigint;
  readonly bank: string;
  readonly instructionHash: string;
  readonly atMs: number;
  readonly isIssued: boolean;
  readonly authorisation?: {
    readonly paymentId: string;
    readonly amountSen: bigint;
    readonly instructionHash: string;
  };
}

/** Undefined = the ledger authorised exactly this. A break means that a trusted signer or the gateway is compromised. */
export function matchIntent(facts: IntentFacts): Break | undefined {
  const base = {
    ...(facts.rail && { rail: facts.rail }),
    bizMsgIdr: facts.bizMsgIdr,
    direction: 'out' as const,
    amountSen: facts.amountSen,
    bank: facts.bank,
    moneyLeft: true,
    occurredAtMs: facts.atMs,
    isOwnConnector: true,
  };
  if (!facts.isIssued) return { ...base, kind: 'orphan', reason: 'never_issued' };
  const { authorisation } = facts;
  if (!authorisation) return { ...base, kind: 'orphan', reason: 'intent_without_authorisation' };
  if (
    authorisation.amountSen !== facts.amountSen ||
    authorisation.instructionHash !== facts.instructionHash
  ) {
    return {
      ...base,
      kind: 'mismatch',
      reason: 'intent_differs',
      paymentId: authorisation.paymentId,
    };
  }
  return undefined;
}

/** When a run counts as a successful three-way match: all three legs were read and none of them is old (D9). */
export function matchedAtMs(input: {
  readonly nowMs: number;
  readonly journalReadAtMs: number;
  readonly feedAliveAtMs: number;
  readonly journalFreshMs: number;
  readonly feedFreshMs: number;
}): number | undefined {
  const isFresh =
    input.nowMs - input.journalReadAtMs <= input.journalFreshMs &&
    input.nowMs - input.feedAliveAtMs <= input.feedFreshMs;
  return isFresh ? input.nowMs : undefined;
}
