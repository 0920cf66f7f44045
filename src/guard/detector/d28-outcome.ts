import type { Detector, Signal } from './observation.ts';

/** Events of the payment engine and of our machines that people must see, with their severity. */
const TOLD: Readonly<Record<string, Pick<Signal, 'code' | 'severity'>>> = {
  'payment.settled_after_refund': { code: 'settled_after_refund', severity: 'P1' },
  'payment.outcome_contradicted': { code: 'outcome_contradicted', severity: 'P1' },
  'payment.review': { code: 'review_waiting', severity: 'P2' },
  'payment.credit_unknown': { code: 'credit_unknown', severity: 'P2' },
  'payment.sale_unsettled': { code: 'sale_unsettled', severity: 'P2' },
  'payment.overdue': { code: 'overdue', severity: 'P2' },
  'card.cryptogram_wrong': { code: 'cryptogram_wrong', severity: 'P2' },
  'card.cryptogram_replayed': { code: 'cryptogram_wrong', severity: 'P2' },
  'machine.reversal_given_up': { code: 'reversal_given_up', severity: 'P1' },
  'risk_rules.ignored': { code: 'risk_rules_ignored', severity: 'P2' },
  'machine.differs': { code: 'machine_differs', severity: 'P2' },
};

/** Outcomes that contradict the ledger's word, told from the event stream (D28's neighbourhood: status skew). Alerts only:
 * a contradiction is a claim until the feed proves that money left. */
export const outcomeDetector: Detector<null> = {
  id: 'D28',
  start: null,
  fold(state, seen) {
    const told = seen.kind === 'event' ? TOLD[seen.event.kind] : undefined;
    if (seen.kind !== 'event' || !told) return { state, signals: [] };
    return {
      state,
      signals: [
        {
          detector: 'D28',
          ...told,
          atMs: seen.atMs,
          evidence: [seen.event.subject],
          act: { kind: 'alert' },
        },
      ],
    };
  },
};
