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
}

export type Language = 'id' | 'en';
