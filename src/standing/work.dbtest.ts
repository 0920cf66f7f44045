/** The worker of standing orders: each date pays at most once, in order, and none is passed over in silence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { makeTestDb } from '../db/test-database.ts';
import { wallTime } from '../kernel/time.ts';
import { FEE, OPENING, transfer } from '../payment/test-bank.ts';
import { AMOUNT, START_MS, withStanding } from './test-standing.ts';

const BNI = { payeeBank: 'BNINIDJA' };

test('work() pays on the date at six in the morning WIB, not before and not twice', () =>
  withStanding(async ({ bank, order, at, runs, find, check }) => {
    const made = await order();
    await at('2026-08-03T05:59');
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await runs(made), ['08-03 waiting']);
    await at('2026-08-03T06:00');
    await at('2026-08-03T06:30');
    await at('2026-08-04T06:00');
    assert.deepEqual(await runs(made), ['08-03 submitted']);
    assert.equal(await bank.available('1001'), OPENING - AMOUNT);
    assert.equal((await find(made)).state, 'ended');
    assert.deepEqual([...(await bank.messages('C1'))].sort(), [
      'payment.settled',
      'standing_order.made',
      'standing_order.submitted',
    ]);
    await check();
  }));

test('work() sends over BI-FAST with the fee of the day, and the run refers to the payment whatever becomes of it', () =>
  withStanding(async ({ bank, order, at, standing, check }) => {
    bank.rail.onSend = () => 'lose_answer';
    bank.rail.inquiryMode = 'silent';
    const made = await order({}, BNI);
    await at('2026-08-03T06:00');
    const [run] = await standing.runs(made.id);
    assert.equal(run?.state, 'submitted');
    assert.equal(await bank.state(run.paymentId!), 'unknown');
    assert.equal(await bank.available('1001'), OPENING - AMOUNT - FEE);
    bank.rail.inquiryMode = 'truth';
    await bank.workUntil(bank.time.now() + 10 * 60_000);
    assert.equal(await bank.state(run.paymentId!), 'settled');
    await check();
  }));

test('work() ends an order after its last date, and keeps the day of the month', () =>
  withStanding(
    async ({ order, at, runs, find, bank, check }) => {
      const made = await order({
        repetition: 'monthly',
        firstDate: '2026-08-31',
        end: { kind: 'times', count: 3 },
      });
      for (const date of ['2026-08-31', '2026-09-30', '2026-10-31', '2026-11-30'])
        await at(`${date}T06:00`);
      assert.deepEqual(await runs(made), ['08-31 submitted', '09-30 submitted', '10-31 submitted']);
      assert.equal((await find(made)).state, 'ended');
      assert.equal(await bank.available('1001'), OPENING - 3n * AMOUNT);
      assert.ok((await bank.messages('C1')).includes('standing_order.ended'));
      await check();
    },
    { days: 130 },
  ));

test('work() tries again at noon and at six what lacked money, and pays then', () =>
  withStanding(async ({ bank, order, at, runs, standing, check }) => {
    const made = await order({}, { amountSen: rupiah(1_500_000) });
    await at('2026-08-03T06:00');
    assert.deepEqual(await runs(made), ['08-03 waiting insufficient_funds']);
    await at('2026-08-03T11:59');
    assert.equal((await standing.runs(made.id))[0]!.attempt, 2);
    assert.ok(
      (
        await bank.engine.submit(
          transfer({ debitAccount: '1002', creditorAccount: '1001', amount: rupiah(700_000) }),
        )
      ).ok,
    );
    await at('2026-08-03T12:00');
    assert.deepEqual(await runs(made), ['08-03 submitted']);
    assert.equal(await bank.available('1001'), OPENING + rupiah(700_000) - rupiah(1_500_000));
    await check();
  }));

test('work() misses what lacks money all day, says so, and goes on with the next date', () =>
  withStanding(async ({ bank, order, at, runs, find, check }) => {
    const made = await order({ repetition: 'weekly' }, { amountSen: rupiah(1_500_000) });
    for (const hour of ['06', '12', '18', '23']) await at(`2026-08-03T${hour}:00`);
    assert.deepEqual(await runs(made), ['08-03 missed insufficient_funds']);
    assert.deepEqual(await bank.messages('C1'), [
      'standing_order.made',
      'standing_order.waiting',
      'standing_order.missed',
    ]);
    assert.deepEqual(
      [(await find(made)).state, (await find(made)).nextDate],
      ['active', '2026-08-10'],
    );
    await check();
  }));

const STOP = {
  kind: 'stop',
  restriction: { id: 'rst_1', scope: {}, action: { kind: 'stop' } },
} as never;

test('work() waits while a service is stopped and pays within minutes of its opening, without a refused payment in between', () =>
  withStanding(async ({ bank, order, at, runs, check }) => {
    bank.gate.decide = () => STOP;
    const made = await order({}, BNI);
    for (const time of ['06:00', '09:00', '23:30']) await at(`2026-08-03T${time}`);
    await at('2026-08-04T10:00');
    assert.deepEqual(await runs(made), ['08-03 waiting restricted']);
    bank.gate.decide = () => ({ kind: 'allow' });
    await at('2026-08-04T10:11');
    assert.deepEqual(await runs(made), ['08-03 submitted']);
    const all = await bank.db.query(sql`select id from payment`);
    assert.equal(all.length, 1);
    assert.deepEqual(
      (await bank.messages('C1')).filter((one) => one === 'standing_order.waiting').length,
      1,
    );
    await check();
  }));

test('work() gives up three days late and says that the service was restricted', () =>
  withStanding(async ({ bank, order, at, runs, find }) => {
    bank.gate.decide = () => STOP;
    const made = await order({}, BNI);
    for (const day of ['03', '04', '05', '06']) await at(`2026-08-${day}T23:00`);
    assert.deepEqual(await runs(made), ['08-03 waiting restricted']);
    await at('2026-08-07T00:00');
    assert.deepEqual(await runs(made), ['08-03 missed restricted']);
    assert.equal((await find(made)).state, 'ended');
    assert.equal((await bank.messages('C1')).at(-1), 'standing_order.missed');
  }));

test('work() after an outage runs what is at most three days late, and names every older date as missed', () =>
  withStanding(async ({ bank, order, at, runs, check }) => {
    const made = await order({ repetition: 'weekly' });
    const other = await order({ firstDate: '2026-08-21' });
    await at('2026-08-24T09:00');
    assert.deepEqual(await runs(made), [
      '08-03 missed late',
      '08-10 missed late',
      '08-17 missed late',
      '08-24 submitted',
    ]);
    assert.deepEqual(await runs(other), ['08-21 submitted']);
    assert.equal(
      (await bank.messages('C1')).filter((one) => one === 'standing_order.missed').length,
      3,
    );
    assert.equal(await bank.available('1001'), OPENING - 2n * AMOUNT);
    await check();
  }));

test('work() pauses instead of paying when the name on the account is another one', () =>
  withStanding(async ({ bank, order, at, runs, find, standing }) => {
    bank.rail.enquireAccount = async () => ({
      found: true,
      name: 'ORANG LAIN',
      accountType: 'SVGS',
    });
    const made = await order({ repetition: 'monthly' }, BNI);
    await at('2026-08-03T06:00');
    assert.deepEqual(await runs(made), ['08-03 missed payee_name_changed']);
    const now = await find(made);
    assert.deepEqual([now.state, now.reason], ['paused', 'payee_name_changed']);
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal(bank.rail.sends.size, 0);
    assert.equal((await bank.messages('C1')).at(-1), 'standing_order.paused');
    bank.rail.enquireAccount = async () => ({
      found: true,
      name: ' penerima  Sintetis',
      accountType: 'SVGS',
    });
    const own = { id: made.id, customerId: 'C1' };
    assert.ok((await standing.resume(own)).ok);
    await at('2026-09-03T06:00');
    assert.deepEqual((await runs(made)).at(-1), '09-03 submitted');
  }));

test('work() waits while the other bank does not say who owns the account', () =>
  withStanding(async ({ bank, order, at, runs }) => {
    bank.rail.enquireAccount = async () => ({ found: 'unknown', reason: 'no_answer' });
    const made = await order({}, BNI);
    await at('2026-08-03T06:00');
    assert.deepEqual(await runs(made), ['08-03 waiting payee_unconfirmed']);
    assert.equal((await bank.messages('C1')).at(-1), 'standing_order.made');
  }));

test('work() pauses when the fee is above what was agreed, and charges a lower one as it is', () =>
  withStanding(async ({ bank, order, at, runs, find, standing }) => {
    const high = await order({ repetition: 'weekly' }, { ...BNI, feeMaxSen: rupiah(2_499) });
    const low = await order({ repetition: 'weekly' }, { ...BNI, feeMaxSen: rupiah(6_500) });
    await at('2026-08-03T06:00');
    assert.deepEqual(await runs(high), ['08-03 missed fee_higher']);
    assert.equal((await find(high)).state, 'paused');
    const [run] = await standing.runs(low.id);
    assert.equal((await bank.engine.find(run!.paymentId!))?.feeSen, FEE);
    assert.equal(await bank.available('1001'), OPENING - AMOUNT - FEE);
  }));

test('work() of two processes at once pays each of many due orders once', () =>
  withStanding(async ({ bank, order, standing, another, at, runs, check }) => {
    const orders = [];
    for (let i = 0; i < 15; i++) orders.push(await order({}, i % 2 ? BNI : {}));
    await bank.time.sleep(Date.parse('2026-08-03T06:00:00+07:00') - START_MS);
    const others = [standing, another(), another()];
    await Promise.all(others.map((one) => one.work()));
    await Promise.all(others.map((one) => one.work()));
    await at('2026-08-03T06:02');
    for (const one of orders) assert.deepEqual(await runs(one), ['08-03 submitted']);
    const [{ n }] = (await bank.db.query<{ n: number }>(
      sql`select count(*)::integer as n from payment`,
    )) as [{ n: number }];
    assert.equal(n, 15);
    assert.equal(await bank.available('1001'), OPENING - 15n * AMOUNT - 7n * FEE);
    await check();
  }));

test('a clock that jumps back opens no date again', () =>
  withStanding(async ({ bank, order, at, runs, standing, another, check }) => {
    const made = await order({ repetition: 'weekly' });
    await at('2026-08-10T06:00');
    const backMs = Date.parse('2026-08-03T05:00:00+07:00');
    const forwardMs = bank.time.now() - backMs;
    const now = bank.time.now.bind(bank.time);
    (bank.time as { now: () => number }).now = () => now() - forwardMs;
    await another().work();
    await standing.work();
    (bank.time as { now: () => number }).now = now;
    await at('2026-08-10T07:00');
    assert.deepEqual(await runs(made), ['08-03 missed late', '08-10 submitted']);
    await check();
  }));

test('the role of core may do what the worker does, and cannot change what was agreed or delete it', async () => {
  const made = await makeTestDb();
  const db = openDb({
    url: `${made.url}?options=${encodeURIComponent('-c role=pulih_core')}`,
    size: 1,
    time: wallTime(),
    name: 'test',
  });
  try {
    const denied = { code: '42501' };
    for (const set of ['amount_sen = 1', "payee_account = '9'", 'fee_max_sen = 9', "remark = ''"])
      await assert.rejects(
        db.query({ name: `u_${set}`, text: `update standing_order set ${set}`, values: [] }),
        denied,
      );
    for (const table of ['standing_order', 'standing_order_run', 'standing_order_move'])
      await assert.rejects(
        db.query({ name: table, text: `delete from ${table}`, values: [] }),
        denied,
      );
  } finally {
    await db.close();
    await made.drop();
  }
});

test('a bank that does not answer keeps its own places only: the others are paid around it', () =>
  withStanding(async ({ bank, order, standing, runs }) => {
    const slow = [];
    for (let i = 0; i < 10; i++) slow.push(await order({}, { ...BNI, amountSen: rupiah(1_000) }));
    const others = [];
    for (let i = 0; i < 9; i++) others.push(await order({}, { amountSen: rupiah(1_000) }));
    bank.rail.enquireAccount = async () => {
      await bank.time.sleep(40_000);
      return { found: 'unknown', reason: 'no_answer' };
    };
    await bank.time.sleep(Date.parse('2026-08-03T06:00:00+07:00') - START_MS);
    const working = standing.work();
    await bank.time.sleep(5_000);
    for (const one of others) assert.deepEqual(await runs(one), ['08-03 submitted']);
    for (const one of slow) assert.deepEqual(await runs(one), ['08-03 waiting']);
    await working;
    for (const one of slow) assert.deepEqual(await runs(one), ['08-03 waiting payee_unconfirmed']);
  }));
