import assert from 'node:assert/strict';
import test from 'node:test';
import { firstAt, jambi } from '../flow/test-case.ts';
import { coldFlow, foldAll, said, warmFlow } from '../flow/test-flow.ts';

test('D14 holds payments to exchanges at the tenth of Jambi’s 6,609, also at a bank that has learned nothing', () => {
  for (const flow of [warmFlow(), coldFlow()]) {
    const found = jambi(20).map((seen) => said(foldAll(flow, [seen])));
    assert.equal(firstAt(found, 'D14 hold bifast crypto'), 9);
  }
});

test('D14 throttles a bank that suddenly takes most of the money, against its usual share only', () => {
  const toOne = jambi(60, () => ({ category: undefined, bank: 'PDJTIDJA' }));
  const ofBank = (words: readonly string[]) => words.filter((one) => one.includes('PDJTIDJA'));
  assert.deepEqual(ofBank(said(foldAll(warmFlow(), toOne))), ['D14 throttle bifast PDJTIDJA']);
  assert.deepEqual(ofBank(said(foldAll(coldFlow(), toOne))), []);
});

test('D14 lets wallets have any share while nothing is known of their usual one', () => {
  const wallets = jambi(60, () => ({ category: 'e_wallet' }));
  assert.deepEqual(
    said(foldAll(coldFlow(), wallets)).filter((one) => one.includes('wallet')),
    [],
  );
});
