/** The stop button (I9): pressed by one person with core, guard and database dead, kept through restarts and pushes, and lifted by
 * two different people only (I5). One story over real processes; each test goes on where the one before it stopped. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  customerAccount,
  instructionsAtHub,
  PAID,
  payOut,
  RESTRICTED,
  staffAccount,
} from './pay.ts';
import { startRig, until, type FlowRig, type Ran } from './rig.ts';
import { insertStop, selectReleases, selectRestrictions, selfApprove } from './store.ts';

const STOP = [
  'stop',
  'bifast',
  '--direction',
  'out',
  '--reason',
  'uang keluar tanpa debet',
  '--confirm',
  'BI-FAST KELUAR',
  '--json',
];
const CUSTOMER = customerAccount(0);
/** The gateway answers a person at once. */
const PRESS_MS_MAX = 5_000;

let rig: FlowRig;
let latchId: string;
let releaseId: string;
/** What had reached the hub when the button was pressed. */
let instructionsBefore: number;

/** As it is typed by somebody who has not seen what it closes. */
const UNCONFIRMED = STOP.filter((word) => word !== '--confirm' && word !== 'BI-FAST KELUAR');

before(async () => {
  rig = await startRig({ cores: 1 });
});
after(() => rig.stop());

async function latches(): Promise<
  readonly { readonly latchId: string; readonly staffId: string }[]
> {
  return (await rig.gateway())['latches'] as { latchId: string; staffId: string }[];
}

/** `pulih release …` as one person with one password. */
function release(words: readonly string[], who: string, password = passwordOf(who)): Promise<Ran> {
  return rig.pulih(['release', ...words, '--as', who, '--json'], {
    [`PULIH_PASSWORD_${who.toUpperCase()}`]: password,
  });
}

function passwordOf(who: string): string {
  return rig.credentials.staff.find(({ username }) => username === who)?.password ?? 'none';
}

