/** Response codes of SNAP BI: HTTP(3) + service(2) + case(2). Owns the one table from each outcome of ours to its case code, so
 * that one outcome never has two (T4). Source: domain.md 3.4, 3.5. */
import type { PaymentView, SubmitRefusal } from '../../payment/port.ts';
import type { PaymentState } from '../../payment/state.ts';
import type { ReasonText } from '../../rail/bifast/reason-data.ts';
import { reasonOf } from '../../rail/bifast/reason.ts';

/** Service code by path after `/v1.0`. */
export const SERVICES = {
  '/access-token/b2b': '73',
  '/access-token/b2b2c': '74',
  '/balance-inquiry': '11',
  '/transaction-history-list': '12',
  '/transaction-history-detail': '13',
  '/bank-statement': '14',
  '/account-inquiry-internal': '15',
  '/account-inquiry-external': '16',
  '/transfer-intrabank': '17',
  '/transfer-interbank': '18',
  '/transfer/status': '36',
  '/transfer-va/inquiry': '24',
  '/transfer-va/payment': '25',
  '/transfer-va/status': '26',
  '/transfer-va/create-va': '27',
  '/registration-card-bind': '01',
  '/registration-card-unbind': '05',
  '/debit/payment-host-to-host': '54',
  '/debit/status': '55',
  '/debit/cancel': '57',
  '/debit/refund': '58',
  '/qr/qr-mpm-generate': '47',
  '/qr/qr-mpm-decode': '48',
  '/qr/qr-mpm-payment': '50',
  '/qr/qr-mpm-query': '51',
  '/qr/qr-cpm-payment': '60',
  '/qr/qr-cpm-query': '61',
  '/qr/qr-cpm-cancel': '62',
  '/qr/qr-cpm-refund': '80',
  '/qr/qr-mpm-cancel': '77',
  '/qr/qr-mpm-refund': '78',
  '/fraud/alarm': '99',
} as const;

export type ServicePath = keyof typeof SERVICES;
export type ServiceCode = (typeof SERVICES)[ServicePath];

/** One line of the case table. */
export interface SnapCase {
  readonly http: number;
  readonly code: string;
  readonly message: string;
}

const of = (http: number, code: string, message: string): SnapCase => ({ http, code, message });

