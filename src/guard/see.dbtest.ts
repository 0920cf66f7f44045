import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilVisible } from '../audit/test-stream.ts';
import { openDb, type Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { wallTime } from '../kernel/time.ts';
import type { Signal } from './detector/observation.ts';
import { readCalendar } from './flow/calendar.ts';
import { openBacktest, replay } from './flow/replay.ts';
import { GUARD_DEFAULTS } from './setting.ts';
import { commitPayment, intentOf, OUT, OWN, SLOW_LOOP, withWorld } from './test-world.ts';

test('guard matches honest payments, and places nothing for them', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    for (let i = 1; i <= 20; i++) {
      const payment = { id: `pay_${i}`, bizMsgIdr: `B${i}`, amountSen: BigInt(i) * 100n };
      await commitPayment(world.db, payment);
      world.journal(intentOf(payment));
      world.feed({ bizMsgIdr: payment.bizMsgIdr, amountSen: String(payment.amountSen) });
    }
    await world.pass(8_000);
    assert.deepEqual(await world.inForce(), []);
    const rows = await world.db.query<{ match_state: string; n: bigint }>(
      sql`select match_state, count(*) as n from settlement_line group by 1`,
    );
    assert.deepEqual(rows, [{ match_state: 'matched', n: 20n }]);
    const [match] = await world.db.query<{ body: string }>(
      sql`select body from guard_state where name = 'match'`,
    );
    assert.ok(world.time.now() - (JSON.parse(match!.body) as { atMs: number }).atMs < 6_000);
    const checkpoints = (): Promise<unknown[]> =>
      world.db.query(sql`select size from audit_checkpoint where size > 0`);
    for (let tries = 0; tries < 20 && (await checkpoints()).length === 0; tries++) {
      await untilVisible(world.db);
      await world.pass(2_000);
    }
    assert.notEqual((await checkpoints()).length, 0, 'checkpoints are made');
  });
});

test('guard never skips an event whose transaction commits late', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    const insert = (db: Queryable, subject: string): Promise<unknown[]> =>
      db.query(
        sql`insert into event (on_date, at, kind, subject, data) values ('2025-03-29', ${new Date(world.time.now())}, 'payment.settled_after_refund', ${subject}, '{}')`,
      );
    const told = async (): Promise<readonly string[]> =>
      (await world.events('alarm.settled_after_refund')).map(({ subject }) => subject).sort();
    // Outside virtual time, so that the guard goes on stepping while this transaction is open.
    const other = openDb({ url: world.url, size: 1, time: wallTime(), name: 'late' });
    const release = Promise.withResolvers<void>();
    try {
      const began = Promise.withResolvers<void>();
      const late = other.tx(async (tx) => {
        await insert(tx, 'pay_late');
        began.resolve();
        await release.promise;
      });
      await began.promise;
      await insert(world.db, 'pay_soon');
      await world.pass(3_000);
      assert.deepEqual(
        await told(),
        [],
        'nothing younger is passed while an older transaction is open',
      );
      release.resolve();
      await late;
      await untilVisible(world.db);
      await world.pass(2_000);
      assert.deepEqual(await told(), ['pay_late', 'pay_soon']);
    } finally {
      release.resolve();
      await other.close();
    }
  });
});

test('guard opens a break for a settlement that never came into the feed, and closes it when the line arrives', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    const payment = { id: 'pay_1', bizMsgIdr: 'B1', amountSen: 500n };
    await commitPayment(world.db, payment);
    world.journal(intentOf(payment));
    world.journal({
      kind: 'outcome',
      jti: 'jti_pay_1',
      bizMsgIdr: 'B1',
      answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
      source: 'rail_answer',
    });
    await world.pass(75_000);
    const open = (): Promise<{ kind: string }[]> =>
      world.db.query(sql`select kind from match_break where closed_at is null`);
    assert.deepEqual(await open(), [{ kind: 'missing' }]);
    assert.deepEqual(await world.inForce(), [], 'people look; the rail goes on');
    world.feed({ bizMsgIdr: 'B1', amountSen: '500', connector: OWN });
    await world.pass(2_000);
    assert.deepEqual(await open(), []);
  });
});

