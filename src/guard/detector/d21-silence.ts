import { QUIET, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  throttleMs: 2 * 60_000,
  stopMs: 5 * 60_000,
  intentsMin: 3,
} as const;

/** By rail: what the gateway sent since the stream told of any payment last. */
type State = Record<string, { readonly sinceMs: number; count: number }>;

/** D21: the gateway sends, and the stream tells of no payment at all, neither of those nor of their outcomes. Either somebody sends past the
 * ledger or the guard is blind, and every other detector with it. Over two minutes it throttles the rail, over five it stops it. Counts
 * from message to message, so that a core that died with its last message trips nothing. Source: domain.md 7.5. */
export const silenceDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D21',
  sees: ['payment', 'intent'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, { nowMs, numbers, isBehind }) {
    if (seen.kind !== 'intent' || isBehind) {
      for (const rail of Object.keys(state)) delete state[rail];
      return QUIET;
    }
    const silent = (state[seen.rail] ??= { sinceMs: nowMs, count: 0 });
    silent.count++;
    const lastedMs = nowMs - silent.sinceMs;
    if (silent.count < numbers.intentsMin || lastedMs < numbers.throttleMs) return QUIET;
    return [
      {
        code: 'stream_silent',
        severity: 'P1',
        evidence: [seen.id, `messages=${silent.count}`, `silent_ms=${lastedMs}`],
        act: {
          kind: lastedMs >= numbers.stopMs ? 'stop' : 'throttle',
          scope: { rail: seen.rail, direction: 'out' },
          reasonClass: 'containment',
        },
      },
    ];
  },
};
