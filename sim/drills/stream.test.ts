import assert from 'node:assert/strict';
import test from 'node:test';
import { STREAM_HEADER, streamLine, streamRows } from './stream.ts';

const rows = streamRows('1');

test('streamRows() is the same stream for a seed, in order, over ten days, and most of it is clean', () => {
  assert.deepEqual(rows.slice(0, 300), streamRows('1').slice(0, 300));
  assert.notDeepEqual(rows.slice(0, 300), streamRows('2').slice(0, 300));
  assert.ok(rows.every(({ atMs }, at) => at === 0 || atMs >= rows[at - 1]!.atMs));
  assert.ok(rows.at(-1)!.atMs - rows[0]!.atMs > 9.5 * 86_400_000);
  assert.ok(rows.filter(({ label }) => label === 'clean').length > 0.9 * rows.length);
});

test('streamRows() leaks Rp1 million to Rp1 billion: what settles over what the ledger knows is exactly the leak', () => {
  const leaks = Map.groupBy(
    rows.filter(({ label }) => label === 'leak'),
    (row) => row.case,
  );
  const sums = [...leaks]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, all]) =>
      all.reduce(
        (sum, { ledgerRupiah = 0, settledRupiah = 0 }) =>
          sum + settledRupiah - (name.endsWith('fee_only') ? 0 : ledgerRupiah),
        0,
      ),
    );
  assert.deepEqual(
    sums,
    [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000].map((one) => one * 1_000_000),
  );
});

test('streamRows() is honest where nothing is wrong: clean rows settle as they were authorised', () => {
  for (const row of rows)
    if (row.label === 'clean') assert.equal(row.settledRupiah, row.ledgerRupiah);
  for (const label of ['fault', 'attack'] as const)
    assert.equal(new Set(rows.filter((row) => row.label === label).map((row) => row.case)).size, 3);
});

test('streamLine() has a field for each column of the header, and no comma within one', () => {
  const columns = STREAM_HEADER.split(',').length;
  for (const [at, row] of rows.entries())
    assert.equal(streamLine(row, at).split(',').length, columns);
});

test('streamRows() tells the label in its own column alone: keys of payees look like anybody’s', () => {
  for (const { payee, payer, ledgerRupiah } of rows) {
    assert.match(payee, /^p\d+$/);
    assert.match(payer, ledgerRupiah === undefined ? /^$/ : /^c\d+$/);
  }
});
