/** Accounts outside the hot path: opening them, the chart, balances and the trial balance. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { CHART } from '../kernel/bank.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import { eventTransfer } from './batch.ts';
import { chartChecksum, readChart, type Chart } from './chart.ts';
import type { Balance } from './port.ts';
import * as store from './store.ts';
import * as accounts from './store-account.ts';
import * as charts from './store-chart.ts';

export interface AccountDraft {
  readonly number: string;
  /** A `ledger_book`. @default 'customer' */
  readonly book?: string;
  readonly name: string;
  readonly customerId?: string;
  /** @default 'SVGS' */
  readonly accountType?: 'SVGS' | 'CACC' | 'LOAN' | 'CCRD' | 'UESB' | 'OTHR';
  /** @default false */
  readonly mayGoNegative?: boolean;
  /** Credited from EQUITY-OPENING. @default 0 */
  readonly openingSen?: Sen;
}

/** Rows per statement, so that a seed of any size stays within memory. */
const OPEN_MAX = 2_000;

/** Opens accounts with their opening balances; those that exist are left alone, balance included.
 * Shape: set-based, idempotent by number; `opening` transfers and one `account.opened` event each. Call it in a transaction, after
 * `ensureChart` when there are opening balances. Returns how many are new. */
export async function openAccounts(
  tx: Tx,
  input: { readonly nowMs: number; readonly accounts: readonly AccountDraft[] },
): Promise<number> {
  let opened = 0;
  for (let from = 0; from < input.accounts.length; from += OPEN_MAX) {
    opened += await openSome(tx, {
      nowMs: input.nowMs,
      drafts: input.accounts.slice(from, from + OPEN_MAX),
    });
  }
  return opened;
}

async function openSome(
  tx: Tx,
  input: { readonly nowMs: number; readonly drafts: readonly AccountDraft[] },
): Promise<number> {
  const byNumber = new Map(input.drafts.map((draft) => [draft.number, draft]));
  assert(byNumber.size === input.drafts.length, 'an account number is opened once');
  for (const { openingSen } of input.drafts)
    assert((openingSen ?? 0n) >= 0n, 'an opening balance is not negative');
  // Chart first, new rows after it: the same order as everyone else, so that two seeds cannot deadlock.
  const needsEquity = input.drafts.some((draft) => (draft.openingSen ?? 0n) > 0n);
  const [equity] = needsEquity ? await store.selectAccountIds(tx, [CHART.opening]) : [];
  assert(!needsEquity || equity, 'the chart is there before opening balances');
  const [locked] = equity ? await store.lockAccounts(tx, [equity.id]) : [];
  const made = await accounts.insertAccounts(tx, {
    atMs: input.nowMs,
    rows: input.drafts.map(toNewAccount),
  });
  const funded = made.filter(({ number }) => (byNumber.get(number)!.openingSen ?? 0n) > 0n);
  const ids = funded.length > 0 ? await store.takeTransferIds(tx, funded.length) : [];
  const onDate = wibDate(input.nowMs);
  let equityBalance = locked ? locked.postedCredit - locked.postedDebit : 0n;
  const transfers = funded.map(({ id, number }, i): store.TransferRow => {
    const amount = byNumber.get(number)!.openingSen!;
    equityBalance -= amount;
    return {
      id: ids[i]!,
      kind: 'single',
      debitAccount: equity!.id,
      creditAccount: id,
      amount,
      holdId: null,
      reverses: null,
      paymentId: null,
      line: 'opening',
      valueDate: onDate,
      businessDate: onDate,
      debitBalance: equityBalance,
      creditBalance: amount,
    };
  });
  if (transfers.length > 0) {
    await store.insertTransfers(tx, { atMs: input.nowMs, onDate, rows: transfers });
    const total = transfers.reduce((sum, row) => sum + row.amount, 0n);
    await store.changeAccounts(tx, [
      { id: equity!.id, postedDebit: total, postedCredit: 0n, pendingDebit: 0n, pendingCredit: 0n },
    ]);
  }
  const opening = new Map(transfers.map((row) => [row.creditAccount, row]));
  await recordEvents(
    tx,
    made.map(({ id, number }) =>
      openedEvent({
        atMs: input.nowMs,
        id,
        draft: byNumber.get(number)!,
        opening: opening.get(id),
      }),
    ),
  );
  return made.length;
}

function toNewAccount(draft: AccountDraft): accounts.NewAccount {
  return {
    number: draft.number,
    book: draft.book ?? 'customer',
    name: draft.name,
    customerId: draft.customerId ?? null,
    accountType: draft.accountType ?? 'SVGS',
    mayGoNegative: draft.mayGoNegative ?? false,
    openingSen: draft.openingSen ?? 0n,
  };
}

function openedEvent(input: {
  readonly atMs: number;
  readonly id: bigint;
  readonly draft: AccountDraft;
  readonly opening: store.TransferRow | undefined;
}): EventDraft {
  return {
    atMs: input.atMs,
    kind: 'account.opened',
    subject: `account:${input.id}`,
    data: {
      book: input.draft.book ?? 'customer',
      transfers: input.opening ? [eventTransfer(input.opening)] : [],
    },
  };
}

/** Loads the chart: its books and its accounts, with a `chart.loaded` event for a version that is new. Idempotent; accounts that a
 * newer version added stay. Throws when a version was changed after it was loaded, or when an account of the chart exists with
 * another book or another `mayGoNegative`: money is on it under other rules than the file says.
 * @param input.chart defaults to `db/chart.json` */