test('D9 T16 a guard that cannot see alerts, caps, and stops outbound at 30 minutes; silence is never open', async () => {
  await withWorld(async (world) => {
    world.startGuard({ numbers: { loop: SLOW_LOOP } });
    await world.pass(60_000);
    world.isGatewayUp = false;
    await world.pass(10 * 60_000);
    assert.equal((await world.events('alarm.no_match')).length, 1);
    assert.deepEqual(await world.inForce(), []);
    await world.pass(8 * 60_000);
    assert.deepEqual(
      (await world.inForce()).map(({ action }) => action.kind),
      ['cap'],
    );
    await world.pass(14 * 60_000);
    const inForce = await world.inForce();
    assert.deepEqual(
      inForce.map(({ action, reasonClass }) => [action.kind, reasonClass]),
      [
        ['cap', 'technical'],
        ['stop', 'technical'],
      ],
    );
    assert.equal(world.holders['core-1']!.decide(OUT).kind, 'stop');
    world.isGatewayUp = true;
    await world.pass(120_000);
    assert.equal((await world.inForce()).length, 2, 'a match alone lifts nothing');
  });
});

test("D9 T16 the silence of the switch's feed stops the switch alone, across a restart of the guard", async () => {
  await withWorld(async (world) => {
    const detector = { deadManAlertMs: 45_000, deadManCapMs: 60_000, deadManStopMs: 120_000 };
    const numbers = { loop: SLOW_LOOP, detector };
    const first = world.startGuard({ numbers });
    world.journal({ kind: 'feed_alive', rail: 'switch', cursor: '1' });
    await world.pass(105_000);
    const placed = async (): Promise<readonly string[]> =>
      (await world.inForce()).map(({ action, scope }) => `${action.kind} ${scope.rail}`);
    assert.deepEqual(await placed(), ['cap switch']);
    await first.stop();
    world.startGuard({ numbers });
    await world.pass(60_000);
    assert.deepEqual(await placed(), ['cap switch', 'stop switch']);
    const [body] = await world.db.query<{ body: string }>(
      sql`select body from guard_state where name = 'match'`,
    );
    const { rails } = JSON.parse(body!.body) as { rails: { switch: { matchedAtMs: number } } };
    assert.ok(world.time.now() - rails.switch.matchedAtMs > 120_000);
  });
});

test('D9 a guard that was down looks first and does not stop the rail for its own absence', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    await world.pass(10_000);
    await first.stop();
    await world.pass(40 * 60_000);
    // It steps many times before it could read a journal once.
    world.startGuard({ numbers: { loop: { copyMs: 5_000 } } });
    await world.pass(20_000);
    assert.deepEqual(await world.inForce(), []);
  });
});

test('D9 a guard with hours of journal before it reads to the end before it judges its own absence', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    await world.pass(10_000);
    await first.stop();
    await world.pass(40 * 60_000);
    for (let i = 0; i < 12_000; i++) world.journal({ kind: 'set_accepted', version: 1 });
    world.startGuard({ numbers: { loop: { copyMs: 5_000 } } });
    await world.pass(20_000);
    assert.deepEqual(await world.inForce(), []);
  });
});

test('D9 T16 a guard that never reaches the end of the journal does not look for ever', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    await world.pass(10_000);
    await first.stop();
    await world.pass(40 * 60_000);
    for (let i = 0; i < 12_000; i++) world.journal({ kind: 'set_accepted', version: 1 });
    // One round per hour reads less than there is.
    world.startGuard({ numbers: { loop: { ...SLOW_LOOP, copyMs: 3_600_000, stepMs: 10_000 } } });
    await world.pass(5 * 60_000);
    assert.equal(world.holders['core-1']!.decide(OUT).kind, 'stop');
  });
});

test('D9 a gateway whose clock runs ahead does not keep a dead feed alive', async () => {
  await withWorld(async (world) => {
    world.startGuard({ numbers: { loop: SLOW_LOOP } });
    await world.pass(60_000);
    world.journal({ kind: 'feed_alive', cursor: 'x' }, world.time.now() + 86_400_000);
    await world.pass(20_000);
    world.isFeedAlive = false;
    await world.pass(8 * 60_000);
    assert.equal((await world.events('alarm.no_match')).length, 1);
  });
});

