import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import { coldFlow, foldAll, intent, line, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-29T11:00:00+07:00');
const refused = (atMs: number): JournalEntry => ({
  partition: 'gateway-1',
  position: 7,
  atMs,
  body: { kind: 'refused', reason: 'above_cap', peer: 'core-1', fingerprint: 'fp' },
});

test('D22 stops the rail at the first settled payment of Bank DKI’s mean, Rp281 million', () => {
  const signals = foldAll(coldFlow(), [line(FROM, 281_400_000)]);
  assert.deepEqual(saidBy('D22', signals), ['D22 stop bifast']);
});

test('D22 stops the rail when the gateway itself sends more than the cap', () => {
  assert.deepEqual(saidBy('D22', foldAll(coldFlow(), [intent(FROM, { rupiah: 250_000_001 })])), [
    'D22 stop bifast',
  ]);
});

test('T13 D22 stops nothing for what was refused inline, however often: knocking costs nobody else', () => {
  const knocks = Array.from({ length: 200 }, (_, at) => refused(FROM + at * 60_000));
  assert.deepEqual(saidBy('D22', foldAll(coldFlow(), knocks)), ['D22 alert']);
});

/** The same line of another rail or direction. */
const lineOf = (
  atMs: number,
  rupiah: number,
  of: { readonly rail?: 'switch'; readonly direction?: 'in' },
): JournalEntry => {
  const { body, ...entry } = line(atMs, rupiah);
  assert.ok(body.kind === 'feed');
  const { direction = 'out', ...rail } = of;
  return { ...entry, body: { ...body, ...rail, line: { ...body.line, direction } } };
};

test('D22 knows the cap of each rail', () => {
  const signals = foldAll(coldFlow(), [lineOf(FROM, 25_000_001, { rail: 'switch' })]);
  assert.deepEqual(saidBy('D22', signals), ['D22 stop switch']);
});

test('D22 says nothing of a busy Eid: many payments of exactly the cap, and larger ones that come in', () => {
  const eid = [
    ...Array.from({ length: 2_000 }, (_, at) => line(FROM + at * 50, 250_000_000)),
    lineOf(FROM + 200_000, 900_000_000, { direction: 'in' }),
    lineOf(FROM + 200_001, 25_000_000, { rail: 'switch' }),
  ];
  assert.deepEqual(saidBy('D22', foldAll(coldFlow(), eid)), []);
});
