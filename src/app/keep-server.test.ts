/** A server that ends is started again for as long as that takes, and not after its release. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { virtualTime } from '../kernel/virtual-time.ts';
import type { Server } from './database.ts';
import { keepServer } from './keep-server.ts';

/** A server that a test can end. */
function endable(name: string): { readonly server: Server; end(code: number | null): void } {
  let end = (_code: number | null): void => {};
  const embedded = {
    port: 0,
    pid: 0,
    superuserUrl: () => '',
    roleUrl: () => '',
    onEnd: (hear: typeof end) => void (end = hear),
    stop: async () => {},
    kill: async () => {},
  };
  return { server: { adminUrl: name, embedded }, end: (code) => end(code) };
}

const HOUR = 3_600_000;

test('keepServer() starts a server again until it runs, however often that fails, with pauses in between', async () => {
  const time = virtualTime(0);
  const first = endable('first');
  const second = endable('second');
  const triedAtMs: number[] = [];
  const said: string[] = [];
  const run = async (): Promise<void> => {
    const kept = keepServer({
      first: first.server,
      time,
      say: (line) => void said.push(line),
      async start() {
        triedAtMs.push(time.now());
        if (triedAtMs.length <= 20) throw new Error('no room on the disk');
        return second.server;
      },
    });
    assert.equal(kept.isRunning(), true);
    first.end(2);
    assert.equal(kept.isRunning(), false);
    await time.sleep(HOUR);
    assert.equal(kept.isRunning(), true);
    assert.equal(kept.current(), second.server);
    assert.equal(triedAtMs.length, 21);
    assert.ok(triedAtMs[0]! <= 1_000, 'a crash is mended at once');
    const pauses = triedAtMs.slice(1).map((atMs, i) => atMs - triedAtMs[i]!);
    assert.ok(Math.max(...pauses) <= 10_000, 'and room is found within ten seconds');
    assert.ok(pauses.at(-1)! >= 5_000, 'without a start in every moment of a long want');
    assert.match(said.at(-1)!, /runs again/);
    second.end(null);
    await kept.release();
    await time.sleep(HOUR);
    assert.equal(triedAtMs.length, 21, 'who stops wants no new server');
  };
  await time.run(run(), 3 * HOUR);
});
