import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../kernel/random.ts';
import { makeRows, measureBacktest } from './backtest.ts';

test('measureBacktest() folds every row, quiet for ordinary traffic and loud for amounts under the cap', () => {
  const rows = makeRows(300, seededRandom('rows'));
  assert.equal(rows.length, 1_200);
  const quiet = measureBacktest(rows);
  assert.equal(quiet.findings, 0);
  assert.ok(quiet.perSecond > 0);
  const near = rows.map((row) => ({
    ...row,
    text: row.text.replace(/"amountSen":"\d+"/, '"amountSen":"24900000000"'),
  }));
  assert.ok(measureBacktest(near).findings > 0);
});
