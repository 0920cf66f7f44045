import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, DAY, foldAll, HOUR, line, MINUTE, payment, said } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-29T11:00:00+07:00');
const ofD10 = (words: readonly string[]) => words.filter((one) => one.startsWith('D10'));

test('D10 throttles only the amounts near the cap, at the sixth of them', () => {
  const lines = Array.from({ length: 6 }, (_, at) => line(FROM + at * 3_000, 240_000_000));
  const flow = coldFlow();
  assert.deepEqual(ofD10(said(foldAll(flow, lines.slice(0, 5)))), []);
  const signals = foldAll(flow, lines.slice(5));
  assert.deepEqual(ofD10(said(signals)), ['D10 throttle bifast band']);
  const { act } = signals.find(({ detector }) => detector === 'D10')!;
  assert.ok(act.kind === 'throttle');
  assert.equal(act.scope.amountFromSen, '22500000000');
});

test('D10 lets a third of large amounts among twenty pass when they are hours apart, and one in ten at any pace', () => {
  const at = (index: number, rupiah: number, gapMs: number) =>
    payment(FROM + index * gapMs, { rupiah, payer: `p${index}`, payee: `q${index}` });
  const seldom = Array.from({ length: 40 }, (_, i) => at(i, 249_000_000, 15 * MINUTE));
  const few = Array.from({ length: 200 }, (_, i) =>
    at(i, i % 10 === 0 ? 249_000_000 : 90_000, 500),
  );
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), seldom))), []);
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), few))), []);
});

test('D10 knows the cap of an online transfer over the switch', () => {
  const seen = Array.from({ length: 8 }, (_, at) =>
    payment(FROM + at * 3_000, {
      rupiah: 24_000_000,
      payer: `p${at}`,
      payee: `q${at}`,
      paymentKind: 'switch_out',
    }),
  );
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), seen))), ['D10 throttle switch band']);
});

test('D10 takes a company that splits a sum for one payee for one payment, and what core made for what it is', () => {
  const split = Array.from({ length: 12 }, (_, at) =>
    payment(FROM + at * 20_000, { rupiah: 249_000_000, payer: 'company', payee: 'supplier' }),
  );
  const settled = split.map(({ atMs }) => line(atMs + 500, 249_000_000));
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), split))), []);
  const both = split.flatMap((made, at) => [made, settled[at]!]);
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), both))), []);
  assert.deepEqual(ofD10(said(foldAll(coldFlow(), settled))), ['D10 throttle bifast band']);
});

/** Near the cap, each to another account: the 807 transfers of domain.md 7.1 at twenty a minute. */
const drain = (fromMs: number, count: number, parts = 1) =>
  Array.from({ length: count * parts }, (_, at) =>
    payment(fromMs + at * 3_000, {
      rupiah: 240_000_000,
      payer: `source-${at % count}`,
      payee: `mule-${at % count}`,
    }),
  );

test('D10 is not made blind by a small payment to every payee days before', () => {
  const primed = Array.from({ length: 45 }, (_, at) =>
    payment(FROM - 5 * DAY + at * MINUTE, {
      rupiah: 10_000,
      payer: `source-${at}`,
      payee: `mule-${at}`,
    }),
  );
  const flow = coldFlow();
  assert.deepEqual(ofD10(said(foldAll(flow, primed))), []);
  assert.deepEqual(ofD10(said(foldAll(flow, drain(FROM, 5)))), []);
  assert.deepEqual(ofD10(said(foldAll(flow, drain(FROM + MINUTE, 6).slice(5)))), [
    'D10 throttle bifast band',
  ]);
});

test('D10 is not made blind by large payments slow enough to be seldom, an hour before', () => {
  const flow = coldFlow();
  const slowly = drain(0, 30).map((one, at) => ({ ...one, atMs: FROM + at * 13 * MINUTE }));
  assert.deepEqual(ofD10(said(foldAll(flow, slowly))), []);
  const later = FROM + 31 * 13 * MINUTE + HOUR;
  assert.deepEqual(ofD10(said(foldAll(flow, drain(later, 30)))), ['D10 throttle bifast band']);
});

test('D10 knows a payee that got such amounts from the same payer days before, also after its clock had run ahead', () => {
  const flow = coldFlow();
  const slowly = drain(0, 30).map((one, at) => ({ ...one, atMs: FROM + at * 13 * MINUTE }));
  foldAll(flow, slowly);
  const later = FROM + 4 * DAY;
  assert.deepEqual(ofD10(said(foldAll(flow, drain(later, 30, 3)))), []);
  flow.pass(later + 10 * DAY);
  assert.ok(flow.rewind(later + DAY).length > 0);
  assert.deepEqual(ofD10(said(foldAll(flow, drain(later + DAY, 30)))), []);
});
