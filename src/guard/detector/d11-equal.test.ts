import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, DAY, foldAll, HOUR, payment, said } from '../flow/test-flow.ts';

const FROM = Date.parse('2026-02-22T03:00:00+07:00');
const ofD11 = (words: readonly string[]) => words.filter((one) => one.startsWith('D11'));
const paid = (
  count: number,
  of: (at: number) => { payer: string; payee: string; rupiah: number },
) => Array.from({ length: count }, (_, at) => payment(FROM + at * 30_000, of(at)));

test('D11 holds the payees of one amount from five payers', () => {
  const seen = paid(5, (at) => ({ rupiah: 24_900_000, payer: `v${at}`, payee: `mule-${at % 2}` }));
  assert.deepEqual(ofD11(said(foldAll(coldFlow(), seen.slice(0, 4)))), []);
  assert.deepEqual(ofD11(said(foldAll(coldFlow(), seen))), ['D11 hold bifast payee']);
});

test('D11 says nothing of zakat, of one payer who repeats, of many payees, nor of half an hour', () => {
  const zakat = paid(200, (at) => ({ rupiah: 50_000, payer: `p${at}`, payee: 'amil' }));
  const one = paid(20, () => ({ rupiah: 5_000_000, payer: 'p', payee: 'q' }));
  const many = paid(20, (at) => ({ rupiah: 5_000_000, payer: `p${at}`, payee: `q${at}` }));
  const slow = Array.from({ length: 10 }, (_, at) =>
    payment(FROM + at * 180_000, { rupiah: 5_000_000, payer: `p${at}`, payee: 'q' }),
  );
  for (const seen of [zakat, one, many, slow])
    assert.deepEqual(ofD11(said(foldAll(coldFlow(), seen))), []);
});

test('D11 stays bounded under a flood of amounts', () => {
  const flow = coldFlow();
  foldAll(
    flow,
    Array.from({ length: 10_000 }, (_, at) =>
      payment(FROM + at, { rupiah: 1_000_000 + at, payer: `p${at}`, payee: `q${at}` }),
    ),
  );
  const state = flow.state.detectors['D11']!.state as { amounts: Record<string, unknown> };
  assert.ok(Object.keys(state.amounts).length <= 4_000);
});

test('D11 knows who gathers by trade after days of ever new payers, and nobody becomes that in one day', () => {
  const alms = (day: number, count: number, rupiah: number) =>
    Array.from({ length: count }, (_, at) =>
      payment(FROM + day * DAY + at * 60_000, { rupiah, payer: `p${day}-${at}`, payee: 'amil' }),
    );
  const known = coldFlow();
  foldAll(
    known,
    [0, 1, 2, 3].flatMap((day) => alms(day, 20, 50_000)),
  );
  assert.deepEqual(ofD11(said(foldAll(known, alms(4, 20, 2_500_000)))), []);
  const hasty = coldFlow();
  foldAll(hasty, alms(0, 200, 50_000));
  assert.deepEqual(
    ofD11(said(foldAll(hasty, alms(0, 20, 2_500_001)))),
    [],
    'those payers are known by then',
  );
  const thieves = Array.from({ length: 6 }, (_, at) =>
    payment(FROM + 5 * HOUR + at * 60_000, { rupiah: 2_500_000, payer: `t${at}`, payee: 'amil' }),
  );
  assert.deepEqual(ofD11(said(foldAll(hasty, thieves))), ['D11 hold bifast payee']);
});

test('D11 leaves out who got the amount once, by chance, beside those who gather it', () => {
  const seen = paid(6, (at) => ({
    rupiah: 2_500_000,
    payer: `v${at}`,
    payee: at === 3 ? 'niece' : 'mule',
  }));
  const holds = foldAll(coldFlow(), seen).flatMap(({ detector, evidence }) =>
    detector === 'D11' ? evidence[0]! : [],
  );
  assert.deepEqual([...new Set(holds)], ['mule']);
});
