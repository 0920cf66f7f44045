import type { AlarmCode } from '../alarm.ts';
import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { newest, type Ring } from '../flow/ring.ts';
import { isUnmade, outflowOf, type Outflow } from '../flow/traffic.ts';

const NUMBERS = {
  /** Deviations above the median. */
  deviations: 6,
  /** A few large payments of companies are no burn, however much they are together. */
  itemsMin: 8,
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

/** D5: money leaves faster than it ever does at this hour. Two windows over the limit throttle the rail. Where more settles than core made
 * one throttles it and two stop it, so that a busy day of our own customers is slowed and never stopped. Follows what core made and what the
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
    const { unmadePercent: percent, itemsMin } = look.numbers;
    const isOurs =
      flow.source === 'made' || !isUnmade(look, { rail: flow.rail, what: 'sum', percent });
    const limit = limitOf(look, { ...flow, isOurs });
    const over = WINDOW_MINUTES.filter(
      (minutes) =>
        ratePerMinute(ring, minutes) > limit &&
        newest(ring, Math.max(2, minutes)).count >= itemsMin,
    );
    if (over.length === 0) return QUIET;
    // One minute of our own customers is chance: a few companies that pay at once. What core made is told where it was made.
    if (isOurs && (flow.source === 'settled' || over.length < 2)) return QUIET;
    return [
      finding({
        flow,
        limit,
        rate: ratePerMinute(ring, over[0]!),
        isStop: over.length >= 2 && !isOurs,
      }),
    ];
  },
};

/** The running minute counts with the one before, so that a minute's beginning hides nothing. */
function ratePerMinute(ring: Ring, minutes: number): number {
  if (minutes === 1) return Math.max(newest(ring, 1).sum, newest(ring, 1, 1).sum);
  return newest(ring, minutes).sum / minutes;
}

/** Caution narrows what is allowed above the usual, never what clean hours have shown; a busy day of the calendar excuses our own customers
 * only. */
function limitOf(look: Look<typeof NUMBERS>, of: Outflow & { readonly isOurs: boolean }): number {
  const { deviations, floorRupiahPerMinute, coldRupiahPerMinute } = look.numbers;
  const usual = look.usual(of.source, of.rail);
  if (!usual) return Math.max(floorRupiahPerMinute, coldRupiahPerMinute);
  const above = Math.max(usual.sum + deviations * usual.sumMad * look.caution, usual.sumCrest);
  return Math.max(floorRupiahPerMinute, above * (of.isOurs ? look.volume : 1));
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
