/** `pulih up` as a person meets it: from nothing to ready, keys formed by two people, a crash, the stop button with everything else
 * dead, a second start. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCredentials } from '../../src/app/credentials.ts';
import { readIdentity, type World } from '../../src/app/key-file.ts';
import { liveNet } from '../../src/app/net-live.ts';
import { isRoot, makeFolder, temporaryParent } from '../../src/app/place.ts';
import { isFree, portMap } from '../../src/app/port-map.ts';
import { decryptBlocks, xor } from '../../src/hsm/cipher.ts';
import { checkValueOf } from '../../src/hsm/mac.ts';
import { remoteHsm } from '../../src/rail/hsm/client.ts';
import { EVERY_WAY } from './every-way.ts';

const BIN = resolve(import.meta.dirname, '../../bin/pulih.mjs');
const READY_MS_MAX = 90_000;

interface Listed {
  readonly name: string;
  readonly pid: number;
  readonly restarts: number;
  readonly pssMb: number;
}

let state: string;
let port: number;
let running: Started | undefined;

interface Started {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<number | null>;
}

before(async () => {
  const folder = mkdtempSync(join(temporaryParent(), 'pulih-up-'));
  state = join(makeFolder(folder, undefined, 0o755), 'state');
  port = await freeBase();
});

after(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  rmSync(resolve(state, '..'), { recursive: true, force: true });
});

async function freeBase(): Promise<number> {
  for (let base = 21_000 + (process.pid % 100) * 100; ; base += 100) {
    const ports = portMap(base);
    const free = await Promise.all(ports.names.map((name) => isFree(ports.of(name))));
    if (free.every(Boolean)) return base;
  }
}

function start(...flags: string[]): Started {
  const args = [BIN, 'up', '--port', String(port), '--state', state, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk) => (text += String(chunk)));
  return { child, output: () => text, ended: new Promise((done) => child.on('exit', done)) };
}

async function untilSaid(started: Started, words: RegExp): Promise<void> {
  const until = Date.now() + READY_MS_MAX;
  while (!words.test(started.output())) {
    assert.ok(Date.now() < until && started.child.exitCode === null, started.output());
    await sleep(100);
  }
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
}

function run(...args: string[]): Promise<Ran> {
  return runWith({}, args);
}

async function runWith(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args, '--state', state], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  return { code: await new Promise((done) => child.on('close', done)), out };
}

async function listed(): Promise<readonly Listed[]> {
  const { out } = await run('ps', '--json');
  return (JSON.parse(out) as { processes: Listed[] }).processes;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const bound = Date.now() + 30_000;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    assert.ok(Date.now() < bound, 'did not happen in 30 s');
    await sleep(200);
  }
}

test('up makes a bank out of an empty folder in under 60 s and 600 MB, and tells where it is', async () => {
  running = start();
  await untilSaid(running, /ready in [\d.]+ s/);
  const seconds = Number(/ready in ([\d.]+) s/.exec(running.output())![1]);
  assert.ok(seconds < 60, `ready in ${seconds} s`);
  assert.match(running.output(), /demo bank +[\d.]+ s +10,000 customers/);
  assert.match(running.output(), /opened by operator1 and operator2/);
  for (const path of ['readyz', 'metrics', 'openapi.json']) {
    assert.equal((await fetch(`http://127.0.0.1:${port}/${path}`)).status, 200);
  }
  assert.equal((await fetch(`http://127.0.0.1:${port + 10}/status.json`)).status, 200);
  const processes = await listed();
  const names = processes.map(({ name }) => name).toSorted();
  assert.deepEqual(names, [
    'core-1',
    'gateway-1',
    'guard',
    'hsm',
    'signer',
    'sim',
    'status',
    'supervisor',
  ]);
  const pssMb = processes.reduce((all, one) => all + one.pssMb, 0);
  assert.ok(pssMb < 600, `${pssMb} MB`);
});

test('each private key is readable by its own process only', () => {
  const owners = new Set<number>();
  for (const path of [
    'signer/signing.key',
    'guard/set.key',
    'gateway-1/message.key',
    'sim/message.key',
    'core-1/internal.key',
    'hsm/lmk',
  ]) {
    const { mode, uid } = statSync(join(state, 'process', path));
    assert.equal(mode & 0o777, 0o600, path);
    owners.add(uid);
  }
  if (isRoot()) assert.equal(owners.size, 6);
  for (const name of ['authority/internal.key', 'people/credentials.json']) {
    assert.equal(statSync(join(state, name)).mode & 0o777, 0o600, name);
  }
});

/** What `pulih hsm keys --json` says. */
/** What tells each key from any other; machines are given new ones with every start. */
function namesAndChecks(listed: string): readonly string[] {
  const keys = JSON.parse(listed) as { name: string; version: number; checkValue: string }[];
  return keys.map(({ name, version, checkValue }) => `${name} ${version} ${checkValue}`);
}

