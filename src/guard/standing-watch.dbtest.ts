import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import type { TestBank } from '../payment/test-bank.ts';
import { withStanding } from '../standing/test-standing.ts';
import { watchStanding } from './standing-watch.ts';

const untilWib = (bank: TestBank, wib: string): Promise<void> =>
  bank.time.sleep(Date.parse(`${wib}:00+07:00`) - bank.time.now());

const alarms = (bank: TestBank) => bank.events('alarm.standing_order_late');

test('watchStanding() is silent while the worker works, also about what waits for its next try', () =>
  withStanding(async ({ bank, order, at }) => {
    bank.gate.decide = () => ({ kind: 'stop', restriction: { id: 'rst_1' } }) as never;
    await order({ repetition: 'weekly' });
    for (const wib of ['2026-08-03T00:05', '2026-08-03T06:00', '2026-08-03T06:20']) {
      await at(wib);
      await watchStanding(bank, bank.db);
    }
    assert.deepEqual(await alarms(bank), []);
  }));

test('watchStanding() tells once a day that dates are not opened, or that open runs lie', () =>
  withStanding(async ({ bank, order, standing }) => {
    await order({ repetition: 'weekly' });
    await untilWib(bank, '2026-08-03T00:29');
    await watchStanding(bank, bank.db);
    assert.deepEqual(await alarms(bank), []);
    await untilWib(bank, '2026-08-03T00:31');
    for (let i = 0; i < 3; i++) await watchStanding(bank, bank.db);
    assert.deepEqual(
      (await alarms(bank)).map(({ dueCount, oldestDueMinutes }) => [dueCount, oldestDueMinutes]),
      [[1, 31]],
    );
    await standing.work();
    await untilWib(bank, '2026-08-04T06:31');
    await bank.db.query(
      sql`update standing_order_run set leased_until = ${new Date('2026-09-01')}`,
    );
    await watchStanding(bank, bank.db);
    assert.equal((await alarms(bank)).length, 2);
  }));

test('the role of guard may look', () =>
  withStanding(async ({ bank, order }) => {
    await order();
    await bank.db.tx(async (tx) => {
      await tx.query({ name: 'guard_role', text: 'set local role pulih_guard', values: [] });
      await watchStanding(bank, { tx: (work) => work(tx) });
    });
  }));
