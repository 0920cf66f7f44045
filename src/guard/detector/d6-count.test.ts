import assert from 'node:assert/strict';
import test from 'node:test';
import { firstAt, jambi, JAMBI_COUNT } from '../flow/test-case.ts';
import { coldFlow, foldAll, HOUR, payment, said, warmFlow } from '../flow/test-flow.ts';

test('D6 throttles the channel of Jambi within 1 % of its 6,609 payments', () => {
  const flow = warmFlow();
  const found = jambi(JAMBI_COUNT / 100).map((seen) => said(foldAll(flow, [seen])));
  assert.ok(firstAt(found, 'D6 throttle bifast mobile') > 0);
});

test('D6 throttles the rail when no channel has nine in ten of the payments', () => {
  const flow = warmFlow();
  const mixed = jambi(100, (at) => ({ channel: at % 3 === 0 ? 'snap' : 'mobile' }));
  assert.ok(said(foldAll(flow, mixed)).includes('D6 throttle bifast'));
});

test('D6 says nothing of two crowded minutes, nor of a bank that has learned nothing yet', () => {
  const from = Date.parse('2025-04-22T10:00:00+07:00');
  const crowd = (minutes: number) =>
    Array.from({ length: minutes * 100 }, (_, at) =>
      payment(from + at * 600, { rupiah: 50_000, payer: `p${at}`, payee: `q${at}` }),
    );
  const ofD6 = (words: readonly string[]) => words.filter((one) => one.startsWith('D6'));
  const later = payment(from + HOUR, { rupiah: 1, payer: 'a', payee: 'b' });
  assert.deepEqual(ofD6(said(foldAll(warmFlow(), [...crowd(2), later]))), []);
  assert.deepEqual(ofD6(said(foldAll(coldFlow(), [...crowd(6), later]))), []);
  assert.equal(ofD6(said(foldAll(warmFlow(), [...crowd(6), later]))).length, 1);
});

test('D6 T13 says nothing of a company that pays its people in one go', () => {
  const from = Date.parse('2025-04-22T10:00:00+07:00');
  const payroll = (payer: (at: number) => string) =>
    Array.from({ length: 400 }, (_, at) =>
      payment(from + at * 1_500, { rupiah: 3_000_000, payer: payer(at), payee: `q${at}` }),
    );
  const ofD6 = (words: readonly string[]) => words.filter((one) => one.startsWith('D6'));
  assert.deepEqual(
    ofD6(
      said(
        foldAll(
          warmFlow(),
          payroll(() => 'company'),
        ),
      ),
    ),
    [],
  );
  assert.equal(
    ofD6(
      said(
        foldAll(
          warmFlow(),
          payroll((at) => `p${at}`),
        ),
      ),
    ).length,
    1,
  );
});
