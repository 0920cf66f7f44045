import { QUIET, type FlowDetector } from '../flow/detector.ts';
import { isGatherer, noteFirst, openGatherers, type Gatherers } from '../flow/gatherer.ts';
import { distinct, dropBefore, keep } from '../flow/recent.ts';
import { isTransfer } from '../flow/transfer.ts';

const NUMBERS = {
  itemsMin: 5,
  payeesMax: 3,
  /** Who got the amount from fewer payers than this got it by chance, beside those who gather it. */
  payersMin: 2,
  windowMs: 10 * 60_000,
  /** A payee whom so many different payers paid on so many days before today gathers by its trade. */
  knownPayers: 50,
  knownDays: 3,
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
  readonly known: Gatherers;
}

/** Of one amount; more prove nothing more. */
const PAID_MAX = 50;
/** Amounts that are followed at once. */
const AMOUNT_MAX = 4_000;

/** D11: the same amount from different payers to three payees at most, whom they never paid before, and who are no charity or shop that ever new
 * payers have paid for days. Wishes to hold the payees' money. Source: domain.md 7.5. */
export const equalDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D11',
  version: 2,
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({ amounts: {}, size: 0, known: openGatherers() }),
  fold(state, seen, { nowMs, numbers }) {
    if (!isTransfer(seen) || !seen.isFirstPayee) return QUIET;
    noteFirst(state.known, seen.payee, nowMs);
    const trade = { payers: numbers.knownPayers, days: numbers.knownDays };
    if (seen.rupiah < numbers.floorRupiah || isGatherer(state.known, seen.payee, trade))
      return QUIET;
    const key = `${seen.rail} ${seen.rupiah}`;
    const paid = (state.amounts[key] ??= begin(state, nowMs - numbers.windowMs));
    keep(paid, { atMs: nowMs, payer: seen.payer, payee: seen.payee }, PAID_MAX);
    dropBefore(paid, nowMs - numbers.windowMs);
    if (paid.length < numbers.itemsMin) return QUIET;
    if (distinct(paid.map(({ payee }) => payee)) > numbers.payeesMax) return QUIET;
    if (distinct(paid.map(({ payer }) => payer)) < numbers.itemsMin) return QUIET;
    return gatherersOf(paid, numbers.payersMin).map((payee) => ({
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

/** Payees who got it from several payers. */
function gatherersOf(paid: readonly Paid[], payersMin: number): readonly string[] {
  const payers = Map.groupBy(paid, ({ payee }) => payee);
  return [...payers]
    .filter(([, of]) => distinct(of.map(({ payer }) => payer)) >= payersMin)
    .map(([payee]) => payee);
}

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
