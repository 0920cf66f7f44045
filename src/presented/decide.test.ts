import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GateDecision } from '../gate/port.ts';
import { seededRandom } from '../kernel/random.ts';
import { decodeCpm } from '../rail/qris/cpm.ts';
import { readShown } from '../../sim/switch/presented.ts';
import { drawContent, secretHashOf } from './content.ts';
import { codeOfRefusal, lifeOf, REFUSED_MAX, refusePresented } from './decide.ts';
import { CODE } from './test-code.ts';

const ALLOW: GateDecision = { kind: 'allow' };
const facts = (over: Partial<Parameters<typeof refusePresented>[0]> = {}) => ({
  code: CODE,
  amountSen: 1_000n,
  minimumSen: 100n,
  capSen: 1_000_000_000n,
  nowMs: 1_000,
  gate: ALLOW,
  ...over,
});
const tried = (count: number) => ({
  ...CODE,
  refused: { code: '51', amountSen: CODE.limitSen, count },
});

test('lifeOf() one payment, one life: paid before cancelled before tried too often before expired', () => {
  assert.equal(lifeOf(CODE, 89_999), 'waiting');
  assert.equal(lifeOf(CODE, 90_000), 'expired');
  assert.equal(lifeOf({ ...CODE, cancelledAtMs: 5 }, 90_000), 'cancelled');
  assert.equal(lifeOf({ ...CODE, paymentId: 'pay_1' }, 90_000), 'paid');
  assert.equal(lifeOf(tried(REFUSED_MAX - 1), 1), 'waiting');
  assert.equal(lifeOf(tried(REFUSED_MAX), 1), 'tried_too_often');
});

test('refusePresented() says no by what ended, by amount, then by restriction; what needs a person or a second secret is a no at a till', () => {
  const restriction = {} as never;
  const table: readonly (readonly [Parameters<typeof facts>[0], string | undefined])[] = [
    [{}, undefined],
    [{ nowMs: 90_000 }, '54'],
    [{ code: { ...CODE, paymentId: 'pay_1' } }, '54'],
    [{ code: tried(REFUSED_MAX) }, '54'],
    [{ amountSen: 99n }, '13'],
    [{ amountSen: CODE.limitSen }, undefined],
    [{ amountSen: CODE.limitSen + 1n }, '61'],
    [{ amountSen: 2_000n, capSen: 1_999n }, '61'],
    [{ gate: { kind: 'stop', restriction } }, '57'],
    [{ gate: { kind: 'hold', restriction } }, '57'],
    [{ gate: { kind: 'step_up', restriction } }, '57'],
    [{ gate: { kind: 'cap', restriction, capSen: 999n } }, '57'],
    [{ gate: { kind: 'cap', restriction, capSen: 1_000n } }, undefined],
  ];
  for (const [over, wanted] of table)
    assert.equal(refusePresented(facts(over)), wanted, JSON.stringify(Object.keys(over ?? {})));
});

test('codeOfRefusal() the ledger’s no in the network’s words', () => {
  const of = (reason: string, counter?: string) =>
    codeOfRefusal({ ok: false, repeated: false, reason, ...(counter && { counter }) } as never);
  assert.equal(of('insufficient_funds'), '51');
  assert.equal(of('account_frozen'), '78');
  assert.equal(of('limit_exceeded', 'code|qpc_1'), '54');
  assert.equal(of('limit_exceeded', 'window|C1'), '65');
  assert.equal(of('limit_exceeded', 'day|C1|qris|2026-08-01'), '61');
  assert.equal(of('limit_exceeded', 'day|throttle:rst_1:5|2026-08-01'), '57');
});

test('drawContent() a till that reads the rule book and nothing of ours finds the alias and the secret, and neither name nor account', () => {
  const { payload, secretHash } = drawContent(seededRandom('code'), CODE.pan);
  const shown = readShown(payload);
  assert.equal(shown?.pan, CODE.pan);
  assert.equal(shown?.data.length, 32);
  assert.deepEqual(secretHashOf(shown!.data), secretHash);
  const read = decodeCpm(payload);
  assert.ok(read.ok);
  assert.equal(read.code.name, undefined);
  assert.equal(read.code.track2, undefined);
  assert.ok(payload.length < 120, 'a small picture');
  assert.notEqual(payload, drawContent(seededRandom('other'), CODE.pan).payload);
});
