/** What a customer may do to a standing order, alone and beside the worker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSnapshot } from '../db/snapshot.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { OPENING } from '../payment/test-bank.ts';
import { OPEN_ORDERS_MAX } from './make.ts';
import { STANDING_MOVES } from './state.ts';
import { AMOUNT, START_MS, insertConsent, withStanding } from './test-standing.ts';
import { verifyStanding } from './verify.ts';

test('standing_order_move holds exactly the moves of STANDING_MOVES', () =>
  withTestDb(async (db) => {
    const rows = await db.query<{ from_state: string; to_state: string }>(
      sql`select from_state, to_state from standing_order_move`,
    );
    const inSql = rows.map((row) => `${row.from_state}>${row.to_state}`).sort();
    const inCode = Object.entries(STANDING_MOVES)
      .flatMap(([from, tos]) => tos.map((to) => `${from}>${to}`))
      .sort();
    assert.deepEqual(inSql, inCode);
  }));

test('make() makes one order of a consent, however often and by whomever it is asked', () =>
  withStanding(async ({ bank, standing, another, order }) => {
    const consentId = await insertConsent(bank);
    const first = await order({}, { consentId });
    const {
      id: _id,
      state: _s,
      openedCount: _o,
      madeAtMs: _m,
      changedAtMs: _c,
      ...command
    } = first;
    const again = await Promise.all([standing.make(command), another().make(command)]);
    for (const one of again) assert.ok(one.ok && one.isRepeat && one.order.id === first.id);
    assert.equal((await standing.list('C1')).length, 1);
    assert.deepEqual(await bank.messages('C1'), ['standing_order.made']);
  }));

test('make() takes a bounded number of orders per customer, also from requests at once', () =>
  withStanding(async ({ bank, standing, order }) => {
    const first = await order();
    const { consentId: _, ...command } = first;
    const consents = await Promise.all(
      Array.from({ length: OPEN_ORDERS_MAX + 4 }, () => insertConsent(bank)),
    );
    const made = await Promise.all(
      consents.map((consentId) => standing.make({ ...command, consentId })),
    );
    assert.equal(made.filter(({ ok }) => ok).length, OPEN_ORDERS_MAX - 1);
    assert.ok(made.some((one) => !one.ok && one.reason === 'too_many_orders'));
    await standing.cancel({ id: first.id, customerId: 'C1' });
    const consentId = await insertConsent(bank);
    assert.ok((await standing.make({ ...command, consentId })).ok);
  }));

test('pause() loses the dates that go by, resume() goes on with the next one, and neither changes what is over', () =>
  withStanding(async ({ bank, standing, order, at, runs, find, check }) => {
    const made = await order({ repetition: 'weekly', end: { kind: 'times', count: 5 } });
    const own = { id: made.id, customerId: 'C1' };
    await at('2026-08-03T05:00');
    assert.ok((await standing.pause(own)).ok);
    assert.ok((await standing.pause(own)).ok);
    await at('2026-08-03T12:00');
    // No worker looks until the 17th; the date of the 10th is lost all the same, that of the 17th is not.
    await bank.time.sleep(Date.parse('2026-08-17T05:00:00+07:00') - bank.time.now());
    const resumed = await standing.resume(own);
    assert.ok(resumed.ok && resumed.order.nextDate === '2026-08-17');
    await at('2026-08-17T06:00');
    assert.deepEqual(await runs(made), [
      '08-03 missed paused',
      '08-10 missed paused',
      '08-17 submitted',
    ]);
    for (const date of ['2026-08-24', '2026-08-31']) await at(`${date}T06:00`);
    assert.equal((await find(made)).state, 'ended');
    for (const verb of ['pause', 'resume', 'cancel'] as const)
      assert.deepEqual(await standing[verb](own), { ok: false, reason: 'order_over' });
    assert.equal(await bank.available('1001'), OPENING - 3n * AMOUNT);
    await check();
  }));

test('cancel() is for ever, may be repeated, and is only for the owner', () =>
  withStanding(async ({ bank, standing, order, at, runs, find }) => {
    const made = await order({ repetition: 'weekly' });
    const own = { id: made.id, customerId: 'C1' };
    assert.deepEqual(await standing.cancel({ id: made.id, customerId: 'C2' }), {
      ok: false,
      reason: 'not_found',
    });
    assert.equal(await standing.find({ id: made.id, customerId: 'C2' }), undefined);
    for (let i = 0; i < 2; i++) assert.ok((await standing.cancel(own)).ok);
    assert.deepEqual(await standing.resume(own), { ok: false, reason: 'order_over' });
    await at('2026-08-10T06:00');
    assert.deepEqual(await runs(made), []);
    assert.equal((await find(made)).state, 'cancelled');
    assert.equal((await bank.events('standing_order.cancelled')).length, 1);
  }));

test('cancel() beside the worker: paid or not, the run says which, and never both', () =>
  withStanding(
    async ({ bank, standing, another, order, runs, check }) => {
      const made = [];
      for (let i = 0; i < 16; i++) made.push(await order());
      await bank.time.sleep(Date.parse('2026-08-03T06:00:00+07:00') - START_MS);
      const workers = [standing, another()].map((one) => one.work());
      const cancels = made.map(async (one, i) => {
        await bank.time.sleep(i % 4);
        return standing.cancel({ id: one.id, customerId: 'C1' });
      });
      await Promise.all([...workers, ...cancels]);
      await bank.time.sleep(61_000);
      await standing.work();
      let paid = 0n;
      for (const one of made) {
        const [run] = await runs(one);
        if (run === '08-03 submitted') paid++;
        else assert.ok(run === '08-03 missed cancelled' || run === undefined, String(run));
      }
      assert.equal(await bank.available('1001'), OPENING - paid * AMOUNT);
      await check();
    },
    { mayFail: true },
  ));

test('every state change is an event with ids, dates and amounts, and no name or account', () =>
  withStanding(async ({ bank, standing, order, at }) => {
    const made = await order({ repetition: 'weekly', end: { kind: 'times', count: 2 } });
    const own = { id: made.id, customerId: 'C1' };
    await standing.pause(own);
    await standing.resume(own);
    await at('2026-08-03T06:00');
    await at('2026-08-10T06:00');
    const rows = await bank.db.query<{ kind: string; data: string }>(
      sql`select kind, data from event where subject = ${made.id} order by id`,
    );
    assert.deepEqual(
      rows.map(({ kind }) => kind.replace('standing_order.', '')),
      [
        'made',
        'paused',
        'resumed',
        'run_opened',
        'run_submitting',
        'run_submitted',
        'run_opened',
        'run_submitting',
        'run_submitted',
        'ended',
      ],
    );
    for (const { data } of rows) assert.doesNotMatch(data, /NASABAH|1002|uji/);
  }));

const ATTACKS: Record<string, { change: string; says: RegExp }> = {
  'a run that says submitted for a payment of another key': {
    change: `update standing_order_run set attempt = 9`,
    says: /no payment of its key/,
  },
  'a payment whose run was set back': {
    change: `update standing_order_run set state = 'missed', reason = 'late', payment_id = null`,
    says: /the run says missed/,
  },
  'a payment whose run is gone': {
    change: `delete from standing_order_run`,
    says: /the run says nothing/,
  },
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`verifyStanding() names ${name}`, () =>
    withStanding(async ({ bank, order, at }) => {
      const made = await order();
      await at('2026-08-03T06:00');
      const look = () => withSnapshot(bank.db, (tx) => verifyStanding(tx));
      assert.deepEqual(await look(), []);
      await bank.db.script(
        `begin; set local session_replication_role = replica; ${attack.change}; commit`,
      );
      const [problem] = await look();
      assert.equal(problem?.id, `${made.id} 2026-08-03`);
      assert.match(problem.detail, attack.says);
    }));
}
