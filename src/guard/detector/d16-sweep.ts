import { QUIET, type Finding, type FlowDetector } from '../flow/detector.ts';
import { distinct, dropBefore, keep } from '../flow/recent.ts';
import { isTransfer } from '../flow/transfer.ts';

const NUMBERS = {
  windowMs: 15 * 60_000,
  /** Payers that were drained to less than 5 %. */
  drainedMin: 10,
  drainedPerMille: 50,
  /** Of the channel's payments in the window. */
  drainedSharePercent: 50,
  /** Payments in a row, each from a higher account number than the one before. */
  ascendingMin: 10,
  /** Evenly spaced payments: their number, and the deviation of the gaps in percent of the mean. */
  evenCount: 30,
  evenPercent: 30,
  /** Payees per payer, percent: money of many runs to few. */
  payeesPercent: 50,
} as const;

interface Paid {
  readonly atMs: number;
  readonly payer: string;
  readonly payee: string;
  readonly isDrained: boolean;
  readonly isFirst: boolean;
  /** How many before it in a row came from a lower number, itself included. */
  readonly rising: number;
}

/** By rail and channel. */
type State = Record<string, Paid[]>;

/** Of one channel in a quarter of an hour; beyond it the window is shorter. */
const PAID_MAX = 500;
const ACCOUNT_MIN = 3;
/** Payees held at once. */
const HELD_MAX = 10;

/** D16: accounts are emptied one after the other, in the order of their numbers, or at a machine's pace. Each sign counts only where money of
 * many payers runs to few payees whom they never paid: salaries that leave on payday, payrolls and standing orders are none. Holds
 * those payees and throttles the channel on the rail; it stops nothing, because ten accounts of one person could else close it for all
 * (DESIGN.md 1.1: a rail stops on evidence that money left). Source: domain.md 7.5. */
export const sweepDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D16',
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, { nowMs, numbers }) {
    if (!isTransfer(seen)) return QUIET;
    const paid = (state[`${seen.rail} ${seen.channel}`] ??= []);
    const rising = seen.isAscending ? (paid.at(-1)?.rising ?? 0) + 1 : 0;
    keep(
      paid,
      {
        atMs: nowMs,
        payer: seen.payer,
        payee: seen.payee,
        isDrained: (seen.leftPerMille ?? 1_000) < numbers.drainedPerMille,
        isFirst: seen.isFirstPayee,
        rising,
      },
      PAID_MAX,
    );
    dropBefore(paid, nowMs - numbers.windowMs);
    const sign = drained(paid, numbers) ?? ascending(paid, numbers) ?? even(paid, numbers);
    if (sign === undefined) return QUIET;
    const found = { code: 'account_sweep', severity: 'P1' } as const;
    const evidence = [sign, `payments=${paid.length}`, seen.id];
    const path = { rail: seen.rail, direction: 'out' } as const;
    const reasonClass = 'containment';
    return [
      {
        ...found,
        evidence,
        act: { kind: 'throttle', scope: { ...path, channel: seen.channel }, reasonClass },
      },
      ...gatherers(paid).map((payee): Finding => ({
        ...found,
        evidence: [payee, ...evidence],
        act: { kind: 'hold', scope: { ...path, payee }, reasonClass },
      })),
    ];
  },
};

/** Payees at whom the money of several payers runs together who never paid them before, the most of them first. */
function gatherers(paid: readonly Paid[]): readonly string[] {
  const payers = new Map<string, Set<string>>();
  for (const { payee, payer, isFirst } of paid)
    if (isFirst) payers.set(payee, (payers.get(payee) ?? new Set()).add(payer));
  return [...payers]
    .filter(([, of]) => of.size >= ACCOUNT_MIN)
    .toSorted(([, a], [, b]) => b.size - a.size)
    .slice(0, HELD_MAX)
    .map(([payee]) => payee);
}

function drained(paid: readonly Paid[], numbers: typeof NUMBERS): string | undefined {
  const newest = paid.at(-1);
  if (!newest?.isDrained || paid.length < numbers.drainedMin) return undefined;
  const emptied = paid.filter(({ isDrained }) => isDrained);
  if (emptied.length * 100 < paid.length * numbers.drainedSharePercent) return undefined;
  const payers = distinct(emptied.map(({ payer }) => payer));
  return payers >= numbers.drainedMin && runsTogether(emptied, numbers)
    ? `drained=${payers}`
    : undefined;
}

function ascending(paid: readonly Paid[], numbers: typeof NUMBERS): string | undefined {
  const { rising } = paid.at(-1)!;
  if (rising < numbers.ascendingMin) return undefined;
  const row = paid.slice(-numbers.ascendingMin);
  return row.length === numbers.ascendingMin && runsTogether(row, numbers)
    ? `ascending=${rising}`
    : undefined;
}

function even(paid: readonly Paid[], numbers: typeof NUMBERS): string | undefined {
  if (paid.length < numbers.evenCount) return undefined;
  const row = paid.slice(-numbers.evenCount);
  const gaps = row.slice(1).map(({ atMs }, at) => atMs - row[at]!.atMs);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  if (mean <= 0) return undefined;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  const percent = (Math.sqrt(variance) * 100) / mean;
  return percent < numbers.evenPercent && runsTogether(row, numbers)
    ? `gap_deviation_percent=${Math.round(percent)}`
    : undefined;
}

/** Many payers, few payees, and nearly all of them new to who pays. */
function runsTogether(row: readonly Paid[], numbers: typeof NUMBERS): boolean {
  const payers = distinct(row.map(({ payer }) => payer));
  const payees = distinct(row.map(({ payee }) => payee));
  const firsts = row.filter(({ isFirst }) => isFirst).length;
  return (
    payers >= ACCOUNT_MIN &&
    payers * 2 >= row.length &&
    payees * 100 <= payers * numbers.payeesPercent &&
    firsts * 10 >= row.length * 8
  );
}
