/** What to do with a due run of a standing order. Pure: facts in, decision out. Nothing is skipped without a reason that the customer can
 * read. */
import { wibDate, wibMinute } from '../kernel/time.ts';
import type { StandingReason } from '../notify/standing-reason.ts';
import type { SubmitRefusal } from '../payment/port.ts';
import { addDays, wibInstant } from './schedule.ts';

/** The clocks of runs, from the versioned settings. */
export interface RunClock {
  /** Minutes of the WIB day at which a run is tried, ascending; what lacks money is tried at each. */
  readonly tryMinutes: readonly number[];
  /** A run that could not be made on its date for our own reasons is still made so many days later. */
  readonly lateDays: number;
}

/** What the engine said when it was asked, before or after the submit. */
export type Asked =
  | { readonly kind: 'refused'; readonly reason: SubmitRefusal }
  | {
      readonly kind: 'open';
      readonly feeSen: bigint;
      /** Of the payee, against the name that the customer saw. */
      readonly name: 'same' | 'changed' | 'missing' | 'unknown';
    };

export interface DueFacts {
  readonly nowMs: number;
  /** WIB. */
  readonly date: string;
  /** Why it did not run at the last try. */
  readonly lastReason: StandingReason | undefined;
  readonly feeMaxSen: bigint;
  readonly clock: RunClock;
  /** Absent: only the date is looked at. */
  readonly asked?: Asked | undefined;
}

export type DueDecision =
  | { readonly kind: 'ask' }
  | { readonly kind: 'submit'; readonly feeSen: bigint }
  | {
      readonly kind: 'wait';
      readonly reason: StandingReason;
      readonly dueAtMs: number;
      /** The last date on which it is tried, where that is not told by a single next try. */
      readonly untilDate?: string;
    }
  | { readonly kind: 'miss'; readonly reason: StandingReason }
  /** It cannot run as agreed, today or on another day: the customer decides. */
  | { readonly kind: 'pause'; readonly reason: StandingReason };

/** How soon a run that waits for us is looked at again: a service that opens is used within minutes, and nobody is knocked at. */
const LOOK_AGAIN_MS = 10 * 60_000;

type Treatment = 'today' | 'wait' | 'pause';

/** Every refusal of the engine: what it means to a standing order, and the word for it. */
const TREATMENTS: Readonly<Record<SubmitRefusal, readonly [Treatment, StandingReason]>> = {
  insufficient_funds: ['today', 'insufficient_funds'],
  above_daily_limit: ['today', 'above_daily_limit'],
  restricted: ['wait', 'restricted'],
  step_up_needed: ['wait', 'restricted'],
  declined: ['pause', 'not_possible'],
  throttled: ['wait', 'busy'],
  bank_closed: ['wait', 'bank_closed'],
  velocity: ['wait', 'busy'],
  busy: ['wait', 'busy'],
  // The fee changed between the question and the submit: the next look asks again.
  fee_changed: ['wait', 'busy'],
  account_not_found: ['pause', 'payee_not_found'],
  account_closed: ['pause', 'account_closed'],
  account_frozen: ['pause', 'account_frozen'],
  above_rail_cap: ['pause', 'amount_outside_limits'],
  below_rail_minimum: ['pause', 'amount_outside_limits'],
  amount_not_positive: ['pause', 'amount_outside_limits'],
  amount_too_large: ['pause', 'amount_outside_limits'],
  bank_unknown: ['pause', 'payee_not_found'],
  same_account: ['pause', 'not_possible'],
  key_conflict: ['pause', 'not_possible'],
  above_grant_limit: ['pause', 'not_possible'],
  code_used: ['pause', 'not_possible'],
  code_expired: ['pause', 'not_possible'],
  reference_conflict: ['pause', 'not_possible'],
  currency_not_supported: ['pause', 'not_possible'],
  hold_not_found: ['pause', 'not_possible'],
  hold_not_held: ['pause', 'not_possible'],
  hold_expired: ['pause', 'not_possible'],
  amount_above_hold: ['pause', 'not_possible'],
  transfer_not_found: ['pause', 'not_possible'],
  already_reversed: ['pause', 'not_possible'],
  amount_above_transfer: ['pause', 'not_possible'],
  inquiry_unknown: ['pause', 'not_possible'],
  inquiry_expired: ['pause', 'not_possible'],
  amount_not_offered: ['pause', 'not_possible'],
  biller_closed: ['pause', 'not_possible'],
  possible_duplicate: ['pause', 'not_possible'],
  inquiry_used: ['pause', 'not_possible'],
};

/** When the last moment for a date is over. */
export function deadlineOf(date: string, clock: RunClock): number {
  return wibInstant(addDays(date, clock.lateDays), 1_440);
}

/** Decides. */
export function decideDue(facts: DueFacts): DueDecision {
  if (facts.nowMs >= deadlineOf(facts.date, facts.clock))
    return { kind: 'miss', reason: facts.lastReason ?? 'late' };
  const { asked } = facts;
  if (!asked) return { kind: 'ask' };
  if (asked.kind === 'refused') return decideRefused(facts, asked.reason);
  if (asked.feeSen > facts.feeMaxSen) return { kind: 'pause', reason: 'fee_higher' };
  switch (asked.name) {
    case 'changed':
      return { kind: 'pause', reason: 'payee_name_changed' };
    case 'missing':
      return { kind: 'pause', reason: 'payee_not_found' };
    case 'unknown':
      return lookAgain(facts, 'payee_unconfirmed');
    case 'same':
      return { kind: 'submit', feeSen: asked.feeSen };
  }
}

function decideRefused(facts: DueFacts, refusal: SubmitRefusal): DueDecision {
  const [treatment, reason] = TREATMENTS[refusal];
  switch (treatment) {
    case 'pause':
      return { kind: 'pause', reason };
    case 'wait':
      return lookAgain(facts, reason);
    case 'today': {
      const { nowMs, clock } = facts;
      const next = clock.tryMinutes.find((minute) => minute > wibMinute(nowMs));
      return next === undefined
        ? { kind: 'miss', reason }
        : { kind: 'wait', reason, dueAtMs: wibInstant(wibDate(nowMs), next) };
    }
  }
}

function lookAgain(facts: DueFacts, reason: StandingReason): DueDecision {
  const untilDate = addDays(facts.date, facts.clock.lateDays);
  return { kind: 'wait', reason, dueAtMs: facts.nowMs + LOOK_AGAIN_MS, untilDate };
}

/** Reasons that pass within minutes: a message about each would only worry. */
const PASSING: readonly StandingReason[] = ['busy', 'payee_unconfirmed'];

/** Whether the customer hears now that a run waits: once for each reason that lasts. */
export function isWaitTold(
  decision: Extract<DueDecision, { readonly kind: 'wait' }>,
  lastReason: StandingReason | undefined,
): boolean {
  return decision.reason !== lastReason && !PASSING.includes(decision.reason);
}
