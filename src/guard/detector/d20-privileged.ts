import { QUIET, type FlowDetector } from '../flow/detector.ts';
import { isProtection } from '../flow/privileged.ts';

const NUMBERS = {
  /** For so long the thresholds of money that leaves are halved. */
  heightenMs: 24 * 3_600_000,
} as const;

/** When the first change was seen. */
interface State {
  sinceMs: number;
}

const BIRTH_MS = 10 * 60_000;

/** D20: somebody changes what protects, at night, at a weekend, on a holiday or while changes are frozen, or without the order that such a
 * change must name (both are data of the calendar). Alarms, and for a day halves the thresholds of D1 to D3, D5 and D6.
 * Changes nothing for customers. Source: domain.md 7.5 (what comes before the attack of an insider). */
export const privilegedDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D20',
  sees: ['privileged'],
  numbers: NUMBERS,
  start: () => ({ sinceMs: 0 }),
  version: 2,
  rewind: ({ sinceMs }, nowMs) => ({ sinceMs: Math.min(sinceMs, nowMs) }),
  fold(state, seen, look) {
    if (seen.kind !== 'privileged' || !isProtection(seen.what)) return QUIET;
    if (state.sinceMs === 0) state.sinceMs = look.nowMs;
    const isTicketMissing = look.isTicketMissing(seen.what, seen.ticket);
    if (look.isOfficeTime && !isTicketMissing) return QUIET;
    look.heighten(look.nowMs + look.numbers.heightenMs);
    return [
      {
        code: 'privileged_change',
        severity: 'P2',
        // A bank that is just being set up makes all of them at once.
        about: look.nowMs < state.sinceMs + BIRTH_MS ? 'birth' : `${seen.subject} ${seen.what}`,
        evidence: [
          seen.subject,
          seen.what,
          ...(seen.by === undefined ? [] : [`by=${seen.by}`]),
          ...(isTicketMissing ? ['without_ticket'] : []),
        ],
        act: { kind: 'alert' },
      },
    ];
  },
};
