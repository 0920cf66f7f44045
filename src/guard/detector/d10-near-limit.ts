import { QUIET, type FlowDetector, type Look } from '../flow/detector.ts';
import { pairName } from '../flow/pair-filter.ts';
import { dropBefore, keep } from '../flow/recent.ts';
import type { FlowSeen } from '../flow/seen.ts';
import { isUnmade, outflowOf, type Outflow } from '../flow/traffic.ts';

const NUMBERS = {
  /** Amounts from here on are near the cap: percent of it. */
  nearPercent: 90,
  sharePercent: 30,
  itemsMin: 6,
  /** Of how many the share is taken. */
  lastCount: 20,
  windowMs: 60 * 60_000,
  /** A payee of such an amount is known to its payer from so long after the first of them on. */
  knownMs: 3 * 86_400_000,
  /** Caps of one payment: domain.md 2.1 and 7.5. */
  bifastCapRupiah: 250_000_000,
  switchCapRupiah: 25_000_000,
  qrisCapRupiah: 10_000_000,
  /** What settled over what we made, in percent, from which on it is not ours. */
  unmadePercent: 150,
} as const;

interface Amount {
  readonly atMs: number;
  readonly isNear: boolean;
  /** Who paid whom, of an amount near the cap that core made. */
  readonly pair?: string;
}

interface State {
  /** By source and rail: the newest amounts. */
  readonly last: Record<string, Amount[]>;
  /** When a payer first paid a payee an amount near the cap. The longest known are forgotten first. */
  readonly pairs: Record<string, number>;
  size: number;
}

/** Pairs of large payments; a bank of 100,000 payments a day makes fewer in a month. */
const PAIRS_MAX = 20_000;

/** D10: amounts crowd just under the rail's cap, as those of thieves do. A payee counts as known only when the same payer paid it such an
 * amount days before: a small payment ahead, or a large one a moment ago, makes nobody known. A company that splits a sum among payments to
 * one payee makes one of them, and what settles is told only where core did not make it. Throttles the amounts near the cap alone: nobody
 * else notices. Source: domain.md 7.5 (ordinarily under 2 % of payments are near it). */
export const nearLimitDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D10',
  version: 2,
  sees: ['payment', 'line'],
  numbers: NUMBERS,
  start: () => ({ last: {}, pairs: {}, size: 0 }),
  rewind: ({ pairs, size }, nowMs) => ({
    last: {},
    pairs: Object.fromEntries(
      Object.entries(pairs).map(([pair, atMs]) => [pair, Math.min(atMs, nowMs)]),
    ),
    size,
  }),
  fold(state, seen, look) {
    const flow = outflowOf(seen);
    const cap = flow && capOf(flow.rail, look.numbers);
    if (!flow || cap === undefined) return QUIET;
    const { numbers, nowMs } = look;
    const fromRupiah = (cap * numbers.nearPercent) / 100;
    const last = (state.last[`${flow.source} ${flow.rail}`] ??= []);
    const pair = flow.rupiah >= fromRupiah ? pairOf(seen) : undefined;
    const isTold = last.some((one) => pair !== undefined && one.pair === pair);
    const isNear =
      flow.rupiah >= fromRupiah &&
      !isTold &&
      (pair === undefined || !isKnown(state, pair, nowMs - numbers.knownMs));
    if (pair !== undefined) remember(state, pair, nowMs);
    keep(last, { atMs: nowMs, isNear, ...(isNear && pair && { pair }) }, numbers.lastCount);
    if (!isNear) return QUIET;
    dropBefore(last, nowMs - numbers.windowMs);
    const near = last.filter((one) => one.isNear).length;
    if (near < numbers.itemsMin || near * 100 <= last.length * numbers.sharePercent) return QUIET;
    if (isMadeByCore(flow, look)) return QUIET;
    return [
      {
        code: 'near_limit',
        severity: 'P1',
        evidence: [
          `${flow.source} ${flow.rail}`,
          `near=${near}`,
          `of=${last.length}`,
          seen.kind === 'payment' || seen.kind === 'line' ? seen.id : '',
        ],
        act: {
          kind: 'throttle',
          scope: {
            rail: flow.rail,
            direction: 'out',
            amountFromSen: String(BigInt(Math.floor(fromRupiah)) * 100n),
          },
          reasonClass: 'containment',
        },
      },
    ];
  },
};

/** Who pays whom; what settled names no payer. */
function pairOf(seen: FlowSeen): string | undefined {
  const isNamed = seen.kind === 'payment' && seen.payer !== undefined && seen.payee !== undefined;
  return isNamed ? pairName(seen.payer!, seen.payee!) : undefined;
}

function isKnown({ pairs }: State, pair: string, beforeMs: number): boolean {
  return (pairs[pair] ?? Number.POSITIVE_INFINITY) <= beforeMs;
}

/** Keeps the first time; makes room where there is none. */
function remember(state: State, pair: string, nowMs: number): void {
  if (state.pairs[pair] !== undefined) return;
  state.pairs[pair] = nowMs;
  state.size++;
  if (state.size <= PAIRS_MAX) return;
  // In the order in which they came: names of pairs are no whole numbers.
  for (const old of Object.keys(state.pairs).slice(0, PAIRS_MAX / 10)) delete state.pairs[old];
  state.size = Object.keys(state.pairs).length;
}

/** What settled is judged where it was made, if it was. */
function isMadeByCore(flow: Outflow, look: Look<typeof NUMBERS>): boolean {
  const { unmadePercent: percent } = look.numbers;
  return flow.source === 'settled' && !isUnmade(look, { rail: flow.rail, what: 'sum', percent });
}

function capOf(rail: string, numbers: typeof NUMBERS): number | undefined {
  if (rail === 'bifast') return numbers.bifastCapRupiah;
  if (rail === 'switch') return numbers.switchCapRupiah;
  return rail === 'qris' ? numbers.qrisCapRupiah : undefined;
}
