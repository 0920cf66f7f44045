/** What a release plan looks like and when it may be asked for. Pure. The numbers are versioned configuration
 * (setting `recovery.numbers`); the defaults follow domain.md 7.7 [rec]. */
import type { PlanStage, ReleasePlan, Scope } from '../gate/restriction.ts';

/** Every number of a staged return. Amounts in sen as decimal text, shares in basis points (100 = 1 %). */
export interface RecoveryNumbers {
  readonly stages: readonly PlanStage[];
  /** Fewer settled or failed payments than this are not enough evidence. */
  readonly paymentCountMin: number;
  readonly successPassBps: number;
  readonly successFailBps: number;
  /** A share of unknown outcomes above this, from `unknownCountMin` on, fails the stage. */
  readonly unknownShareFailBps: number;
  readonly unknownCountMin: number;
  /** A sent payment without an outcome counts as unknown after this. */
  readonly outcomeGraceMs: number;
  /** The three-way match must be at most this old for a pass. */
  readonly matchAgeMsMax: number;
  /** A signed plan cannot be started later than this. */
  readonly startWithinMs: number;
  /** A stage without enough evidence for so long raises an alarm (T11). */
  readonly thinAlarmMs: number;
}

const MINUTE = 60_000;

/** Defaults of a bank; the demo shortens `dwellMsMin` by a setting of its own. */
export const RECOVERY_DEFAULTS: RecoveryNumbers = {
  stages: [
    {
      name: 'staff',
      staffOnly: true,
      bucketsBelow: 0,
      capSen: '100000000',
      dwellMsMin: 30 * MINUTE,
    },
    {
      name: '1 %',
      staffOnly: false,
      bucketsBelow: 100,
      capSen: '100000000',
      dwellMsMin: 30 * MINUTE,
    },
    {
      name: '5 %',
      staffOnly: false,
      bucketsBelow: 500,
      capSen: '1000000000',
      dwellMsMin: 30 * MINUTE,
    },
    {
      name: '25 %',
      staffOnly: false,
      bucketsBelow: 2_500,
      capSen: '5000000000',
      dwellMsMin: 30 * MINUTE,
    },
    { name: '100 %', staffOnly: false, bucketsBelow: 10_000, dwellMsMin: 30 * MINUTE },
  ],
  paymentCountMin: 30,
  successPassBps: 9_800,
  successFailBps: 9_500,
  unknownShareFailBps: 200,
  unknownCountMin: 3,
  outcomeGraceMs: 60_000,
  matchAgeMsMax: 60_000,
  startWithinMs: 24 * 60 * MINUTE,
  thinAlarmMs: 4 * 60 * MINUTE,
};

/** The plan that two people sign, for one restriction or one latch. */
export function makePlan(input: {
  readonly releaseId: string;
  readonly target: { readonly restrictionId: string } | { readonly latchId: string };
  readonly numbers: RecoveryNumbers;
  readonly nowMs: number;
  /** The restriction is narrowed to this, not lifted. */
  readonly narrowTo?: Scope;
}): ReleasePlan {
  return {
    releaseId: input.releaseId,
    ...input.target,
    stages: input.narrowTo ? [] : input.numbers.stages,
    ...(input.narrowTo && { narrowTo: input.narrowTo }),
    madeAtMs: input.nowMs,
    startBeforeMs: input.nowMs + input.numbers.startWithinMs,
  };
}

/** Why an approved release does not start yet (T19: a plan that cannot go live says why). */
export type StartObstacle =
  | 'match_too_old'
  | 'unexplained_breaks'
  | 'restriction_gone'
  | 'too_late';

/** The gates before the first stage. Breaks opened before the request are explained by its two signers; later ones are not. */
export function startObstacles(facts: {
  readonly plan: ReleasePlan;
  readonly nowMs: number;
  readonly matchAgeMs: number | undefined;
  readonly matchAgeMsMax: number;
  readonly unexplainedBreaks: number;
  readonly restrictionExists: boolean;
}): readonly StartObstacle[] {
  const found: StartObstacle[] = [];
  if (!facts.restrictionExists) found.push('restriction_gone');
  if (facts.nowMs > facts.plan.startBeforeMs) found.push('too_late');
  if (facts.matchAgeMs === undefined || facts.matchAgeMs > facts.matchAgeMsMax)
    found.push('match_too_old');
  if (facts.unexplainedBreaks > 0) found.push('unexplained_breaks');
  return found;
}
