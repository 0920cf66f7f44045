import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, event, foldAll, payment, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2019-05-06T09:00:00+07:00');
const STOP = 'D18 stop switch BNINIDJA';

const drawn = (atMs: number, customerId: string) =>
  payment(atMs, {
    rupiah: 1_000_000,
    payer: customerId,
    payee: 'cash',
    paymentKind: 'card_withdrawal',
    state: 'accepted',
    customerId,
  });
const drawnOf = (atMs: number, customerId: string) => ({
  ...drawn(atMs, customerId),
  kind: 'payment.accepted',
});
const reversed = (atMs: number, customerId: string) => {
  const { data, ...one } = drawn(atMs, customerId);
  const more = { state: 'refunded', previous: 'accepted', code: 'REVERSED' };
  return { ...one, kind: 'payment.refunded', data: { ...data, ...more } };
};
/** One withdrawal a second; each `every`th is taken back, by one of `people`. */
const machines = (count: number, every: number, people: number, fromMs = FROM) =>
  Array.from({ length: count }, (_, at) => at).flatMap((at) => {
    const atMs = fromMs + at * 1_000;
    const who = `cus_${Math.floor(at / every) % people}`;
    return at % every === every - 1
      ? [drawnOf(atMs, who), reversed(atMs + 500, who)]
      : [drawnOf(atMs, `cus_other_${at}`)];
  });

test('T20 D18 stops cash at one bank’s machines when a few people draw and take back again and again', () => {
  const signals = foldAll(coldFlow(), machines(300, 8, 4));
  assert.deepEqual(saidBy('D18', signals), ['D18 alert', STOP]);
  const stop = signals.find(({ detector, act }) => detector === 'D18' && act.kind === 'stop')!;
  assert.ok(stop.act.kind === 'stop');
  const { scope } = stop.act;
  assert.deepEqual(scope, {
    rail: 'switch',
    direction: 'in',
    product: 'cash',
    bank: 'BNINIDJA',
  });
});

test('D18 alarms and stops nobody when a machine park fails and takes back one in five, each from another person', () => {
  assert.deepEqual(saidBy('D18', foldAll(coldFlow(), machines(600, 5, 1_000))), ['D18 alert']);
});

test('D18 alarms at the first money that is taken back after the network settled it', () => {
  const { data, ...one } = drawn(FROM, 'cus_1');
  const back = {
    ...one,
    kind: 'payment.settled',
    data: { ...data, paymentKind: 'card_return', state: 'settled' },
  };
  assert.deepEqual(saidBy('D18', foldAll(coldFlow(), [back])), ['D18 alert']);
});

test('D18 counts reversals of what nobody asked for, and forgets after a quarter of an hour', () => {
  const unseen = (at: number, gapMs: number) =>
    event(
      FROM + at * gapMs,
      'card.reversed_unseen',
      { bank: 'BNINIDJA', amountSen: '1' },
      `id_${at}`,
    );
  const quick = Array.from({ length: 5 }, (_, at) => unseen(at, 1_000));
  assert.deepEqual(saidBy('D18', foldAll(coldFlow(), quick)), ['D18 alert']);
  const slow = Array.from({ length: 30 }, (_, at) => unseen(at, 300_000));
  assert.deepEqual(saidBy('D18', foldAll(coldFlow(), slow)), []);
});

test('D18 says nothing of the eve of Eid, when ten times as many draw and one in fifty is taken back', () => {
  const eve = Date.parse('2025-03-30T16:00:00+07:00');
  assert.deepEqual(saidBy('D18', foldAll(coldFlow(), machines(5_000, 50, 40, eve))), []);
});
