import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCash, compareSales } from './rails-books.ts';
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

test('compareSales() T6 counts what the shop did not get, what nobody paid, and what is in doubt only when its sum is off', () => {
  const sale = { id: row.id, takenSen: 100n, isPastDeadline: false };
  const paid = { id: offer.id, outcome: 'approved', amountSen: 100n } as const;
  const none = { lost: 0, double: 0, pastDeadline: 0, isSumOff: false };
  assert.deepEqual(compareSales({ offers: [paid], rows: [sale], paidSen: 100n }), none);
  const doubtful = [{ ...paid, outcome: 'unknown' } as const];
  assert.deepEqual(compareSales({ offers: doubtful, rows: [sale], paidSen: 100n }), none);
  assert.deepEqual(compareSales({ offers: doubtful, rows: [], paidSen: 0n }), none);
  assert.ok(compareSales({ offers: doubtful, rows: [], paidSen: 100n }).isSumOff);
  assert.equal(compareSales({ offers: [paid], rows: [], paidSen: 100n }).lost, 1);
  const declined = [{ outcome: 'declined', amountSen: 100n } as const];
  assert.equal(compareSales({ offers: declined, rows: [sale], paidSen: 0n }).double, 1);
});
