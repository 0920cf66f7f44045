import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { DEFAULT_BOOK } from './rule-book.ts';
import type { AccountUse, ScreenFacts } from './rule.ts';
import { readsFrom, screen } from './screen.ts';

const DAY = 86_400_000;
const NOW_MS = Date.parse('2026-08-01T05:00:00Z');
/** Somebody who pays as usual, to a payee known for long. */
const usual: AccountUse = {
  pastCount: 40,
  medianSen: rupiah(200_000),
  ageMs: 900 * DAY,
  quietMs: 3 * DAY,
  availableSen: rupiah(30_000_000),
  inSen: rupiah(8_000_000),
  outQuarterSen: 0n,
  outDaySen: 0n,
};
const known = { firstAtMs: NOW_MS - 90 * DAY, lastAtMs: NOW_MS - DAY, lastAmountSen: 1n };
const said = (amountSen: bigint, use: Partial<AccountUse>, more: Partial<ScreenFacts> = {}) => {
  const facts = { channel: 'mobile', kind: 'onus', atMs: NOW_MS, blocked: [], pair: known };
  const { verdict, reasons } = screen(DEFAULT_BOOK, {
    facts: { ...facts, amountSen, use: { ...usual, ...use }, ...more },
    payer: { canAnswer: true, answered: ['first_payee', 'repeated'] },
  });
  return [verdict, ...reasons.filter((code) => code !== 'first_payee')];
};

test('unusual holds a large amount, far above the usual, to a payee known for less than a day', () => {
  const fresh = (ageMs: number) => ({ pair: { ...known, firstAtMs: NOW_MS - ageMs } });
  const past = { pastCount: 5, medianSen: rupiah(2_500_000) };
  const large = rupiah(25_000_000);
  assert.deepEqual(said(large, past, { pair: undefined }), ['hold', 'unusual']);
  assert.deepEqual(said(large, past, fresh(DAY - 1)), ['hold', 'unusual']);
  assert.deepEqual(said(large, past, fresh(DAY)), ['allow']);
  assert.deepEqual(said(large - 1n, past, fresh(1)), ['allow']);
  assert.deepEqual(said(large, { ...past, pastCount: 4 }, fresh(1)), ['allow'], 'no usual amount');
  assert.deepEqual(said(large, { ...past, medianSen: past.medianSen + 1n }, fresh(1)), ['allow']);
  assert.deepEqual(said(large, past, { ...fresh(1), use: undefined }), ['allow'], 'not looked at');
});

test('D24 mule holds what a young or long unused account passes on of much that came in', () => {
  const use = {
    ageMs: 30 * DAY - 1,
    inSen: rupiah(50_000_000),
    outQuarterSen: rupiah(20_000_000),
    availableSen: rupiah(300_000_000),
  };
  const last = rupiah(25_000_000);
  assert.deepEqual(said(last, use), ['hold', 'mule']);
  assert.deepEqual(said(last - 1n, use), ['allow'], 'below 90 %');
  assert.deepEqual(said(last, { ...use, inSen: use.inSen - 1n }), ['allow']);
  assert.deepEqual(said(last, { ...use, ageMs: 30 * DAY }), ['allow']);
  assert.deepEqual(said(last, { ...use, ageMs: 900 * DAY, quietMs: 180 * DAY }), ['hold', 'mule']);
  assert.deepEqual(said(last, { ...use, ageMs: 900 * DAY, quietMs: 180 * DAY - 1 }), ['allow']);
});

test('D25 woken holds what empties a long unused account within a day, in one payment or many', () => {
  const use = { quietMs: 180 * DAY, availableSen: rupiah(10_000_000) };
  assert.deepEqual(said(rupiah(9_000_000), use), ['hold', 'woken']);
  assert.deepEqual(said(rupiah(9_000_000) - 1n, use), ['allow']);
  assert.deepEqual(said(rupiah(9_000_000), { ...use, quietMs: use.quietMs - 1 }), ['allow']);
  const second = { ...use, availableSen: rupiah(3_000_000), outDaySen: rupiah(7_000_000) };
  assert.deepEqual(said(rupiah(2_000_000), second), ['hold', 'woken']);
});

test('an Eid bonus passed on is not held: to new payees, far above the usual, from accounts of any age', () => {
  for (const amount of [1_000_000, 5_000_000, 24_999_999])
    for (const ageMs of [10 * DAY, 900 * DAY])
      for (const outDaySen of [0n, rupiah(15_000_000)])
        assert.equal(
          said(
            rupiah(amount),
            { ageMs, inSen: rupiah(45_000_000), outDaySen, medianSen: rupiah(100_000) },
            { pair: undefined },
          )[0],
          'allow',
        );
});

test('readsUse() reads only where a rule covers the payment and its amount', () => {
  const of = { channel: 'mobile', kind: 'bifast_out', amountSen: rupiah(1_000_000) };
  assert.equal(readsFrom(DEFAULT_BOOK, 'readsUseFrom', of), true);
  assert.equal(
    readsFrom(DEFAULT_BOOK, 'readsUseFrom', { ...of, amountSen: of.amountSen - 1n }),
    false,
  );
  assert.equal(readsFrom(DEFAULT_BOOK, 'readsUseFrom', { ...of, channel: 'snap' }), false);
  assert.equal(readsFrom(DEFAULT_BOOK, 'readsUseFrom', { ...of, kind: 'bill' }), false);
});
