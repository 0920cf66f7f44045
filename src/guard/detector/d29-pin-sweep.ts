import { QUIET, type FlowDetector } from '../flow/detector.ts';
import type { FlowSeen } from '../flow/seen.ts';
import { distinct, dropBefore, keep } from '../flow/recent.ts';

const NUMBERS = {
  windowMs: 10 * 60_000,
  /** Different cards with a wrong PIN. */
  cardsMin: 20,
  /** Of all tries, percent: people mistype one in twenty. */
  wrongPercent: 25,
} as const;

/** The newest tries at any machine; `card` only where the PIN was wrong. */
type State = { readonly atMs: number; readonly card?: string }[];

/** Of ten minutes; beyond it the window is shorter. */
const TRIES_MAX = 4_000;
const WRONG = new Set(['card.pin_wrong', 'card.pin_locked']);
const DRAWN = new Set(['card_withdrawal', 'atm_withdrawal']);

/** D29: one PIN is tried on many cards, each too seldom to be locked. Counts different cards with a wrong PIN, and their share of all tries, so
 * that a busy day on which more people mistype is none. Alerts: each card has its own three tries, and a stop of all cards is no answer.
 * Source: [rec]; domain.md 4.7 has the three tries. */
export const pinSweepDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D29',
  sees: ['event', 'payment'],
  numbers: NUMBERS,
  start: () => [],
  fold(state, seen, { nowMs, numbers }) {
    const isWrong = seen.kind === 'event' && WRONG.has(seen.event.kind);
    const isRight = isDrawn(seen);
    if (!isWrong && !isRight) return QUIET;
    dropBefore(state, nowMs - numbers.windowMs);
    keep(state, { atMs: nowMs, ...(isWrong && { card: seen.event.subject }) }, TRIES_MAX);
    if (!isWrong) return QUIET;
    const wrong = state.filter(({ card }) => card !== undefined);
    if (wrong.length < numbers.cardsMin) return QUIET;
    if (wrong.length * 100 < state.length * numbers.wrongPercent) return QUIET;
    const cards = distinct(wrong.map(({ card }) => card));
    if (cards < numbers.cardsMin) return QUIET;
    return [
      {
        code: 'pin_sweep',
        severity: 'P1',
        evidence: [`cards=${cards}`, `wrong=${wrong.length}`, `tries=${state.length}`],
        act: { kind: 'alert' },
      },
    ];
  },
};

/** Cash that was asked for with a right PIN. */
function isDrawn(seen: FlowSeen): boolean {
  return (
    seen.kind === 'payment' &&
    seen.isMade &&
    seen.state !== 'refused' &&
    DRAWN.has(seen.paymentKind)
  );
}
