/** The gate's decision. A set is compiled once into lists per rail and direction; a decision walks only those. Pure. */
import type { FlowFacts, GateDecision } from './port.ts';
import type { Admission, Restriction, RestrictionSet } from './restriction.ts';
import { inScope } from './scope.ts';

const RAILS = ['bifast', 'onus', 'switch', 'qris', 'biller'] as const;
const DIRECTIONS = ['in', 'out'] as const;

/** The restrictions that can touch each rail and direction. */
export type CompiledSet = ReadonlyMap<string, readonly Restriction[]>;

/** Compiles a set for `decide`. */
export function compileSet(set: RestrictionSet): CompiledSet {
  const lists = new Map<string, Restriction[]>();
  for (const rail of RAILS) {
    for (const direction of DIRECTIONS) {
      const touching = set.restrictions.filter(
        ({ scope }) =>
          (scope.rail === undefined || scope.rail === rail) &&
          (scope.direction === undefined || scope.direction === direction),
      );
      if (touching.length > 0) lists.set(`${rail} ${direction}`, touching);
    }
  }
  return lists;
}

/** Stop wins over cap, cap over step-up. A `cap` decision means that this amount is above it; below it the flow passes. */
export function decide(compiled: CompiledSet, facts: FlowFacts): GateDecision {
  const touching = compiled.get(`${facts.rail} ${facts.direction}`);
  let best: GateDecision = { kind: 'allow' };
  if (!touching) return best;
  for (const restriction of touching) {
    if (!inScope(restriction.scope, facts)) continue;
    const word = decideOne(restriction, facts);
    if (word.kind === 'stop') return word;
    if (strength(word) > strength(best)) best = word;
  }
  return best;
}

/** What one matching restriction says. Also used for a latch whose restriction carries an admission. */
export function decideOne(restriction: Restriction, facts: FlowFacts): GateDecision {
  const { admission, action } = restriction;
  if (admission && isAdmitted(admission, facts)) {
    if (admission.capSen !== undefined && facts.amountSen > BigInt(admission.capSen)) {
      return { kind: 'cap', restriction, capSen: BigInt(admission.capSen) };
    }
    return { kind: 'allow', admittedBy: admission.releaseId };
  }
  switch (action.kind) {
    case 'stop':
      return { kind: 'stop', restriction };
    case 'cap':
      return facts.amountSen > BigInt(action.amountSen)
        ? { kind: 'cap', restriction, capSen: BigInt(action.amountSen) }
        : { kind: 'allow' };
    case 'step_up':
      return { kind: 'step_up', restriction };
  }
}

/** Cohorts go by the customer's stable bucket, so nobody flickers; staff are in from the first stage on. */
function isAdmitted(admission: Admission, facts: FlowFacts): boolean {
  return facts.isStaff || (!admission.staffOnly && facts.cohortBucket < admission.bucketsBelow);
}

function strength(word: GateDecision): number {
  return { allow: 'admittedBy' in word && word.admittedBy ? 1 : 0, step_up: 2, cap: 3, stop: 4 }[
    word.kind
  ];
}
