import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalBody, JournalEntry } from '../rail/journal-entry.ts';
import {
  foldRailMatches,
  newerRailMatches,
  railMatchAges,
  type RailMatches,
} from './rail-match.ts';

const entry = (atMs: number, body: JournalBody): JournalEntry => ({
  partition: 'gateway-1',
  position: 1,
  atMs,
  body,
});
const alive = (atMs: number, rail?: 'switch' | 'qris'): JournalEntry =>
  entry(atMs, { kind: 'feed_alive', cursor: '', ...(rail && { rail }) });
const FRESH = { journalFreshMs: 10_000, feedFreshMs: 30_000 };

function fold(before: RailMatches, nowMs: number, entries: readonly JournalEntry[]): RailMatches {
  return foldRailMatches(before, { ...FRESH, entries, nowMs, journalReadAtMs: nowMs });
}

test('foldRailMatches() watches a rail from the pulse of its own feed on, and BI-FAST never here', () => {
  const first = fold({}, 100_000, [alive(99_000), alive(99_500, 'switch')]);
  assert.deepEqual(first, { switch: { aliveAtMs: 99_500, matchedAtMs: 100_000 } });
  const silent = fold(first, 160_000, [alive(159_000, 'qris'), alive(159_000)]);
  assert.deepEqual(railMatchAges(silent, 160_000), [
    { rail: 'switch', matchAgeMs: 60_000 },
    { rail: 'qris', matchAgeMs: 0 },
  ]);
  const back = fold(silent, 170_000, [alive(169_000, 'switch')]);
  assert.equal(back.switch?.matchedAtMs, 170_000);
});

test('foldRailMatches() believes no pulse of tomorrow, and calls nothing matched over an old copy of the journal', () => {
  const ahead = fold({}, 100_000, [alive(9_000_000, 'switch')]);
  assert.equal(ahead.switch?.aliveAtMs, 100_000);
  const old = foldRailMatches(ahead, {
    ...FRESH,
    entries: [alive(150_000, 'switch')],
    nowMs: 150_000,
    journalReadAtMs: 139_999,
  });
  assert.equal(old.switch?.matchedAtMs, 100_000);
});

test('newerRailMatches() keeps the newer word of each rail, whichever side has it', () => {
  const one: RailMatches = { switch: { aliveAtMs: 5, matchedAtMs: 9 } };
  const other: RailMatches = {
    switch: { aliveAtMs: 7, matchedAtMs: 8 },
    qris: { aliveAtMs: 1, matchedAtMs: 1 },
  };
  const merged = {
    switch: { aliveAtMs: 7, matchedAtMs: 9 },
    qris: { aliveAtMs: 1, matchedAtMs: 1 },
  };
  assert.deepEqual(newerRailMatches(one, other), merged);
  assert.deepEqual(newerRailMatches(other, one), merged);
});
