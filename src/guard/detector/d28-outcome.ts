import type { Detector, Signal } from './observation.ts';

/** Events of the payment engine that people must see, with their severity. */
const TOLD: Readonly<Record<string, Signal['severity']>> = {
  'payment.settled_after_refund': 'P1',
  'payment.outcome_contradicted': 'P1',
  'payment.credit_unknown': 'P2',
  'payment.overdue': 'P2',
};

/** Outcomes that contradict the ledger's word, told from the event stream (D28's neighbourhood: status skew). Alerts only:
 * a contradiction is a claim until the feed proves that money left. */
export const outcomeDetector: Detector<null> = {
  id: 'D28',
  start: null,
  fold(state, seen) {
    const severity = seen.kind === 'event' ? TOLD[seen.event.kind] : undefined;
    if (seen.kind !== 'event' || !severity) return { state, signals: [] };
    const code = seen.event.kind.slice('payment.'.length);
    return {
      state,
      signals: [
        {
          detector: 'D28',
          code,
          severity,
          atMs: seen.atMs,
          evidence: [seen.event.subject],
          act: { kind: 'alert' },
        },
      ],
    };
  },
};
