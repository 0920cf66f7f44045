import assert from 'node:assert/strict';
import test from 'node:test';
import { foldMeasures, measuresAt, type Measures } from './measure.ts';

const NOW = Date.parse('2026-06-10T10:00:00+07:00');
const event = (atMs: number, kind: string) => ({
  id: 0n,
  xid: 0n,
  atMs,
  kind,
  subject: 'pay',
  data: { paymentKind: 'bifast_out' },
});
/** One payment a second for `seconds`, each with these events so many ms after it began. */
const flow = (seconds: number, after: Readonly<Record<string, number>>): Measures =>
  foldMeasures(
    new Map(),
    Array.from({ length: seconds }, (_, at) => NOW - (seconds - at) * 1_000).flatMap((atMs) =>
      Object.entries(after)
        .map(([kind, ms]) => event(atMs + ms, kind))
        .filter((one) => one.atMs <= NOW),
    ),
    () => false,
  );

test('measuresAt() counts what is held and heard of in half a second as settled, and nothing as unknown', () => {
  const well = flow(120, { 'payment.held': 0, 'payment.accepted': 40, 'payment.settled': 340 });
  const { bifast_out: of } = measuresAt(well, NOW);
  assert.equal(of!.unknown + of!.failed, 0);
  assert.ok(of!.settled >= 50);
});

test('T16 measuresAt() takes payments of which nothing is heard for unknown: silence is no success', () => {
  const { bifast_out: of } = measuresAt(flow(120, { 'payment.held': 0 }), NOW);
  assert.ok(of!.unknown >= 30, JSON.stringify(of));
  assert.equal(of!.settled, 0);
});

test('measuresAt() gives what was just begun its time', () => {
  const { bifast_out: of } = measuresAt(flow(9, { 'payment.held': 0 }), NOW);
  assert.deepEqual(of, { settled: 0, failed: 0, unknown: 0 });
});
