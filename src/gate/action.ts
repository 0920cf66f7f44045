/** How strict actions are, and what a restriction says of a flow. Pure. */
import { assertNever } from '../kernel/assert.ts';
import type { FlowFacts, GateDecision } from './port.ts';
import type { Admission, Restriction, RestrictionAction, Throttle } from './restriction.ts';

/** True when `next` refuses at least what `before` refuses, on the same flow. An order, but not a line: a cap refuses large amounts and
 * lets small ones pass unseen, so that it is neither stricter nor milder than a step-up or a throttle. */
export function isActionAtLeast({
  next,
  before,
}: {
  readonly next: RestrictionAction;
  readonly before: RestrictionAction;
}): boolean {
  if (next.kind === 'stop' || before.kind === 'allow') return true;
  switch (before.kind) {
    case 'stop':
      return false;
    case 'hold':
      return next.kind === 'hold';
    case 'step_up':
      return next.kind === 'step_up' || next.kind === 'hold';
    case 'cap':
      return next.kind === 'cap' && BigInt(next.amountSen) <= BigInt(before.amountSen);
    case 'throttle':
      return next.kind === 'throttle' && isThrottleAtLeast({ next, before });
    default:
      return assertNever(before);
  }
}

function isThrottleAtLeast({ next, before }: { next: Throttle; before: Throttle }): boolean {
  const isWithin = (bound: bigint | undefined, of: bigint | undefined): boolean =>
    of === undefined || (bound !== undefined && bound <= of);
  const [now, then] = [throttleBounds(next), throttleBounds(before)];
  return isWithin(now.count, then.count) && isWithin(now.amountSen, then.amountSen);
}

/** What a throttle lets pass in a minute, over all processes; an absent bound does not bind. */
export function throttleBounds(throttle: Throttle): {
  readonly count: bigint | undefined;
  readonly amountSen: bigint | undefined;
} {
  const { countPerMinute, amountSenPerMinute } = throttle;
  return {
    count: countPerMinute === undefined ? undefined : BigInt(countPerMinute),
    amountSen: amountSenPerMinute === undefined ? undefined : BigInt(amountSenPerMinute),
  };
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
    case 'hold':
      return { kind: 'hold', restriction };
    case 'step_up':
      return { kind: 'step_up', restriction };
    case 'throttle':
      return { kind: 'allow', throttles: [restriction] };
    case 'allow':
      return { kind: 'allow' };
    default:
      return assertNever(action);
  }
}

/** Cohorts go by the customer's stable bucket, so nobody flickers; staff are in from the first stage on. */
function isAdmitted(admission: Admission, facts: FlowFacts): boolean {
  return facts.isStaff || (!admission.staffOnly && facts.cohortBucket < admission.bucketsBelow);
}

const STRENGTH = { allow: 0, step_up: 2, hold: 3, cap: 4, stop: 5 } as const;

/** The stricter of two words on the same flow; throttles of both are counted. */
export function strictest(a: GateDecision, b: GateDecision): GateDecision {
  const word = strength(b) > strength(a) ? b : a;
  if (word.kind === 'stop' || word.kind === 'cap') return word;
  const throttles = [...throttlesOf(a), ...throttlesOf(b)];
  return throttles.length === 0 ? word : { ...word, throttles };
}

/** True when a flow may not go on now, where nobody can be asked: a hold and a step-up refuse there too. */
export function isRefusedBy(word: GateDecision, amountSen: bigint): boolean {
  return word.kind === 'cap' ? amountSen > word.capSen : word.kind !== 'allow';
}

/** The restrictions whose minute this flow counts in. */
export function throttlesOf(word: GateDecision): readonly Restriction[] {
  return ('throttles' in word ? word.throttles : undefined) ?? [];
}

function strength(word: GateDecision): number {
  return word.kind === 'allow' && word.admittedBy !== undefined ? 1 : STRENGTH[word.kind];
}
