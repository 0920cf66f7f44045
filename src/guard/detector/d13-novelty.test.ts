import assert from 'node:assert/strict';
import test from 'node:test';
import { firstAt, jambi, JAMBI_COUNT } from '../flow/test-case.ts';
import { coldFlow, foldAll, payment, said, warmFlow } from '../flow/test-flow.ts';

const FROM = Date.parse('2026-02-21T08:00:00+07:00');
const ofD13 = (words: readonly string[]) => words.filter((one) => one.startsWith('D13'));

test('D13 throttles the channel of Jambi, and stops it with D6, before 1 % of the payments', () => {
  const flow = warmFlow();
  const found = jambi(JAMBI_COUNT / 100).map((seen) => said(foldAll(flow, [seen])));
  const throttled = firstAt(found, 'D13 throttle bifast mobile');
  const stopped = firstAt(found, 'D13 stop bifast mobile');
  assert.ok(throttled > 0 && stopped > throttled, `${throttled}, ${stopped}`);
  assert.ok(firstAt(found, 'D6 throttle bifast mobile') <= stopped);
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