test('guard tells of a journal that stays behind, and of a set that a gateway keeps refusing, once and not at every step', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(12_000);
    world.isJournalOlder = true;
    await world.pass(10_000);
    assert.equal((await world.events('alarm.journal_older')).length, 1);
    world.isJournalOlder = false;
    for (let i = 0; i < 5; i++)
      world.journal({ kind: 'set_refused', version: 7, reason: 'looser_without_two_people' });
    await world.pass(2_000);
    assert.equal((await world.events('alarm.set_refused')).length, 1);
  });
});

/** Payments of customers just under the cap, as core tells them. */
async function payNearCap(
  db: Queryable,
  of: { readonly atMs: number; readonly count: number },
): Promise<void> {
  for (let at = 0; at < of.count; at++) {
    const data = JSON.stringify({
      paymentKind: 'bifast_out',
      state: 'held',
      previous: 'new',
      channel: 'mobile',
      amountSen: '24500000000',
      bank: 'BNINIDJA',
      payer: `payer-${at}`,
      payee: `payee-${at}`,
    });
    await db.query(
      sql`insert into event (on_date, at, kind, subject, data) values ('2025-03-29', ${new Date(of.atMs)}, 'payment.held', ${`pay_near_${at}`}, ${data})`,
    );
  }
}

test('T12 guard restricts a flow once: through a commit that fails, a saved flow and a new leader', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    await world.pass(1_000);
    // The step that found it cannot be written: its finding must come again, and only once.
    await world.db.query(sql`create function refuse_alarm() returns trigger language plpgsql as
      $$begin if new.kind = 'alarm.near_limit' then raise exception 'not now'; end if; return new; end$$`);
    await world.db.query(
      sql`create trigger refuse_alarm before insert on event for each row execute function refuse_alarm()`,
    );
    await payNearCap(world.db, { atMs: world.time.now(), count: 7 });
    await untilVisible(world.db);
    await world.pass(3_000);
    assert.deepEqual(await world.inForce(), []);
    await world.db.query(sql`drop trigger refuse_alarm on event`);
    await world.pass(3_000);
    const near = async (): Promise<unknown> =>
      (await world.events('alarm.near_limit')).map(({ data }) => [data['detector'], data['wish']]);
    const once = [['D10', 'throttle bifast · out · >= 22500000000 sen']];
    assert.deepEqual(await near(), once);
    assert.deepEqual(
      (await world.inForce()).map(({ scope, action, level, cause }) => ({
        scope,
        action,
        level,
        cause,
      })),
      [
        {
          scope: { rail: 'bifast', direction: 'out', amountFromSen: '22500000000' },
          action: { kind: 'throttle', amountSenPerMinute: '50000000000' },
          level: 2,
          cause: 'D10',
        },
      ],
    );
    await world.pass(70_000);
    await first.stop();
    const [saved] = await world.db.query<{ body: string }>(
      sql`select body from guard_state where name = 'flow'`,
    );
    assert.match(saved!.body, /"D10"/);
    world.startGuard({ name: 'guard-2' });
    await world.pass(2_000);
    await payNearCap(world.db, { atMs: world.time.now(), count: 1 });
    await untilVisible(world.db);
    await world.pass(3_000);
    assert.deepEqual(await near(), once, 'the new leader knows that it was told');
    assert.equal((await world.inForce()).length, 1);
    const found: Signal[] = [];
    const backtest = openBacktest({ numbers: GUARD_DEFAULTS, calendar: readCalendar() });
    const read = await replay(world.db, backtest, (signal) => void found.push(signal));
    const [live] = await world.events('alarm.near_limit');
    assert.deepEqual(
      found.filter(({ detector }) => detector === 'D10').map(({ evidence }) => evidence),
      [live!.data['evidence']],
      'a backtest says what was said',
    );
    assert.ok(read.events >= 8 && read.entries > 0);
  });
});
