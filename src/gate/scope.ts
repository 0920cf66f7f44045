/** The scope lattice: does a flow lie in a scope, does one scope cover another, how is a scope said in one line. Pure. */
import type { FlowFacts } from './port.ts';
import type { RestrictionAction, Scope } from './restriction.ts';

/** True when every dimension that the scope names holds for the flow. Amount bounds: lower inclusive, upper exclusive. */
export function inScope(scope: Scope, facts: FlowFacts): boolean {
  return (
    (scope.rail === undefined || scope.rail === facts.rail) &&
    (scope.direction === undefined || scope.direction === facts.direction) &&
    (scope.channel === undefined || scope.channel === facts.channel) &&
    (scope.bank === undefined || scope.bank === facts.bank) &&
    (scope.account === undefined || scope.account === facts.account) &&
    (scope.amountFromSen === undefined || facts.amountSen >= BigInt(scope.amountFromSen)) &&
    (scope.amountToSen === undefined || facts.amountSen < BigInt(scope.amountToSen))
  );
}

/** True when every flow of `inner` is also in `outer`. */
export function covers({
  outer,
  inner,
}: {
  readonly outer: Scope;
  readonly inner: Scope;
}): boolean {
  const same = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || a === b;
  return (
    same(outer.rail, inner.rail) &&
    same(outer.direction, inner.direction) &&
    same(outer.channel, inner.channel) &&
    same(outer.bank, inner.bank) &&
    same(outer.account, inner.account) &&
    (outer.amountFromSen === undefined ||
      (inner.amountFromSen !== undefined &&
        BigInt(inner.amountFromSen) >= BigInt(outer.amountFromSen))) &&
    (outer.amountToSen === undefined ||
      (inner.amountToSen !== undefined && BigInt(inner.amountToSen) <= BigInt(outer.amountToSen)))
  );
}

/** True when `next` refuses at least what `before` refuses, on the same flow. */
export function isActionAtLeast({
  next,
  before,
}: {
  readonly next: RestrictionAction;
  readonly before: RestrictionAction;
}): boolean {
  if (next.kind === 'stop') return true;
  if (before.kind === 'stop') return false;
  if (before.kind === 'cap')
    return next.kind === 'cap' && BigInt(next.amountSen) <= BigInt(before.amountSen);
  return next.kind === 'step_up';
}

/** `bifast · out · mobile · BNINIDJA`; `all` for the whole lattice. For logs, the console and the scorecard. */
export function scopeText(scope: Scope): string {
  const parts = [scope.rail, scope.direction, scope.channel, scope.bank, scope.account].filter(
    (part) => part !== undefined,
  );
  if (scope.amountFromSen !== undefined) parts.push(`>= ${scope.amountFromSen} sen`);
  if (scope.amountToSen !== undefined) parts.push(`< ${scope.amountToSen} sen`);
  return parts.length === 0 ? 'all' : parts.join(' · ');
}
