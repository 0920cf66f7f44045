/** Accounts outside the hot path: opening them, the chart, balances, statements and the trial balance. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { CHART } from '../kernel/bank.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import { eventTransfer } from './batch.ts';
import type { Balance } from './port.ts';
import * as store from './store.ts';
import * as accounts from './store-account.ts';

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
  if (equity) await store.lockAccounts(tx, [equity.id]);
  const made = await accounts.insertAccounts(tx, {
    atMs: input.nowMs,
    rows: input.drafts.map(toNewAccount),
  });
  const funded = made.filter(({ number }) => (byNumber.get(number)!.openingSen ?? 0n) > 0n);
  const ids = funded.length > 0 ? await store.takeTransferIds(tx, funded.length) : [];
  const onDate = wibDate(input.nowMs);
  const transfers = funded.map(({ id, number }, i): store.TransferRow => ({
    id: ids[i]!,
    kind: 'single',
    debitAccount: equity!.id,
    creditAccount: id,
    amount: byNumber.get(number)!.openingSen!,
    holdId: null,
    paymentId: null,
    line: 'opening',
    valueDate: onDate,
    businessDate: onDate,
  }));
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

/** Makes the chart's fixed accounts; idempotent. Settlement, suspense and equity may go negative, fee income and tax may not. */
export async function ensureChart(tx: Tx, input: { readonly nowMs: number }): Promise<void> {
  const account = (number: string, book: string, name: string): AccountDraft => ({
    number,
    book,
    name,
    accountType: 'OTHR',
    mayGoNegative: book !== 'fee' && book !== 'tax',
  });
  await openAccounts(tx, {
    nowMs: input.nowMs,
    accounts: [
      account(CHART.opening, 'equity', 'Opening balances'),
      account(CHART.bifastOut, 'settlement', 'BI-FAST settlement, outgoing'),
      account(CHART.bifastIn, 'settlement', 'BI-FAST settlement, incoming'),
      account(CHART.bifastFee, 'fee', 'BI-FAST fee income'),
      account(CHART.onusFee, 'fee', 'Fee income of transfers within the bank'),
      account(CHART.feeTax, 'tax', 'Tax in fees, owed to the state'),
      account(CHART.bifastSuspense, 'suspense', 'BI-FAST suspense'),
    ],
  });
}

/** The balance of one account; undefined when there is no such account. `availableSen` leaves out holds and pending credits. */
export async function readBalance(db: Queryable, number: string): Promise<Balance | undefined> {
  const [row] = await accounts.selectBalance(db, number);
  if (!row) return undefined;
  const { name, state } = row;
  return {
    number,
    name,
    state,
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

export interface StatementEntry {
  readonly id: bigint;
  readonly line: string;
  readonly side: 'debit' | 'credit';
  readonly amountSen: Sen;
  readonly counterAccount: string;
  readonly paymentId?: string;
  readonly bookedAtMs: number;
  readonly valueDate: string;
  readonly businessDate: string;
}

/** Entries of one page. */
const PAGE_MAX = 200;
const ID_MAX = 9_223_372_036_854_775_807n;

/** Money that moved on an account (holds left out), newest first. `afterId` = the last id of the page before. At most 200. */
export async function statement(
  db: Queryable,
  account: string,
  page: { readonly afterId?: bigint; readonly limit: number },
): Promise<readonly StatementEntry[]> {
  const limit = Math.min(page.limit, PAGE_MAX);
  const rows = await accounts.selectStatement(db, {
    number: account,
    beforeId: page.afterId ?? ID_MAX,
    limit,
  });
  return rows.map(
    ({
      id,
      line,
      side,
      amountSen,
      counterAccount,
      paymentId,
      bookedAtMs,
      valueDate,
      businessDate,
    }) => ({
      id,
      line,
      side,
      amountSen: sen(amountSen),
      counterAccount,
      ...(paymentId !== null && { paymentId }),
      bookedAtMs: Number(bookedAtMs),
      valueDate,
      businessDate,
    }),
  );
}

export interface TrialBalance {
  /** Customers as one row without a number; every other account by itself. */
  readonly rows: readonly {
    readonly book: string;
    readonly number?: string;
    readonly debitSen: bigint;
    readonly creditSen: bigint;
  }[];
  readonly debitSen: bigint;
  readonly creditSen: bigint;
}

/** The trial balance at an instant, recomputed from the transfers. Both sums are equal or something is broken (I4). */
export async function trialBalance(
  db: Queryable,
  input: { readonly atMs: number },
): Promise<TrialBalance> {
  const rows = (await accounts.selectTrialBalance(db, input.atMs)).map((row) => ({
    book: row.book,
    ...(row.number !== null && { number: row.number }),
    debitSen: BigInt(row.debitSen),
    creditSen: BigInt(row.creditSen),
  }));
  return {
    rows,
    debitSen: rows.reduce((sum, row) => sum + row.debitSen, 0n),
    creditSen: rows.reduce((sum, row) => sum + row.creditSen, 0n),
  };
}