/** The cases that we answer with, by our own names. */
export const CASES = {
  successful: of(200, '00', 'Successful'),
  inProgress: of(202, '00', 'Transaction still in progress'),
  badRequest: of(400, '00', 'Bad Request'),
  invalidFormat: of(400, '01', 'Invalid Field Format'),
  missingField: of(400, '02', 'Invalid Mandatory Field'),
  unauthorized: of(401, '00', 'Unauthorized'),
  invalidToken: of(401, '01', 'Invalid Token (B2B)'),
  invalidCustomerToken: of(401, '02', 'Invalid Customer Token'),
  tokenNotFound: of(401, '03', 'Token Not Found (B2B)'),
  customerTokenNotFound: of(401, '04', 'Customer Token Not Found'),
  featureNotAllowed: of(403, '01', 'Feature Not Allowed'),
  aboveLimit: of(403, '02', 'Exceeds Transaction Amount Limit'),
  suspectedFraud: of(403, '03', 'Suspected Fraud'),
  tooManyActivities: of(403, '04', 'Activity Count Limit Exceeded'),
  doNotHonor: of(403, '05', 'Do Not Honor'),
  notAtThisTime: of(403, '06', 'Feature Not Allowed At This Time'),
  otpBlocked: of(403, '11', 'OTP Blocked'),
  otpExpired: of(403, '12', 'OTP Lifetime Expired'),
  otpSent: of(403, '13', 'OTP Sent To Cardholder'),
  insufficientFunds: of(403, '14', 'Insufficient Funds'),
  notPermitted: of(403, '15', 'Transaction Not Permitted'),
  tokenLimit: of(403, '17', 'Token Limit Exceeded'),
  inactiveAccount: of(403, '18', 'Inactive Card/Account/Customer'),
  accountLimit: of(403, '23', 'Account Limit Exceed'),
  notFound: of(404, '00', 'Requested Function Is Not Found'),
  invalidStatus: of(404, '00', 'Invalid Transaction Status'),
  transactionNotFound: of(404, '01', 'Transaction Not Found'),
  invalidRouting: of(404, '02', 'Invalid Routing'),
  bankNotSupported: of(404, '03', 'Bank Not Supported By Switch'),
  cancelled: of(404, '04', 'Transaction Cancelled'),
  otpNeeded: of(404, '06', 'Need To Request OTP'),
  invalidMerchant: of(404, '08', 'Invalid Merchant'),
  invalidAccount: of(404, '11', 'Invalid Card/Account/Customer'),
  invalidBill: of(404, '12', 'Invalid Bill/Virtual Account'),
  invalidAmount: of(404, '13', 'Invalid Amount'),
  paidBill: of(404, '14', 'Paid Bill'),
  otpInvalid: of(404, '15', 'Invalid OTP'),
  invalidTerminal: of(404, '17', 'Invalid Terminal'),
  inconsistent: of(404, '18', 'Inconsistent Request'),
  expiredBill: of(404, '19', 'Invalid Bill/Virtual Account (Expired)'),
  notAllowed: of(405, '01', 'Requested Operation Is Not Allowed'),
  conflict: of(409, '00', 'Conflict'),
  duplicateReference: of(409, '01', 'Duplicate partnerReferenceNo'),
  tooManyRequests: of(429, '00', 'Too Many Requests'),
  generalError: of(500, '00', 'General Error'),
  internalError: of(500, '01', 'Internal Server Error'),
  timeout: of(504, '00', 'Timeout'),
} as const satisfies Record<string, SnapCase>;

export type CaseName = keyof typeof CASES;

/** `4031714`, for a case of a service. */
export function responseCode(service: ServiceCode | '00', name: CaseName): string {
  return `${CASES[name].http}${service}${CASES[name].code}`;
}

/** Why a transfer was refused, as a case. The hold, reversal and bill reasons, those of QRIS codes and a changed fee (a partner
 * confirms none) cannot come from a submit: our own fault. A reused reference
 * follows the partner's profile and is decided in `transfer.ts`. */
export const REFUSAL_CASE = {
  insufficient_funds: 'insufficientFunds',
  account_not_found: 'invalidAccount',
  account_closed: 'inactiveAccount',
  account_frozen: 'doNotHonor',
  same_account: 'invalidRouting',
  amount_not_positive: 'invalidAmount',
  amount_too_large: 'aboveLimit',
  currency_not_supported: 'invalidAmount',
  below_rail_minimum: 'invalidAmount',
  above_rail_cap: 'aboveLimit',
  above_daily_limit: 'accountLimit',
  velocity: 'tooManyActivities',
  above_grant_limit: 'tokenLimit',
  restricted: 'notAtThisTime',
  throttled: 'tooManyActivities',
  bank_closed: 'notAtThisTime',
  step_up_needed: 'featureNotAllowed',
  declined: 'doNotHonor',
  bank_unknown: 'bankNotSupported',
  key_conflict: 'inconsistent',
  fee_changed: 'internalError',
  code_used: 'internalError',
  code_expired: 'internalError',
  reference_conflict: 'inconsistent',
  busy: 'tooManyRequests',
  hold_not_found: 'internalError',
  hold_not_held: 'internalError',
  hold_expired: 'internalError',
  amount_above_hold: 'internalError',
  transfer_not_found: 'internalError',
  already_reversed: 'internalError',
  amount_above_transfer: 'internalError',
  inquiry_unknown: 'internalError',
  inquiry_expired: 'internalError',
  amount_not_offered: 'internalError',
  biller_closed: 'internalError',
  possible_duplicate: 'internalError',
  inquiry_used: 'internalError',
} as const satisfies Record<SubmitRefusal, CaseName>;

