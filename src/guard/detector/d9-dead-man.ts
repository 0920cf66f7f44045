import { BIFAST_OUT, type Detector, type Signal } from './observation.ts';

interface State {
  /** How far the current blindness has been answered: 0 nothing, 1 alert, 2 cap, 3 stop. */
  readonly step: 0 | 1 | 2 | 3;
}

/** D9: no successful three-way match. A protection that cannot see is an alarm, then a smaller cap, then a stop; never
 * silently open (T16). A match sets it back; the restrictions stay until people release them. Source: domain.md 7.5. */
export const deadManDetector: Detector<State> = {
  id: 'D9',
  start: { step: 0 },
  fold(state, seen, numbers) {
    if (seen.kind !== 'tick') return { state, signals: [] };
    const { matchAgeMs } = seen;
    const step =
      matchAgeMs > numbers.deadManStopMs
        ? 3
        : matchAgeMs > numbers.deadManCapMs
          ? 2
          : matchAgeMs > numbers.deadManAlertMs
            ? 1
            : 0;
    if (step <= state.step) return { state: step === 0 ? { step } : state, signals: [] };
    const act: Signal['act'] =
      step === 3
        ? { kind: 'stop', scope: BIFAST_OUT, reasonClass: 'technical' }
        : step === 2
          ? {
              kind: 'cap',
              scope: BIFAST_OUT,
              amountSen: numbers.deadManCapSen,
              reasonClass: 'technical',
            }
          : { kind: 'alert' };
    return {
      state: { step },
      signals: [
        {
          detector: 'D9',
          code: 'no_match',
          severity: 'P1',
          atMs: seen.atMs,
          evidence: [`match_age_ms=${Math.round(matchAgeMs)}`],
          act,
        },
      ],
    };
  },
};
