/** Why a standing order did not pay on a date, or was paused: codes that rows and messages hold; their words are in standing-text.ts. */
export const STANDING_REASONS = [
  // We try again the same day.
  'insufficient_funds',
  'above_daily_limit',
  // We try again by ourselves, as soon as it can be done.
  'restricted',
  'bank_closed',
  'payee_unconfirmed',
  'busy',
  // The customer has to look at it.
  'payee_name_changed',
  'payee_not_found',
  'fee_higher',
  'account_closed',
  'account_frozen',
  'amount_outside_limits',
  'not_possible',
  // The date went by.
  'late',
  'paused',
  'cancelled',
] as const;

export type StandingReason = (typeof STANDING_REASONS)[number];
