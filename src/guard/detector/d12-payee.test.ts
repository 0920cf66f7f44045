import assert from 'node:assert/strict';
import test from 'node:test';
import { jambi, JAMBI_COUNT } from '../flow/test-case.ts';
import { coldFlow, foldAll, HOUR, payment, said, warmFlow } from '../flow/test-flow.ts';

const FROM = Date.parse('2026-02-22T03:00:00+07:00');
const ofD12 = (words: readonly string[]) => words.filter((one) => one.startsWith('D12'));

test('D12 finds the 45 accounts of Jambi: holds them, and throttles the channel before 2 % of the payments', () => {
  const words = ofD12(said(foldAll(warmFlow(), jambi(Math.floor(JAMBI_COUNT * 0.02)))));
  assert.ok(words.includes('D12 hold bifast payee'));
  assert.ok(words.includes('D12 throttle bifast mobile'));
});

test('D12 holds a payee who gets Rp500 million in an hour from two payers, and not from one', () => {
  const seen = (payers: number) =>
    [0, 1, 2].map((at) =>
      payment(FROM + at * 20_000, { rupiah: 200_000_000, payer: `p${at % payers}`, payee: 'q' }),
    );
  assert.deepEqual(ofD12(said(foldAll(coldFlow(), seen(3)))), ['D12 hold bifast payee']);
  assert.deepEqual(ofD12(said(foldAll(coldFlow(), seen(1)))), []);
});

test('D12 says nothing of a shop whose customers return, nor of small sales', () => {
  const flow = warmFlow();
  const sale = (atMs: number, at: number, rupiah: number) =>
    payment(atMs, { rupiah, payer: `payer-${at}`, payee: 'shop' });
  const first = Array.from({ length: 60 }, (_, at) => sale(FROM + at * 1_000, at, 150_000));
  const again = Array.from({ length: 60 }, (_, at) =>
    sale(FROM + HOUR + at * 1_000, at, 9_000_000),
  );
  assert.deepEqual(ofD12(said(foldAll(flow, first))), []);
  assert.deepEqual(ofD12(said(foldAll(flow, again))), []);
});
