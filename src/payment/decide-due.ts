import { renewAtOf, reviewAtOf } from './clock.ts';
import { isCapturedByStatement, networkOf, networkRailOf, numberOf } from './kind.ts';
import type { PaymentRow } from './row.ts';
import type { PaymentSettings } from './settings.ts';

export type DueStep =
  /** Every statement that could hold it is there and it is in none: it did not settle. */
  | 'refund_by_statement'
  | 'reject_credit'
  /** The promise is about to pass: a new one, with a message. */
  | 'renew'
  /** Accepted, but never settled and no statement came: nobody knows. */
  | 'doubt'
  | 'review'
  | 'inquire'
  /** A credit past its clock: people are told, each time. */
  | 'overdue'
  | 'wait';

/** What the network did not settle goes back; but cash that a machine of ours gave out has left it, and people claim it. */
function stepWithoutLine({ kind, state }: PaymentRow): DueStep {
  if (kind !== 'atm_acquired') return 'refund_by_statement';
  if (state === 'accepted') return 'doubt';
  return state === 'review' ? 'wait' : 'review';
}

/** What an open payment needs now. The statement speaks before any clock (I2). */
export function decideDue(
  row: PaymentRow,
  facts: {
    readonly nowMs: number;
    readonly isStatementComplete: boolean;
    readonly settings: PaymentSettings;
  },
): DueStep {
  const { nowMs, settings } = facts;
  if (row.state === 'pending_credit') {
    if (facts.isStatementComplete) return 'reject_credit';
    return row.resolveByMs !== undefined && nowMs >= row.resolveByMs ? 'overdue' : 'wait';
  }
  if (facts.isStatementComplete) return stepWithoutLine(row);
  const renewAtMs = renewAtOf(row);
  if (renewAtMs !== undefined && nowMs >= renewAtMs) return 'renew';
  if (row.state === 'review') return 'wait';
  const reviewAtMs = reviewAtOf(row, settings);
  if (reviewAtMs !== undefined && nowMs >= reviewAtMs)
    return row.state === 'accepted' ? 'doubt' : 'review';
  const mayInquire =
    !(row.state === 'accepted' && isCapturedByStatement(row)) &&
    row.inquiryCount < numberOf(settings, networkOf(networkRailOf(row)).inquiryMax) &&
    row.inquireAtMs !== undefined;
  return mayInquire && nowMs >= row.inquireAtMs! ? 'inquire' : 'wait';
}