async function hsmKeys(): Promise<string> {
  return (await run('hsm', 'keys', '--json')).out;
}

test('two people form the ZMK of a link, and the gateway gets a zone key under it', async () => {
  const components = ['0123456789ABCDEF1032547698BADCFE', 'F1E2D3C4B5A6978879685746352413A2'];
  const bytes = components.map((text) => Buffer.from(text, 'hex'));
  const zmk = xor(bytes[0]!, bytes[1]!);
  const people = readCredentials(state)!.staff.filter(({ role }) => role === 'operator');
  for (const [index, { username, password }] of people.slice(0, 2).entries()) {
    const env = {
      [`PULIH_PASSWORD_${username.toUpperCase()}`]: password,
      PULIH_COMPONENT: components[index],
    };
    const words = ['hsm', 'form', 'zmk.artajasa', '--as', username, '--component', 'typed'];
    const { code, out } = await runWith(env, [...words, '--json']);
    assert.equal(code, 0, out);
    const shown = checkValueOf('T', index === 0 ? bytes[0]! : zmk);
    assert.deepEqual(
      JSON.parse(out),
      index === 0
        ? { ok: true, state: 'waiting', checkValue: shown }
        : { ok: true, state: 'formed', version: 1, checkValue: shown },
    );
  }
  const made = await hsmAs('gateway-1', 'internal').makeZoneKey({
    name: 'zpk.artajasa',
    algorithm: 'T',
  });
  assert.ok(made.ok);
  const zpk = decryptBlocks('T', zmk, Buffer.from(made.cryptogram, 'hex'));
  assert.equal(checkValueOf('T', zpk), made.checkValue);
  const log = readFileSync(join(state, 'log/hsm.log'), 'utf8').toUpperCase();
  for (const secret of [...components, zmk.toString('hex'), zpk.toString('hex')])
    assert.equal(log.includes(secret.toUpperCase()), false, 'a log that holds a key');
  assert.match(await hsmKeys(), /"zpk\.artajasa","version":1/);
});

function hsmAs(name: string, world: World): ReturnType<typeof remoteHsm> {
  const net = liveNet({ identity: readIdentity(state, name, world), ports: portMap(port) });
  return remoteHsm(net.connect('hsm'));
}

test('the HSM answers over mTLS to gateway and core alone, each what it needs', async () => {
  const input = { name: 'zpk.artajasa', algorithm: 'T' } as const;
  const forbidden = { ok: false, reason: 'forbidden' };
  for (const name of ['guard', 'signer', 'core-1'])
    assert.deepEqual(await hsmAs(name, 'internal').makeZoneKey(input), forbidden, name);
  await assert.rejects(hsmAs('sim', 'network').makeZoneKey(input), 'a certificate of another CA');
  const pan = '6220990000000011';
  const pin = { key: 'zpk.artajasa', pvk: 'pvk.cards', pan, block: '0123456789ABCDEF' } as const;
  assert.deepEqual(await hsmAs('gateway-1', 'internal').setPin(pin), forbidden);
  // Core may ask; what it shows is no PIN block.
  assert.deepEqual(await hsmAs('core-1', 'internal').setPin(pin), {
    ok: false,
    reason: 'bad_pin_block',
  });
});

for (const [name, go] of Object.entries(EVERY_WAY))
  test(`as the processes run: ${name}`, () => go({ state, port }));

test('a second up in the same folder refuses, and says which one runs', async () => {
  const second = start();
  assert.equal(await second.ended, 1);
  assert.match(second.output(), /runs already in .* \(process \d+, port \d+\)/);
});

