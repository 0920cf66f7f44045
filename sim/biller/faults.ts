/** How the simulated aggregator misbehaves, as data: rules that name a behaviour for a product, the end of a number or a share. */
import type { Random } from '../../src/kernel/random.ts';

export type BillerBehaviour =
  | { readonly kind: 'accept' }
  /** Refused at once. */
  | { readonly kind: 'reject'; readonly code: string }
  /** Taken (03), and through or refused after a while; advice and feed tell. */
  | { readonly kind: 'pending'; readonly thenMs: number; readonly code: string }
  /** It never arrived. */
  | { readonly kind: 'drop_request' }
  /** Paid, and nobody hears. */
  | { readonly kind: 'drop_answer' }
  /** Paid, answered late. */
  | { readonly kind: 'slow'; readonly answerAfterMs: number }
  /** Paid; the answer names another amount. */
  | { readonly kind: 'wrong_amount' }
  /** Paid; the answer has no receipt. An advice has. */
  | { readonly kind: 'no_receipt' }
  /** Paid; the settlement shows it twice. */
  | { readonly kind: 'settle_twice' }
  /** Codes that are in no table, one after the other; nothing is paid. */
  | { readonly kind: 'code_storm'; readonly codes: readonly string[] };

export interface BillerRule {
  readonly name: string;
  readonly match: {
    readonly product?: string;
    readonly numberSuffix?: string;
    /** Share of what matches, in 1/10,000. */
    readonly perTenThousand?: number;
  };
  readonly does: BillerBehaviour;
}

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
    does: { kind: 'slow', answerAfterMs: 8_000 },
  },
];

/** The first rule that applies decides; none = healthy. */
export function behaviourOf(input: {
  readonly rules: readonly BillerRule[];
  readonly product: string;
  readonly number: string;
  readonly random: Random;
}): BillerBehaviour {
  const { product, number, random } = input;
  const found = input.rules.find(
    ({ match }) =>
      (match.product === undefined || match.product === product) &&
      (match.numberSuffix === undefined || number.endsWith(match.numberSuffix)) &&
      (match.perTenThousand === undefined || random.below(10_000) < match.perTenThousand),
  );
  return found?.does ?? { kind: 'accept' };
}
