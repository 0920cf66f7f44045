/** A crash at every fault point on the way of a due run, and a peer that takes it up when the lease is over: one payment, and a run that
 * says what became of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { FEE, OPENING, type TestBank } from '../payment/test-bank.ts';
import { AMOUNT, START_MS, withStanding } from './test-standing.ts';

const POINTS = [
  'standing.afterOpen',
  'standing.beforeSubmit',
  'standing.afterSubmit',
  'standing.afterMark',
  'payment.afterHold',
  'ledger.beforeCommit',
];
const DUE_MS = Date.parse('2026-08-03T06:00:00+07:00');
const BNI = { payeeBank: 'BNINIDJA' };

/** Fails the first pass of a point while `work` runs. */
async function crashAt(point: string, work: () => Promise<unknown>): Promise<void> {
  let isArmed = true;
  const undo = onFaultPoint((passed) => {
    if (passed !== point || !isArmed) return;
    isArmed = false;
    throw new Error(`crash at ${point}`);
  });
  try {
    await work().catch(() => undefined);
  } finally {
    undo();
  }
  assert.ok(!isArmed, `${point} was passed`);
}

async function countPayments(bank: TestBank): Promise<number> {
  const rows = await bank.db.query(sql`select id from payment`);
  return rows.length;
}

for (const point of POINTS) {
  for (const payee of [{}, BNI]) {
    test(`T6 a crash at ${point} of a run to ${'payeeBank' in payee ? 'another bank' : 'our own'} pays once`, () =>
      withStanding(
        async ({ bank, standing, another, order, runs, check }) => {
          const made = await order({}, payee);
          await bank.time.sleep(DUE_MS - START_MS);
          await crashAt(point, () => standing.work());
          const peer = another();
          await peer.work();
          await bank.time.sleep(61_000);
          await peer.work();
          await bank.engine.work();
          assert.deepEqual(await runs(made), ['08-03 submitted']);
          assert.equal(await countPayments(bank), 1);
          const fee = 'payeeBank' in payee ? FEE : 0n;
          assert.equal(await bank.available('1001'), OPENING - AMOUNT - fee);
          await check();
        },
        { mayFail: true },
      ));
  }
}

test('a payment that was made before a crash is told as made, although the service is stopped by the time somebody looks', () =>
  withStanding(
    async ({ bank, standing, another, order, runs, check }) => {
      const made = await order();
      await bank.time.sleep(DUE_MS - START_MS);
      await crashAt('standing.afterSubmit', () => standing.work());
      bank.gate.decide = () => ({ kind: 'stop', restriction: { id: 'rst_1' } }) as never;
      await bank.time.sleep(5 * 86_400_000);
      await another().work();
      assert.deepEqual(await runs(made), ['08-03 submitted']);
      assert.equal(await countPayments(bank), 1);
      await check();
    },
    { mayFail: true },
  ));

test('a crash before the submit asks again from the start: what is stopped by then waits, what is cancelled is not paid', () =>
  withStanding(
    async ({ bank, standing, another, order, runs, find, check }) => {
      const waits = await order();
      await bank.time.sleep(DUE_MS - START_MS);
      await crashAt('standing.beforeSubmit', () => standing.work());
      bank.gate.decide = () => ({ kind: 'stop', restriction: { id: 'rst_1' } }) as never;
      await bank.time.sleep(61_000);
      await another().work();
      assert.deepEqual(await runs(waits), ['08-03 waiting restricted']);
      bank.gate.decide = () => ({ kind: 'allow' });
      await bank.time.sleep(10 * 60_000);
      await crashAt('standing.beforeSubmit', () => standing.work());
      assert.ok((await standing.cancel({ id: waits.id, customerId: 'C1' })).ok);
      await bank.time.sleep(61_000);
      await another().work();
      assert.deepEqual(await runs(waits), ['08-03 missed cancelled']);
      assert.equal((await find(waits)).state, 'cancelled');
      assert.equal(await countPayments(bank), 0);
      await check();
    },
    { mayFail: true },
  ));

test('a worker that wakes after its lease asks for no payment: what a peer decided since then holds', () =>
  withStanding(async ({ bank, standing, another, order, runs }) => {
    const made = await order({}, BNI);
    await bank.time.sleep(DUE_MS - START_MS);
    const asked: string[] = [];
    // Its question to the network hangs for longer than the lease; by then a peer has found that it must wait.
    const slow = another({
      quote: (input) => bank.engine.quote(input),
      async checkName(input) {
        const answer = await bank.engine.checkName(input);
        await bank.time.sleep(90_000);
        return answer;
      },
      submit: (command) => {
        asked.push(command.key);
        return bank.engine.submit(command);
      },
    });
    const hanging = slow.work();
    await bank.time.sleep(70_000);
    bank.rail.enquireAccount = async () => ({ found: 'unknown', reason: 'no_answer' });
    await standing.work();
    assert.deepEqual(await runs(made), ['08-03 waiting payee_unconfirmed']);
    await hanging;
    assert.deepEqual(asked, []);
    assert.deepEqual(await runs(made), ['08-03 waiting payee_unconfirmed']);
    assert.equal(await countPayments(bank), 0);
  }));
