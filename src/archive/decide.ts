/** Which months may leave the database. Pure. */
import { monthAfter } from './month.ts';
import type { MonthFacts } from './store.ts';

/** The closed months before `before`, oldest first, that are still in the tables. */
export function dueMonths(input: {
  /** Months with partitions, oldest first. */
  readonly months: readonly string[];
  readonly before: string;
  /** The month of today. */
  readonly today: string;
}): readonly string[] {
  const { months, before, today } = input;
  return months.filter((month) => month < before && month < today);
}

/** The first month that stays, when so many closed months are kept. */
export function keptFrom(input: { readonly today: string; readonly keepMonths: number }): string {
  return monthAfter(input.today, -input.keepMonths);
}

/** Why a month must stay; undefined when it may go. */
export function refusalOf(facts: MonthFacts): string | undefined {
  const { strayRows, uncovered, openHolds, openPayments, openLines, openBreaks } = facts;
  if (strayRows > 0n) return `${strayRows} rows of it or of before lie in a default partition`;
  if (uncovered > 0n) return `${uncovered} of its events are under no checkpoint yet`;
  if (openHolds > 0n) return `${openHolds} holds of it or of before still stand`;
  if (openPayments > 0n) return `${openPayments} payments of it or of before are not final`;
  if (openLines > 0n)
    return `${openLines} settlement lines of it or of before wait for their match`;
  if (openBreaks > 0n) return `${openBreaks} breaks of it or of before are open`;
  return undefined;
}
