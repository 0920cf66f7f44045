import { QUIET, type Finding, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  /** Caps of one payment: domain.md 2.1 and 7.5. */
  bifastCapRupiah: 250_000_000,
  switchCapRupiah: 25_000_000,
  qrisCapRupiah: 10_000_000,
} as const;

/** D22: more than the scheme lets one payment be. What the gateway refused inline alarms and stops nothing: it cost nobody, and nobody may
 * close a rail by asking. What it sent or the network settled above the cap is evidence that money left past every check of ours: one stops
 * the rail. Source: domain.md 7.5 and 7.1 (the mean of Bank DKI's 807 payments was Rp281 million); DESIGN.md 1.1. */
export const capDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D22',
  sees: ['line', 'intent', 'journal'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, { numbers }) {
    if (seen.kind === 'journal') {
      const { body } = seen;
      if (body.kind !== 'refused' || body.reason !== 'above_cap') return QUIET;
      return [finding([`${seen.partition}#${seen.position}`, body.peer])];
    }
    if (seen.kind !== 'intent' && !(seen.kind === 'line' && seen.direction === 'out')) return QUIET;
    const cap = capOf(seen.rail, numbers);
    if (cap === undefined || seen.rupiah <= cap) return QUIET;
    return [
      {
        ...finding([seen.id, `rupiah=${seen.rupiah}`, `cap=${cap}`]),
        act: {
          kind: 'stop',
          scope: { rail: seen.rail, direction: 'out' },
          reasonClass: 'containment',
        },
      },
    ];
  },
};

function capOf(rail: string, numbers: typeof NUMBERS): number | undefined {
  if (rail === 'bifast') return numbers.bifastCapRupiah;
  if (rail === 'switch') return numbers.switchCapRupiah;
  return rail === 'qris' ? numbers.qrisCapRupiah : undefined;
}

function finding(evidence: readonly string[]): Finding {
  return { code: 'cap_breach', severity: 'P1', evidence, act: { kind: 'alert' } };
}
