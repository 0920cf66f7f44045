/** BI-FAST reason codes as data: what each does to the money of a payment we sent, and who must hear of it.
 * `seen` = read in public material, `memory` = not; a bank compares with its own participant guide. Source: domain.md 2.6. */
import type { RailAnswer } from '../contract.ts';

/** `pending`, `not_found`, `no_answer_yet` and `duplicate` never release money: the outcome stays unknown (I2). */
export type ReasonClass =
  | 'success'
  | 'pending'
  | 'not_found'
  | 'no_answer_yet'
  | 'duplicate'
  | 'rejected';

export interface Reason {
  readonly class: ReasonClass;
  /** `security`: somebody may be forging; `treasury`: our money at the hub is short. */
  readonly alarm?: 'security' | 'treasury';
  /** Whose matter it is, for the customer's wording. */
  readonly fault: 'none' | 'customer' | 'partner' | 'ours' | 'security' | 'treasury' | 'settlement';
  readonly mark: 'seen' | 'memory';
}

const success: Reason = { class: 'success', fault: 'none', mark: 'seen' };
const pending: Reason = { class: 'pending', fault: 'none', mark: 'seen' };
const customer: Reason = { class: 'rejected', fault: 'customer', mark: 'seen' };
const partner: Reason = { class: 'rejected', fault: 'partner', mark: 'seen' };
const ours: Reason = { class: 'rejected', fault: 'ours', mark: 'seen' };
const settlement: Reason = { class: 'rejected', fault: 'settlement', mark: 'seen' };
const security: Reason = { class: 'rejected', fault: 'security', alarm: 'security', mark: 'seen' };
const treasury: Reason = { class: 'rejected', fault: 'treasury', alarm: 'treasury', mark: 'seen' };
const duplicate: Reason = { class: 'duplicate', fault: 'ours', mark: 'seen' };

const SINGLE: Readonly<Record<string, Reason>> = {
  U000: success,
  U002: pending,
  U101: customer,
  U102: customer,
  U106: { class: 'not_found', fault: 'none', mark: 'seen' },
  U107: partner,
  U108: { class: 'no_answer_yet', fault: 'none', mark: 'seen' },
  U110: partner,
  U111: customer,
  U112: customer,
  U114: customer,
  U119: ours,
  U121: partner,
  U122: partner,
  U124: customer,
  U128: ours,
  U129: partner,
  U149: duplicate,
  U155: security,
  U156: security,
  U157: security,
  U173: pending,
  U215: ours,
  U804: customer,
  U805: customer,
  U807: customer,
  U808: customer,
  U811: customer,
  U815: duplicate,
  U900: pending,
  U901: pending,
  U902: pending,
  U904: pending,
  U990: pending,
  U992: pending,
  U993: pending,
  U999: security,
  // The adapter's own codes (K…).
  K000: pending,
  K001: { class: 'not_found', fault: 'none', mark: 'seen' },
  K002: duplicate,
  K003: ours,
  K004: ours,
  K005: { ...ours, alarm: 'security' },
  K006: pending,
  K007: pending,
  K010: pending,
};

const RANGE: readonly { readonly from: number; readonly to: number; readonly reason: Reason }[] = [
  { from: 115, to: 118, reason: ours },
  { from: 160, to: 164, reason: settlement },
  { from: 181, to: 189, reason: pending },
  { from: 191, to: 203, reason: treasury },
  { from: 205, to: 209, reason: settlement },
  // Request for payment: the case decides, so nothing is final by itself.
  { from: 310, to: 321, reason: pending },
  { from: 799, to: 815, reason: customer },
];

/** What a code means; undefined when the table does not know it. */
export function reasonOf(code: string): Reason | undefined {
  if (Object.hasOwn(SINGLE, code)) return SINGLE[code];
  const match = /^U(\d{3})$/.exec(code);
  if (!match) return undefined;
  const number = Number(match[1]);
  return RANGE.find(({ from, to }) => number >= from && number <= to)?.reason;
}

/** What an authenticated status and its code say about a payment we sent. Only a known final refusal is `rejected`;
 * whatever does not fit together is `unknown` (T1). */
export function answerOf(input: {
  readonly status: 'ACTC' | 'ACSC' | 'RJCT';
  readonly code: string;
}): RailAnswer {
  const { status, code } = input;
  const reason = reasonOf(code);
  if (!reason) return { outcome: 'unknown', reason: `code ${code} is not in the table` };
  if (reason.class === 'rejected' && status === 'RJCT') return { outcome: 'rejected', code };
  if (reason.class === 'success' && status !== 'RJCT')
    return { outcome: 'accepted', isFinal: status === 'ACSC', code };
  return { outcome: 'unknown', reason: `${status} ${code}` };
}