/** What the network's final refusal of a payment means to the partner: the same words as to the customer, so that one outcome has one
 * code in every service (T4). Anything else is `doNotHonor`. Source: domain.md 2.6. */
const RAIL_CASE = {
  none: 'doNotHonor',
  account_not_found: 'invalidAccount',
  account_not_active: 'inactiveAccount',
  account_elsewhere: 'invalidAccount',
  same_account: 'invalidRouting',
  amount_too_small: 'invalidAmount',
  amount_too_large: 'aboveLimit',
  bank_unknown: 'bankNotSupported',
  bank_unavailable: 'notAtThisTime',
  refused_by_bank: 'doNotHonor',
  refused_by_check: 'suspectedFraud',
  our_side: 'notAtThisTime',
} as const satisfies Record<ReasonText, CaseName>;

/** The same of the switch's codes. Source: domain.md 4.5. */
const SWITCH_CASE: Readonly<Record<string, CaseName>> = {
  RC13: 'invalidAmount',
  RC31: 'bankNotSupported',
  RC52: 'invalidAccount',
  RC53: 'invalidAccount',
  RC59: 'suspectedFraud',
  RC61: 'aboveLimit',
  RC76: 'invalidAccount',
  RC77: 'inactiveAccount',
  RC78: 'inactiveAccount',
  RC91: 'notAtThisTime',
  RC92: 'bankNotSupported',
};

/** Proven by the gateway's journal: nothing left and nothing will. */
const NOT_SENT = 'NOT_SENT';

/** The case of a payment's or an enquiry's last word from the rail. */
export function railCase(code: string | undefined): CaseName {
  if (code === NOT_SENT) return RAIL_CASE.our_side;
  if (code !== undefined && Object.hasOwn(SWITCH_CASE, code)) return SWITCH_CASE[code]!;
  return RAIL_CASE[(code === undefined ? undefined : reasonOf(code)?.text) ?? 'none'];
}

/** What a transfer answers for a payment as it now stands. Not final is `inProgress`, never a failure (I2). */
export function paymentCase(payment: Pick<PaymentView, 'state' | 'outcomeCode'>): CaseName {
  switch (payment.state) {
    case 'settled':
      return 'successful';
    case 'refunded':
    case 'rejected':
    case 'returned':
      return railCase(payment.outcomeCode);
    case 'refused':
      return isRefusal(payment.outcomeCode) ? REFUSAL_CASE[payment.outcomeCode] : 'doNotHonor';
    case 'cancelled':
      return 'cancelled';
    case 'new':
    case 'withheld':
    case 'held':
    case 'sending':
    case 'accepted':
    case 'unknown':
    case 'review':
    case 'pending_credit':
      return 'inProgress';
  }
}

function isRefusal(code: string | undefined): code is SubmitRefusal {
  return code !== undefined && Object.hasOwn(REFUSAL_CASE, code);
}

/** `latestTransactionStatus` and its words. A payment whose money went back is `04`, final; `unknown` stays `03`, pending. */
export const LATEST_STATUS = {
  new: ['01', 'Initiated'],
  withheld: ['03', 'Pending'],
  held: ['01', 'Initiated'],
  sending: ['02', 'Paying'],
  accepted: ['03', 'Pending'],
  unknown: ['03', 'Pending'],
  review: ['03', 'Pending'],
  pending_credit: ['03', 'Pending'],
  settled: ['00', 'Success'],
  refunded: ['04', 'Refunded'],
  returned: ['04', 'Refunded'],
  cancelled: ['05', 'Canceled'],
  refused: ['06', 'Failed'],
  rejected: ['06', 'Failed'],
} as const satisfies Record<PaymentState, readonly [string, string]>;
