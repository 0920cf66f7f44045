/** `kill -9` at every fault point and of every process, under load: nothing twice, nothing lost, nothing guessed (I1, I2, I3, I12). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAlways, checkQuiet, readBooks, untilQuiet } from './check.ts';
import { carryOut, chaosSeed, planKills } from './chaos.ts';
import { startLoad, type Load } from './load.ts';
import { findPoints } from './points.ts';
import { say, startRig, type Rig } from './rig.ts';
import { selectAlarms, selectRestrictions } from './store.ts';

/** Some way into the load, so that others are under way around the one that dies. */
const PASSES = 6;

let rig: Rig;
let load: Load;
const began = process.uptime();

before(async () => {
  rig = await startRig();
  load = startLoad(rig, { prefix: 'crash', isBackground: true });
  say(`everything runs after ${(process.uptime() - began).toFixed(1)} s`);
});

after(() => rig?.stop());

/** Kills, looks, and says how it went. */
async function survive(name: string, kill: () => Promise<void>): Promise<void> {
  const startedMs = rig.time.now();
  const before = load.told.length;
  await kill();
  const books = await readBooks(rig, load.told);
  checkAlways(books, rig.time.now());
  say(
    `${name.padEnd(28)} ${((rig.time.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${load.told.length - before} asked, ${books.payments.length} payments, ${books.hub.outgoing.length} at the hub`,
  );
}

for (const { point, process } of findPoints()) {
  test(`kill -9 of ${process} at ${point} loses nothing and does nothing twice`, () =>
    survive(point, () => rig.crashAt(process, { point, passes: PASSES })));
}

test('kill -9 of signer, guard, hub and the database loses nothing and does nothing twice', async () => {
  for (const name of ['signer', 'guard'] as const)
    await survive(`kill ${name}`, () => rig.crash(name));
  await survive('kill hub', () => rig.hub.crash());
  await survive('kill postgres', () => rig.crashDatabase());
  await survive('kill core-1', () => rig.crash('core-1'));
  await survive('kill gateway-1', () => rig.crash('gateway-1'));
});

const RANDOM_KILLS = 5;

for (const [index, kill] of planKills({ seed: chaosSeed(), count: RANDOM_KILLS }).entries()) {
  test(`random kill ${index + 1}: ${kill.how} of ${kill.victim} loses nothing and does nothing twice`, () =>
    carryOut(kill, { rig, load }));
}

test('T6 a repeat after all of it gets the answer of the first', async () => {
  assert.ok((await load.askAgain(50)) >= 30);
});

test('after all of it the partner, the hub and the ledger say the same, to the sen', async () => {
  await rig.time.sleep(2_000);
  await load.stop();
  const startedMs = rig.time.now();
  const books = await untilQuiet(rig, load.told);
  say(
    `quiet after ${((rig.time.now() - startedMs) / 1000).toFixed(1)} s: ${books.payments.length} payments`,
  );
  await checkQuiet(rig, books);
  assert.ok(
    load.told.some(({ askedCount, code }) => askedCount > 1 && code.startsWith('20')),
    'a repeat after a crash was answered',
  );
  const alarms = await selectAlarms(rig.db());
  say(`the guard: ${alarms.map(({ kind, data }) => `${kind} ${data}`).join(', ')}`);
  // The load pays a payee whom the hub's fraud check turns away (U155): staff are to hear of that, crash or not.
  const urgent = alarms.filter(({ kind, data }) => {
    const { severity, evidence } = JSON.parse(data) as { severity: string; evidence: string[] };
    return severity === 'P1' && !(kind === 'alarm.security_answer' && evidence.includes('U155'));
  });
  assert.deepEqual(urgent, [], 'a crash is no attack: nobody is called');
  const restrictions = await selectRestrictions(rig.db());
  assert.deepEqual(restrictions, [], 'a crash is no attack: the guard stopped nothing');
  const { code, report } = await rig.verify();
  assert.equal(code, 0, JSON.stringify(report));
  assert.equal(report['balanced'], true);
  assert.equal((report['audit'] as { ok: boolean }).ok, true);
});
