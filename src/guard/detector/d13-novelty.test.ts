import assert from 'node:assert/strict';
import test from 'node:test';
import { firstAt, jambi, JAMBI_COUNT } from '../flow/test-case.ts';
import { coldFlow, foldAll, said, warmFlow } from '../flow/test-flow.ts';

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
});
