/** A network that loses bytes without an end in sight: a timeout is `unknown`, never a refusal, and is resolved by asking (I2, T5). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAlways, checkQuiet, readBooks, untilQuiet } from './check.ts';
import { startLoad, type Load, type Told } from './load.ts';
import type { ProxyMode } from './proxy.ts';
import { say, startRig, type Rig } from './rig.ts';
import type { PaymentFacts } from './store.ts';

/** Longer than the gateway waits for the hub, and core for the gateway. */
const TIMEOUT_MS = 12_500;
const TOGETHER = 6;
const ASKED_MS_MAX = 30_000;
/** The hub settles these and sends no notice, so that nothing but asking tells (sim/hub/faults.ts). */
const WITHOUT_NOTICE = '99903';

let rig: Rig;
let load: Load;

before(async () => {
  rig = await startRig();
  load = startLoad(rig, { prefix: 'net', isBackground: false });
});

after(() => rig?.stop());

interface Under {
  readonly told: readonly Told[];
  /** When every timeout has passed, with the network still as it is. */
  readonly atTimeout: readonly PaymentFacts[];
  /** When all is quiet over a network that works again. */
  readonly atEnd: readonly PaymentFacts[];
}

/** Transfers asked for over connections that stand, while the network is as `mode` says. One that had to make a new connection
 * never left, because its handshake was lost: the gateway proves it, the money goes back, and it is not looked at here. */
async function transferUnder(mode: ProxyMode, suffix: string): Promise<Under> {
  await Promise.all(Array.from({ length: 2 * TOGETHER }, () => load.transfer('12345')));
  rig.proxy.set(mode);
  const startedMs = rig.time.now();
  const asked = await Promise.all(Array.from({ length: TOGETHER }, () => load.transfer(suffix)));
  if (mode !== 'half_close')
    await rig.time.sleep(Math.max(0, startedMs + TIMEOUT_MS - rig.time.now()));
  const first = await stand(asked);
  checkAlways(await readBooks(rig, load.told), rig.time.now());
  assert.ok(rig.proxy.lostCount() > 0, `the network lost something (${mode})`);
  rig.proxy.set('pass');
  await untilQuiet(rig, load.told);
  await untilAskedAbout(asked);
  const last = await stand(asked);
  const hasLeft = first.map((payment) => payment.outcome_code !== 'NOT_SENT');
  const left = <T>(list: readonly T[]): T[] => list.filter((_, index) => hasLeft[index]);
  assert.ok(left(asked).length >= TOGETHER / 2, 'most went over connections that stood');
  say(`${mode.padEnd(13)} ${first.map(describe).join(', ')}`);
  say(`${''.padEnd(10)} -> ${last.map(describe).join(', ')}`);
  return { told: left(asked), atTimeout: left(first), atEnd: left(last) };
}

async function stand(asked: readonly Told[]): Promise<PaymentFacts[]> {
  const { payments } = await readBooks(rig, load.told);
  return asked.map(({ reference }) =>
    payments.find((one) => one.partner_reference_no === reference)!,
  );
}

/** An inquiry that found nobody comes again after ten seconds. */
async function untilAskedAbout(asked: readonly Told[]): Promise<void> {
  const until = rig.time.now() + ASKED_MS_MAX;
  while (
    (await stand(asked)).some(
      ({ state, inquiry_count }) => state === 'unknown' && inquiry_count === 0,
    )
  ) {
    assert.ok(rig.time.now() < until, 'T5 every unknown payment is asked about');
    await rig.time.sleep(250);
  }
}

function describe({ state, outcome_source, inquiry_count }: PaymentFacts): string {
  return `${state} by ${outcome_source}${inquiry_count > 0 ? ` (${inquiry_count})` : ''}`;
}

test('T5 answers that vanish leave payments unknown, never refused, and an inquiry settles them', async () => {
  const { told, atTimeout, atEnd } = await transferUnder('lose_answers', WITHOUT_NOTICE);
  for (const { reference, code } of told)
    assert.equal(code, '2021800', `I2 ${reference} is in progress`);
  for (const { id, state } of atTimeout) assert.equal(state, 'unknown', `I2 ${id}`);
  for (const { id, state, outcome_source } of atEnd)
    assert.deepEqual([state, outcome_source], ['settled', 'inquiry'], id);
});

test('T5 instructions that vanish leave payments unknown, and "not found" is no proof that they never left', async () => {
  const { told, atTimeout, atEnd } = await transferUnder('lose_all', '12345');
  for (const { reference, code } of told)
    assert.equal(code, '2021800', `I2 ${reference} is in progress`);
  for (const { id, state } of [...atTimeout, ...atEnd]) assert.equal(state, 'unknown', `I2 ${id}`);
});

test('T5 a connection that ends instead of answering leaves a payment unknown until an inquiry settles it', async () => {
  const { told, atEnd } = await transferUnder('half_close', WITHOUT_NOTICE);
  for (const { reference, code } of told) assert.match(code, /^20[02]1800$/, `I2 ${reference}`);
  for (const { id, state, outcome_source } of atEnd)
    assert.deepEqual([state, outcome_source], ['settled', 'inquiry'], id);
});

test('after all of it the partner, the hub and the ledger say the same, to the sen', async () => {
  await checkQuiet(rig, await untilQuiet(rig, load.told));
  const { code, report } = await rig.verify();
  assert.equal(code, 0, JSON.stringify(report));
});
