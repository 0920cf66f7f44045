import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import type { Scope } from '../gate/restriction.ts';
import type { World } from './test-world.ts';
import { BAD, OUT, withWorld } from './test-world.ts';

/** A restriction that everybody holds, placed on evidence. */
async function stopped(world: World): Promise<string> {
  world.startGuard();
  await world.pass(1_000);
  world.feed({ bizMsgIdr: 'X1', connector: BAD });
  await world.pass(3_000);
  return (await world.inForce())[0]!.id;
}

function heldBy(world: World): readonly (readonly string[])[] {
  return Object.values(world.holders).map((holder) =>
    holder.current().restrictions.map(({ id }) => id),
  );
}

for (const [what, change] of [
  ['lifted', sql`update restriction set state = 'lifted'`],
  [
    'narrowed',
    sql`update restriction set body = replace(body, '"scope":{', '"scope":{"bank":"BNINIDJA",')`,
  ],
  [
    'admits everybody',
    sql`update restriction set state = 'recovering', body = replace(body, '"scope":{',
      '"admission":{"releaseId":"rel_x","stage":4,"bucketsBelow":10000,"staffOnly":false,"sinceMs":0},"scope":{')`,
  ],
] as const) {
  test(`I5 publishSet() a row that somebody ${what} opens nothing, is put back with an alarm, and keeps nobody from stopping more`, async () => {
    await withWorld(async (world) => {
      const id = await stopped(world);
      const before = (await world.inForce())[0];
      await world.db.query(change);
      await world.pass(2_500);
      assert.deepEqual(await world.inForce(), [before], 'the table says again what is enforced');
      assert.deepEqual(
        (await world.events('alarm.restriction_tampered')).map(({ subject }) => subject),
        [id],
      );
      await world.db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
        values ('stp_1', '{"rail":"onus","direction":"out"}', 'uji', 'stf_ani', ${new Date(world.time.now())})`);
      await world.pass(1_000);
      for (const holder of Object.values(world.holders)) {
        assert.equal(holder.decide(OUT).kind, 'stop');
        assert.equal(holder.decide({ ...OUT, rail: 'onus' }).kind, 'stop');
      }
      assert.deepEqual(await world.events('alarm.set_refused'), []);
    });
  });
}

test('I5 publishSet() a row that cannot be read is an alarm, and keeps nobody from stopping more', async () => {
  await withWorld(async (world) => {
    const id = await stopped(world);
    const before = (await world.inForce())[0];
    await world.db.query(
      sql`update restriction set body = replace(body, '"scope":{', '"scope":{"banks":"BNINIDJA",')`,
    );
    await world.db
      .query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, changed_at)
      select 'rst_junk', '{"id":"rst_junk","scope":{}}', 3, 'guard', true, 'active', made_at, changed_at from restriction`);
    await world.db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
      values ('stp_1', '{"rail":"onus","direction":"out"}', 'uji', 'stf_ani', ${new Date(world.time.now())})`);
    await world.pass(2_500);
    const [first] = await world.inForce();
    assert.deepEqual(first, before);
    const alarms = await world.events('alarm.restriction_tampered');
    assert.deepEqual(new Set(alarms.map(({ subject }) => subject)), new Set([id, 'rst_junk']));
    for (const holder of Object.values(world.holders))
      assert.equal(holder.decide({ ...OUT, rail: 'onus' }).kind, 'stop');
    assert.deepEqual(await world.events('alarm.set_refused'), []);
  });
});

test('I5 readNewestSet() a guard that starts believes only sets that bear its own signature', async () => {
  await withWorld(async (world) => {
    const first = world.startGuard();
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(3_000);
    const [restriction] = await world.inForce();
    await first.stop();
    await world.db.query(sql`update restriction set state = 'lifted'`);
    await world.db.query(sql`insert into restriction_set (version, body, signature, made_at)
      select version + 1, '{"version":99,"epoch":9,"madeAtMs":0,"restrictions":[],"releases":[]}', signature, made_at
      from restriction_set order by version desc limit 1`);
    world.startGuard();
    await world.pass(3_000);
    assert.deepEqual(await world.inForce(), [restriction]);
    assert.deepEqual(
      heldBy(world),
      Object.values(world.holders).map(() => [restriction!.id]),
    );
    const versions = Object.values(world.holders).map((holder) => holder.current().version);
    assert.equal(new Set(versions).size, 1, 'everybody took the new guard’s set');
  });
});

test('I5 T12 publishSet() releases without two people, a row with a fraction, sixty long lists and a gateway led astray keep nobody from stopping more', async () => {
  await withWorld(async (world) => {
    await world.db.tx(async (tx) => {
      await tx.query(sql`set local role pulih_core`);
      // A gateway whose sets would go elsewhere.
      await tx.query(sql`insert into process (id, kind, target, heartbeat_at)
        values ('gateway-1', 'gateway', 'core-1', ${new Date(world.time.now())})`);
    });
    const id = await stopped(world);
    for (const [name, plan] of [
      ['rel_text', 'no json'],
      ['rel_empty', '{}'],
      ['rel_float', releasePlan(id, { madeAtMs: world.time.now(), dwellMsMin: 0.5 })],
      ['rel_heavy', releasePlan(id, { madeAtMs: world.time.now(), name: 'x'.repeat(1_100_000) })],
    ] as const)
      await world.db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        await tx.query(sql`insert into release_request (id, plan, plan_hash, restriction_id, state, proposed_by,
          proposed_signature, proposed_at, approved_by, approved_signature, approved_at)
          values (${name}, ${plan}, '', ${name}, 'rolled_back', 'stf_ani', 'x', ${new Date(world.time.now())},
          'stf_budi', 'x', ${new Date(world.time.now())})`);
      });
    await world.db.query(
      sql`update restriction set body = replace(body, '{"action"', '{"aa":0.5,"action"')`,
    );
    for (let at = 0; at < 60; at++)
      await ask(world, `stp_${at}`, {
        rail: 'qris',
        payees: Array.from({ length: 1_000 }, (_, one) =>
          String(at * 1_000 + one).padStart(16, 'k'),
        ),
      });
    await world.pass(1_500);
    await ask(world, 'stp_wide', { rail: 'onus', direction: 'out' });
    await world.pass(1_500);
    for (const holder of Object.values(world.holders)) {
      assert.equal(holder.decide(OUT).kind, 'stop');
      assert.equal(holder.decide({ ...OUT, rail: 'onus' }).kind, 'stop');
      assert.deepEqual(holder.current().releases, []);
    }
    assert.deepEqual(await world.events('alarm.set_refused'), []);
    assert.ok((await world.events('alarm.set_full')).length > 0);
    const refused = await world.events('stop.refused');
    assert.ok(refused.length > 20 && refused.length < 50, `${refused.length} lists were refused`);
  });
});

function ask(world: World, id: string, scope: Scope): Promise<unknown> {
  return world.db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
    values (${id}, ${JSON.stringify(scope)}, 'uji', 'stf_ani', ${new Date(world.time.now())})`);
}

function releasePlan(
  restrictionId: string,
  of: { readonly madeAtMs: number; readonly dwellMsMin?: number; readonly name?: string },
): string {
  const { madeAtMs, dwellMsMin = 0, name = 'all' } = of;
  return JSON.stringify({
    releaseId: 'rel_x',
    restrictionId,
    stages: [{ name, staffOnly: false, bucketsBelow: 10_000, dwellMsMin }],
    madeAtMs,
    startBeforeMs: madeAtMs + 3_600_000,
  });
}
