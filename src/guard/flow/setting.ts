/** Numbers and mode per flow detector, as versioned data: part `flow` of `guard.numbers`, which two people set, e.g.
 * `{"flow": {"D6": {"mode": "shadow", "countFloor": 20}}}`. Pure. */
import type { AnyFlowDetector, FlowNumbers } from './detector.ts';

/** In shadow a detector alarms and restricts nothing: for a new threshold that people want to watch first. */
export type FlowMode = 'act' | 'shadow';

/** What a setting changes, by detector. */
export type FlowChanges = Readonly<
  Record<string, { readonly mode?: FlowMode; readonly numbers: FlowNumbers }>
>;

/** Detectors that a setting may name at most. */
const DETECTOR_MAX = 100;
const NUMBER_MAX = 50;

/** Reads the part `flow` over another. What is not a positive number, a mode or a detector's id is ignored: a typing error must not
 * disarm a detector. Which names a detector has, `numbersOf` says. */
export function mergeFlow(base: FlowChanges, change: unknown): FlowChanges {
  if (typeof change !== 'object' || change === null) return base;
  const merged: Record<string, FlowChanges[string]> = { ...base };
  for (const [id, wanted] of Object.entries(change).slice(0, DETECTOR_MAX)) {
    if (!/^D\d{1,2}$/.test(id) || typeof wanted !== 'object' || wanted === null) continue;
    const { mode, ...rest } = wanted as Record<string, unknown>;
    const numbers = Object.entries(rest)
      .slice(0, NUMBER_MAX)
      .filter((entry): entry is [string, number] => isThreshold(entry[1]));
    merged[id] = {
      ...merged[id],
      ...(mode === 'act' || mode === 'shadow' ? { mode } : {}),
      numbers: { ...merged[id]?.numbers, ...Object.fromEntries(numbers) },
    };
  }
  return merged;
}

function isThreshold(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

/** A number of a setting is at most so many times the detector's own, and a share at most the whole: nobody may set a threshold that nothing
 * ever reaches. */
const TIMES_MAX = 20;
const WHOLE: readonly (readonly [ending: string, whole: number])[] = [
  ['Percent', 100],
  ['PerMille', 1_000],
];

function boundOf(name: string, own: number): number {
  const whole = WHOLE.find(([ending]) => name.endsWith(ending))?.[1];
  // What is above the whole by its own default is no share.
  return whole !== undefined && own <= whole ? whole : own * TIMES_MAX;
}

/** The numbers of one detector: its own, with those of the same name replaced that are within their bound. */
export function numbersOf(detector: AnyFlowDetector, changes: FlowChanges): FlowNumbers {
  const own = detector.numbers as FlowNumbers;
  const changed = changes[detector.id]?.numbers ?? {};
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const wanted = changed[name];
      return [name, wanted !== undefined && wanted <= boundOf(name, value) ? wanted : value];
    }),
  );
}

/** Whether one detector may restrict. */
export function modeOf(id: string, changes: FlowChanges): FlowMode {
  return changes[id]?.mode ?? 'act';
}
