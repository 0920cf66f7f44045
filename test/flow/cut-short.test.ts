/** A start that is stopped before it is done, and several starts at once: nothing stays behind, and one wins. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder, temporaryParent } from '../../src/app/place.ts';
import { isFree, portMap } from '../../src/app/port-map.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const END_MS_MAX = 60_000;

let state: string;
let port: number;

before(async () => {
  const folder = mkdtempSync(join(temporaryParent(), 'pulih-cut-'));
  state = join(makeFolder(folder, undefined, 0o755), 'state');
  for (port = 31_000 + (process.pid % 100) * 100; ; port += 100)
    if (await isFree(portMap(port).of('postgres'))) return;
});

after(() => rmSync(resolve(state, '..'), { recursive: true, force: true }));

interface Start {
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
  stop(): void;
}

/** Starts the database and no process of ours; asks it to stop as soon as it says `stopAt`, or when told. */
function start(stopAt?: string): Start {
  const flags = ['--port', String(port), '--state', state];
  const without = 'sim,core-1,guard,gateway-1,signer,hsm,status,web';
  const child = spawn(process.execPath, [MAIN, 'up', ...flags, '--without', without], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: END_MS_MAX,
    killSignal: 'SIGKILL',
  });
  let said = '';
  let isAsked = false;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (isAsked || stopAt === undefined || !said.includes(stopAt)) return;
      isAsked = true;
      child.kill('SIGTERM');
    });
  return {
    ended: new Promise((end) => child.on('close', (code) => end({ code, said }))),
    stop: () => void child.kill('SIGTERM'),
  };
}

function runsInState(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(state);
    } catch {
      return false;
    }
  });
}

test('a stop while the database starts ends both, and the next start goes on', async () => {
  const { code, said } = await start('keys and certificates').ended;
  assert.equal(code, 0, said);
  assert.match(said, /Stopped\. The data is kept/);
  assert.deepEqual(runsInState(), []);
  const next = await start('ready in').ended;
  assert.equal(next.code, 0, next.said);
  assert.deepEqual(runsInState(), []);
});

test('of three starts at once one runs, and the others say why they do not', async () => {
  const starts = [start(), start(), start()];
  const refused: string[] = [];
  const { promise: bothRefused, resolve: refuse } = Promise.withResolvers<void>();
  const hear = async ({ ended }: Start): Promise<number | null> => {
    const { code, said } = await ended;
    if (code === 1) refused.push(said);
    // An end of another kind is wrong, and is found below.
    if (refused.length === 2 || code !== 1) refuse();
    return code;
  };
  const ends = Promise.all(starts.map(hear));
  await bothRefused;
  for (const one of starts) one.stop();
  assert.equal((await ends).filter((code) => code === 0).length, 1);
  assert.equal(refused.length, 2);
  for (const said of refused)
    assert.match(said, /Pulih runs already in|Another command is starting/);
  assert.deepEqual(runsInState(), []);
});
