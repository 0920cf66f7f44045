/** Lists of transfers: previewed with their faults, each row a payment of its own, each paid at most once whatever breaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { rupiah } from '../kernel/money.ts';
import { FEE, OPENING } from '../payment/test-bank.ts';
import { BULK_MOVES } from './state.ts';
import { AGREEMENT, HEAD, payeeOf, rowOf, withBulks } from './test-bulk.ts';

const AMOUNT = rupiah(10_000);
const ten = Array.from({ length: 10 }, (_, index) => rowOf(index));

test('a list is previewed with the fault of each row and pays nothing; agreed to, each good row is one payment and its owner hears once', () =>
  withBulks(async ({ bank, bulks, upload, workFor, find, rows, allRows, check }) => {
    bank.rail.onSend = () => 'settle';
    const bulk = await upload([
      ...ten.slice(0, 3),
      `009,${payeeOf(3)},Orang Lain,10000,`,
      '009,404,Penerima Sintetis,10000,',
      `009,${payeeOf(4)},Penerima Sintetis,300000000,`,
      `999,${payeeOf(5)},Penerima Sintetis,10000,`,
    ]);
    await workFor(3);
    assert.equal((await find(bulk)).state, 'ready');
    assert.deepEqual(await rows(bulk), [
      'checked',
      'checked',
      'checked',
      'faulty name_differs',
      'faulty account_malformed',
      'faulty amount_outside_limits',
      'faulty bank_unknown',
    ]);
    await workFor(5);
    assert.equal(await bank.available('1001'), OPENING);
    const own = { id: bulk.id, customerId: 'C1' };
    assert.ok((await bulks.confirm(own, AGREEMENT)).ok);
    assert.ok((await bulks.confirm(own, AGREEMENT)).ok);
    assert.deepEqual(await bulks.confirm(own, { ...AGREEMENT, key: 'another' }), {
      ok: false,
      reason: 'bulk_over',
    });
    await workFor(3);
    const done = await find(bulk);
    assert.deepEqual(
      [done.state, done.agreed?.count, done.agreed?.amountSen, done.agreed?.feeSen],
      ['done', 3, 3n * AMOUNT, 3n * FEE],
    );
    assert.equal(await bank.available('1001'), OPENING - 3n * (AMOUNT + FEE));
    assert.deepEqual(await bank.messages('C1'), ['bulk.ready', 'bulk.done']);
    const paid = (await allRows(bulk)).flatMap(({ paymentId }) => paymentId ?? []);
    assert.equal(new Set(paid).size, 3);
    assert.deepEqual(await bulks.sums(bulk.id), [
      { state: 'faulty', count: 4, amountSen: rupiah(300_030_000), feeSen: 0n },
      { state: 'payment.settled', count: 3, amountSen: 3n * AMOUNT, feeSen: 3n * FEE },
    ]);
    await check();
  }));

test('SQL and code know the same moves; one upload key is one list, another file under it is a conflict, and nobody without an agreement uploads or sees one', () =>
  withBulks(async ({ bank, bulks, upload }) => {
    const moves = await bank.db.query<{ move: string }>(
      sql`select from_state || ' ' || to_state as move from bulk_move order by 1`,
    );
    assert.deepEqual(
      moves.map(({ move }) => move),
      Object.entries(BULK_MOVES)
        .flatMap(([from, all]) => all.map((to) => `${from} ${to}`))
        .toSorted(),
    );
    const first = await upload(ten);
    assert.equal((await upload(ten)).id, first.id);
    const command = { customerId: 'C1', key: 'upload-key', name: 'Gaji', debitAccount: '1001' };
    const other = { ...command, file: `${HEAD}\n${ten[0]}` };
    assert.deepEqual(await bulks.upload(other), { ok: false, reason: 'key_conflict' });
    assert.deepEqual(await bulks.upload({ ...other, customerId: 'C2' }), {
      ok: false,
      reason: 'bulk_not_agreed',
    });
    const strange = { id: first.id, customerId: 'C2' };
    assert.equal(await bulks.find(strange), undefined);
    for (const verb of ['pause', 'resume', 'cancel'] as const)
      assert.deepEqual(await bulks[verb](strange), { ok: false, reason: 'not_found' });
    assert.deepEqual(await bulks.confirm(strange, AGREEMENT), { ok: false, reason: 'not_found' });
  }));

test('T6 a crash before the submit, after it, in the middle or after the mark, and a process that comes late, pay each row once', () =>
  withBulks(
    async ({ bank, bulks, another, running, find, workFor, check }) => {
      bank.rail.onSend = () => 'settle';
      const three = [0, 1, 2].map((index) => rowOf(index));
      let submits = 0;
      // Half are asked for, half are not, and no answer is written.
      const halting = another({
        ...bank.engine,
        submit: async (command) => {
          if (++submits % 2 === 0) await bank.engine.submit(command);
          throw new Error('killed');
        },
      });
      const points = ['bulk.beforeSubmit', 'bulk.afterSubmit', 'bulk.afterMark', 'middle'];
      for (const [index, point] of points.entries()) {
        const bulk = await running(three, point);
        const undo = onFaultPoint((name) => {
          if (name === point) throw new Error('killed');
        });
        await (point === 'middle' ? halting : bulks).work();
        undo();
        await workFor(1);
        assert.equal((await find(bulk)).state, point === 'bulk.afterMark' ? 'done' : 'running');
        await bank.time.sleep(120_000);
        const late = another();
        await Promise.all([bulks.work(), late.work(), bulks.work()]);
        await workFor(2);
        assert.equal((await find(bulk)).state, 'done', point);
        const paid = BigInt(3 * (index + 1)) * (AMOUNT + FEE);
        assert.equal(await bank.available('1001'), OPENING - paid, point);
      }
      assert.equal(submits, 3);
      await check();
    },
    { mayFail: true },
  ));

test('a process whose lease has passed undoes nothing of the one that took over', () =>
  withBulks(
    async ({ bank, another, running, find, rows, workFor, check }) => {
      bank.rail.onSend = () => 'settle';
      const bulk = await running(ten);
      const slow = another({
        ...bank.engine,
        // The one answer that is not for ever.
        submit: async () => {
          await bank.time.sleep(130_000);
          return { ok: false, repeated: false, reason: 'busy' };
        },
      });
      const late = slow.work();
      await bank.time.sleep(125_000);
      await workFor(3);
      assert.equal((await find(bulk)).state, 'done');
      await late;
      assert.ok((await rows(bulk)).every((row) => row === 'submitted'));
      assert.equal((await find(bulk)).state, 'done');
      assert.equal(await bank.available('1001'), OPENING - 10n * (AMOUNT + FEE));
      await check();
    },
    { mayFail: true },
  ));

test('cancelled after a crash, rows that were asked for go through and the others stay', () =>
  withBulks(
    async ({ bank, bulks, another, running, find, rows, workFor, check }) => {
      bank.rail.onSend = () => 'settle';
      const many = Array.from({ length: 130 }, (_, index) => rowOf(index, '1000'));
      const bulk = await running(many);
      const broken = another({
        ...bank.engine,
        submit: async () => {
          throw new Error('killed');
        },
      });
      await broken.work();
      const own = { id: bulk.id, customerId: 'C1' };
      assert.ok((await bulks.cancel(own)).ok);
      assert.deepEqual(await bulks.resume(own), { ok: false, reason: 'bulk_over' });
      await bank.time.sleep(120_000);
      await workFor(5);
      const found = await find(bulk);
      assert.deepEqual([found.state, found.dueAtMs], ['cancelled', undefined]);
      const states = await rows(bulk);
      assert.equal(states.filter((state) => state === 'submitted').length, 100);
      assert.equal(states.filter((state) => state === 'checked').length, 30);
      await check();
    },
    { mayFail: true },
  ));

test('a list that its account does not cover stands still and goes on when its owner says so; a day that is full too', () =>
  withBulks(async ({ bank, bulks, running, find, workFor, check }) => {
    bank.rail.onSend = () => 'settle';
    const bulk = await running(Array.from({ length: 6 }, (_, index) => rowOf(index, '100000')));
    const own = { id: bulk.id, customerId: 'C1' };
    await workFor(3);
    const paused = await find(bulk);
    assert.deepEqual([paused.state, paused.reason], ['paused', 'above_daily_limit']);
    assert.equal(await bank.available('1001'), OPENING - 5n * (rupiah(100_000) + FEE));
    await workFor(3);
    assert.equal(await bank.available('1001'), OPENING - 5n * (rupiah(100_000) + FEE));
    await bank.time.sleep(13 * 3_600_000);
    assert.ok((await bulks.resume(own)).ok);
    await workFor(3);
    assert.equal((await find(bulk)).state, 'done');
    assert.equal(await bank.available('1001'), OPENING - 6n * (rupiah(100_000) + FEE));
    assert.deepEqual(await bank.messages('C1'), ['bulk.ready', 'bulk.paused', 'bulk.done']);
    await check();
  }));

test('what is restricted waits and is tried again under the next key, until the list’s time is up', () =>
  withBulks(async ({ bank, running, find, rows, workFor, check }) => {
    bank.rail.onSend = () => 'settle';
    const restriction = { id: 'rst_1', scope: {}, action: { kind: 'stop' } } as never;
    const bulk = await running(ten.slice(0, 2));
    bank.gate.decide = () => ({ kind: 'stop', restriction });
    await workFor(3);
    assert.deepEqual(await rows(bulk), ['checked restricted', 'checked restricted']);
    bank.gate.decide = () => ({ kind: 'allow' });
    await bank.time.sleep(9 * 60_000);
    await workFor(2);
    assert.deepEqual(await rows(bulk), ['checked restricted', 'checked restricted']);
    await bank.time.sleep(60_000);
    await workFor(3);
    assert.equal((await find(bulk)).state, 'done');
    assert.deepEqual(await rows(bulk), ['submitted', 'submitted']);
    await check();
  }));

test('the agreement’s end stops a list, and one that nobody agrees to within a day expires', () =>
  withBulks(async ({ bank, bulks, running, upload, find, workFor }) => {
    const bulk = await running(ten);
    const idle = await upload([rowOf(50)], 'second-key');
    await bank.db.query(sql`update bulk_agreement set ended_at = ${new Date(bank.time.now())}`);
    await workFor(3);
    const found = await find(bulk);
    assert.deepEqual([found.state, found.reason], ['paused', 'not_agreed']);
    assert.equal(await bank.available('1001'), OPENING);
    const own = { id: bulk.id, customerId: 'C1' };
    assert.deepEqual(await bulks.resume(own), { ok: false, reason: 'bulk_not_agreed' });
    await bank.time.sleep(24 * 3_600_000);
    await workFor(3);
    assert.equal((await find(idle)).state, 'expired');
    assert.equal((await find(bulk)).state, 'expired');
  }));
