/** The scope lattice: does a flow lie in a scope, does one scope cover another, how is a scope said in one line. Pure. */
import { maskAccount } from '../kernel/log.ts';
import type { FlowFacts } from './port.ts';
import type { Scope } from './restriction.ts';

/** Dimensions that a flow equals or does not. */
export const EXACT_DIMENSIONS = [
  'rail',
  'direction',
  'channel',
  'bank',
  'product',
  'account',
  'merchant',
] as const;

/** True when every dimension that the scope names holds for the flow. Bounds: lower inclusive, upper exclusive. */
export function inScope(scope: Scope, facts: FlowFacts): boolean {
  for (const name of EXACT_DIMENSIONS)
    if (scope[name] !== undefined && scope[name] !== facts[name]) return false;
  return (
    isWithinBounds(scope, facts) &&
    isListed(scope.cohort?.payers, facts.payer) &&
    isListed(scope.payees, facts.payee) &&
    isInCategory(scope, facts)
  );
}

/** Amount and bucket: what no index of equal values can find. */
export function isWithinBounds(scope: Scope, facts: FlowFacts): boolean {
  return (
    (scope.amountFromSen === undefined || facts.amountSen >= BigInt(scope.amountFromSen)) &&
    (scope.amountToSen === undefined || facts.amountSen < BigInt(scope.amountToSen)) &&
    (scope.bucketFrom === undefined || facts.cohortBucket >= scope.bucketFrom) &&
    (scope.bucketTo === undefined || facts.cohortBucket < scope.bucketTo)
  );
}

function isListed(list: readonly string[] | undefined, key: string | undefined): boolean {
  return list === undefined || (key !== undefined && list.includes(key));
}

/** True when the scope names no category of payees or the flow's payee is of it. */
export function isInCategory({ payeeCategory }: Scope, { bank, payeeAccount }: FlowFacts): boolean {
  if (payeeCategory === undefined) return true;
  return (
    payeeAccount !== undefined &&
    payeeCategory.payees.some(
      (one) => one.bank === bank && payeeAccount.startsWith(one.accountPrefix),
    )
  );
}

interface Pair {
  readonly outer: Scope;
  readonly inner: Scope;
}

/** True when every flow of `inner` is also in `outer`. False may also mean that it cannot be told from the scopes alone. */
export function covers({ outer, inner }: Pair): boolean {
  for (const name of EXACT_DIMENSIONS)
    if (outer[name] !== undefined && outer[name] !== inner[name]) return false;
  return (
    isAtLeast(inner.amountFromSen, outer.amountFromSen) &&
    isAtLeast(outer.amountToSen, inner.amountToSen, 'open') &&
    isAtLeast(inner.bucketFrom, outer.bucketFrom) &&
    isAtLeast(outer.bucketTo, inner.bucketTo, 'open') &&
    isSublist(inner.cohort?.payers, outer.cohort?.payers) &&
    isSublist(inner.payees, outer.payees) &&
    coversCategory({ outer, inner })
  );
}

/** `a >= b` for bounds that may be left out. A lower bound that is left out is lowest; an `open` upper one is highest. */
function isAtLeast(
  a: string | number | undefined,
  b: string | number | undefined,
  absent: 'lowest' | 'open' = 'lowest',
): boolean {
  if (absent === 'open') return a === undefined || (b !== undefined && BigInt(a) >= BigInt(b));
  return b === undefined || (a !== undefined && BigInt(a) >= BigInt(b));
}

function isSublist(
  inner: readonly string[] | undefined,
  outer: readonly string[] | undefined,
): boolean {
  if (outer === undefined) return true;
  const listed = new Set(outer);
  return inner !== undefined && inner.every((key) => listed.has(key));
}

function coversCategory({ outer, inner }: Pair): boolean {
  if (outer.payeeCategory === undefined) return true;
  const kinds = outer.payeeCategory.payees;
  return (
    inner.payeeCategory !== undefined &&
    inner.payeeCategory.payees.every(({ bank, accountPrefix }) =>
      kinds.some((one) => one.bank === bank && accountPrefix.startsWith(one.accountPrefix)),
    )
  );
}

/** The scope without what a flow leaves open that is not all decided yet: its amount, and the bank, product, payee or merchant where
 * nobody has named one. */
export function withoutOpen(scope: Scope, facts: FlowFacts): Scope {
  const { amountFromSen: _from, amountToSen: _to, ...rest } = scope;
  const kept: { -readonly [Name in keyof typeof rest]: (typeof rest)[Name] } = { ...rest };
  for (const name of ['bank', 'product', 'merchant'] as const)
    if (facts[name] === undefined) delete kept[name];
  if (facts.payeeAccount === undefined) {
    delete kept.payees;
    delete kept.payeeCategory;
  }
  return kept;
}

/** True when the scope depends on something that the flow leaves open. */
export function hasOpen(scope: Scope, facts: FlowFacts): boolean {
  return Object.keys(withoutOpen(scope, facts)).length < Object.keys(scope).length;
}

/** True when the scope is less than a whole rail and direction. A bound that leaves nothing out makes nothing narrow (T20). */
export function isNarrow({ rail: _rail, direction: _direction, ...more }: Scope): boolean {
  const { bucketFrom, bucketTo, amountFromSen, amountToSen, ...named } = more;
  return (
    Object.values(named).some((part) => part !== undefined) ||
    (bucketFrom ?? 0) > 0 ||
    (bucketTo ?? BUCKET_COUNT) < BUCKET_COUNT ||
    BigInt(amountFromSen ?? 0) > 1n ||
    BigInt(amountToSen ?? AMOUNT_SEN_MAX) < AMOUNT_SEN_MAX
  );
}

/** Above every payment: Rp10 trillion. */
const AMOUNT_SEN_MAX = 10n ** 15n;

/** `bifast · out · mobile · BNINIDJA`; `all` for the whole lattice. For logs, the console and the scorecard: accounts are masked,
 * lists are counted. */
export function scopeText(scope: Scope): string {
  const { cohort, payees, payeeCategory } = scope;
  const parts = EXACT_DIMENSIONS.flatMap((name) => {
    const part = scope[name];
    return part === undefined ? [] : [name === 'account' ? maskAccount(part) : part];
  }) as string[];
  if (cohort) parts.push(`cohort ${cohort.name} (${cohort.payers.length})`);
  if (scope.bucketFrom !== undefined || scope.bucketTo !== undefined)
    parts.push(`buckets ${scope.bucketFrom ?? 0}..${scope.bucketTo ?? BUCKET_COUNT}`);
  if (payees) parts.push(`payees (${payees.length})`);
  if (payeeCategory) parts.push(`payees of ${payeeCategory.name}`);
  if (scope.amountFromSen !== undefined) parts.push(`>= ${scope.amountFromSen} sen`);
  if (scope.amountToSen !== undefined) parts.push(`< ${scope.amountToSen} sen`);
  return parts.length === 0 ? 'all' : parts.join(' · ');
}

/** Customers are spread over so many buckets. */
export const BUCKET_COUNT = 10_000;
