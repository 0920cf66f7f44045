import { QUIET, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  /** For so long the thresholds of money that leaves are halved. */
  heightenMs: 24 * 3_600_000,
} as const;

/** Changes of who may send, how much, and by which keys. Releases are not here: each is signed by two people and goes in stages. */
const CHANGES = new Set([
  'account.closed_until',
  'card.unblocked',
  'chart.loaded',
  'debit_merchant.registered',
  'merchant.assigned',
  'partner.changed',
  'partner_account.bound',
  'partner_endpoint.registered',
  'partner_redirect.registered',
  'setting.changed',
  'va_channel.registered',
  'va_service.registered',
]);

/** D20: somebody changes what protects, at night, at a weekend or on a holiday. Alarms, and for a day halves the thresholds of D1 to D3, D5 and D6.
 * Changes nothing for customers. Source: domain.md 7.5 (what comes before the attack of an insider). */
export const privilegedDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D20',
  sees: ['privileged'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, look) {
    if (seen.kind !== 'privileged' || !CHANGES.has(seen.what) || look.isOfficeTime) return QUIET;
    look.heighten(look.nowMs + look.numbers.heightenMs);
    return [
      {
        code: 'privileged_change',
        severity: 'P2',
        evidence: [seen.subject, seen.what, ...(seen.by === undefined ? [] : [`by=${seen.by}`])],
        act: { kind: 'alert' },
      },
    ];
  },
};
