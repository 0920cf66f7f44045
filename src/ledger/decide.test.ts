import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sen } from '../kernel/money.ts';
import { decideBatch, type BatchFacts } from './decide.ts';
import type { Leg, PostRequest } from './port.ts';
import type { AccountRow, HoldRow, ReversibleRow } from './store.ts';

const AT_MS = 1_000;
const NUMBERS = ['a', 'b', 'c', 'd'];

const anyAccounts = fc.tuple(
  ...NUMBERS.map((number, i) =>
    fc
      .record({
        credit: fc.bigInt(0n, 50n),
        debit: fc.bigInt(0n, 50n),
        pending: fc.bigInt(0n, 20n),
        closedUntilMs: fc.constantFrom(null, null, BigInt(AT_MS), BigInt(AT_MS + 1)),
        mayGoNegative: fc.boolean(),
        state: fc.constantFrom('open', 'open', 'open', 'frozen', 'closed'),
      })
      .map(({ credit, debit, pending, mayGoNegative, state, closedUntilMs }): AccountRow => {
        const isShort = credit - debit - pending < 0n;
        return {
          id: BigInt(i),
          number,
          state: state as AccountRow['state'],
          mayGoNegative: mayGoNegative || isShort,
          postedDebit: debit,
          postedCredit: credit,
          pendingDebit: pending,
          pendingCredit: 0n,
          closedUntilMs,
        };
      }),
  ),
);

const anyHolds = fc
  .array(
    fc.record({
      debit: fc.integer({ min: 0, max: 3 }),
      credit: fc.integer({ min: 0, max: 3 }),
      amount: fc.bigInt(1n, 20n),
      state: fc.constantFrom('held', 'held', 'posted', 'voided'),
    }),
    { maxLength: 5 },
  )
  .map((holds) =>
    holds.map((hold, i): HoldRow => ({
      id: BigInt(100 + i),
      debitAccount: BigInt(hold.debit),
      creditAccount: BigInt((hold.credit + (hold.credit === hold.debit ? 1 : 0)) % 4),
      amount: hold.amount,
      state: hold.state as HoldRow['state'],
      expiresAtMs: null,
    })),
  );

const anyLeg: fc.Arbitrary<Leg> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('single' as const, 'hold' as const),
    line: fc.constant('principal' as const),
    debit: fc.constantFrom(...NUMBERS, 'x'),
    credit: fc.constantFrom(...NUMBERS),
    amount: fc.bigInt(-1n, 40n).map(sen),
  }),
  fc.record({
    kind: fc.constant('post' as const),
    line: fc.constant('principal' as const),
    holdId: fc.bigInt(100n, 106n),
    amount: fc.bigInt(0n, 25n).map(sen),
  }),
  fc.record({
    kind: fc.constant('void' as const),
    line: fc.constant('principal' as const),
    holdId: fc.bigInt(100n, 106n),
  }),
  fc.record({
    kind: fc.constant('reverse' as const),
    line: fc.constant('correction' as const),
    transferId: fc.bigInt(50n, 54n),
    amount: fc.bigInt(0n, 12n).map(sen),
  }),
);

/** Two untouched, one of which half is left, one of which nothing is; 54 does not exist. */
const REVERSIBLES: readonly ReversibleRow[] = [0n, 0n, 5n, 10n].map((reversed, i) => ({
  id: BigInt(50 + i),
  debitAccount: BigInt(i),
  creditAccount: BigInt((i + 1) % 4),
  amount: 10n,
  reversed,
}));

function requestsOf(all: readonly (readonly Leg[])[]): PostRequest[] {
  return all.map((legs, i) => ({
    key: `k${i}`,
    requestHash: Buffer.alloc(32),
    paymentId: `p${i}`,
    legs,
    valueDate: '2026-08-01',
    businessDate: '2026-08-01',
  }));
}

function factsOf(
  accounts: readonly AccountRow[],
  holds: readonly HoldRow[],
  reversibles: readonly ReversibleRow[] = REVERSIBLES,
): BatchFacts {
  return {
    accounts,
    holds,
    atMs: AT_MS,
    reversibles,
    counters: [],
    accountIds: new Map(accounts.map((row) => [row.number, row.id])),
    transferIds: Array.from({ length: 200 }, (_, i) => BigInt(1_000 + i)),
  };
}

const anyBatch = fc.tuple(
  anyAccounts,
  anyHolds,
  fc.array(fc.array(anyLeg, { maxLength: 4 }), { maxLength: 12 }),
);

test('decideBatch() conserves money, and overdraws nobody', () => {
  fc.assert(
    fc.property(anyBatch, ([accounts, holds, legs]) => {
      const plan = decideBatch(requestsOf(legs), factsOf(accounts, holds));
      let posted = 0n;
      let pending = 0n;
      for (const change of plan.changes) {
        posted += change.postedDebit - change.postedCredit;
        pending += change.pendingDebit - change.pendingCredit;
        const row = accounts.find((account) => account.id === change.id)!;
        const before = row.postedCredit - row.postedDebit - row.pendingDebit;
        const after = before + change.postedCredit - change.postedDebit - change.pendingDebit;
        assert(
          row.mayGoNegative || after >= 0n,
          'held + posted out never exceed what came in (T8)',
        );
      }
      assert.equal(posted, 0n);
      assert.equal(pending, 0n);
    }),
    { numRuns: 2_000 },
  );
});

