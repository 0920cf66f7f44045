/** The messages a customer can get, by key. Rows hold key and params only; words are made when the customer reads them. */

/** Every key there is. */
export const MESSAGE_TEMPLATES = [
  'payment.pending',
  'payment.promise_renewed',
  'payment.review',
  'payment.settled',
  'payment.refunded',
  'payment.cancelled',
  'payment.withheld',
  'payment.released',
  'payment.not_released',
  'payment.received',
  'payment.returned',
  'qris.presented',
  'qris.refunded',
  'qris.sale',
  'qris.sale_unsettled',
  'card.withdrawn',
  'card.returned',
  'card.returned_in_part',
  'card.deposited',
  'card.deposit_returned',
  'card.restricted',
  'card.blocked',
  'card.pin_locked',
  'card.pin_changed',
  'standing_order.made',
  'standing_order.submitted',
  'standing_order.waiting',
  'standing_order.missed',
  'standing_order.paused',
  'standing_order.ended',
  'access_grant.made',
  'access_grant.made_debit',
  'access_grant.made_qris',
  'access_grant.ended',
  'direct_debit.code',
  'direct_debit.code_qris',
  'direct_debit.code_bind',
  'direct_debit.taken',
  'direct_debit.returned',
  'proxy.moved',
  'bulk.ready',
  'bulk.paused',
  'bulk.done',
] as const;

export type MessageTemplate = (typeof MESSAGE_TEMPLATES)[number];

/** Amounts are sen as decimal text, times UTC ms as decimal text. A message about no money has the amount 0. */
export interface MessageParams {
  readonly amountSen: string;
  readonly feeSen?: string;
  /** The other party, as the customer confirmed it. */
  readonly name: string;
  readonly reference: string;
  readonly atMs: string;
  readonly promiseAtMs?: string;
  /** A bill or a merchant was paid, not a transfer made. */
  readonly isBill?: 'yes';
  /** Standing orders: the WIB date that it is about, why, and when it is tried or comes next. */
  readonly date?: string;
  readonly reason?: string;
  readonly nextAtMs?: string;
  readonly nextDate?: string;
  /** A code that its reader types elsewhere, until `nextAtMs`. */
  readonly code?: string;
  /** The merchant that a code is for, where `name` is who asks for it. */
  readonly payee?: string;
  /** Lists: rows, and rows that were left out. */
  readonly count?: string;
  readonly leftCount?: string;
}

export type Language = 'id' | 'en';
