import assert from 'node:assert/strict';
import test from 'node:test';
import { foldBatch } from '../flow/batch.ts';
import { coldFlow, event, foldAll, intent, MINUTE, payment, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-29T11:00:00+07:00');
const sent = (minutes: number, perMinute = 20, fromMs = FROM) =>
  Array.from({ length: minutes * perMinute }, (_, at) =>
    intent(fromMs + Math.floor((at * MINUTE) / perMinute), { rupiah: 100_000 }),
  );
const made = (atMs: number) =>
  payment(atMs, { rupiah: 100_000, payer: `p${atMs}`, payee: `q${atMs}` });

test('T16 D21 throttles after two minutes, and stops after five, when messages leave and the stream tells of nothing', () => {
  const flow = coldFlow();
  assert.deepEqual(saidBy('D21', foldAll(flow, sent(2))), []);
  assert.deepEqual(saidBy('D21', foldAll(flow, sent(2, 20, FROM + 2 * MINUTE))), [
    'D21 throttle bifast',
  ]);
  assert.deepEqual(saidBy('D21', foldAll(flow, sent(2, 20, FROM + 4 * MINUTE))), [
    'D21 stop bifast',
  ]);
});

test('T11 D21 says nothing when a core dies: its last messages are followed by none', () => {
  const flow = coldFlow();
  const found = [...foldAll(flow, sent(1)), ...flow.pass(FROM + 60 * MINUTE)];
  assert.deepEqual(saidBy('D21', found), []);
});

test('D21 says nothing while pages are full: the journal may be read minutes ahead of the stream', () => {
  const flow = coldFlow();
  const entries = sent(10);
  const nowMs = FROM + 10 * MINUTE;
  const first = foldBatch(flow, { events: [], entries, nowMs, hasMore: true });
  const events = Array.from({ length: 10 }, (_, at) => made(FROM + at * MINUTE));
  const then = foldBatch(flow, { events, entries: [], nowMs, hasMore: false });
  assert.deepEqual(saidBy('D21', [...first, ...then]), []);
  const blind = foldBatch(coldFlow(), { events: [], entries, nowMs, hasMore: false });
  assert.deepEqual(saidBy('D21', blind), ['D21 throttle bifast', 'D21 stop bifast']);
});

test('D21 says nothing of a quiet night, when two messages wait for one outcome', () => {
  const night = [0, 3, 6, 9].flatMap((at) => [
    intent(FROM + at * MINUTE, { rupiah: 100_000 }),
    intent(FROM + (at + 2.5) * MINUTE, { rupiah: 100_000 }),
    made(FROM + (at + 2.6) * MINUTE),
  ]);
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), night)), []);
});

test('D21 says nothing of a busy Eid: ten messages a second, and a stream that is a minute behind', () => {
  const eid = Array.from({ length: 6_000 }, (_, at) => {
    const atMs = FROM + at * 100;
    const entry = intent(atMs, { rupiah: 100_000 });
    return at % 600 === 599 ? [entry, made(atMs)] : [entry];
  });
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), eid.flat())), []);
});

const heard = (atMs: number, ...names: readonly string[]) =>
  event(atMs, 'process.heard', { heard: names, said: {} }, 'guard');
/** Rounds each half minute, messages each ten seconds, outcomes in between. */
const minutes = (count: number, names: (at: number) => readonly string[]) =>
  Array.from({ length: count * 6 }, (_, at) => {
    const atMs = FROM + at * 10_000;
    const round = at % 3 === 0 ? [heard(atMs, ...names(Math.floor(at / 6)))] : [];
    return [...round, intent(atMs + 1, { rupiah: 100_000 }), made(atMs + 2)];
  }).flat();

test('T16 D21 throttles and then stops when messages leave and the signer gives no sign of life: somebody else signs', () => {
  const found = foldAll(
    coldFlow(),
    minutes(9, (minute) => (minute < 2 ? ['core', 'signer', 'gateway'] : ['core', 'gateway'])),
  );
  assert.deepEqual(saidBy('D21', found), ['D21 throttle bifast', 'D21 stop bifast']);
  assert.ok(found[0]!.evidence.includes('process=signer'));
});

test('D21 says nothing of a signer that is started anew within three minutes, whose last tokens are used up, one that nobody ever heard, nor of the HSM where no link needs it', () => {
  const all = ['core', 'signer', 'hsm'];
  const short = minutes(8, (minute) => (minute > 1 && minute < 4 ? ['core', 'hsm'] : all));
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), short)), []);
  const never = minutes(9, () => ['core']);
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), never)), []);
  const hsm = minutes(9, (minute) => (minute < 2 ? all : ['core', 'signer']));
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), hsm)), []);
});

test('D21 takes no silence of its own rounds for the silence of a process', () => {
  const seen = [
    heard(FROM, 'core', 'signer'),
    // The last round missed the signer; then the guard stopped listening.
    heard(FROM + 30_000, 'core'),
    ...sent(20).flatMap((one) => [one, made(one.atMs + 1)]),
  ];
  assert.deepEqual(saidBy('D21', foldAll(coldFlow(), seen)), []);
});
