import { QUIET, type FlowDetector, type Look } from '../flow/detector.ts';
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
  /** Caps of one payment: domain.md 2.1 and 7.5. */
  bifastCapRupiah: 250_000_000,
  switchCapRupiah: 25_000_000,
  qrisCapRupiah: 10_000_000,
  /** What settled over what we made, in percent, from which on it is not ours. */
  unmadePercent: 150,
} as const;

/** By source and rail: the newest amounts. */
type State = Record<string, { readonly atMs: number; readonly isNear: boolean }[]>;

/** D10: amounts crowd just under the rail's cap, as those of thieves do. A company that splits a sum among payments to one payee makes one of
 * them, and what settles is told only where core did not make it. Throttles the amounts near the cap alone: nobody else notices.
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
    const isNear = flow.rupiah >= fromRupiah && !isToKnown(seen);
    keep(last, { atMs: nowMs, isNear }, numbers.lastCount);
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

/** A payee whom this payer has paid before; what settled names no payer. */
function isToKnown(seen: FlowSeen): boolean {
  return seen.kind === 'payment' && !seen.isFirstPayee && seen.payee !== undefined;
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
