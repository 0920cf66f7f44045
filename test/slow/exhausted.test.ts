/** Nothing left of what the database gives: a lock that somebody outside holds, a table locked against all, no connection to be had.
 * Each asker gets a clear answer in bounded time, memory stays bounded, and all goes on by itself; and while the database is away the
 * processes stay, and say that they are not ready. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoCustomer } from '../../src/app/demo-people.ts';
import { openDb, type Tx } from '../../src/db/pool.ts';
import { settleAll } from '../crash/chaos.ts';
import { checkAlways, readBooks } from '../crash/check.ts';
import { startLoad, type Load } from '../crash/load.ts';
import { pssBytes } from '../crash/memory.ts';
import { isReady, say, startRig, type ProcessName, type Rig } from '../crash/rig.ts';
import { limitConnections, lockAccount, lockPayments } from '../crash/store.ts';
import { until } from '../crash/until.ts';

const BLOCK_MS = 8_000;
const AGAIN_MS_MAX = 10_000;
/** A few waits of two seconds for a lock, one of five for a connection, and a busy machine; the client gives up at 15 s. */
const ANSWER_MS_MAX = 12_000;
const FLOOD = 800;
const CORE_BYTES_MAX = 400e6;
const CONNECTIONS = 40;
const READINESS_MS_MAX = 8_000;
const WITH_DATABASE = ['core-1', 'signer', 'guard'] as const;

let rig: Rig;
let load: Load;

before(async () => {
  rig = await startRig();
  load = startLoad(rig, { prefix: 'none', isBackground: true });
  await rig.time.sleep(2_000);
});

after(() => rig?.stop());

const answered = (): number => load.told.filter(({ code }) => code === '2001700').length;
const evasions = (pattern: RegExp): number =>
  [...load.evasions].reduce((sum, [code, count]) => sum + (pattern.test(code) ? count : 0), 0);

/** Holds `lock` in a transaction of its own while the test looks. */
async function whileLocked(
  lock: (tx: Tx) => Promise<unknown>,
  look: () => Promise<void>,
): Promise<void> {
  const url = rig.adminUrl();
  const outside = openDb({ url, size: 1, time: rig.time, name: 'outside' });
  try {
    await outside.tx(async (tx) => {
      await lock(tx);
      await look();
    });
  } finally {
    await outside.close();
  }
}

/** What must be true of each kind of want: clear errors in time while it lasts, and then all goes on by itself. */
async function survive(
  name: string,
  want: (look: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const none = evasions(/none|HTTP/);
  const clear = evasions(/^(50[04]|429)/);
  load.slowest.ms = 0;
  let flooding: Promise<void> = Promise.resolve();
  await want(async () => {
    flooding = load.flood(FLOOD);
    flooding.catch(() => {});
    await rig.time.sleep(BLOCK_MS);
  });
  const before = answered();
  const againMs = await until(
    'transfers are answered again',
    () => answered() > before + 20,
    AGAIN_MS_MAX,
  );
  await flooding;
  const bytes = pssBytes(rig.child('core-1').pid()!);
  say(
    `${name}: ${evasions(/^(50[04]|429)/) - clear} clear errors, slowest answer ${load.slowest.ms} ms, goes on after ${againMs} ms, core ${(bytes / 1e6).toFixed(0)} MB`,
  );
  assert.ok(evasions(/^(50[04]|429)/) > clear, 'askers are told, in the terms of SNAP');
  assert.ok(load.slowest.ms < ANSWER_MS_MAX, `the slowest answer took ${load.slowest.ms} ms`);
  assert.ok(bytes < CORE_BYTES_MAX, `core takes ${bytes} bytes`);
  assert.equal(rig.child('core-1').restarts(), 0, 'nobody had to restart it');
  assert.equal(evasions(/none|HTTP/), none, 'nobody is left without an answer');
  checkAlways(await readBooks(rig, load.told), rig.time.now());
}

test('a lock on an account held outside: askers get 5xx in bounded time, and it goes on by itself', () =>
  survive('lock on an account', (look) =>
    whileLocked((tx) => lockAccount(tx, demoCustomer(100).account), look),
  ));

test('a table locked against all: askers get 5xx in bounded time, and it goes on by itself', () =>
  survive('lock on a table', (look) => whileLocked(lockPayments, look)));

test('no connection to be had: askers get 5xx in bounded time, and it goes on by itself', () =>
  survive('no connection', async (look) => {
    await limitConnections(rig.db(), 0);
    try {
      await look();
    } finally {
      await limitConnections(rig.db(), CONNECTIONS);
    }
  }));

for (const how of ['SIGINT', 'SIGQUIT'] as const) {
  test(`PostgreSQL gone (${how}): processes stay, say that they are not ready, and are ready again by themselves`, async () => {
    const letGo = rig.holdDatabase();
    const counts = new Map<ProcessName, number>(
      WITH_DATABASE.map((name) => [name, rig.child(name).restarts()]),
    );
    const ended = rig.crashDatabase(how);
    for (const name of WITH_DATABASE)
      await until(
        `${name} says that it is not ready`,
        async () => !(await isReady(name, rig.ports)),
        READINESS_MS_MAX,
      );
    await until('PostgreSQL ends', () => !rig.isDatabaseRunning(), READINESS_MS_MAX);
    await rig.time.sleep(1_000);
    for (const name of WITH_DATABASE)
      assert.equal(await isReady(name, rig.ports), false, `${name} has no database`);
    assert.equal(await isReady('gateway-1', rig.ports), true, 'the gateway needs no database');
    letGo();
    await ended;
    for (const name of WITH_DATABASE) {
      await until(`${name} is ready again`, () => isReady(name, rig.ports), AGAIN_MS_MAX);
      assert.equal(rig.child(name).restarts(), counts.get(name), `${name} stayed`);
    }
    checkAlways(await readBooks(rig, load.told), rig.time.now());
  });
}

test('after all want the partner, the hub and the ledger say the same, to the sen', async () => {
  assert.ok((await load.askAgain(30)) > 0);
  await settleAll({ rig, load });
});
