import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCash } from './rails-books.ts';
import type { LedgerCash } from './store-rails.ts';

const row: LedgerCash = {
  id: '2026112716000000000000014000001',
  account: '1998000001',
  state: 'accepted',
  drawnSen: 10_000_000n,
  feeSen: 750_000n,
  isPastDeadline: false,
};
const offer = { id: 'to_bank|000001|1127160000|14', account: row.account, keptSen: row.drawnSen };
const found = (input: Partial<Parameters<typeof compareCash>[0]>) =>
  compareCash({
    offers: [offer],
    rows: [row],
    available: new Map([[row.account, 89_250_000n]]),
    openingSen: 100_000_000n,
    ...input,
  });
const NOTHING = { lost: 0, double: 0, pastDeadline: 0, accountsOff: 0 };

test('compareCash() finds nothing where each offer has its withdrawal', () => {
  assert.deepEqual(found({}), NOTHING);
});

test('compareCash() T6 counts what nobody paid for, what nobody got and what was taken twice', () => {
  const unpaid = { available: new Map([[row.account, 100_000_000n]]), rows: [] };
  assert.deepEqual(found(unpaid), { ...NOTHING, lost: 1, accountsOff: 1 });
  assert.deepEqual(found({ offers: [{ ...offer, keptSen: 0n }] }), {
    ...NOTHING,
    lost: 1,
    accountsOff: 1,
  });
  const twice = [row, { ...row, id: '2026112716000000000000014000002' }];
  const available = new Map([[row.account, 78_500_000n]]);
  assert.deepEqual(found({ rows: twice, available }), { ...NOTHING, double: 1, accountsOff: 1 });
  assert.deepEqual(found({ offers: [{ ...offer, keptSen: 5_000_000n }] }), {
    ...NOTHING,
    lost: 1,
    accountsOff: 1,
  });
  assert.equal(found({ rows: [{ ...row, isPastDeadline: true }] }).pastDeadline, 1);
});
