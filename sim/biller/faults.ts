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

const RULE_COUNT_MAX = 100;
const DELAY_MS_MAX = 86_400_000;
const CODE = /^[0-9]{2}$/;

const FIELDS: Readonly<Record<BillerBehaviour['kind'], readonly string[]>> = {
  accept: [],
  reject: ['code'],
  pending: ['thenMs', 'code'],
  drop_request: [],
  drop_answer: [],
  slow: ['answerAfterMs'],
  wrong_amount: [],
  no_receipt: [],
  settle_twice: [],
  code_storm: ['codes'],
};

/** Reads rules that came as JSON (`POST /sim/biller`); says what is wrong otherwise. */
export function parseBillerRules(value: unknown): readonly BillerRule[] | string {
  if (!Array.isArray(value) || value.length > RULE_COUNT_MAX)
    return `rules: not a list of at most ${RULE_COUNT_MAX}`;
  for (const [i, rule] of value.entries()) {
    const reason = faultOf(rule as Partial<BillerRule> | null);
    if (reason) return `rules[${i}]: ${reason}`;
  }
  return value as BillerRule[]; // each was looked through
}

function faultOf(rule: Partial<BillerRule> | null): string | undefined {
  if (typeof rule !== 'object' || rule === null || typeof rule.name !== 'string')
    return 'name is missing';
  const { match, does } = rule;
  if (typeof match !== 'object' || match === null) return 'match is missing';
  for (const [name, at] of Object.entries(match)) {
    const isFit =
      name === 'perTenThousand'
        ? Number.isSafeInteger(at)
        : (name === 'product' || name === 'numberSuffix') && typeof at === 'string';
    if (!isFit) return `match.${name} is wrong`;
  }
  if (typeof does !== 'object' || does === null || !Object.hasOwn(FIELDS, does.kind))
    return 'does.kind is unknown';
  const fields = FIELDS[does.kind];
  for (const [name, at] of Object.entries(does)) {
    if (name === 'kind') continue;
    if (!fields.includes(name) || !isValue(name, at)) return `does.${name} is wrong`;
  }
  return fields.every((name) => Object.hasOwn(does, name)) ? undefined : 'does is incomplete';
}

function isValue(name: string, at: unknown): boolean {
  if (name === 'code') return CODE.test(String(at));
  if (name === 'codes')
    return Array.isArray(at) && at.length > 0 && at.every((code) => CODE.test(String(code)));
  return Number.isSafeInteger(at) && Number(at) >= 0 && Number(at) <= DELAY_MS_MAX;
}
