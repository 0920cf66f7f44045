/** `kill -9` of core on the way of due standing orders: every date is paid once, and every run says so (T6). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { demoCustomers } from '../../src/app/demo-people.ts';
import { wibDate } from '../../src/kernel/time.ts';
import { addDays } from '../../src/standing/schedule.ts';
import { say, startRig, type Rig } from './rig.ts';
import { countOpenRuns, endLeases, insertDueOrder, selectPayments, selectRuns } from './store.ts';
import { until } from './until.ts';

const POINTS = [
  'standing.afterOpen',
  'standing.beforeSubmit',
  'standing.afterSubmit',
  'standing.afterMark',
];
/** Due when core dies, so that some are done, one is in hand and others wait. */
const ORDERS = 6;
const DONE_MS_MAX = 60_000;

let rig: Rig;

before(async () => {
  rig = await startRig();
});
after(() => rig?.stop());

/** Half within the bank, half to another one, each of another customer. */
async function insertOrders(batch: number): Promise<void> {
  const nowMs = rig.time.now();
  const customers = demoCustomers();
  for (let i = 0; i < ORDERS; i++) {
    const payer = customers[i]!;
    const payee = customers[i + 1]!;
    const isOut = i % 2 === 1;
    await insertDueOrder(rig.db(), {
      id: `sto_crash_${batch}_${i}`,
      customerId: payer.id,
      debitAccount: payer.account,
      payeeBank: isOut ? 'BNINIDJA' : DEMO_BANK.bic,
      payeeAccount: isOut ? '1100000001' : payee.account,
      payeeName: isOut ? 'ASEP NUGROHO' : payee.name,
      feeMaxSen: isOut ? 250_000n : 0n,
      date: addDays(wibDate(nowMs), -1),
      nowMs,
    });
  }
}

for (const [batch, point] of POINTS.entries()) {
  test(`T6 kill -9 of core-1 at ${point} with dates due`, async () => {
    await insertOrders(batch);
    await rig.crashAt('core-1', { point, passes: point === 'standing.afterOpen' ? 1 : 3 });
  });
}

test('T6 after all of it each date is paid once, the hub saw each once, and verify agrees', async () => {
  await endLeases(rig.db());
  const ms = await until(
    'every run is done',
    async () => (await countOpenRuns(rig.db())) === 0,
    DONE_MS_MAX,
  );
  say(`all runs done ${(ms / 1000).toFixed(1)} s after the last crash`);
  const runs = await selectRuns(rig.db());
  assert.equal(runs.length, POINTS.length * ORDERS);
  assert.deepEqual(
    runs.filter(({ state }) => state !== 'submitted'),
    [],
  );
  await until(
    'every payment is settled',
    async () => (await selectPayments(rig.db())).every(({ state }) => state === 'settled'),
    60_000,
  );
  const paid = (await selectPayments(rig.db())).filter(({ amount_sen }) => amount_sen === 123_400n);
  assert.equal(paid.length, runs.length);
  assert.equal(new Set(runs.map(({ payment_id }) => payment_id)).size, runs.length);
  const { arrivals, outgoing } = rig.hub.read();
  for (const [id, count] of arrivals) assert.equal(count, 1, `${id} arrived ${count} times`);
  assert.equal(
    outgoing.filter(({ amountSen }) => BigInt(amountSen) === 123_400n).length,
    runs.length / 2,
  );
  const { code, report } = await rig.verify();
  assert.equal(code, 0, JSON.stringify(report));
});