export async function ensureChart(
  tx: Tx,
  input: { readonly nowMs: number; readonly chart?: Chart },
): Promise<void> {
  const chart = input.chart ?? readChart();
  const checksum = chartChecksum(chart);
  const { version } = chart;
  const isNew = (await charts.insertChart(tx, { version, checksum, atMs: input.nowMs })).length > 0;
  const loaded = await charts.selectCharts(tx);
  const same = loaded.find((one) => one.version === version);
  assert(same, 'a version that was just noted is there');
  if (!same.checksum.equals(checksum))
    throw new Error(`Cannot load chart: version ${version} was changed; give it a new number`);
  if (isNew && loaded[0]!.version > version)
    throw new Error(`Cannot load chart: version ${version} is older than ${loaded[0]!.version}`);
  await charts.insertBooks(tx, chart.books);
  const [misfit] = await charts.selectChartMisfits(tx, chart.accounts);
  if (misfit)
    throw new Error(`Cannot load chart: account ${misfit.number} exists under other rules`);
  await openAccounts(tx, {
    nowMs: input.nowMs,
    accounts: chart.accounts.map((one): AccountDraft => ({ ...one, accountType: 'OTHR' })),
  });
  if (!isNew) return;
  await recordEvents(tx, [
    {
      atMs: input.nowMs,
      kind: 'chart.loaded',
      subject: `chart:${version}`,
      data: { version, checksum: checksum.toString('hex') },
    },
  ]);
}

/** The balance of one account; undefined when there is no such account. `availableSen` leaves out holds and pending credits. */
export async function readBalance(db: Queryable, number: string): Promise<Balance | undefined> {
  return (await readBalances(db, [number]))[0];
}

/** Balances now, of the accounts that there are. */
export async function readBalances(
  db: Queryable,
  numbers: readonly string[],
): Promise<readonly Balance[]> {
  return (await accounts.selectBalances(db, numbers)).map(toBalance);
}

function toBalance(row: accounts.BalanceRow): Balance {
  const { number, name, state } = row;
  return {
    number,
    name,
    state,
    ...(row.closedUntilMs !== null && { closedUntilMs: Number(row.closedUntilMs) }),
    postedSen: sen(row.postedSen),
    heldSen: sen(row.heldSen),
    pendingCreditSen: sen(row.pendingCreditSen),
    availableSen: sen(row.postedSen - row.heldSen),
  };
}

/** Freezes, closes or reopens an account, with an event. An account is closed only when nothing is on it and nothing is reserved.
 * Idempotent: the state it has already is `ok` without an event. Locks: the account row. */
export async function setAccountState(
  tx: Tx,
  input: {
    readonly nowMs: number;
    readonly number: string;
    readonly to: 'open' | 'frozen' | 'closed';
    readonly by: string;
    readonly reason: string;
  },
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'not_found' | 'not_empty' }
> {
  const [known] = await store.selectAccountIds(tx, [input.number]);
  if (!known) return { ok: false, reason: 'not_found' };
  await store.lockAccounts(tx, [known.id]);
  const balance = await readBalance(tx, input.number);
  assert(balance, 'a locked account is still there');
  if (balance.state === input.to) return { ok: true };
  if (
    input.to === 'closed' &&
    (balance.postedSen !== 0n || balance.heldSen !== 0n || balance.pendingCreditSen !== 0n)
  ) {
    return { ok: false, reason: 'not_empty' };
  }
  const changed = await accounts.updateAccountState(tx, {
    id: known.id,
    from: balance.state,
    to: input.to,
  });
  assert(changed.length === 1, "a locked account's state does not change under us");
  const { by, reason } = input;
  await recordEvents(tx, [
    {
      atMs: input.nowMs,
      kind: `account.${input.to}`,
      subject: `account:${known.id}`,
      data: { by, reason },
    },
  ]);
  return { ok: true };
}

export interface TrialBalance {
  /** Customers as one row without a number; every other account by itself. */
  readonly rows: readonly {
    readonly book: string;
    readonly number?: string;
    readonly debitSen: bigint;
    readonly creditSen: bigint;
  }[];
  /** The same by book, in the order of their names. */
  readonly books: readonly {
    readonly book: string;
    readonly debitSen: bigint;
    readonly creditSen: bigint;
  }[];
  readonly debitSen: bigint;
  readonly creditSen: bigint;
}

/** The trial balance at an instant, recomputed from the transfers and from the sums of archived months. Both sums are equal or something
 * is broken (I4). Throws for an instant within an archived month: only its end can be told (docs/archive.md). */
export async function trialBalance(
  db: Queryable,
  input: { readonly atMs: number },
): Promise<TrialBalance> {
  const [cut] = await accounts.selectCutMonths(db, input.atMs);
  if (cut)
    throw new Error(
      `Cannot tell the trial balance within ${cut.month}: its transfers are in the archive; ask for the end of a month`,
    );
  const rows = (await accounts.selectTrialBalance(db, input.atMs)).map((row) => ({
    book: row.book,
    ...(row.number !== null && { number: row.number }),
    debitSen: BigInt(row.debitSen),
    creditSen: BigInt(row.creditSen),
  }));
  const names = [...new Set(rows.map((row) => row.book))];
  const books = names.map((book) => {
    const own = rows.filter((row) => row.book === book);
    return {
      book,
      debitSen: own.reduce((sum, row) => sum + row.debitSen, 0n),
      creditSen: own.reduce((sum, row) => sum + row.creditSen, 0n),
    };
  });
  return {
    rows,
    books,
    debitSen: rows.reduce((sum, row) => sum + row.debitSen, 0n),
    creditSen: rows.reduce((sum, row) => sum + row.creditSen, 0n),
  };
}
