import assert from 'node:assert/strict';
import test from 'node:test';
import { AccountSums } from './account-sums.ts';
import { IdSet } from './id-set.ts';

const IDS = [0n, 1n, 7n, 8n, 65_535n, 65_536n, 4_000_000_000n, 2n ** 63n - 1n, -1n, -65_537n];

test('IdSet knows each id once, at the edges of its blocks and after it was saved', () => {
  const set = new IdSet();
  for (const id of IDS) assert.equal(set.has(id), false);
  for (const id of IDS) assert.equal(set.add(id), true, String(id));
  for (const id of IDS) assert.equal(set.add(id), false, String(id));
  const again = IdSet.load(JSON.parse(JSON.stringify(set.save())) as ReturnType<IdSet['save']>);
  assert.equal(again.size, IDS.length);
  for (const id of IDS) assert.equal(again.has(id), true);
  for (const id of [2n, 9n, 65_537n, -2n]) assert.equal(again.has(id), false);
});

test('AccountSums gives each account its own sums once, also after they were saved', () => {
  const sums = new AccountSums();
  const accounts = [1n, 1_023n, 1_024n, 5_000_000n, -3n];
  accounts.forEach((debit, i) =>
    sums.move({
      debit,
      credit: accounts[(i + 1) % accounts.length]!,
      amount: 10n ** 12n + BigInt(i),
    }),
  );
  sums.move({ debit: 1n, credit: 1_023n, amount: 5n });
  const again = AccountSums.load(
    JSON.parse(JSON.stringify(sums.save())) as ReturnType<AccountSums['save']>,
  );
  assert.deepEqual(again.take(1n), { debit: 10n ** 12n + 5n, credit: 10n ** 12n + 4n });
  assert.deepEqual(again.take(1_023n), { debit: 10n ** 12n + 1n, credit: 10n ** 12n + 5n });
  assert.deepEqual(again.take(1_023n), { debit: 0n, credit: 0n });
  assert.deepEqual(again.take(777n), { debit: 0n, credit: 0n });
  assert.deepEqual(
    [...again.left(9)].sort((a, b) => Number(a - b)),
    [-3n, 1_024n, 5_000_000n],
  );
});
