import type { Detector } from './observation.ts';

interface State {
  readonly count: number;
}

/** D8: differences between ledger, gateway and feed that are no proof of loss: a settlement that is missing, a credit that is
 * not posted, money settled after we gave it back. People must look; the rail goes on. Source: domain.md 7.5. */
export const gapDetector: Detector<State> = {
  id: 'D8',
  start: { count: 0 },
  fold(state, seen, numbers) {
    if (seen.kind !== 'break' || seen.found.moneyLeft) return { state, signals: [] };
    const count = state.count + 1;
    const isReceivable = seen.found.kind === 'settled_after_refund';
    if (!isReceivable && count < numbers.missingAlertCount)
      return { state: { count }, signals: [] };
    return {
      state: { count },
      signals: [
        {
          detector: 'D8',
          code: seen.found.reason,
          severity: isReceivable ? 'P1' : 'P2',
          atMs: seen.atMs,
          evidence: [seen.found.bizMsgIdr],
          act: { kind: 'alert' },
          found: seen.found,
        },
      ],
    };
  },
};
