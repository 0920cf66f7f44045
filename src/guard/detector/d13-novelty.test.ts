import assert from 'node:assert/strict';
import test from 'node:test';
import { jambi, JAMBI_COUNT } from '../flow/test-case.ts';
import { coldFlow, foldAll, payment, said, warmFlow } from '../flow/test-flow.ts';

const FROM = Date.parse('2026-02-21T08:00:00+07:00');
const ofD13 = (words: readonly string[]) => words.filter((one) => one.startsWith('D13'));

test('D13 throttles the channel of Jambi before 1 % of the payments, and with D6 beside it still stops nobody', () => {
  const found = jambi(JAMBI_COUNT / 100);
  const words = foldAll(warmFlow(), found);
  assert.ok(said(words).includes('D6 throttle bifast mobile'));
  assert.deepEqual(ofD13(said(words)), ['D13 throttle bifast mobile']);
});

test('D13 is silent while it does not know what is usual: everybody is new to a new bank', () => {
  const words = said(foldAll(coldFlow(), jambi(400)));
  assert.deepEqual(
    words.filter((one) => one.startsWith('D13')),
    [],
  );
  // One company that pays one supplier all day teaches nothing of what is usual.
  const one = Array.from({ length: 300 }, (_, at) =>
    payment(FROM + at * 60_000, { rupiah: 90_000, payer: 'company', payee: 'supplier' }),
  );
  const flow = coldFlow();
  foldAll(flow, one);
  assert.deepEqual(ofD13(said(foldAll(flow, jambi(60)))), []);
});

test('D13 T13 counts a company that pays many for the first time as one payer', () => {
  const from = Date.parse('2025-04-22T10:00:00+07:00');
  const payroll = (payer: (at: number) => string) =>
    Array.from({ length: 60 }, (_, at) =>
      payment(from + at * 1_500, { rupiah: 3_000_000, payer: payer(at), payee: `new-${at}` }),
    );
  assert.deepEqual(
    ofD13(
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
    ofD13(
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
