/** The reason codes of BI-FAST as data: a table with a version, so that a change of the network is a change of this file and of
 * nothing else. `seen` = read in public material, `memory` = not: a bank compares with its own participant guide and gives its
 * table a version of its own. A code that is not here is never final. Source: domain.md 2.6; docs/rail/bifast.md section 6. */

/** `pending`, `not_found`, `no_answer_yet` and `duplicate` never release money: the outcome stays unknown (I2). */
export type ReasonClass =
  | 'success'
  | 'pending'
  | 'not_found'
  | 'no_answer_yet'
  | 'duplicate'
  | 'rejected';

/** What the customer is told; every channel has words for each. One code has one of them (T4). */
export type ReasonText =
  | 'none'
  | 'account_not_found'
  | 'account_not_active'
  | 'account_elsewhere'
  | 'same_account'
  | 'amount_too_small'
  | 'amount_too_large'
  | 'bank_unknown'
  | 'bank_unavailable'
  | 'refused_by_bank'
  | 'refused_by_check'
  | 'our_side';

/** `security`: somebody may be forging, or a check at the hub struck; `treasury`: our money at the hub is short;
 * `investigate`: the hub knows a message of ours under an id that we thought new. */
export type ReasonAlarm = 'security' | 'treasury' | 'investigate';

/** Whose matter it is. */
export type ReasonFault =
  | 'none'
  | 'customer'
  | 'partner'
  | 'ours'
  | 'security'
  | 'treasury'
  | 'settlement';

export interface ReasonEntry {
  /** One code, or the first and the last of a range of one letter. A single code wins over a range. */
  readonly code: string | readonly [first: string, last: string];
  readonly class: ReasonClass;
  readonly fault: ReasonFault;
  readonly text: ReasonText;
  readonly alarm?: ReasonAlarm;
  readonly mark: 'seen' | 'memory';
}

export interface ReasonTable {
  readonly version: string;
  readonly entries: readonly ReasonEntry[];
}

const success = { class: 'success', fault: 'none', text: 'none', mark: 'seen' } as const;
const pending = { class: 'pending', fault: 'none', text: 'none', mark: 'seen' } as const;
const partner = { class: 'rejected', fault: 'partner', mark: 'seen' } as const;
const customer = { class: 'rejected', fault: 'customer', mark: 'seen' } as const;
const ours = { class: 'rejected', fault: 'ours', text: 'our_side', mark: 'seen' } as const;
const settlement = {
  class: 'rejected',
  fault: 'settlement',
  text: 'our_side',
  mark: 'seen',
} as const;
const check = {
  class: 'rejected',
  fault: 'security',
  text: 'refused_by_check',
  alarm: 'security',
  mark: 'seen',
} as const;
const treasury = {
  class: 'rejected',
  fault: 'treasury',
  text: 'our_side',
  alarm: 'treasury',
  mark: 'seen',
} as const;
const duplicate = {
  class: 'duplicate',
  fault: 'ours',
  text: 'none',
  alarm: 'investigate',
  mark: 'seen',
} as const;
const notFound = { class: 'not_found', fault: 'none', text: 'none', mark: 'seen' } as const;

/** The table in force. */
export const REASON_TABLE: ReasonTable = {
  version: '2026-11-27',
  entries: [
    { code: 'U000', ...success },
    { code: 'U002', ...pending },
    { code: 'U101', ...customer, text: 'account_not_found' },
    { code: 'U102', ...customer, text: 'account_not_active' },
    { code: 'U106', ...notFound },
    { code: 'U107', ...partner, text: 'refused_by_bank' },
    { code: 'U108', class: 'no_answer_yet', fault: 'none', text: 'none', mark: 'seen' },
    { code: 'U110', ...partner, text: 'refused_by_bank' },
    { code: 'U111', ...customer, text: 'amount_too_small' },
    { code: 'U112', ...customer, text: 'amount_too_large' },
    { code: 'U114', ...customer, text: 'account_not_found' },
    { code: ['U115', 'U118'], ...ours },
    { code: 'U119', ...ours },
    { code: ['U121', 'U122'], ...partner, text: 'bank_unavailable' },
    { code: 'U124', ...customer, text: 'bank_unknown' },
    { code: 'U128', ...ours },
    { code: 'U129', ...partner, text: 'bank_unavailable' },
    { code: 'U149', ...duplicate },
    { code: ['U155', 'U157'], ...check },
    { code: ['U160', 'U164'], ...settlement },
    { code: 'U173', ...pending },
    { code: ['U181', 'U189'], ...pending },
    { code: ['U191', 'U203'], ...treasury },
    { code: ['U205', 'U209'], ...settlement },
    { code: 'U215', ...ours },
    // Request for payment: the case decides, so nothing is final by itself.
    { code: ['U310', 'U321'], ...pending },
    { code: ['U799', 'U814'], ...customer, text: 'account_not_found', mark: 'memory' },
    { code: 'U804', ...customer, text: 'account_not_found' },
    { code: 'U805', ...customer, text: 'account_not_active' },
    { code: 'U807', ...customer, text: 'account_elsewhere' },
    { code: 'U808', ...customer, text: 'same_account' },
    { code: 'U811', ...customer, text: 'account_not_active' },
    { code: 'U815', ...duplicate },
    { code: ['U900', 'U902'], ...pending },
    { code: 'U904', ...pending },
    { code: 'U990', ...pending },
    { code: ['U992', 'U993'], ...pending },
    { code: 'U999', ...check, text: 'our_side' },
    // The adapter's own codes.
    { code: 'K000', ...pending },
    { code: 'K001', ...notFound },
    { code: 'K002', ...duplicate },
    { code: ['K003', 'K004'], ...ours },
    { code: 'K005', ...ours, alarm: 'security' },
    { code: ['K006', 'K007'], ...pending },
    { code: 'K010', ...pending },
  ],
};
