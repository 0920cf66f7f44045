/** The events of payments, for the audit trail and for the detectors. Ids, states and amounts only. */
import type { EventDraft } from '../audit/event.ts';
import type { PaymentRow } from './row.ts';
import type { ReviewDecision } from './screening/store-review.ts';

/** One event of a payment. `payment.<state>` announces a state; the others say what did not change it:
 * `payment.promise_renewed`, `payment.inquired`, `payment.outcome_contradicted`, `payment.settled_after_refund`,
 * `payment.credit_unknown`, `payment.overdue`. Data: paymentKind, state, previous, channel, amountSen, feeSen, bank,
 * customerId, partnerId, bizMsgIdr, cohortBucket, isStaff, isSynthetic, businessDate, code, source and `extra`. */
export function paymentEvent(
  row: PaymentRow,
  atMs: number,
  kind: string,
  extra: Readonly<Record<string, unknown>> = {},
): EventDraft {
  return {
    atMs,
    kind: `payment.${kind}`,
    subject: row.id,
    data: {
      paymentKind: row.kind,
      state: row.state,
      previous: row.previousState,
      channel: row.channel,
      amountSen: row.amountSen,
      feeSen: row.feeSen,
      bank: row.counterpartyBank,
      customerId: row.customerId,
      partnerId: row.partnerId,
      bizMsgIdr: row.bizMsgIdr,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
      isSynthetic: row.isSynthetic,
      businessDate: row.businessDate,
      code: row.outcomeCode,
      source: row.outcomeSource,
      ...extra,
    },
  };
}

/** Who decided, for the audit trail. */
export function decidedEvent(row: PaymentRow, atMs: number, decision: ReviewDecision): EventDraft {
  return paymentEvent(row, atMs, 'review_decided', {
    decision: decision.decision,
    by: decision.decidedBy,
    askedBy: decision.askedBy,
    why: decision.reason,
  });
}

/** Something about ids that no payment of ours has. */
export function orphanEvent(
  atMs: number,
  kind: 'outcome_contradicted' | 'credit_unknown',
  facts: { readonly bizMsgIdr: string; readonly bank?: string; readonly why: string },
): EventDraft {
  return {
    atMs,
    kind: `payment.${kind}`,
    subject: facts.bizMsgIdr,
    data: { bizMsgIdr: facts.bizMsgIdr, bank: facts.bank, why: facts.why },
  };
}
