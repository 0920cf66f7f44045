/** Throttles at a gateway: its own share, without a database. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Restriction } from '../gate/restriction.ts';
import { restrictionOf } from '../gate/test-flow.ts';
import { withRig, type Rig } from '../../test/gateway/rig.ts';

const MINUTE = 60_000;
const THROTTLE: Restriction = restrictionOf(
  { rail: 'bifast', direction: 'out' },
  { kind: 'throttle', countPerMinute: 5 },
);

async function pushThrottle(rig: Rig): Promise<void> {
  const sinceMs = rig.time.now();
  await rig.pushSet({
    restrictions: [{ ...THROTTLE, madeAtMs: sinceMs }],
    partitions: { names: ['gateway-0', 'gateway-1'], before: [], sinceMs },
  });
  await rig.sleep(MINUTE - (rig.time.now() % MINUTE));
}

/** Sends at once; how many left. */
async function burst(rig: Rig, count: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: count }, () => rig.rail.send(rig.authorise())),
  );
  const late = answers.filter(({ outcome }) => outcome !== 'accepted');
  assert.ok(
    late.every((answer) => answer.outcome === 'not_reached' && answer.reason === 'throttled'),
  );
  return count - late.length;
}

test('send() lets exactly its share of a throttle leave in each minute; the rest is put off, nothing is void', () =>
  withRig(async (rig) => {
    await pushThrottle(rig);
    assert.equal(await burst(rig, 6), 2, 'five for two gateways: the second has two');
    assert.equal(await burst(rig, 1), 0);
    await rig.sleep(MINUTE);
    assert.equal(await burst(rig, 3), 2);
    assert.equal((await rig.bodies('void')).length, 0);
  }));

test('send() T12: a gateway that restarts gets no second share of a minute', () =>
  withRig(async (rig) => {
    await pushThrottle(rig);
    assert.equal(await burst(rig, 2), 2);
    await rig.restart({ isKilled: true });
    await rig.sleep(2_000);
    assert.equal(await burst(rig, 1), 0);
    await rig.sleep(MINUTE);
    assert.equal(await burst(rig, 3), 2);
  }));
