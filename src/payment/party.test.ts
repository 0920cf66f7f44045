import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payeeCategory, readCategories } from './category.ts';
import { openParties } from './party.ts';

const key = Buffer.alloc(32, 1);

test('keyOf() gives a party the same key in every core, and no other party the same', () => {
  const [here, there] = [openParties(key), openParties(key)];
  const party = { bank: 'BNINIDJA', account: '1234567890' };
  assert.equal(here.keyOf(party), there.keyOf(party));
  assert.match(here.keyOf(party), /^[A-Za-z0-9_-]{16}$/);
  assert.notEqual(here.keyOf(party), here.keyOf({ ...party, bank: 'BRINIDJA' }));
  assert.notEqual(here.keyOf(party), openParties(Buffer.alloc(32, 2)).keyOf(party));
});

test('keyOf() says the same of a party that it remembers, and of one that it forgot among 50,000 others', () => {
  const parties = openParties(key);
  const of = (i: number) => parties.keyOf({ bank: 'BNINIDJA', account: String(i) });
  const first = of(0);
  const said = new Set([first]);
  for (let i = 1; i <= 50_000; i++) said.add(of(i));
  assert.equal(said.size, 50_001);
  assert.deepEqual([of(0), of(0)], [first, first]);
});

test('isAscending() compares numbers of one channel, shorter ones first', () => {
  const parties = openParties(key);
  const said = ['999', '1000', '1001', '1001', '1000'].map((account) =>
    parties.isAscending('mobile', account),
  );
  assert.deepEqual(said, [false, true, true, false, false]);
  assert.equal(parties.isAscending('snap', '1'), false);
});

test('payeeCategory() goes by the longest prefix at the bank, and knows no other bank', () => {
  const table = {
    version: 1,
    source: 'test',
    categories: [
      { category: 'e_wallet', bank: 'CENAIDJA', prefixes: ['39'] },
      { category: 'crypto', bank: 'CENAIDJA', prefixes: ['3901'] },
    ],
  } as const satisfies ReturnType<typeof readCategories>;
  const of = (bank: string, account: string) => payeeCategory({ bank, account }, table);
  assert.equal(of('CENAIDJA', '3901812345'), 'crypto');
  assert.equal(of('CENAIDJA', '3958812345'), 'e_wallet');
  assert.equal(of('BNINIDJA', '3901812345'), undefined);
  assert.ok(readCategories().version >= 1);
});
