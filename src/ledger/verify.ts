/** Recomputes the whole ledger from its transfers and compares (I4). Independent of the posting code: the sums are made in SQL.
 * Reads only; may run beside a working ledger. */
import type { Queryable } from '../db/pool.ts';
import * as store from './store-verify.ts';

export type LedgerProblemKind = 'sum' | 'transfer' | 'account' | 'hold' | 'authorisation';

/** One wrong row. `id` is a transfer, account or hold id, or a jti; never an account number. */
export interface LedgerProblem {
  readonly kind: LedgerProblemKind;
  readonly id: string;
  readonly detail: string;
}

export interface LedgerReport {
  /** True when there is no problem at all. */
  readonly balanced: boolean;
  readonly transfers: bigint;
  readonly accounts: bigint;
  /** First wrong rows of each kind, in id order. A wrong transfer comes before the account that it throws off. */
  readonly problems: readonly LedgerProblem[];
}

/** Rows named per kind. */
const PROBLEMS_MAX = 20;

/** Checks: Σ debits = Σ credits; every transfer is what the audit stream tells; every account is the sum of its transfers and open
 * holds; every hold agrees with its transfers; every authorisation has its hold, its hash and its registered ids.
 * Memory does not grow with the ledger. */
export async function verifyLedger(db: Queryable): Promise<LedgerReport> {
  const totals = await store.selectTotals(db);
  const problems: LedgerProblem[] = [];
  if (totals.postedDebit !== totals.postedCredit) {
    problems.push({
      kind: 'sum',
      id: 'posted',
      detail: `debits ${totals.postedDebit} sen, credits ${totals.postedCredit} sen`,
    });
  }
  if (totals.pendingDebit !== totals.pendingCredit) {
    problems.push({
      kind: 'sum',
      id: 'pending',
      detail: `debits ${totals.pendingDebit} sen, credits ${totals.pendingCredit} sen`,
    });
  }
  const add = (kind: LedgerProblemKind, rows: readonly store.WrongRow[]): void =>
    void problems.push(...rows.map((row) => ({ kind, ...row })));
  add('transfer', await store.selectWrongTransfers(db, PROBLEMS_MAX));
  add('account', await store.selectWrongAccounts(db, PROBLEMS_MAX));
  add('hold', await store.selectWrongHolds(db, PROBLEMS_MAX));
  add('authorisation', await store.selectWrongAuthorisations(db, PROBLEMS_MAX));
  return {
    balanced: problems.length === 0,
    transfers: totals.transfers,
    accounts: totals.accounts,
    problems,
  };
}
