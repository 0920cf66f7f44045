import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonResponse } from '../kernel/wire.ts';
import { withWorld } from './test-world.ts';

test('watchProcesses() tells each half minute who gave a sign of life and what it did, and leaves out who does not answer', async () => {
  await withWorld(async (world) => {
    let isDown = false;
    const signer = world.network.listen('signer', ({ path, peer }) =>
      Promise.resolve(
        isDown || path !== '/alive' || peer !== 'guard'
          ? jsonResponse(503, {})
          : jsonResponse(200, { signed: 7, refused: 0, 'not a name': 1, text: 'x' }),
      ),
    );
    world.startGuard({ watched: ['signer', 'hsm'] });
    await world.pass(31_000);
    isDown = true;
    await world.pass(30_000);
    const events = await world.events('process.heard');
    assert.deepEqual(
      events.map(({ data }) => data),
      [
        { heard: ['core', 'gateway', 'signer'], said: { signer: { signed: 7, refused: 0 } } },
        { heard: ['core', 'gateway'], said: {} },
      ],
    );
    await signer.close();
  });
});