test('a process that dies is started again, and the supervisor says so', async () => {
  const core = (await listed()).find(({ name }) => name === 'core-1')!;
  process.kill(core.pid, 'SIGKILL');
  await until(async () =>
    (await listed()).find(({ name, restarts }) => name === 'core-1' && restarts === 1),
  );
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok || undefined);
  assert.match(running!.output(), /core-1 ended \(SIGKILL\); starting it again in 0\.5 s/);
});

test('pulih verify finds ledger and audit whole while everything runs', async () => {
  const { code, out } = await run('verify', '--json');
  const found = JSON.parse(out) as { balanced: boolean; accounts: number; audit: { ok: boolean } };
  assert.deepEqual([code, found.balanced, found.audit.ok], [0, true, true], out);
  assert.ok(found.accounts > 10_000);
});

test('I9 T12 pulih stop works with core, guard and database dead, and the latch survives a restart', async () => {
  const processes = await listed();
  const supervisor = processes.find(({ name }) => name === 'supervisor')!;
  // Stopped, the supervisor starts nobody again.
  process.kill(supervisor.pid, 'SIGSTOP');
  const postmaster = Number(
    readFileSync(join(state, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0],
  );
  for (const { name, pid } of processes)
    if (/core|guard|signer/.test(name)) process.kill(pid, 'SIGKILL');
  process.kill(postmaster, 'SIGKILL');
  const stopped = await run(
    'stop',
    'bifast',
    '--direction',
    'out',
    '--reason',
    'everything else is dead',
    '--confirm',
    'BI-FAST KELUAR',
    '--json',
  );
  assert.equal(stopped.code, 0, stopped.out);
  const { gateways } = JSON.parse(stopped.out) as {
    gateways: { ok: boolean; latchId: string; isJournalled: boolean }[];
  };
  assert.deepEqual(
    gateways.map(({ ok, isJournalled }) => [ok, isJournalled]),
    [[true, true]],
  );
  const status = await until(async () => {
    const text = await (await fetch(`http://127.0.0.1:${port + 10}/status.json`)).text();
    return text.includes('"stopped"') ? text : undefined;
  });
  assert.match(status, /bifast_out/);
  const keys = namesAndChecks(await hsmKeys());
  process.kill(supervisor.pid, 'SIGKILL');
  await running!.ended;
  await until(async () => ((await allFree()) ? true : undefined));
  running = start();
  await untilSaid(running, /ready in/);
  assert.match(running.output(), /PostgreSQL +[\d.]+ s/);
  assert.match(running.output(), /continues with its data/);
  const kept = namesAndChecks(await hsmKeys());
  assert.ok(keys.length > 0 && keys.every((key) => kept.includes(key)), 'the HSM kept its keys');
  const metrics = await (await fetch(`http://127.0.0.1:${port + 12}/metrics`)).text();
  assert.match(metrics, /pulih_gateway_latches\{process="gateway-1"\} 1/);
});

/** All but the database, which the next start ends by itself. */
async function allFree(): Promise<boolean> {
  const ports = portMap(port);
  const names = ports.names.filter((name) => name !== 'postgres');
  return (await Promise.all(names.map((name) => isFree(ports.of(name))))).every(Boolean);
}

test('Ctrl-C stops all in order and leaves nothing running', async () => {
  const processes = await listed();
  running!.child.kill('SIGINT');
  assert.equal(await running!.ended, 0);
  assert.match(running!.output(), /Stopped\. The data is kept/);
  assert.ok(await allFree());
  assert.ok(await isFree(portMap(port).of('postgres')));
  assert.deepEqual(
    processes.filter(({ pid }) => existsSync(`/proc/${pid}`)),
    [],
  );
  assert.equal((await run('verify', '--json', '--port', String(port))).code, 0);
});

test('a port that is taken is named, with the way out', async () => {
  const { createServer } = await import('node:net');
  const blocker = createServer().listen(port + 10, '127.0.0.1');
  const blocked = start();
  assert.equal(await blocked.ended, 1);
  assert.match(blocked.output(), new RegExp(`Port taken: ${port + 10} \\(status\\).*--port`));
  await new Promise((done) => blocker.close(done));
});
