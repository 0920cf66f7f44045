/** The clocks of a payment: which statement has the last word, by when it must be resolved, when to look at it next. Pure. */
import { businessDate } from '../kernel/time.ts';
import { networkOf, numberOf, type UsedNetwork } from './kind.ts';
import type { PaymentRow } from './row.ts';
import type { PaymentSettings } from './settings.ts';
import { isFinal } from './state.ts';

/** What leaves now may be booked by the network this much later; the statement of that date can still hold it. */
const BOOKED_LATE_MS = 5 * 60_000;
/** How long the process that works on a payment may take before another takes over; longer than any call to the gateway. */
export const LEASE_MS = 30_000;
/** A promise is renewed this long before it passes: one poll, one commit and a margin. */
export const RENEW_AHEAD_MS = 60_000;
/** How long each renewal promises; the last one repeats. */
const RENEWALS_MS = [3_600_000, 4 * 3_600_000, 12 * 3_600_000] as const;

/** The business date whose statement is the last word on something sent or received now (I2). */
export function statementDateOf(nowMs: number, cutOverMinute: number): string {
  return businessDate(nowMs + BOOKED_LATE_MS, cutOverMinute);
}

/** N hours after the statement of `date` is expected. */
export function resolveByOf(
  { rail, date }: { readonly rail: UsedNetwork; readonly date: string },
  settings: PaymentSettings,
): number {
  const terms = networkOf(rail);
  const dayStartMs = Date.parse(`${date}T00:00:00+07:00`);
  const closesAtMs = dayStartMs + numberOf(settings, terms.cutOverMinute) * 60_000;
  return (
    closesAtMs +
    numberOf(settings, terms.statementDelayMs) +
    Number(settings.resolveHours) * 3_600_000
  );
}

/** Both clocks for something that may leave now, or came now. */
export function lastWordFrom(
  { rail, nowMs }: { readonly rail: UsedNetwork; readonly nowMs: number },
  settings: PaymentSettings,
): { readonly statementDate: string; readonly resolveByMs: number } {
  const statementDate = statementDateOf(nowMs, numberOf(settings, networkOf(rail).cutOverMinute));
  return { statementDate, resolveByMs: resolveByOf({ rail, date: statementDate }, settings) };
}

/** When people take over. */
export function reviewAtOf(row: PaymentRow, settings: PaymentSettings): number | undefined {
  return row.resolveByMs === undefined
    ? undefined
    : row.resolveByMs - Number(settings.reviewLeadMs);
}

/** When the promise has to be renewed; undefined when nothing was promised. */
export function renewAtOf(row: PaymentRow): number | undefined {
  return row.promiseAtMs === undefined ? undefined : row.promiseAtMs - RENEW_AHEAD_MS;
}

/** The next promise: never past `resolveBy` while that lies ahead, so that a customer hears of the last clock too. */
export function nextPromiseOf(row: PaymentRow, nowMs: number): number {
  const step = RENEWALS_MS[Math.min(row.promiseRenewals, RENEWALS_MS.length - 1)]!;
  const next = nowMs + step;
  const isClockAhead =
    row.resolveByMs !== undefined && row.resolveByMs > nowMs + 2 * RENEW_AHEAD_MS;
  return isClockAhead ? Math.min(next, row.resolveByMs!) : next;
}

/** A credit that has no promise is looked at this often. */
const IDLE_LOOK_MS = 3_600_000;

/** When an open payment needs a look, whatever comes first: an inquiry, a promise, the human queue. Undefined when final. */
export function dueAtOf(
  row: PaymentRow,
  nowMs: number,
  settings: PaymentSettings,
): number | undefined {
  if (isFinal(row.state)) return undefined;
  const times = [
    row.state === 'withheld' ? row.resolveByMs : undefined,
    row.inquireAtMs,
    renewAtOf(row),
    row.state === 'review' || row.state === 'pending_credit' || row.state === 'withheld'
      ? undefined
      : reviewAtOf(row, settings),
  ];
  const next = Math.min(...times.filter((at) => at !== undefined), nowMs + IDLE_LOOK_MS);
  return next;
}
