import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { makeLead, LeadershipLost } from './leader.ts';
import { BAD, OUT, SLOW_LOOP, withWorld } from './test-world.ts';

test('T12 every process keeps the set through a restart of the guard, which goes on from where it stood and places nothing twice', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    world.hubSaysOk = false;
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(2_000);
    const [one] = await world.inForce();
    await first.stop();
    const before = world.hubCalls.length;
    world.hubSaysOk = true;
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'stop');
    const second = world.startGuard();
    await world.pass(4_000);
    assert.equal(second.state()!.epoch, 2);
    assert.deepEqual(
      world.hubCalls[before],
      { action: 'revoke', fingerprint: BAD, reason: 'never_issued' },
      'what the hub did not confirm is asked again',
    );
    assert.equal(
      (await world.db.query(sql`select id from incident where contained_at is not null`)).length,
      1,
    );
    world.feed({ bizMsgIdr: 'X2', connector: BAD, settledAtMs: world.time.now() - 10_000 });
    await world.pass(2_000);
    assert.deepEqual(
      (await world.inForce()).map(({ id }) => id),
      [one!.id],
    );
    assert.equal(world.holders['gateway-1']!.current().epoch, 2);
    assert.equal((await world.events('alarm.never_issued')).length, 2);
  });
});

test('startGuard() lets one lead: a second waits, takes over from a silent one, and the stale one cannot write', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    const second = world.startGuard();
    await world.pass(10_000);
    const states = [first.state(), second.state()];
    assert.equal(states.filter((state) => state !== undefined).length, 1);
    const stale = makeLead({ db: world.db, time: world.time, epoch: 1n });
    await stale.renew();
    await (states[0] ? first : second).stop();
    await world.pass(5_000);
    assert.equal((states[0] ? second : first).state()!.epoch, 2);
    await assert.rejects(
      stale.tx(async () => 'written'),
      LeadershipLost,
    );
    await assert.rejects(stale.renew(), LeadershipLost);
  });
});

test('T16 a guard that cannot do its work stops its sign of life, and processes close outbound by themselves after 30 minutes', async () => {
  await withWorld(async (world) => {
    world.startGuard({ numbers: { loop: SLOW_LOOP } });
    await world.pass(60_000);
    await world.db.script('alter table settlement_line rename to settlement_line_gone');
    await world.pass(20 * 60_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'allow');
    await world.pass(12 * 60_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'stop');
    assert.equal(world.holders['gateway-1']!.decide({ ...OUT, direction: 'in' }).kind, 'allow');
    await world.db.script('alter table settlement_line_gone rename to settlement_line');
    await world.pass(30_000);
    assert.equal(
      world.holders['gateway-1']!.decide(OUT).kind,
      'allow',
      'it was posture, not a restriction',
    );
  });
});

test('T16 the promised updates of a standing restriction are no sign of life of a guard that cannot do its work', async () => {
  await withWorld(async (world) => {
    world.startGuard({ numbers: { loop: SLOW_LOOP } });
    await world.pass(60_000);
    await world.db
      .query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at) values ('stp_1',
      '{"rail":"bifast","direction":"out","bank":"CENAIDJA"}', 'uji', 'stf_ani', ${new Date(world.time.now())})`);
    await world.pass(20 * 60_000);
    const notices = async (): Promise<number> => (await world.events('notice.published')).length;
    const before = await notices();
    await world.db.script('alter table settlement_line rename to settlement_line_gone');
    await world.pass(33 * 60_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'stop');
    assert.ok((await notices()) > before, 'the public still hears the promised update');
    await world.db.script('alter table settlement_line_gone rename to settlement_line');
    await world.pass(2 * 60_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'allow');
    const told = world.holders['core-1']!.current().restrictions[0]!.nextUpdateAtMs;
    assert.ok(told > world.time.now(), 'processes learn the renewed promise');
  });
});
