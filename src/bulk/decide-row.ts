/** What a check and an answer of the engine mean to a row, and to its list. Pure: facts in, decision out. */
import type { RowFault, RowReason, BulkReason } from '../notify/bulk-reason.ts';
import type { NameCheck, SubmitRefusal } from '../payment/port.ts';

/** What the engine said of a row before anything is paid. */
export interface CheckFacts {
  /** Why a transfer like it would be refused now; absent: it would go. */
  readonly refusal?: SubmitRefusal | undefined;
  readonly name: NameCheck;
  readonly statedName: string;
  /** It would go to the account that it comes from. */
  readonly isOwnAccount: boolean;
}

/** The fault of a row, or undefined when it may be paid. What only holds now (a restriction, a closed bank, a day that is full) is no fault:
 * the list waits for it. */
export function decideCheck(facts: CheckFacts): RowFault | undefined {
  switch (facts.refusal) {
    case 'above_rail_cap':
    case 'below_rail_minimum':
    case 'amount_not_positive':
    case 'amount_too_large':
      return 'amount_outside_limits';
    case 'bank_unknown':
      return 'bank_unknown';
    default:
  }
  if (facts.isOwnAccount) return 'same_account';
  const { name } = facts;
  if (name.found === 'unknown') return 'name_unconfirmed';
  if (!name.found) return 'payee_not_found';
  return plainName(name.name) === plainName(facts.statedName) ? undefined : 'name_differs';
}

/** Banks change case, spacing and points of a name; anything else is another name. */
function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

export type RowDecision =
  /** Tried again later under the next key. */
  | { readonly kind: 'wait'; readonly reason: RowReason }
  | { readonly kind: 'refuse'; readonly reason: RowReason }
  /** The whole list stands still until its owner has done something. */
  | { readonly kind: 'pause'; readonly reason: BulkReason };

/** Every refusal of the engine, by what it means to a list. */
const TREATMENTS: Readonly<Record<SubmitRefusal, RowDecision>> = {
  insufficient_funds: { kind: 'pause', reason: 'insufficient_funds' },
  above_daily_limit: { kind: 'pause', reason: 'above_daily_limit' },
  restricted: { kind: 'wait', reason: 'restricted' },
  step_up_needed: { kind: 'wait', reason: 'restricted' },
  declined: { kind: 'refuse', reason: 'not_possible' },
  throttled: { kind: 'wait', reason: 'busy' },
  bank_closed: { kind: 'wait', reason: 'bank_closed' },
  velocity: { kind: 'wait', reason: 'busy' },
  busy: { kind: 'wait', reason: 'busy' },
  fee_changed: { kind: 'refuse', reason: 'fee_changed' },
  account_closed: { kind: 'refuse', reason: 'account_closed' },
  account_frozen: { kind: 'refuse', reason: 'account_frozen' },
  account_not_found: { kind: 'refuse', reason: 'not_possible' },
  above_rail_cap: { kind: 'refuse', reason: 'not_possible' },
  below_rail_minimum: { kind: 'refuse', reason: 'not_possible' },
  amount_not_positive: { kind: 'refuse', reason: 'not_possible' },
  amount_too_large: { kind: 'refuse', reason: 'not_possible' },
  bank_unknown: { kind: 'refuse', reason: 'not_possible' },
  same_account: { kind: 'refuse', reason: 'not_possible' },
  key_conflict: { kind: 'refuse', reason: 'not_possible' },
  above_grant_limit: { kind: 'refuse', reason: 'not_possible' },
  code_used: { kind: 'refuse', reason: 'not_possible' },
  code_expired: { kind: 'refuse', reason: 'not_possible' },
  reference_conflict: { kind: 'refuse', reason: 'not_possible' },
  currency_not_supported: { kind: 'refuse', reason: 'not_possible' },
  hold_not_found: { kind: 'refuse', reason: 'not_possible' },
  hold_not_held: { kind: 'refuse', reason: 'not_possible' },
  hold_expired: { kind: 'refuse', reason: 'not_possible' },
  amount_above_hold: { kind: 'refuse', reason: 'not_possible' },
  transfer_not_found: { kind: 'refuse', reason: 'not_possible' },
  already_reversed: { kind: 'refuse', reason: 'not_possible' },
  amount_above_transfer: { kind: 'refuse', reason: 'not_possible' },
  inquiry_unknown: { kind: 'refuse', reason: 'not_possible' },
  inquiry_expired: { kind: 'refuse', reason: 'not_possible' },
  amount_not_offered: { kind: 'refuse', reason: 'not_possible' },
  biller_closed: { kind: 'refuse', reason: 'not_possible' },
  possible_duplicate: { kind: 'refuse', reason: 'not_possible' },
  inquiry_used: { kind: 'refuse', reason: 'not_possible' },
};

/** Decides what a refusal means; after its list's last moment nothing waits. */
export function decideRefused(
  refusal: SubmitRefusal,
  at: { readonly nowMs: number; readonly endsAtMs: number },
): RowDecision {
  const decision = TREATMENTS[refusal];
  return decision.kind === 'wait' && at.nowMs >= at.endsAtMs
    ? { kind: 'refuse', reason: 'too_late' }
    : decision;
}
