/** Payees whom ever new payers have paid for days: shops, charities in the month of alms, schools. A theft lasts hours; who wants to look like
 * one of these must be paid by many different customers on several days first. JSON-safe, bounded, changed in place. */

/** By payee. Every first payment is another payer. */
interface Known {
  count: number;
  /** Different days with a first payment. */
  days: number;
  day: number;
  /** How many there were when the day began: what comes today proves nothing about today. */
  before: number;
}

export interface Gatherers {
  readonly payees: Record<string, Known>;
  size: number;
}

const PAYEES_MAX = 4_096;
const DAY_MS = 86_400_000;

/** Knows nobody. */
export function openGatherers(): Gatherers {
  return { payees: Object.create(null) as Record<string, Known>, size: 0 };
}

/** Notes a payment to somebody whom its payer never paid before. */
export function noteFirst(gatherers: Gatherers, payee: string, nowMs: number): void {
  const day = Math.floor(nowMs / DAY_MS);
  let known = gatherers.payees[payee];
  if (!known) {
    if (gatherers.size >= PAYEES_MAX) forget(gatherers);
    known = gatherers.payees[payee] = { count: 0, days: 0, day: 0, before: 0 };
    gatherers.size++;
  }
  if (known.day !== day) {
    known.before = known.count;
    if (known.count > 0) known.days++;
    known.day = day;
  }
  known.count++;
}

/** True when so many different payers paid on so many days before this one. */
export function isGatherer(
  gatherers: Gatherers,
  payee: string,
  least: { readonly payers: number; readonly days: number },
): boolean {
  const known = gatherers.payees[payee];
  return known !== undefined && known.before >= least.payers && known.days >= least.days;
}

/** Forgets the half with the fewest payers. */
function forget(gatherers: Gatherers): void {
  const { payees } = gatherers;
  const fewest = Object.entries(payees)
    .toSorted(([, a], [, b]) => a.count - b.count || a.day - b.day)
    .slice(0, PAYEES_MAX / 2);
  for (const [payee] of fewest) delete payees[payee];
  gatherers.size -= fewest.length;
}
