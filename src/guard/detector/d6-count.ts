import { QUIET, type FlowDetector, type Look } from '../flow/detector.ts';
import { dominant, keep } from '../flow/recent.ts';
import { add, newest, openRing, turn, type Ring } from '../flow/ring.ts';
import type { PaymentSeen } from '../flow/seen.ts';
import { isUnmade, outflowOf, type Outflow } from '../flow/traffic.ts';

const NUMBERS = {
  deviations: 6,
  /** Times the median that a minute must have at least. */
  medians: 3,
  /** Minutes in a row. */
  minutes: 3,
  /** Of one payer so many count in a minute. */
  perPayerMax: 5,
  /** Fewer a minute say nothing, whatever is usual. */
  floorPerMinute: 8,
  /** What counts as usual while no hour of the week is known. */
  coldPerMinute: 600,
  /** What settled over what we made, in percent, from which on it is not ours. */
  unmadePercent: 150,
} as const;

interface State {
  /** The minute that was judged last, by source and rail. */
  readonly judged: Record<string, number>;
  /** Channels of the newest payments, by rail. */
  readonly channels: Record<string, string[]>;
  /** What core made, by rail, those of one payer up to a number. */
  readonly made: Record<string, Made>;
}

interface Made {
  readonly ring: Ring;
  /** Payments by payer in the minute that runs. */
  payers: Record<string, number>;
  size: number;
}

const CHANNELS_KEPT = 50;
/** The minutes in a row and the running one. */
const RING_MINUTES = 8;
/** Payers told apart in a minute; of more, each payment counts. */
const PAYERS_MAX = 4_096;

/** D6: more payments a minute than this hour ever has, three minutes in a row. Throttles the channel where nearly all of them come from
 * one, else the rail. A count that small banks reach by chance is no deviation: the square root of the usual count is the least. Of one payer few count: a company
 * that pays its people is no wave. Caution narrows what is allowed above the usual, never the usual itself.
 * Source: domain.md 7.5. */
export const countDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D6',
  sees: ['payment', 'line'],
  version: 2,
  numbers: NUMBERS,
  start: () => ({ judged: {}, channels: {}, made: {} }),
  fold(state, seen, look) {
    const flow = outflowOf(seen);
    const all = flow && look.ring(flow.source, flow.rail);
    if (!flow || !all) return QUIET;
    if (seen.kind === 'payment')
      keep((state.channels[flow.rail] ??= []), seen.channel, CHANNELS_KEPT);
    const ring = seen.kind === 'payment' ? countMade(state, seen, look) : all;
    const key = `${flow.source} ${flow.rail}`;
    if (state.judged[key] === ring.at) return QUIET;
    state.judged[key] = ring.at;
    const limit = limitOf(look, flow);
    const perMinute = leastOf(ring, look.numbers.minutes);
    if (perMinute <= limit) return QUIET;
    // What core made is counted there; here counts what it did not.
    const { unmadePercent: percent } = look.numbers;
    if (flow.source === 'settled' && !isUnmade(look, { rail: flow.rail, what: 'count', percent }))
      return QUIET;
    const channel = flow.source === 'made' ? dominant(state.channels[flow.rail] ?? []) : undefined;
    return [
      {
        code: 'count_velocity',
        severity: 'P2',
        evidence: [key, `per_minute=${perMinute}`, `limit=${Math.round(limit)}`],
        act: {
          kind: 'throttle',
          scope: { rail: flow.rail, direction: 'out', ...(channel !== undefined && { channel }) },
          reasonClass: 'containment',
        },
      },
    ];
  },
};

/** Counts a payment in its minute, unless its payer has had its share of it. */
function countMade(state: State, seen: PaymentSeen, look: Look<typeof NUMBERS>): Ring {
  const made = (state.made[seen.rail] ??= {
    ring: openRing(RING_MINUTES),
    payers: {},
    size: 0,
  });
  const { ring } = made;
  const before = ring.at;
  turn(ring, look.nowMs);
  if (ring.at !== before) Object.assign(made, { payers: {}, size: 0 });
  const { payer } = seen;
  const count = payer === undefined ? 1 : (made.payers[payer] ?? 0) + 1;
  if (payer !== undefined && (count > 1 || made.size < PAYERS_MAX)) {
    made.payers[payer] = count;
    if (count === 1) made.size++;
  }
  if (count <= look.numbers.perPayerMax) add(ring, seen.atMs, 0);
  return ring;
}

/** The smallest count of the minutes before the running one. */
function leastOf(ring: Ring, minutes: number): number {
  let least = Infinity;
  for (let back = 1; back <= minutes; back++) least = Math.min(least, newest(ring, 1, back).count);
  return least;
}

function limitOf(look: Look<typeof NUMBERS>, { source, rail }: Outflow): number {
  const { deviations, medians, floorPerMinute, coldPerMinute } = look.numbers;
  const usual = look.usual(source, rail);
  if (!usual) return Math.max(floorPerMinute, coldPerMinute * look.volume * look.caution);
  const deviation = Math.max(usual.countMad, Math.sqrt(usual.count), 1);
  const limit = Math.max(
    usual.count + deviations * deviation * look.caution,
    usual.count * (1 + (medians - 1) * look.caution),
  );
  return Math.max(floorPerMinute, limit * look.volume);
}
