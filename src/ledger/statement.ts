/** Statements: the money that moved on an account in a period, newest first, each entry with the balance after it. */
import type { Queryable } from '../db/pool.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { selectArchivedBefore } from './store-account.ts';
import { selectStatement, type Place } from './store-statement.ts';

export interface StatementEntry {
  readonly id: bigint;
  readonly line: string;
  readonly side: 'debit' | 'credit';
  readonly amountSen: Sen;
  /** Posted balance of the account right after this entry, holds left out. Absent only where something else than the ledger wrote
   * the transfer. */
  readonly balanceSen?: Sen;
  readonly counterAccount: string;
  readonly paymentId?: string;
  readonly bookedAtMs: number;
  readonly valueDate: string;
  readonly businessDate: string;
}

export interface StatementAsk {
  /** First day of booking, WIB. @default the beginning */
  readonly fromDate?: string;
  /** Last day of booking, WIB, included. @default the end */
  readonly toDate?: string;
  /** Entries behind this place only. @default all */
  readonly since?: Place;
  /** Of the last day, on the first page, only entries below this id. @default all */
  readonly beforeId?: bigint;
  /** The last id of the page before. */
  readonly afterId?: bigint;
  readonly limit: number;
}

/** Entries of one page. */
const PAGE_MAX = 200;
/** Every day a ledger can have. */
const FIRST_DATE = '0001-01-01';
const LAST_DATE = '9999-12-31';
const ID_MAX = 9_223_372_036_854_775_807n;

/** One page. The cost does not grow with the account: the balance is stored with each transfer (docs/adr/0010), so no page sums what
 * came before it. Unknown accounts have no entries. */
export async function statement(
  db: Queryable,
  account: string,
  ask: StatementAsk,
): Promise<readonly StatementEntry[]> {
  const rows = await selectStatement(db, {
    number: account,
    fromDate: ask.fromDate ?? FIRST_DATE,
    toDate: ask.toDate ?? LAST_DATE,
    beforeId: ask.beforeId ?? ID_MAX,
    since: ask.since ?? { day: FIRST_DATE, id: 0n },
    afterId: ask.afterId ?? null,
    limit: Math.min(ask.limit, PAGE_MAX),
  });
  return rows.map(({ amountSen, balanceSen, paymentId, bookedAtMs, ...same }) => ({
    ...same,
    amountSen: sen(amountSen),
    ...(balanceSen !== null && { balanceSen: sen(balanceSen) }),
    ...(paymentId !== null && { paymentId }),
    bookedAtMs: Number(bookedAtMs),
  }));
}

export interface StatementPage {
  readonly entries: readonly StatementEntry[];
  /** Set on the last page of a period that reaches further back: entries booked before this day, in WIB, are in the archive. */
  readonly archivedBefore?: string;
}

/** One page, and where the tables end. A page behind an archived entry is empty and says so. */
export async function statementPage(
  db: Queryable,
  account: string,
  ask: StatementAsk,
): Promise<StatementPage> {
  const entries = await statement(db, account, ask);
  if (entries.length >= Math.min(ask.limit, PAGE_MAX)) return { entries };
  const edge = await selectArchivedBefore(db);
  const isCut = edge !== null && (ask.fromDate ?? FIRST_DATE) < edge;
  return isCut ? { entries, archivedBefore: edge } : { entries };
}
