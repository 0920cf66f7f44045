import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../kernel/log.ts';
import { virtualTime, type VirtualTime } from '../kernel/virtual-time.ts';
import { memoryNetwork } from '../kernel/wire-memory.ts';
import { jsonResponse, parseJson } from '../kernel/wire.ts';
import { makePusher, type Pusher, type Refusal } from './push.ts';

const REPEAT_MS = 5_000;

interface Scene {
  readonly time: VirtualTime;
  readonly pusher: Pusher;
  readonly refused: Refusal[];
  /** Versions that arrived, per process. */
  readonly got: Record<string, number[]>;
  /** What a process answers; without an entry it agrees. `lost` = no answer. */
  readonly answers: Record<string, 'refuse' | 'lost'>;
}

async function withPusher(work: (scene: Scene) => Promise<void>): Promise<void> {
  const time = virtualTime(0);
  const network = memoryNetwork(time, 5);
  const refused: Refusal[] = [];
  const got: Scene['got'] = { 'core-1': [], 'gateway-1': [] };
  const answers: Scene['answers'] = {};
  for (const name of Object.keys(got)) {
    network.listen(name, async ({ body }) => {
      const { version } = JSON.parse((parseJson(body) as { body: string }).body) as {
        version: number;
      };
      got[name]!.push(version);
      if (answers[name] === 'lost') await time.sleep(60_000);
      return answers[name] === 'refuse'
        ? jsonResponse(200, { ok: false, reason: 'looser_without_two_people' })
        : jsonResponse(200, { ok: true, version });
    });
  }
  const pusher = makePusher({
    net: {
      listen: async ({ name, handler }) => network.listen(name, handler),
      connect: (target) => network.connect('guard', target),
    },
    time,
    log: silentLog,
    repeatMs: REPEAT_MS,
    onRefused: (refusal) => void refused.push(refusal),
  });
  pusher.setTargets([
    { id: 'core-1', kind: 'core', target: 'core-1' },
    { id: 'gateway-1', kind: 'gateway', target: 'gateway-1' },
  ]);
  await time.run(work({ time, pusher, refused, got, answers }), 3_600_000);
}

function set(version: number) {
  return { version, signed: { body: JSON.stringify({ version }), signature: '' } };
}

test('makePusher() delivers to everybody at once, and a lost set again until it is acknowledged', async () => {
  await withPusher(async ({ pusher, got, answers }) => {
    answers['core-1'] = 'lost';
    await pusher.publish(set(1));
    assert.deepEqual(got, { 'core-1': [1], 'gateway-1': [1] });
    assert.deepEqual([pusher.ackedVersion('core-1'), pusher.isHeldByGateways(1)], [0, true]);
    delete answers['core-1'];
    await pusher.step(false);
    assert.deepEqual(got, { 'core-1': [1, 1], 'gateway-1': [1] });
    assert.equal(pusher.ackedVersion('core-1'), 1);
  });
});

test('makePusher() repeats a set as a sign of life only while the guard may claim to live', async () => {
  await withPusher(async ({ time, pusher, got }) => {
    await pusher.publish(set(1));
    await time.sleep(REPEAT_MS);
    await pusher.step(false);
    assert.deepEqual(got['core-1'], [1]);
    await pusher.step(true);
    assert.deepEqual(got['core-1'], [1, 1]);
  });
});

test('makePusher() goes on with the next set after one was refused, also when its first delivery is lost', async () => {
  await withPusher(async ({ pusher, got, answers, refused }) => {
    answers['core-1'] = 'refuse';
    await pusher.publish(set(1));
    await pusher.step(false);
    assert.deepEqual(
      refused.map(({ process, version }) => [process, version]),
      [['core-1', 1]],
    );
    answers['core-1'] = 'lost';
    await pusher.publish(set(2));
    delete answers['core-1'];
    await pusher.step(false);
    assert.deepEqual(got['core-1'], [1, 2, 2]);
    assert.equal(pusher.ackedVersion('core-1'), 2);
  });
});

test('makePusher() never sends an older set after a newer one', async () => {
  await withPusher(async ({ pusher, got }) => {
    await pusher.publish(set(2));
    await pusher.publish(set(1));
    assert.deepEqual([got['core-1'], pusher.version()], [[2], 2]);
  });
});
