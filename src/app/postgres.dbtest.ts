import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { wallTime } from '../kernel/time.ts';
import { makeFolder, temporaryParent } from './place.ts';
import { freePort } from './port-map.ts';
import { startPostgres } from './postgres.ts';

test('startPostgres() first ends what a killed supervisor left running, by whatever path it is reached', async () => {
  const home = makeFolder(
    mkdtempSync(join(temporaryParent(), 'pulih-postgres-')),
    undefined,
    0o755,
  );
  mkdirSync(join(home, 'real'));
  symlinkSync(join(home, 'real'), join(home, 'link'));
  const said: string[] = [];
  const startIn = async (name: string) =>
    startPostgres({
      folder: join(home, name, 'postgres'),
      port: await freePort(),
      time: wallTime(),
      durability: 'none',
      say: (line) => said.push(line),
    });
  const left = await startIn('real');
  const ended = new Promise((resolve) => left.onEnd(resolve));
  try {
    const next = await startIn('link');
    try {
      assert.equal(await ended, 0);
      assert.match(said.join(), /still runs from an earlier start/);
    } finally {
      await next.stop();
    }
  } finally {
    await left.kill();
    rmSync(home, { recursive: true });
  }
});
