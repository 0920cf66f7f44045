/** What `pulih verify` compares once the stream has been read: accounts with their sums, holds that still stand, authorisations, and rows
 * that no event told of. Pages by id, in the same snapshot as the pass. */
import type { Queryable } from '../db/pool.ts';
import { AccountSums } from './account-sums.ts';
import * as store from './store-verify.ts';
import {
  addProblem,
  byId,
  countRow,
  idOf,
  type LedgerProblem,
  type LedgerProblemKind,
  type LedgerReport,
  type LedgerState,
} from './verify-pass.ts';

/** Rows named per kind. */
const PROBLEMS_MAX = 20;
const PAGE = 4_000;
/** Below every id: whoever writes by SQL may choose a negative one. */
const LOWEST = -(1n << 63n);
const ORDER: readonly LedgerProblemKind[] = [
  'sum',
  'transfer',
  'account',
  'hold',
  'reversal',
  'authorisation',
];

/** Ends a check: the report. */
export async function compareRest(tx: Queryable, state: LedgerState): Promise<LedgerReport> {
  const counts = await store.selectCounts(tx);
  const inTables = (): bigint => state.rowCount - state.archived.rowCount;
  if (counts.transfers !== inTables()) await findUntold(tx, state);
  const isHoldMissing =
    counts.holds !== BigInt(state.madeHolds.size) ||
    counts.endedHolds !== BigInt(state.endedHolds.size);
  const { isUnread } = state.archived;
  if (isHoldMissing && !isUnread) await findHolds(tx, state);
  // Whatever the search missed, a count that differs is never right.
  const differs = (id: string, isDifferent: boolean): void => {
    if (isDifferent && state.problems.length === 0)
      addProblem(state, { kind: 'sum', id, detail: 'other rows than the events tell of' });
  };
  differs('transfers', counts.transfers !== inTables());
  differs('holds', isHoldMissing && !isUnread);
  const accounts = await compareAccounts(tx, { state, pending: await sumStanding(tx) });
  const limit = isUnread ? 0 : PROBLEMS_MAX;
  for (const row of await store.selectWrongReversals(tx, { limit, ...archivedReversals(state) }))
    addProblem(state, { kind: 'reversal', ...row });
  await compareAuthorisations(tx, state);
  return {
    balanced: state.problems.length === 0,
    transfers: counts.transfers + state.archived.rowCount,
    accounts,
    problems: inOrder(state.problems),
  };
}

function archivedReversals({ archived }: LedgerState): store.ArchivedReversals {
  const originals = [...archived.originals].filter(([, amount]) => amount !== undefined);
  return {
    reversedIds: [...archived.reversed.keys()].map(BigInt),
    reversedSums: [...archived.reversed.values()],
    originalIds: originals.map(([id]) => BigInt(id)),
    originalAmounts: originals.map(([, amount]) => amount!),
  };
}

function inOrder(problems: readonly LedgerProblem[]): readonly LedgerProblem[] {
  return ORDER.flatMap((kind) => {
    const own = problems.filter((problem) => problem.kind === kind);
    if (kind !== 'sum' && kind !== 'authorisation')
      own.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    return own.slice(0, PROBLEMS_MAX);
  });
}

/** Rows that no event told of are wrong, and still count in the sums. */
async function findUntold(tx: Queryable, state: LedgerState): Promise<void> {
  for (let after = LOWEST; ;) {
    const page = await store.selectTransferIds(tx, { after, limit: PAGE });
    if (page.length === 0) return;
    const ids = page.map(([id]) => BigInt(id!));
    after = ids.at(-1)!;
    const untold = ids.filter((id) => !state.told.has(id));
    if (untold.length === 0) continue;
    const lines = await store.selectTransfersOf(tx, untold);
    const holds = lines
      .map((line) => line.split('\u001f'))
      .filter(([, kind]) => kind !== 'single')
      .map(([id, kind, , , , , holdId]) => idOf(kind === 'hold' ? id! : holdId!));
    const known = byId(holds.length > 0 ? await store.selectHoldsOf(tx, holds) : []);
    for (const line of lines) {
      const detail = 'no event tells of this transfer';
      addProblem(state, { kind: 'transfer', id: line.slice(0, line.indexOf('\u001f')), detail });
      countRow(state, line, known);
    }
  }
}

/** Holds that no transfer made, or whose end no transfer tells of. */
async function findHolds(tx: Queryable, state: LedgerState): Promise<void> {
  for (let after = LOWEST; ;) {
    const page = await store.selectHoldIds(tx, { after, limit: PAGE });
    if (page.length === 0) return;
    for (const [text, holdState] of page) {
      const id = (after = BigInt(text!));
      if (!state.madeHolds.has(id))
        addProblem(state, {
          kind: 'hold',
          id: text!,
          detail: 'the hold has no transfer of its own',
        });
      else if (holdState !== 'held' && !state.endedHolds.has(id))
        addProblem(state, { kind: 'hold', id: text!, detail: `${holdState}, ended by nothing` });
    }
  }
}

async function sumStanding(tx: Queryable): Promise<AccountSums> {
  const pending = new AccountSums();
  for (let after = LOWEST; ;) {
    const page = await store.selectStandingHolds(tx, { after, limit: PAGE });
    for (const [id, debit, credit, amount] of page) {
      after = BigInt(id!);
      pending.move({ debit: BigInt(debit!), credit: BigInt(credit!), amount: BigInt(amount!) });
    }
    if (page.length < PAGE) return pending;
  }
}

/** Compares every account with its sums, and all debits with all credits; how many accounts there are. */
async function compareAccounts(
  tx: Queryable,
  input: { readonly state: LedgerState; readonly pending: AccountSums },
): Promise<bigint> {
  const { state, pending } = input;
  const totals = [0n, 0n, 0n, 0n];
  let count = 0n;
  for (let after = LOWEST; ;) {
    const page = await store.selectAccountPage(tx, { after, limit: PAGE });
    for (const [text, ...columns] of page) {
      const id = (after = BigInt(text!));
      columns.forEach((value, at) => (totals[at]! += BigInt(value)));
      const posted = state.posted.take(id);
      const held = pending.take(id);
      const summed = [posted.debit, posted.credit, held.debit, held.credit];
      if (summed.every((value, at) => String(value) === columns[at])) continue;
      const detail = `posted ${columns[0]}/${columns[1]} pending ${columns[2]}/${columns[3]}, recomputed ${summed[0]}/${summed[1]} ${summed[2]}/${summed[3]}`;
      addProblem(state, { kind: 'account', id: text!, detail });
    }
    count += BigInt(page.length);
    if (page.length < PAGE) break;
  }
  for (const id of [...state.posted.left(PROBLEMS_MAX), ...pending.left(PROBLEMS_MAX)]) {
    const detail = 'transfers name an account that is not there';
    addProblem(state, { kind: 'account', id: String(id), detail });
  }
  const compare = (id: string, [debit, credit]: readonly (bigint | undefined)[]): void => {
    const detail = `debits ${debit} sen, credits ${credit} sen`;
    if (debit !== credit) addProblem(state, { kind: 'sum', id, detail });
  };
  compare('posted', totals.slice(0, 2));
  compare('pending', totals.slice(2));
  return count;
}

async function compareAuthorisations(tx: Queryable, state: LedgerState): Promise<void> {
  for (let after: string | null = ''; after !== null;) {
    const { last, wrong } = await store.selectWrongAuthorisations(tx, { after, limit: PAGE });
    for (const row of wrong) addProblem(state, { kind: 'authorisation', ...row });
    after = last;
  }
}
