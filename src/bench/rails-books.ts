/** Compares what the network's customers have in hand with what the ledger took from accounts, offer by offer and account by account.
 * Pure. */
import type { LedgerCash, LedgerSale } from './store-rails.ts';

/** One offer of the load as its driver wrote it down (sim/switch/load.ts). */
export interface OfferedCash {
  /** Id in the switch's book; absent where nothing was ever approved or in doubt. */
  readonly id?: string;
  readonly account: string;
  /** What the customer has of it. */
  readonly keptSen: bigint;
}

/** What was found. All zero and `accountsOff` zero: the two books say the same. */
export interface CashFound {
  /** Cash in hand that no account paid for in full, or money taken for cash that never came. */
  readonly lost: number;
  /** Withdrawals that the ledger holds and no offer stands for. */
  readonly double: number;
  readonly pastDeadline: number;
  /** Accounts whose balance is not their opening less cash and fees. */
  readonly accountsOff: number;
}

/** Compares both. `switchIdOf` tells the switch's id of a row of ours. */
export function compareCash(input: {
  readonly offers: readonly OfferedCash[];
  readonly rows: readonly LedgerCash[];
  readonly available: ReadonlyMap<string, bigint>;
  readonly openingSen: bigint;
}): CashFound {
  const { offers, rows, available, openingSen } = input;
  const rowOf = new Map(rows.map((row) => [switchIdOf(row.id), row]));
  const spent = new Map<string, bigint>();
  let lost = 0;
  const offered = new Set<string>();
  for (const { id, account, keptSen } of offers) {
    if (id !== undefined) offered.add(id);
    const row = id === undefined ? undefined : rowOf.get(id);
    if ((row?.drawnSen ?? 0n) !== keptSen) lost++;
    const feeSen = keptSen > 0n ? (row?.feeSen ?? 0n) : 0n;
    spent.set(account, (spent.get(account) ?? 0n) + keptSen + feeSen);
  }
  const standing = rows.filter(({ drawnSen }) => drawnSen > 0n);
  const isOff = ([account, availableSen]: readonly [string, bigint]): boolean =>
    availableSen !== openingSen - (spent.get(account) ?? 0n);
  return {
    lost,
    double: standing.filter(({ id }) => !offered.has(switchIdOf(id))).length,
    pastDeadline: rows.filter(({ isPastDeadline }) => isPastDeadline).length,
    accountsOff: [...available].filter(isOff).length,
  };
}

/** One payment that another bank's customer was to make to a shop of ours. */
export interface OfferedSale {
  readonly id?: string;
  /** Unknown ones are asked about afterwards, and may have been paid. */
  readonly outcome: 'approved' | 'declined' | 'unknown' | 'not_sent';
  readonly amountSen: bigint;
}

/** Compares sales. `paidSen` is what customers paid in the end, as the switch's book says. */
export function compareSales(input: {
  readonly offers: readonly OfferedSale[];
  readonly rows: readonly LedgerSale[];
  readonly paidSen: bigint;
}): Pick<CashFound, 'lost' | 'double' | 'pastDeadline'> & { readonly isSumOff: boolean } {
  const { offers, rows, paidSen } = input;
  const rowOf = new Map(rows.map((row) => [switchIdOf(row.id), row]));
  const offered = new Set(offers.flatMap(({ id }) => id ?? []));
  const lost = offers.filter(({ id, outcome, amountSen }) => {
    const takenSen = (id === undefined ? undefined : rowOf.get(id))?.takenSen ?? 0n;
    const isDoubt = outcome === 'unknown' && takenSen === 0n;
    return (
      !isDoubt && takenSen !== (outcome === 'declined' || outcome === 'not_sent' ? 0n : amountSen)
    );
  });
  const standing = rows.filter(({ takenSen }) => takenSen > 0n);
  return {
    lost: lost.length,
    double: standing.filter(({ id }) => !offered.has(switchIdOf(id))).length,
    pastDeadline: rows.filter(({ isPastDeadline }) => isPastDeadline).length,
    isSumOff: standing.reduce((sum, { takenSen }) => sum + takenSen, 0n) !== paidSen,
  };
}

/** Year, DE7, DE32 of eleven digits, DE11 -> the name that the switch's book has for it. */
function switchIdOf(id: string): string {
  const acquirer = id.slice(14, 25).replace(/^0+/, '');
  return `to_bank|${id.slice(25)}|${id.slice(4, 14)}|${acquirer}`;
}
