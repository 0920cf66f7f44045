/** A period of an account: which entries it holds, what they add up to by side, and the balances at both ends. The period is fixed by
 * the places of its first and last entry, so entries that are posted meanwhile change nothing, and periods that follow each other
 * neither share an entry nor lose one. A day that is over for good is summed once and kept, so a month costs at most a scan of the
 * days that nobody asked for yet; each answer is checked against the balances that stand with the entries. */
import type { Db } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import { selectArchivedBefore } from './store-account.ts';
import {
  insertDay,
  selectArchivedNet,
  selectDays,
  selectPlace,
  sumDay,
  type MovedRow,
  type Place,
} from './store-statement.ts';

/** The entries of a period: those behind `since` up to `until`. */
export interface StatementPeriod {
  /** First day asked for, WIB. */
  readonly firstDay: string;
  readonly since: Place;
  readonly until: Place;
  /** Posted balance before the first and after the last entry. */
  readonly openingSen: Sen;
  readonly closingSen: Sen;
}

/** One side of a period. */
export interface SideTotal {
  readonly count: number;
  readonly amountSen: Sen;
}

export interface StatementTotals {
  readonly credit: SideTotal;
  readonly debit: SideTotal;
}

interface Context {
  readonly db: Db;
  readonly time: Time;
}

/** A day may be kept once it ended this long ago: no transaction that booked on it can still be open. */
const SETTLED_MS = 24 * 3_600_000;
/** Per question; who asks waits no longer than that, and asks again. */
const BUDGET_MS = 5_000;
const DAY_MS = 86_400_000;
const WIB_OFFSET_MS = 7 * 3_600_000;
/** Above any period that a channel accepts. */
const DAYS_MAX = 400;
const ID_MAX = 9_223_372_036_854_775_807n;

/** Fixes a period: instants in UTC ms, both included. `archivedBefore` when it reaches into the archive. Throws DbFault. */
export async function statementPeriod(
  db: Db,
  account: string,
  instants: { readonly fromMs: number; readonly toMs: number },
): Promise<
  | { readonly ok: true; readonly period: StatementPeriod }
  | { readonly ok: false; readonly archivedBefore: string }
> {
  const edge = await selectArchivedBefore(db);
  const firstDay = wibDate(instants.fromMs);
  if (edge !== null && firstDay < edge) return { ok: false, archivedBefore: edge };
  const place = async (atMs: number): Promise<Place & { readonly balance: Sen }> => {
    const found = await selectPlace(db, {
      number: account,
      day: wibDate(atMs),
      at: new Date(atMs),
    });
    // Before every entry that is at hand stands what the archive left.
    if (!found || found.balanceSen === null)
      return { day: firstDay, id: 0n, balance: sen(await selectArchivedNet(db, account)) };
    return { day: found.day, id: found.id, balance: sen(found.balanceSen) };
  };
  const since = await place(instants.fromMs - 1);
  const until = await place(instants.toMs);
  return {
    ok: true,
    period: { firstDay, since, until, openingSen: since.balance, closingSen: until.balance },
  };
}

/** Sums a period. Undefined when the budget is used up: the days that were summed are kept, so asking again goes on from there.
 * Throws DbFault; RangeError for more than 400 days. */
export async function statementTotals(
  context: Context,
  account: string,
  period: StatementPeriod,
): Promise<StatementTotals | undefined> {
  const { db, time } = context;
  const { since, until } = period;
  // An account may have rested for years before the first day.
  const days = daysOf(since.day > period.firstDay ? since.day : period.firstDay, until.day);
  const startedMs = time.now();
  const kept = new Map<string, MovedRow>();
  const ends = { number: account, fromDate: period.firstDay, toDate: until.day };
  for (const row of await selectDays(db, ends)) kept.set(row.day, row);
  const sums = { debitCount: 0n, debitSen: 0n, creditCount: 0n, creditSen: 0n };
  for (const day of days) {
    if (time.now() - startedMs > BUDGET_MS) return undefined;
    const moved = await movedOn(db, { account, day, period, kept, nowMs: startedMs });
    sums.debitCount += moved.debitCount;
    sums.debitSen += moved.debitSen;
    sums.creditCount += moved.creditCount;
    sums.creditSen += moved.creditSen;
  }
  assert(
    period.openingSen + sums.creditSen - sums.debitSen === period.closingSen,
    'a statement adds up to the balance after its last entry',
  );
  return {
    credit: { count: Number(sums.creditCount), amountSen: sen(sums.creditSen) },
    debit: { count: Number(sums.debitCount), amountSen: sen(sums.debitSen) },
  };
}

async function movedOn(
  db: Db,
  input: {
    readonly account: string;
    readonly day: string;
    readonly period: StatementPeriod;
    readonly kept: ReadonlyMap<string, MovedRow>;
    readonly nowMs: number;
  },
): Promise<MovedRow> {
  const { account, day, period } = input;
  const afterId = period.since.day === day ? period.since.id : 0n;
  const toId = period.until.day === day ? period.until.id : ID_MAX;
  const isWhole = afterId === 0n && toId === ID_MAX;
  const known = isWhole ? input.kept.get(day) : undefined;
  if (known) return known;
  const moved = await sumDay(db, { number: account, day, afterId, toId });
  const endedMs = Date.parse(`${day}T00:00:00Z`) - WIB_OFFSET_MS + DAY_MS;
  if (isWhole && endedMs + SETTLED_MS < input.nowMs)
    await insertDay(db, { ...moved, number: account, day });
  return moved;
}

/** Every day from the first to the last, both included; none when they stand the other way round. */
function daysOf(first: string, last: string): readonly string[] {
  const days: string[] = [];
  for (let atMs = Date.parse(`${first}T00:00:00Z`); days.length <= DAYS_MAX; atMs += DAY_MS) {
    const day = new Date(atMs).toISOString().slice(0, 10);
    if (day > last) return days;
    days.push(day);
  }
  throw new RangeError('Cannot sum statement: the period is too long');
}
