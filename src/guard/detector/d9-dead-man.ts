import type { RailName } from '../../authorisation/instruction.ts';
import type { DetectorNumbers } from '../setting.ts';
import type { Detector, Signal } from './observation.ts';

/** How far a blindness has been answered: 0 nothing, 1 alert, 2 less, 3 stop. */
type Step = 0 | 1 | 2 | 3;

interface State {
  /** Of BI-FAST. */
  readonly step: Step;
  /** Of the other rails; absent = 0. */
  readonly rails?: Partial<Readonly<Record<RailName, Step>>>;
}

/** D9: no successful three-way match, each rail by its own feed. A protection that cannot see is an alarm, then a smaller cap,
 * then a stop of that rail; never silently open (T16). A match sets it back; the restrictions stay until people release them.
 * Source: domain.md 7.5. */
export const deadManDetector: Detector<State> = {
  id: 'D9',
  start: { step: 0 },
  fold(state, seen, numbers) {
    if (seen.kind !== 'tick') return { state, signals: [] };
    let next = state;
    const signals: Signal[] = [];
    const seenRails = [
      { rail: 'bifast' as RailName, matchAgeMs: seen.matchAgeMs },
      ...(seen.rails ?? []),
    ];
    for (const { rail, matchAgeMs } of seenRails) {
      const before = rail === 'bifast' ? next.step : (next.rails?.[rail] ?? 0);
      const step = stepOf(matchAgeMs, numbers);
      if (step !== 0 && step <= before) continue;
      if (step !== before) next = withStep(next, { rail, step });
      if (step > before)
        signals.push(signalOf({ rail, step, matchAgeMs, atMs: seen.atMs }, numbers));
    }
    return { state: next, signals };
  },
};

function stepOf(matchAgeMs: number, numbers: DetectorNumbers): Step {
  if (matchAgeMs > numbers.deadManStopMs) return 3;
  if (matchAgeMs > numbers.deadManCapMs) return 2;
  return matchAgeMs > numbers.deadManAlertMs ? 1 : 0;
}

function withStep(state: State, of: { readonly rail: RailName; readonly step: Step }): State {
  if (of.rail === 'bifast') return { ...state, step: of.step };
  return { ...state, rails: { ...state.rails, [of.rail]: of.step } };
}

function signalOf(
  of: {
    readonly rail: RailName;
    readonly step: Step;
    readonly matchAgeMs: number;
    readonly atMs: number;
  },
  numbers: DetectorNumbers,
): Signal {
  return {
    detector: 'D9',
    code: 'no_match',
    severity: 'P1',
    atMs: of.atMs,
    evidence: [
      ...(of.rail === 'bifast' ? [] : [of.rail]),
      `match_age_ms=${Math.round(of.matchAgeMs)}`,
    ],
    act: actOf(of, numbers),
  };
}

function actOf(
  of: { readonly rail: RailName; readonly step: Step },
  numbers: DetectorNumbers,
): Signal['act'] {
  const scope = { rail: of.rail, direction: 'out' } as const;
  if (of.step === 3) return { kind: 'stop', scope, reasonClass: 'technical' };
  if (of.step !== 2) return { kind: 'alert' };
  const amountSen = of.rail === 'bifast' ? numbers.deadManCapSen : numbers.deadManCapOtherSen;
  return { kind: 'cap', scope, amountSen, reasonClass: 'technical' };
}
