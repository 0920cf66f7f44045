/** How the simulated aggregator misbehaves, as data: rules that name a behaviour for a kind of message, a product, the end of a number or
 * a share. */
import type { Facts } from '../fault/chooser.ts';
import {
  EXCHANGE_VERBS,
  STANDING_VERBS,
  type ExchangeFault,
  type StandingFault,
} from '../fault/exchange.ts';
import {
  delay,
  list,
  oneOf,
  text,
  type Rule,
  type Verb,
  type Vocabulary,
  type WhenMatch,
} from '../fault/rule.ts';

/** What the aggregator, not the line to it, does with a payment. */
export type BillerBehaviour =
  | { readonly kind: 'accept' }
  /** Refused at once. */
  | { readonly kind: 'reject'; readonly code: string }
  /** Taken (03), and through or refused after a while; advice and feed tell. */
  | { readonly kind: 'pending'; readonly thenMs: number; readonly code: string }
  /** Paid; the answer names another amount. */
  | { readonly kind: 'wrong_amount' }
  /** Paid; the answer has no receipt. An advice has. */
  | { readonly kind: 'no_receipt' }
  /** Paid; the settlement shows it twice. */
  | { readonly kind: 'settle_twice' }
  /** Codes that are in no table, one after the other; nothing is paid. */
  | { readonly kind: 'code_storm'; readonly codes: readonly string[] };

/** What a rule can be about. */
export const BILLER_MESSAGES = [
  'payment',
  'inquiry',
  'advice',
  'feed',
  'statement',
  'other',
  'all',
] as const;

export interface BillerMatch extends WhenMatch {
  /** Payments only when absent. */
  readonly message?: (typeof BILLER_MESSAGES)[number];
  readonly product?: string;
  readonly numberSuffix?: string;
}

export type BillerRule = Rule<BillerBehaviour | ExchangeFault | StandingFault, BillerMatch>;

/** A rule that does not say what it is about is about payments. */
export const BILLER_DEFAULTS: Facts = { message: 'payment' };

const CODE = text(/^[0-9]{2}$/, '88');

const BEHAVIOUR_VERBS: Readonly<Record<BillerBehaviour['kind'], Verb>> = {
  accept: { words: 'all well', fields: {} },
  reject: { words: 'refused with this code', fields: { code: CODE } },
  pending: {
    words: 'taken; this much later through (00) or refused',
    fields: { thenMs: delay, code: CODE },
  },
  wrong_amount: { words: 'paid; the answer names another amount', fields: {} },
  no_receipt: { words: 'paid; the answer has no receipt', fields: {} },
  settle_twice: { words: 'paid; the settlement shows it twice', fields: {} },
  code_storm: { words: 'refused with one of these codes', fields: { codes: list(CODE) } },
};

/** The kinds that are about the payment itself. */
export const BILLER_KINDS = Object.keys(BEHAVIOUR_VERBS) as BillerBehaviour['kind'][];

/** The aggregator's words. */
export const BILLER_WORDS: Vocabulary = {
  match: {
    message: oneOf(BILLER_MESSAGES),
    product: text(/^[A-Z0-9_]{1,20}$/, 'PLN_PREPAID'),
    numberSuffix: text(/^[0-9]{1,20}$/, 'end of the number: 9900'),
  },
  does: { ...BEHAVIOUR_VERBS, ...EXCHANGE_VERBS, ...STANDING_VERBS },
};

/** Numbers that always misbehave, for demos and tests: the last four digits tell how. */
export const MAGIC_NUMBERS: readonly BillerRule[] = [
  { name: 'provider down', match: { numberSuffix: '9988' }, does: { kind: 'reject', code: '88' } },
  { name: 'answer lost', match: { numberSuffix: '9900' }, does: { kind: 'drop_answer' } },
  { name: 'request lost', match: { numberSuffix: '9901' }, does: { kind: 'drop_request' } },
  {
    name: 'through after half a minute',
    match: { numberSuffix: '9903' },
    does: { kind: 'pending', thenMs: 30_000, code: '00' },
  },
  {
    name: 'taken, then refused',
    match: { numberSuffix: '9904' },
    does: { kind: 'pending', thenMs: 30_000, code: '76' },
  },
  { name: 'receipt late', match: { numberSuffix: '9905' }, does: { kind: 'no_receipt' } },
  {
    name: 'slow',
    match: { numberSuffix: '9906' },
    does: { kind: 'late_answer', afterMs: 8_000 },
  },
];
