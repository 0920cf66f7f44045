/** Half the thresholds for a day after a change that D20 told: for detectors of single proofs; those of flow have it from `Look`. Pure. */
import type { DetectorNumbers } from '../setting.ts';
import type { Observation } from './observation.ts';

/** How long: as D20's own number. */
const HEIGHTEN_MS = 24 * 3_600_000;
const HALVED = ['orphanStopCount', 'unissuedStopCount', 'softRefusalAlertCount'] as const;

/** Until when thresholds are halved, with one observation more. A finding in shadow (P3) halves nothing. */
export function heightenedUntil(untilMs: number, seen: Observation): number {
  const isTold =
    seen.kind === 'event' &&
    seen.event.kind === 'alarm.privileged_change' &&
    seen.event.data['severity'] !== 'P3';
  return isTold ? Math.max(untilMs, seen.atMs + HEIGHTEN_MS) : untilMs;
}

/** The numbers at an instant. A threshold of one stays one: nothing is proven by nothing. */
export function heighten(
  numbers: DetectorNumbers,
  at: { readonly atMs: number; readonly untilMs: number },
): DetectorNumbers {
  if (at.atMs >= at.untilMs) return numbers;
  const halves = HALVED.map((name) => [name, Math.ceil(numbers[name] / 2)] as const);
  return { ...numbers, ...Object.fromEntries(halves) };
}
