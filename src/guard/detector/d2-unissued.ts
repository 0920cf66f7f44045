import { outOf, type Detector } from './observation.ts';

interface State {
  readonly count: number;
  /** The same of each rail beside BI-FAST. */
  readonly others?: Readonly<Record<string, number>>;
}

/** D2: an identifier that our registry never allocated, in a gateway journal or in the settlement feed. No grace.
 * Source: domain.md 7.5; DESIGN.md 1.1. */
export const unissuedDetector: Detector<State> = {
  id: 'D2',
  start: { count: 0 },
  fold(state, seen, numbers) {
    if (seen.kind !== 'break' || seen.found.reason !== 'never_issued')
      return { state, signals: [] };
    const { rail } = seen.found;
    const count = (rail === undefined ? state.count : (state.others?.[rail] ?? 0)) + 1;
    return {
      state:
        rail === undefined
          ? { ...state, count }
          : { ...state, others: { ...state.others, [rail]: count } },
      signals: [
        {
          detector: 'D2',
          code: 'never_issued',
          severity: 'P1',
          atMs: seen.atMs,
          evidence: [seen.found.bizMsgIdr],
          act:
            count >= numbers.unissuedStopCount
              ? { kind: 'stop', scope: outOf(seen.found), reasonClass: 'containment' }
              : { kind: 'alert' },
          found: seen.found,
        },
      ],
    };
  },
};
