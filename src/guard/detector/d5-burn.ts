import type { AlarmCode } from '../alarm.ts';
import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { newest, type Ring } from '../flow/ring.ts';
import { isUnmade, outflowOf, type Outflow } from '../flow/traffic.ts';

const NUMBERS = {
  /** Deviations above the median. */
  deviations: 6,
  /** Below this much a minute nothing is said: Rp1 bn. */
  floorRupiahPerMinute: 1_000_000_000,
  /** What counts as usual while no hour of the week is known, at any hour and on any day: Rp2 bn a minute, for a bank with
   * 100,000 interbank payments a day. */
  coldRupiahPerMinute: 2_000_000_000,
  /** What settled over what we made, in percent, from which on money leaves that we did not make. */
  unmadePercent: 150,
} as const;

const WINDOW_MINUTES = [1, 5, 15] as const;
const CODE: AlarmCode = 'burn_rate';

/** D5: money leaves faster than it ever does at this hour. One window over the limit throttles the rail; two windows stop it where more
 * settles than core made, so that a busy day of our own customers is slowed and never stopped. Follows what core made and what the
 * feed says has settled, each against its own usual. Source: domain.md 7.5; DESIGN.md 1.1 (a rail stops on evidence that money left). */
export const burnDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D5',
  sees: ['payment', 'line'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, look) {
    const flow = outflowOf(seen);
    const ring = flow && look.ring(flow.source, flow.rail);
    if (!flow || !ring) return QUIET;
    const limit = limitOf(look, flow);
    const over = WINDOW_MINUTES.filter((minutes) => ratePerMinute(ring, minutes) > limit);
    if (over.length === 0) return QUIET;
    const { unmadePercent: percent } = look.numbers;
    const isOurs =
      flow.source === 'made' || !isUnmade(look, { rail: flow.rail, what: 'sum', percent });
    const isStop = over.length >= 2 && !isOurs;
    return [finding({ flow, limit, rate: ratePerMinute(ring, over[0]!), isStop })];
  },
};

/** The running minute counts with the one before, so that a minute's beginning hides nothing. */
function ratePerMinute(ring: Ring, minutes: number): number {
  if (minutes === 1) return Math.max(newest(ring, 1).sum, newest(ring, 1, 1).sum);
  return newest(ring, minutes).sum / minutes;
}

function limitOf(look: Look<typeof NUMBERS>, { source, rail }: Outflow): number {
  const { deviations, floorRupiahPerMinute, coldRupiahPerMinute } = look.numbers;
  const usual = look.usual(source, rail);
  if (!usual) return Math.max(floorRupiahPerMinute, coldRupiahPerMinute);
  const limit = (usual.sum + deviations * usual.sumMad) * look.volume * look.caution;
  return Math.max(floorRupiahPerMinute, limit);
}

function finding(of: {
  readonly flow: Outflow;
  readonly limit: number;
  readonly rate: number;
  readonly isStop: boolean;
}): Finding {
  const { source, rail } = of.flow;
  return {
    code: CODE,
    severity: 'P1',
    evidence: [
      `${source} ${rail}`,
      `rupiah_per_minute=${Math.round(of.rate)}`,
      `limit=${Math.round(of.limit)}`,
    ],
    act: {
      kind: of.isStop ? 'stop' : 'throttle',
      scope: { rail, direction: 'out' },
      reasonClass: 'containment',
    },
  };
}
