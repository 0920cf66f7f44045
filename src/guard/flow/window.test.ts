/** The small windows that detectors are made of. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { hourOfWeek, learn, usualAt, type Baseline } from './baseline.ts';
import { addPair, openPairs } from './pair-filter.ts';
import { add, minuteOf, newest, openRing, turn } from './ring.ts';
import { median, medianDeviation } from './robust.ts';
import { count, heaviest, openTop } from './top.ts';

test('newest() counts what a list of all times counts, whatever the gaps', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 16 }),
      (gaps, minutes) => {
        const ring = openRing(16);
        const times: number[] = [];
        let atMs = 1_700_000_000_000;
        for (const gap of gaps) {
          atMs += gap;
          times.push(atMs);
          add(ring, atMs, 2);
        }
        turn(ring, atMs);
        const wanted = times.filter((one) => minuteOf(one) > minuteOf(atMs) - minutes).length;
        assert.deepEqual(newest(ring, minutes), { count: wanted, sum: wanted * 2 });
      },
    ),
    { numRuns: 60 },
  );
});

test('count() never counts too much, and is exact while there is room', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 300 }), (keys) => {
      const [small, large] = [openTop(), openTop()];
      const exact = new Map<string, number>();
      for (const one of keys) {
        const key = `k${one}`;
        exact.set(key, (exact.get(key) ?? 0) + 1);
        count(small, { key, size: 1, max: 10 });
        count(large, { key, size: 1, max: 100 });
      }
      for (const [key, times] of exact) {
        assert.equal(large.keys[key]!.count, times);
        const told = small.keys[key]?.count ?? 0;
        assert.ok(told <= times);
      }
      assert.ok(small.size <= 10 && Object.keys(small.keys).length === small.size);
      assert.equal(heaviest(large, 1_000), keys.length);
    }),
    { numRuns: 60 },
  );
});

test('addPair() knows every pair again, and calls few new ones known', () => {
  const filter = openPairs();
  const total = 30_000;
  let missed = 0;
  for (let at = 0; at < total; at++)
    if (!addPair(filter, `payer${at % 5_000}`, `payee${at}`)) missed++;
  for (let at = 0; at < total; at++)
    assert.equal(addPair(filter, `payer${at % 5_000}`, `payee${at}`), false);
  assert.ok(missed < total / 100, `${missed} of ${total}`);
});

test('usualAt() is moved by no single wild week, and begins with the busiest hour that is known', () => {
  const hour = (counts: number) => ({
    counts: Array<number>(60).fill(counts),
    sums: Array<number>(60).fill(counts * 10),
  });
  const baseline: Baseline = {};
  assert.equal(usualAt(baseline, 5), undefined);
  learn(baseline, { hourOfWeek: 9, ...hour(30) });
  learn(baseline, { hourOfWeek: 5, ...hour(2) });
  assert.equal(usualAt(baseline, 5), undefined, 'a night says nothing of the morning after it');
  for (let at = 100; at < 122; at++) learn(baseline, { hourOfWeek: at, ...hour(1) });
  assert.equal(usualAt(baseline, 5)!.count, 30, 'one week is not enough');
  for (const week of [2, 3, 2, 900]) learn(baseline, { hourOfWeek: 5, ...hour(week) });
  assert.ok(usualAt(baseline, 5)!.count <= 3);
  assert.ok(usualAt(baseline, 5)!.countMad <= 1);
});

test('hourOfWeek() begins on Monday at midnight in Jakarta', () => {
  assert.equal(hourOfWeek(Date.parse('2025-03-31T00:00:00+07:00')), 0);
  assert.equal(hourOfWeek(Date.parse('2026-02-22T02:37:00+07:00')), 6 * 24 + 2);
});

test('median() and medianDeviation() of nothing are nothing', () => {
  assert.equal(median([]), 0);
  assert.equal(median([1, 9, 3]), 3);
  assert.equal(medianDeviation([1, 1, 2, 2, 900]), 1);
});
