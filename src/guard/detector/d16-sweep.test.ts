import assert from 'node:assert/strict';
import test from 'node:test';
import { jambi } from '../flow/test-case.ts';
import { coldFlow, foldAll, payment, said } from '../flow/test-flow.ts';

const FROM = Date.parse('2026-02-22T03:00:00+07:00');
const SWEPT = ['D16 throttle bifast mobile', 'D16 hold bifast payee'];
const ofD16 = (words: readonly string[]) => words.filter((one) => one.startsWith('D16'));
const evidence = (seen: Parameters<typeof foldAll>[1]) =>
  foldAll(coldFlow(), seen).find(({ detector }) => detector === 'D16')?.evidence[0];

/** Many payers, few payees. */
const run = (count: number, of: (at: number) => Readonly<Record<string, unknown>>) =>
  Array.from({ length: count }, (_, at) =>
    payment(FROM + at * 7_000 + (at % 5) * 3_000, {
      rupiah: 3_000_000,
      payer: `v${at}`,
      payee: `mule-${at % 3}`,
      ...of(at),
    }),
  );

test('D16 holds few payees to whom ten accounts are drained and throttles the channel: ten accounts of one person close it for nobody', () => {
  const drained = run(10, () => ({ leftPerMille: 10 }));
  assert.deepEqual(ofD16(said(foldAll(coldFlow(), drained.slice(0, 9)))), []);
  assert.deepEqual(ofD16(said(foldAll(coldFlow(), drained))), SWEPT);
});

test('D16 speaks when payers come in the order of their numbers', () => {
  const list = run(12, () => ({ isAscending: true }));
  assert.equal(evidence(list), 'ascending=10');
  const broken = run(60, (at) => ({ isAscending: at % 7 !== 0 }));
  assert.equal(evidence(broken), undefined);
});

test('D16 speaks at a machine’s pace, and not at people’s', () => {
  const even = jambi(40, (at) => ({ payee: `mule-${at % 12}` })).map((event, at) => ({
    ...event,
    atMs: FROM + at * 5_660,
  }));
  const slowly = even.map((event) => ({ ...event, data: { ...event.data, leftPerMille: 700 } }));
  assert.match(evidence(slowly) ?? '', /^gap_deviation_percent=/);
  const people = slowly.map((event, at) => ({
    ...event,
    atMs: event.atMs + ((at * 7_919) % 5_000),
  }));
  assert.equal(evidence(people), undefined);
});

test('D16 says nothing of payday, when half the customers send everything to their own other accounts', () => {
  const own = run(300, (at) => ({ payee: `own-${at}`, leftPerMille: at % 2 === 0 ? 5 : 400 }));
  assert.deepEqual(ofD16(said(foldAll(coldFlow(), own))), []);
});
