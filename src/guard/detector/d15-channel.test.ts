import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, foldAll, MINUTE, payment, said, saidBy } from '../flow/test-flow.ts';
import { jambi } from '../flow/test-case.ts';

const FROM = Date.parse('2026-02-22T02:37:00+07:00');
const proof = (atMs: number) => ({ proof: 'session', session: 's', device: 'd', pinAtMs: atMs });
const pay = (atMs: number, data: Readonly<Record<string, unknown>>) =>
  payment(atMs, { rupiah: 20_000_000, payer: `p${atMs}`, payee: `q${atMs}`, ...data });
const proven = Array.from({ length: 20 }, (_, at) => {
  const atMs = FROM - (40 - at) * MINUTE;
  return pay(atMs, proof(atMs));
});
const saidOf = (...seen: ReturnType<typeof pay>[]) =>
  saidBy('D15', foldAll(coldFlow(), [...proven, ...seen]));

test('D15 holds what goes to the payee of the first debit without a proof, and stops the channel at the third in five minutes', () => {
  const orphans = [0, 1, 2].map((at) => pay(FROM + at * MINUTE, {}));
  assert.deepEqual(saidOf(orphans[0]!), ['D15 hold bifast payee']);
  assert.deepEqual(saidOf(...orphans), ['D15 hold bifast payee', 'D15 stop mobile']);
  const slow = [0, 3, 6].map((at) => pay(FROM + at * MINUTE, {}));
  assert.deepEqual(saidOf(...slow), ['D15 hold bifast payee'], 'three in six minutes');
});

test('D15 the case of Jambi, asked past the app, is stopped at its third payment', () => {
  const found = jambi(3).map((_, at, all) =>
    said(foldAll(coldFlow(), [...proven, ...all.slice(0, at + 1)])),
  );
  assert.ok(found.length === 3);
  const stops = [1, 2, 3].map((count) =>
    saidBy('D15', foldAll(coldFlow(), [...proven, ...jambi(count)])).includes('D15 stop mobile'),
  );
  assert.deepEqual(stops, [false, false, true]);
});

test('D15 a proof lacks where a part of it lacks, and an old PIN proves nothing', () => {
  const whole = proof(FROM);
  for (const [name, value] of [
    ['session', undefined],
    ['device', undefined],
    ['pinAtMs', undefined],
    ['pinAtMs', FROM - 10 * MINUTE - 1],
    ['proof', 'none'],
  ] as const)
    assert.deepEqual(
      saidOf(pay(FROM, { ...whole, [name]: value })),
      ['D15 hold bifast payee'],
      name,
    );
  assert.deepEqual(saidOf(pay(FROM, whole)), []);
  assert.deepEqual(saidOf(pay(FROM, { proof: 'order', proofId: 'so_1' })), []);
});

test('D15 says nothing of partners, refused payments, refunds, our own probes, nor of cores that tell no proofs yet', () => {
  const others = [
    { channel: 'snap', partnerId: 'par_1' },
    { state: 'refused' },
    { paymentKind: 'onus_refund' },
    { isSynthetic: true },
  ].map((data, at) => ({
    ...pay(FROM + at, data),
    ...('state' in data && { kind: 'payment.refused' }),
  }));
  assert.deepEqual(saidOf(...others), []);
  const old = [0, 1, 2].map((at) => pay(FROM + at, {}));
  assert.deepEqual(saidBy('D15', foldAll(coldFlow(), [...proven.slice(1), ...old])), []);
});

test('D15 says nothing of a busy Eid: every payment has its proof', () => {
  const eid = Array.from({ length: 3_000 }, (_, at) =>
    pay(FROM + at * 100, proof(FROM + at * 100)),
  );
  assert.deepEqual(saidOf(...eid), []);
});
