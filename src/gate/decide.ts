/** The gate's decision. A set is compiled once: restrictions that name the same dimensions form one group with an index over the values
 * that they name, so a decision makes one look-up per group, whatever the number of restrictions, and then checks bounds on the few that
 * were found. Pure. */
import { decideOne, strictest } from './action.ts';
import type { FlowFacts, GateDecision } from './port.ts';
import type { Restriction, RestrictionSet, Scope } from './restriction.ts';
import { EXACT_DIMENSIONS, isInCategory, isWithinBounds } from './scope.ts';

type Dimension = (typeof EXACT_DIMENSIONS)[number] | 'cohort' | 'payees';

/** Restrictions that name the same dimensions, by the values that they name. */
interface Group {
  readonly dimensions: readonly Dimension[];
  readonly byValues: ReadonlyMap<string, readonly Restriction[]>;
}

/** A set that is ready for `decide`. */
export type CompiledSet = readonly Group[];

const BETWEEN = '\n';
/** What a flow has where it lacks a fact; no value of a scope holds one. */
const NONE = '\0';

/** Compiles a set for `decide`. */
export function compileSet(set: RestrictionSet): CompiledSet {
  const groups = new Map<
    string,
    { dimensions: readonly Dimension[]; byValues: Map<string, Restriction[]> }
  >();
  for (const restriction of set.restrictions) {
    const dimensions = dimensionsOf(restriction.scope);
    const name = dimensions.join();
    const group = groups.get(name) ?? { dimensions, byValues: new Map() };
    groups.set(name, group);
    for (const values of valuesOf(restriction.scope, dimensions)) {
      const found = group.byValues.get(values);
      if (found) found.push(restriction);
      else group.byValues.set(values, [restriction]);
    }
  }
  return [...groups.values()];
}

function dimensionsOf(scope: Scope): readonly Dimension[] {
  const exact = EXACT_DIMENSIONS.filter((name) => scope[name] !== undefined);
  return [
    ...exact,
    ...(scope.cohort === undefined ? [] : (['cohort'] as const)),
    ...(scope.payees === undefined ? [] : (['payees'] as const)),
  ];
}

/** Every combination of values under which the restriction is found; one list has many. */
function valuesOf(scope: Scope, dimensions: readonly Dimension[]): Iterable<string> {
  let all: readonly string[] = [''];
  for (const name of dimensions) {
    const values =
      name === 'cohort' ? scope.cohort!.payers : name === 'payees' ? scope.payees! : [scope[name]!]; // named, else it were no dimension of this scope
    all = all.flatMap((text) => values.map((value) => text + BETWEEN + value));
  }
  return new Set(all);
}

/** Stop over cap over hold over step-up. A `cap` decision means that this amount is above it; below it the flow passes. The throttles of
 * all restrictions that match are named in what passes. */
export function decide(compiled: CompiledSet, facts: FlowFacts): GateDecision {
  let best: GateDecision = { kind: 'allow' };
  for (const { dimensions, byValues } of compiled) {
    let values = '';
    for (const name of dimensions) values += BETWEEN + valueOf(name, facts);
    const found = byValues.get(values);
    if (!found) continue;
    for (const restriction of found) {
      const { scope } = restriction;
      if (!isWithinBounds(scope, facts) || !isInCategory(scope, facts)) continue;
      const word = decideOne(restriction, facts);
      if (word.kind === 'stop') return word;
      best = strictest(best, word);
    }
  }
  return best;
}

function valueOf(name: Dimension, facts: FlowFacts): string {
  const value = name === 'cohort' ? facts.payer : name === 'payees' ? facts.payee : facts[name];
  return value ?? NONE;
}
