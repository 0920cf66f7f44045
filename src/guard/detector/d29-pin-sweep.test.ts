import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, event, foldAll, payment, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-29T11:00:00+07:00');
const wrong = (atMs: number, card: string) => event(atMs, 'card.pin_wrong', { tries: 1 }, card);
const drawn = (atMs: number) =>
  payment(atMs, { rupiah: 500_000, payer: 'p', payee: 'q', paymentKind: 'card_withdrawal' });
const sweep = (count: number, gapMs = 5_000) =>
  Array.from({ length: count }, (_, at) => wrong(FROM + at * gapMs, `crd_${at}`));

test('D29 tells when one PIN is tried on twenty cards, once each', () => {
  const flow = coldFlow();
  assert.deepEqual(saidBy('D29', foldAll(flow, sweep(19))), []);
  assert.deepEqual(saidBy('D29', foldAll(flow, [wrong(FROM + 100_000, 'crd_last')])), [
    'D29 alert',
  ]);
});

test('D29 does not count the withdrawal that a wrong PIN refused as a try with a right one', () => {
  const refused = (atMs: number) => {
    const { data, ...one } = drawn(atMs);
    return { ...one, kind: 'payment.refused', data: { ...data, state: 'refused' } };
  };
  const others = Array.from({ length: 50 }, (_, at) => drawn(FROM + at));
  const seen = sweep(20).flatMap((one) => [refused(one.atMs), one]);
  assert.deepEqual(saidBy('D29', foldAll(coldFlow(), [...others, ...seen])), ['D29 alert']);
});

test('D29 says nothing of few cards that are tried often, and of twenty over hours', () => {
  const few = Array.from({ length: 60 }, (_, at) => wrong(FROM + at * 1_000, `crd_${at % 10}`));
  assert.deepEqual(saidBy('D29', foldAll(coldFlow(), few)), []);
  assert.deepEqual(saidBy('D29', foldAll(coldFlow(), sweep(60, 60_000))), []);
});

test('D29 says nothing of a busy Eid, when one in ten mistypes among two thousand', () => {
  const eid = Array.from({ length: 2_000 }, (_, at) =>
    at % 10 === 0 ? wrong(FROM + at * 250, `crd_${at}`) : drawn(FROM + at * 250),
  );
  assert.deepEqual(saidBy('D29', foldAll(coldFlow(), eid)), []);
});
