import { QUIET, type FlowDetector } from '../flow/detector.ts';
import { dropBefore, keep } from '../flow/recent.ts';
import { outflowOf } from '../flow/traffic.ts';

const NUMBERS = {
  /** Amounts from here on are near the cap: percent of it. */
  nearPercent: 90,
  sharePercent: 30,
  itemsMin: 6,
  /** Of how many the share is taken. */
  lastCount: 20,
  windowMs: 60 * 60_000,
  /** Caps of one payment: domain.md 2.1 and 7.5. */
  bifastCapRupiah: 250_000_000,
  switchCapRupiah: 25_000_000,
  qrisCapRupiah: 10_000_000,
} as const;

/** By source and rail: the newest amounts. */
type State = Record<string, { readonly atMs: number; readonly isNear: boolean }[]>;

/** D10: amounts crowd just under the rail's cap, as those of thieves do. Throttles the amounts near the cap alone: nobody else notices.
 * Source: domain.md 7.5 (ordinarily under 2 % of payments are near it). */
export const nearLimitDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D10',
  sees: ['payment', 'line'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, look) {
    const flow = outflowOf(seen);
    const cap = flow && capOf(flow.rail, look.numbers);
    if (!flow || cap === undefined) return QUIET;
    const { numbers, nowMs } = look;
    const fromRupiah = (cap * numbers.nearPercent) / 100;
    const last = (state[`${flow.source} ${flow.rail}`] ??= []);
    keep(last, { atMs: nowMs, isNear: flow.rupiah >= fromRupiah }, numbers.lastCount);
    if (flow.rupiah < fromRupiah) return QUIET;
    dropBefore(last, nowMs - numbers.windowMs);
    const near = last.filter(({ isNear }) => isNear).length;
    if (near < numbers.itemsMin || near * 100 <= last.length * numbers.sharePercent) return QUIET;
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

function capOf(rail: string, numbers: typeof NUMBERS): number | undefined {
  if (rail === 'bifast') return numbers.bifastCapRupiah;
  if (rail === 'switch') return numbers.switchCapRupiah;
  return rail === 'qris' ? numbers.qrisCapRupiah : undefined;
}