test('decideBatch() changes each account by the sum of its transfers, and ends each hold at most once (T9)', () => {
  fc.assert(
    fc.property(anyBatch, ([accounts, holds, legs]) => {
      const plan = decideBatch(requestsOf(legs), factsOf(accounts, holds));
      const posted = new Map<bigint, bigint>();
      for (const row of plan.transfers) {
        if (row.kind !== 'single' && row.kind !== 'post') continue;
        posted.set(row.debitAccount, (posted.get(row.debitAccount) ?? 0n) - row.amount);
        posted.set(row.creditAccount, (posted.get(row.creditAccount) ?? 0n) + row.amount);
      }
      for (const account of accounts) {
        const change = plan.changes.find((one) => one.id === account.id);
        assert.equal(
          (change?.postedCredit ?? 0n) - (change?.postedDebit ?? 0n),
          posted.get(account.id) ?? 0n,
        );
      }
      const ends = plan.transfers
        .filter((row) => row.kind === 'post' || row.kind === 'void')
        .map((row) => row.holdId);
      assert.equal(new Set(ends).size, ends.length);
      assert.deepEqual(new Set(plan.endedHolds.map((end) => end.id)), new Set(ends));
      for (const end of plan.endedHolds) {
        const hold = holds.find((one) => one.id === end.id);
        assert(hold?.state === 'held' && end.posted <= hold.amount);
      }
      assert.equal(new Set(plan.transfers.map((row) => row.id)).size, plan.transfers.length);
    }),
    { numRuns: 2_000 },
  );
});

test('decideBatch() answers the same for a batch as for its requests one by one', () => {
  fc.assert(
    fc.property(anyBatch, ([accounts, holds, legs]) => {
      const requests = requestsOf(legs);
      const together = decideBatch(requests, factsOf(accounts, holds)).decisions.map((one) =>
        one.ok ? 'ok' : one.reason,
      );
      let state = { accounts, holds, reversibles: REVERSIBLES };
      const alone = requests.map((request) => {
        const plan = decideBatch(
          [request],
          factsOf(state.accounts, state.holds, state.reversibles),
        );
        state = {
          accounts: state.accounts.map((row) => {
            const change = plan.changes.find((one) => one.id === row.id);
            return change
              ? {
                  ...row,
                  postedDebit: row.postedDebit + change.postedDebit,
                  postedCredit: row.postedCredit + change.postedCredit,
                  pendingDebit: row.pendingDebit + change.pendingDebit,
                  pendingCredit: row.pendingCredit + change.pendingCredit,
                }
              : row;
          }) as typeof accounts,
          holds: state.holds.map((hold) => ({
            ...hold,
            state: plan.endedHolds.find((end) => end.id === hold.id)?.state ?? hold.state,
          })),
          reversibles: state.reversibles.map((row) => ({
            ...row,
            reversed:
              plan.reversals.find((one) => one.transferId === row.id)?.reversed ?? row.reversed,
          })),
        };
        const [decision] = plan.decisions;
        return decision!.ok ? 'ok' : decision!.reason;
      });
      assert.deepEqual(together, alone);
    }),
    { numRuns: 1_000 },
  );
});

test('T7 decideBatch() gives back of a transfer at most what it moved, and tells how much', () => {
  fc.assert(
    fc.property(anyBatch, ([accounts, holds, legs]) => {
      const plan = decideBatch(requestsOf(legs), factsOf(accounts, holds));
      for (const { id, amount, reversed } of REVERSIBLES) {
        const given = plan.transfers
          .filter((row) => row.reverses === id)
          .reduce((sum, row) => sum + row.amount, 0n);
        assert(reversed + given <= amount);
        const told = plan.reversals.find((one) => one.transferId === id)?.reversed;
        assert.equal(told, given === 0n ? undefined : reversed + given);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('decideBatch() leaves with every entry the balance that the entries before it add up to', () => {
  fc.assert(
    fc.property(anyBatch, ([accounts, holds, legs]) => {
      const plan = decideBatch(requestsOf(legs), factsOf(accounts, holds));
      const balance = new Map(accounts.map((row) => [row.id, row.postedCredit - row.postedDebit]));
      for (const row of plan.transfers) {
        if (row.kind === 'hold' || row.kind === 'void') {
          assert.deepEqual([row.debitBalance, row.creditBalance], [null, null]);
          continue;
        }
        balance.set(row.debitAccount, balance.get(row.debitAccount)! - row.amount);
        balance.set(row.creditAccount, balance.get(row.creditAccount)! + row.amount);
        assert.equal(row.debitBalance, balance.get(row.debitAccount));
        assert.equal(row.creditBalance, balance.get(row.creditAccount));
      }
    }),
    { numRuns: 1_000 },
  );
});
