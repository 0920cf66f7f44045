import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, DAY, event, foldAll, line, MINUTE, payment, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2019-05-06T09:00:00+07:00');
const STOP = 'D17 stop switch';

/** A line of the switch's file, as a gateway journals it. */
const cash = (atMs: number, rupiah: number, isCash = true) => {
  const { body, ...entry } = line(atMs, rupiah);
  if (body.kind !== 'feed') throw new Error('a line');
  const settled = { ...body.line, direction: 'in' as const };
  return {
    ...entry,
    body: { ...body, rail: 'switch' as const, line: isCash ? { ...settled, isCash } : settled },
  };
};
const found = (atMs: number, reason: string, rail = 'switch') =>
  event(atMs + MINUTE, 'reconcile.break_opened', { rail, reason }, `id_${atMs}`);
const cases = (count: number, rupiah: number, reason: string, isCash = true) =>
  Array.from({ length: count }, (_, at) => FROM + at * 5 * MINUTE).flatMap((atMs) => [
    cash(atMs, rupiah, isCash),
    found(atMs, reason),
  ]);

test('T20 D17 alarms at the first cash that only the fee was posted for, and at the third stops cash at other banks and nothing else', () => {
  const flow = coldFlow();
  const seen = cases(3, 2_000_000, 'amount_differs');
  assert.deepEqual(saidBy('D17', foldAll(flow, seen.slice(0, 4))), ['D17 alert']);
  const signals = foldAll(flow, seen.slice(4)).filter(({ detector }) => detector === 'D17');
  assert.deepEqual(saidBy('D17', signals), [STOP]);
  const { act } = signals[0]!;
  assert.ok(act.kind === 'stop');
  assert.deepEqual(act.scope, { rail: 'switch', direction: 'in', product: 'cash' });
});

test('D17 sees shops that were paid with a shown code and nothing was posted for: QRIS out stops, cash at machines goes on', () => {
  const shown = (at: number) => {
    const atMs = FROM + at * 5 * MINUTE;
    const { body, ...entry } = cash(atMs, 2_000_000, false);
    const settled = { ...body.line, isShown: true as const };
    return [
      { ...entry, body: { ...body, rail: 'qris' as const, line: settled } },
      found(atMs, 'credit_not_posted', 'switch'),
      found(atMs, 'credit_not_posted', 'qris'),
    ];
  };
  const flow = coldFlow();
  // Two of cash beside them are no third.
  foldAll(flow, cases(2, 2_000_000, 'amount_differs'));
  const stopsOf = (at: readonly number[]) =>
    foldAll(flow, at.flatMap(shown)).flatMap(({ detector, act }) =>
      detector === 'D17' && act.kind === 'stop' ? [act.scope] : [],
    );
  assert.deepEqual(stopsOf([10, 11]), []);
  assert.deepEqual(stopsOf([12]), [{ rail: 'qris', direction: 'out' }]);
});

test('D17 stops at Rp25 million of a day, however few cases', () => {
  const seen = cases(2, 12_500_000, 'credit_not_posted');
  assert.deepEqual(saidBy('D17', foldAll(coldFlow(), seen)), ['D17 alert', STOP]);
});

test('D17 counts one case once, and none of another day', () => {
  const [first, second] = [cash(FROM, 1_000_000), cash(FROM + 2 * DAY, 1_000_000)];
  const seen = [
    first,
    found(FROM, 'amount_differs'),
    found(FROM, 'amount_differs'),
    found(FROM, 'credit_not_posted'),
    second,
    found(FROM + 2 * DAY, 'amount_differs'),
    cash(FROM + 2 * DAY + MINUTE, 1_000_000),
    found(FROM + 2 * DAY + MINUTE, 'amount_differs'),
  ];
  assert.deepEqual(saidBy('D17', foldAll(coldFlow(), seen)), ['D17 alert']);
});

test('D17 counts cash that came out after its money was given back, and no other contradiction', () => {
  const of = (at: number, why: string) =>
    event(
      FROM + at * MINUTE,
      'payment.outcome_contradicted',
      {
        paymentKind: 'card_withdrawal',
        state: 'refunded',
        amountSen: '100000000',
        why,
      },
      `pay_${at}`,
    );
  const seen = [0, 1, 2].map((at) => of(at, 'paid_after_refund'));
  assert.deepEqual(saidBy('D17', foldAll(coldFlow(), seen)), ['D17 alert', STOP]);
  const others = [0, 1, 2].map((at) => of(at, 'reversals_differ'));
  assert.deepEqual(saidBy('D17', foldAll(coldFlow(), others)), []);
});

test('D17 says nothing of a busy Eid: cash that is posted, credits that are late, and breaks of another rail', () => {
  const eid = Date.parse('2025-03-30T18:00:00+07:00');
  const busy = Array.from({ length: 3_000 }, (_, at) => eid + at * 1_000).flatMap((atMs, at) => [
    cash(atMs, 2_500_000),
    payment(atMs, {
      rupiah: 2_500_000,
      payer: `p${at}`,
      payee: `q${at}`,
      paymentKind: 'card_withdrawal',
    }),
    ...(at % 100 === 0 ? [found(atMs, 'amount_differs', 'bifast')] : []),
  ]);
  const late = cases(20, 5_000_000, 'credit_not_posted', false);
  assert.deepEqual(saidBy('D17', foldAll(coldFlow(), [...late, ...busy])), []);
});
