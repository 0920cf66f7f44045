/** The stop button's latch (I9): sticky, lifted only by a completed release that names it and that two people signed, passed
 * in stages while that release is active. The gateway checks the signatures itself, so no push alone loosens it. Pure. */
import { decideOne } from '../gate/action.ts';
import type { FlowFacts, GateDecision, StaffRoster } from '../gate/port.ts';
import type {
  Admission,
  ReleasePlan,
  Restriction,
  RestrictionSet,
  SignedRelease,
} from '../gate/restriction.ts';
import { covers } from '../gate/scope.ts';
import { isSignedByTwo } from '../gate/set.ts';
import type { Latch } from './journal-index.ts';

/** How far our clock may be behind the one that made a plan. */
const CLOCK_SKEW_MS = 2_000;

interface Facts {
  readonly set: RestrictionSet;
  readonly roster: StaffRoster;
  readonly nowMs: number;
}

/** True when the latch holds this flow back. `stop` wins unless a stage admits the flow. */
export function isLatched(latch: Latch, flow: FlowFacts, facts: Facts): boolean {
  if (latch.rail !== flow.rail || latch.direction !== flow.direction) return false;
  const restriction = facts.set.restrictions.find(({ id }) => id === latch.latchId);
  if (
    !restriction?.admission ||
    !isStageOfRelease({ latch, restriction, admission: restriction.admission, facts })
  )
    return true;
  return !admits(decideOne(restriction, flow));
}

/** True when a completed release, signed by two people, names `target` (a latch or a quarantine) and all its stages had time. */
export function isReleased(
  target: { readonly id: string; readonly atMs: number },
  { set, roster, nowMs }: Facts,
): boolean {
  return set.releases.some(
    (release) =>
      release.state === 'completed' &&
      isReleaseOf({ release, target, roster }) &&
      nowMs + CLOCK_SKEW_MS >=
        release.plan.madeAtMs + dwellMs(release.plan, release.plan.stages.length),
  );
}

/** True when two people signed a release made after `sinceMs` that is in force: what the guard alone may not do, it may then. */
export function hasReleaseSince(sinceMs: number, { set, roster }: Facts): boolean {
  return set.releases.some(
    (release) =>
      release.state !== 'closed' &&
      release.plan.madeAtMs >= sinceMs - CLOCK_SKEW_MS &&
      isSignedByTwo(release, roster),
  );
}

function isStageOfRelease(input: {
  latch: Latch;
  restriction: Restriction;
  admission: Admission;
  facts: Facts;
}): boolean {
  const { latch, restriction, admission, facts } = input;
  const isWhole =
    restriction.action.kind === 'stop' &&
    covers({ outer: restriction.scope, inner: { rail: latch.rail, direction: latch.direction } });
  if (!isWhole) return false;
  const release = facts.set.releases.find(
    ({ plan, state }) => state === 'active' && plan.releaseId === admission.releaseId,
  );
  if (
    !release ||
    !isReleaseOf({ release, target: { id: latch.latchId, atMs: latch.atMs }, roster: facts.roster })
  )
    return false;
  const stage = release.plan.stages[admission.stage];
  const isAgreed =
    stage?.bucketsBelow === admission.bucketsBelow &&
    stage.staffOnly === admission.staffOnly &&
    stage.capSen === admission.capSen;
  return (
    isAgreed &&
    facts.nowMs + CLOCK_SKEW_MS >= release.plan.madeAtMs + dwellMs(release.plan, admission.stage)
  );
}

/** A plan made before the latch cannot have meant it. */
function isReleaseOf(input: {
  release: SignedRelease;
  target: { readonly id: string; readonly atMs: number };
  roster: StaffRoster;
}): boolean {
  const { release, target, roster } = input;
  return (
    release.plan.latchId === target.id &&
    release.plan.madeAtMs >= target.atMs - CLOCK_SKEW_MS &&
    isSignedByTwo(release, roster)
  );
}

function dwellMs(plan: ReleasePlan, stageCount: number): number {
  return plan.stages.slice(0, stageCount).reduce((sum, { dwellMsMin }) => sum + dwellMsMin, 0);
}

function admits(word: GateDecision): boolean {
  return word.kind === 'allow' && word.admittedBy !== undefined;
}
