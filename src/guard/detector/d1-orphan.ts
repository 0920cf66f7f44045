import { outOf, type Detector } from './observation.ts';

interface State {
  readonly atMs: readonly number[];
  /** The same of each rail beside BI-FAST: proof against one rail counts against no other. */
  readonly others?: Readonly<Record<string, readonly number[]>>;
}

/** The evidence kept per detector; more proves nothing more. */
const KEPT = 100;

/** D1: money left, or a message was sent, that no ledger debit covers (foreign connector, no payment, other amount or bank,
 * settled twice). Source: domain.md 7.5; DESIGN.md 1.1 lets one such proof stop the rail. */
export const orphanDetector: Detector<State> = {
  id: 'D1',
  start: { atMs: [] },
  fold(state, seen, numbers) {
    if (seen.kind !== 'break' || !seen.found.moneyLeft || seen.found.reason === 'never_issued')
      return { state, signals: [] };
    const { rail } = seen.found;
    const known = rail === undefined ? state.atMs : (state.others?.[rail] ?? []);
    const recent = [
      ...known.filter((at) => at > seen.atMs - numbers.orphanStopWindowMs),
      seen.atMs,
    ].slice(-KEPT);
    const isStop = recent.length >= numbers.orphanStopCount;
    return {
      state:
        rail === undefined
          ? { ...state, atMs: recent }
          : { ...state, others: { ...state.others, [rail]: recent } },
      signals: [
        {
          detector: 'D1',
          code: seen.found.reason,
          severity: 'P1',
          atMs: seen.atMs,
          evidence: [seen.found.bizMsgIdr],
          act: isStop
            ? { kind: 'stop', scope: outOf(seen.found), reasonClass: 'containment' }
            : { kind: 'alert' },
          found: seen.found,
        },
      ],
    };
  },
};
