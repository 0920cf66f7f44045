/** The messages a customer can get, by key. Rows hold key and params only; words are made when the customer reads them. */

/** Every key there is. */
export const MESSAGE_TEMPLATES = [
  'payment.pending',
  'payment.promise_renewed',
  'payment.review',
  'payment.settled',
  'payment.refunded',
  'payment.cancelled',
  'payment.received',
  'payment.returned',
  'card.withdrawn',
  'card.returned',
  'card.returned_in_part',
  'card.restricted',
  'card.blocked',
  'card.pin_locked',
  'standing_order.made',
  'standing_order.submitted',
  'standing_order.waiting',
  'standing_order.missed',
  'standing_order.paused',
  'standing_order.ended',
] as const;

export type MessageTemplate = (typeof MESSAGE_TEMPLATES)[number];

/** Amounts are sen as decimal text, times UTC ms as decimal text. */
export interface MessageParams {
  readonly amountSen: string;
  readonly feeSen?: string;
  /** The other party, as the customer confirmed it. */
  readonly name: string;
  readonly reference: string;
  readonly atMs: string;
  readonly promiseAtMs?: string;
  /** Standing orders: the WIB date that it is about, why, and when it is tried or comes next. */
  readonly date?: string;
  readonly reason?: string;
  readonly nextAtMs?: string;
  readonly nextDate?: string;
}

export type Language = 'id' | 'en';
