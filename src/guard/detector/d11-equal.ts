import { QUIET, type FlowDetector } from '../flow/detector.ts';
import { distinct, dropBefore, keep } from '../flow/recent.ts';
import { isTransfer } from '../flow/transfer.ts';

const NUMBERS = {
  itemsMin: 5,
  payeesMax: 3,
  windowMs: 10 * 60_000,
  /** Smaller amounts repeat by nature: zakat, donations, what a popular seller asks. */
  floorRupiah: 1_000_000,
} as const;

interface Paid {
  readonly atMs: number;
  readonly payer: string;
  readonly payee: string;
}

interface State {
  /** By rail and amount. */
  readonly amounts: Record<string, Paid[]>;
  size: number;
}

/** Of one amount; more prove nothing more. */
const PAID_MAX = 50;
/** Amounts that are followed at once. */
const AMOUNT_MAX = 4_000;

/** D11: the same amount from different payers to three payees at most, whom they never paid before. Wishes to hold the payees' money. Source: domain.md 7.5. */
export const equalDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D11',
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({ amounts: {}, size: 0 }),
  fold(state, seen, { nowMs, numbers }) {
    if (!isTransfer(seen) || !seen.isFirstPayee || seen.rupiah < numbers.floorRupiah) return QUIET;
    const key = `${seen.rail} ${seen.rupiah}`;
    const paid = (state.amounts[key] ??= begin(state, nowMs - numbers.windowMs));
    keep(paid, { atMs: nowMs, payer: seen.payer, payee: seen.payee }, PAID_MAX);
    dropBefore(paid, nowMs - numbers.windowMs);
    if (paid.length < numbers.itemsMin) return QUIET;
    const payees = [...new Set(paid.map(({ payee }) => payee))];
    if (payees.length > numbers.payeesMax) return QUIET;
    if (distinct(paid.map(({ payer }) => payer)) < numbers.itemsMin) return QUIET;
    return payees.map((payee) => ({
      code: 'equal_amounts',
      severity: 'P1',
      evidence: [payee, `rupiah=${seen.rupiah}`, `payments=${paid.length}`, seen.id],
      act: {
        kind: 'hold',
        scope: { rail: seen.rail, direction: 'out', payee },
        reasonClass: 'containment',
      },
    }));
  },
};

/** A new amount; makes room where there is none: amounts whose time is over go, then the oldest. */
function begin(state: State, sinceMs: number): Paid[] {
  const { amounts } = state;
  if (state.size >= AMOUNT_MAX) {
    for (const key of Object.keys(amounts))
      if ((amounts[key]!.at(-1)?.atMs ?? 0) < sinceMs) delete amounts[key];
    for (const key of Object.keys(amounts).slice(0, -AMOUNT_MAX / 2)) delete amounts[key];
    state.size = Object.keys(amounts).length;
  }
  state.size++;
  return [];
}
