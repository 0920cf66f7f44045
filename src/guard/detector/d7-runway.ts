import { QUIET, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  alertMinutes: 60,
  throttleMinutes: 30,
} as const;

/** D7: at the rate of the last quarter of an hour our settlement account is spent within the hour. Below sixty minutes it tells treasury, below
 * thirty it throttles the rail, so that treasury has the time to bring money and whoever drains it has not. Source: domain.md 7.5. */
export const runwayDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D7',
  sees: ['position'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, { numbers }) {
    if (seen.kind !== 'position') return QUIET;
    const { rail, runwayMinutes, burnRupiah, freeRupiah } = seen;
    if (runwayMinutes === undefined || runwayMinutes >= numbers.alertMinutes) return QUIET;
    const isShort = runwayMinutes < numbers.throttleMinutes;
    return [
      {
        code: 'runway_short',
        severity: isShort ? 'P1' : 'P2',
        evidence: [
          rail,
          `runway_minutes=${runwayMinutes}`,
          `burn_rupiah_per_minute=${burnRupiah}`,
          `free_rupiah=${freeRupiah}`,
        ],
        act: isShort
          ? {
              kind: 'throttle',
              scope: { rail, direction: 'out' },
              reasonClass: 'containment',
            }
          : { kind: 'alert' },
      },
    ];
  },
};
