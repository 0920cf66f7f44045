/** Runs all detectors over a run's observations. Pure. */
import type { DetectorNumbers } from '../setting.ts';
import { orphanDetector } from './d1-orphan.ts';
import { unissuedDetector } from './d2-unissued.ts';
import { refusalDetector } from './d3-refusal.ts';
import { gapDetector } from './d8-gap.ts';
import { answerDetector } from './d27-answer.ts';
import { outcomeDetector } from './d28-outcome.ts';
import { deadManDetector } from './d9-dead-man.ts';
import { heighten, heightenedUntil } from './heighten.ts';
import type { Detector, Observation, Signal } from './observation.ts';

/** Every detector in force; a new one is one file and one line. */
const DETECTORS = [
  orphanDetector,
  unissuedDetector,
  refusalDetector,
  gapDetector,
  deadManDetector,
  answerDetector,
  outcomeDetector,
] as readonly Detector<unknown>[];

/** Where the states keep until when thresholds are halved; there is none before the first such time. */
const HEIGHTENED = 'heightened';

/** State by detector id; stored as JSON with the guard's position. */
export type DetectorStates = Readonly<Record<string, unknown>>;

/** Folds the observations, in order, into every detector. A detector that is new starts empty. */
export function foldDetectors(
  states: DetectorStates,
  seen: readonly Observation[],
  numbers: DetectorNumbers,
): { readonly states: DetectorStates; readonly signals: readonly Signal[] } {
  const next: Record<string, unknown> = { ...states };
  const signals: Signal[] = [];
  for (const observation of seen) {
    const known = typeof next[HEIGHTENED] === 'number' ? next[HEIGHTENED] : 0;
    const untilMs = heightenedUntil(known, observation);
    if (untilMs > known) next[HEIGHTENED] = untilMs;
    const now = heighten(numbers, { atMs: observation.atMs, untilMs });
    for (const detector of DETECTORS) {
      const folded = detector.fold(next[detector.id] ?? detector.start, observation, now);
      next[detector.id] = folded.state;
      signals.push(...folded.signals);
    }
  }
  return { states: next, signals };
}
