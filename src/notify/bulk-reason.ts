/** Why a row of a list cannot be paid, was not paid or waits, and why a list stands still: codes that rows and messages hold; their words
 * are the channel's. */

/** What is wrong with a row before anything is paid. */
export const ROW_FAULTS = [
  'columns_wrong',
  'bank_unknown',
  'account_malformed',
  'name_missing',
  'amount_malformed',
  'amount_outside_limits',
  'remark_malformed',
  'row_repeated',
  'same_account',
  'payee_not_found',
  'name_differs',
  'name_unconfirmed',
] as const;
export type RowFault = (typeof ROW_FAULTS)[number];

/** Why a payment of a list was not made, or not yet. */
export const ROW_REASONS = [
  'restricted',
  'bank_closed',
  'busy',
  'fee_changed',
  'account_closed',
  'account_frozen',
  'not_possible',
  'too_late',
] as const;
export type RowReason = (typeof ROW_REASONS)[number];

/** Why a list stands still or is over. */
export const BULK_REASONS = [
  'insufficient_funds',
  'above_daily_limit',
  'not_agreed',
  'no_valid_row',
] as const;
export type BulkReason = (typeof BULK_REASONS)[number];