/** A stop credential as a file: whose name it bears and whose key it holds are the test's choice. */
function forgeCredential(name: string, staffId: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(
    join(rig.config.folder, `${name}.key`),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const path = join(rig.config.folder, `${name}.stop.json`);
  writeFileSync(path, JSON.stringify({ staffId, keyFile: `${name}.key` }));
  return path;
}

async function assertHeldBack(): Promise<void> {
  const paid = await payOut(rig, { snap: rig.snap(), from: CUSTOMER });
  assert.equal(paid.answer.code, RESTRICTED, JSON.stringify(paid.answer.body));
  assert.match(String(paid.state), /^(refunded|refused)$/);
  assert.deepEqual([paid.spentSen, paid.atHub], [0n, 0]);
  assert.equal(
    instructionsAtHub(rig),
    instructionsBefore,
    'nothing reached the hub since the stop',
  );
}

test('I9 T20 the stop button shows what it closes and works with core, guard and database dead, and for nobody but a person of the roster', async () => {
  const paid = await payOut(rig, { snap: rig.snap(), from: CUSTOMER });
  assert.deepEqual([paid.answer.code, paid.atHub], [PAID, 1], 'all is well before');
  instructionsBefore = instructionsAtHub(rig);
  await Promise.all([rig.kill('core-1'), rig.kill('guard'), rig.killDatabase()]);

  const shown = await rig.pulih(UNCONFIRMED);
  assert.equal(shown.code, 1);
  const asked = JSON.parse(shown.out) as { reason: string; preview: readonly string[] };
  assert.equal(asked.reason, 'confirm_needed');
  assert.match(asked.preview.join('\n'), /gateway-1: ±1 transaksi per menit/);
  assert.deepEqual(await latches(), [], 'what was only shown stops nothing');
  const unknown = await rig.pulih([...STOP, '--as', 'mallory']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /no stop credential of mallory/);
  for (const path of [
    forgeCredential('forged', 'stf_operator1'),
    forgeCredential('stranger', 'stf_stranger'),
  ]) {
    const refused = await rig.pulih([...STOP, '--as', path]);
    assert.equal(refused.code, 1, refused.out);
    assert.match(refused.out, /"reason":"bad_signature"/);
  }
  assert.deepEqual(await latches(), []);

  const pressedMs = rig.time.now();
  const pressed = await rig.pulih([...STOP, '--as', 'operator2']);
  assert.equal(pressed.code, 0, pressed.out + pressed.err);
  assert.ok(rig.time.now() - pressedMs < PRESS_MS_MAX, `${rig.time.now() - pressedMs} ms`);
  const [latch, ...more] = await latches();
  assert.deepEqual([latch?.staffId, more.length], ['stf_operator2', 0]);
  latchId = latch!.latchId;
});

test('T16 with the guard still dead, a payment gets a definite answer and its money back, and no byte leaves', async () => {
  await rig.startDatabase();
  await rig.launch('core-1');
  await assertHeldBack();
});

test('T12 T13 the latch survives kill -9 of the gateway and every newer set, and payments are told so', async () => {
  await rig.kill('gateway-1');
  await rig.launch('gateway-1');
  assert.deepEqual(
    (await latches()).map((latch) => latch.latchId),
    [latchId],
  );
  await rig.launch('guard');
  await until({ time: rig.time, what: 'the guard knows the latch' }, async () =>
    (await selectRestrictions(rig.db())).some(({ id }) => id === latchId),
  );
  const version = Number((await rig.gateway())['setVersion']);
  const scope = { rail: 'bifast', direction: 'out', bank: 'BRINIDJA' };
  await insertStop(rig.db(), {
    id: 'stp_flow',
    scope: JSON.stringify(scope),
    nowMs: rig.time.now(),
  });
  await until(
    { time: rig.time, what: 'a newer set reaches the gateway' },
    async () => Number((await rig.gateway())['setVersion']) > version,
  );
  const { door } = await rig.gateway();
  assert.equal(door, 'open', 'it is the latch that holds back, nothing else');
  assert.deepEqual(
    (await latches()).map((latch) => latch.latchId),
    [latchId],
  );
  await assertHeldBack();
});

test('I5 one person alone lifts nothing: neither with a wrong password, nor twice, nor by SQL', async () => {
  const wrong = await release(
    ['propose', latchId, '--reason', 'akar masalah ditutup'],
    'operator1',
    'salah',
  );
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /the password of operator1 is wrong/);
  const nobody = await release(
    ['propose', latchId, '--reason', 'akar masalah ditutup'],
    'mallory',
    'x',
  );
  assert.match(nobody.err, /nobody is called mallory/);
  assert.deepEqual(await selectReleases(rig.db()), []);

  const proposed = await release(
    ['propose', latchId, '--reason', 'akar masalah ditutup'],
    'operator1',
  );
  assert.equal(proposed.code, 0, proposed.out + proposed.err);
  releaseId = (JSON.parse(proposed.out) as { id: string }).id;
  const listed = await rig.pulih(['release', 'list', '--json']);
  assert.match(listed.out, new RegExp(`"${releaseId}".*"${latchId}".*"proposed".*"stf_operator1"`));
  const twice = await release(['approve', releaseId], 'operator1');
  assert.equal(twice.code, 1);
  assert.match(twice.out, /"reason":"same_person"/);
  await assert.rejects(selfApprove(rig.db(), releaseId), /release_two_people/);
  assert.deepEqual(
    (await selectReleases(rig.db())).map(({ state }) => state),
    ['proposed'],
  );
  assert.equal((await latches()).length, 1);
  await assertHeldBack();
});

test('I5 two different people lift it in stages, and payments go out again', async () => {
  const approved = await release(['approve', releaseId], 'risk1');
  assert.equal(approved.code, 0, approved.out + approved.err);
  const snap = rig.snap();
  // Staff are in from the first stage on: their payments are the evidence that the stages need.
  for (let turn = 0; (await latches()).length > 0; turn++) {
    assert.ok(turn < 60, `not lifted: ${JSON.stringify(await selectReleases(rig.db()))}`);
    await payOut(rig, { snap, from: staffAccount(turn % 20) });
    await rig.time.sleep(250);
  }
  await until({ time: rig.time, what: 'the restriction is lifted' }, async () => {
    const standing = await selectRestrictions(rig.db());
    return !standing.some(({ id }) => id === latchId);
  });
  assert.deepEqual(
    (await selectReleases(rig.db())).map(({ id, state }) => [id, state]),
    [[releaseId, 'completed']],
  );
  const paid = await payOut(rig, { snap, from: CUSTOMER });
  assert.deepEqual([paid.answer.code, paid.atHub], [PAID, 1]);
});
