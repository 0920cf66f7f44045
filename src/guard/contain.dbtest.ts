import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import type { IncidentFacts } from '../incident/record.ts';
import type { StatusFile } from '../incident/status-model.ts';
import { BAD, commitPayment, intentOf, OUT, withWorld } from './test-world.ts';

test('guard contains a settled id that was never issued: restriction at every process and the connector revoked within 10 s', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(3_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'allow');
    const badAtMs = world.time.now();
    world.feed({
      bizMsgIdr: '20250329PULHIDJA010O0299999999',
      connector: BAD,
      amountSen: '28100000000',
      settledAtMs: badAtMs,
    });
    await world.pass(3_000);
    for (const name of ['gateway-1', 'core-1', 'core-2']) {
      assert.equal(world.holders[name]!.decide(OUT).kind, 'stop', name);
      assert.equal(world.holders[name]!.decide({ ...OUT, direction: 'in' }).kind, 'allow');
      assert.equal(world.holders[name]!.decide({ ...OUT, rail: 'onus' }).kind, 'allow');
    }
    assert.deepEqual(
      world.hubCalls.map((call) =>
        'fingerprint' in call ? [call.action, call.fingerprint] : [call.action],
      ),
      [['revoke', BAD]],
    );
    const [placed] = await world.events('restriction.placed');
    const pushed = world.pushes.filter(
      ({ version }) => version === world.holders['gateway-1']!.current().version,
    );
    assert.equal(new Set(pushed.map(({ to }) => to)).size, 3);
    assert.ok(
      pushed.every(({ atMs }) => atMs - placed!.at.getTime() <= 250),
      'pushed within 250 ms of the decision',
    );
    assert.ok(placed!.at.getTime() - badAtMs < 2_000);
    const incidents = await world.db.query<{ contained_at: Date; facts: string }>(
      sql`select contained_at, facts from incident`,
    );
    assert.equal(incidents.length, 1);
    const facts = JSON.parse(incidents[0]!.facts) as IncidentFacts;
    assert.deepEqual(
      [facts.transactionCount, facts.valueLostSen, facts.connectors],
      [1, '28100000000', [BAD]],
    );
    assert.ok(incidents[0]!.contained_at.getTime() - badAtMs < 10_000);
    assert.equal(facts.deadlines[0]!.dueMs - facts.detectedAtMs, 30 * 60_000);
    const status = JSON.parse(
      readFileSync(join(world.statusFolder, 'status.json'), 'utf8'),
    ) as StatusFile;
    assert.equal(status.services.find(({ key }) => key === 'bifast_out')!.state, 'stopped');
    assert.equal(status.services.find(({ key }) => key === 'onus_transfer')!.state, 'normal');
    assert.match(status.notices[0]!.text.id, /kami batasi sementara sejak 11:20 WIB demi keamanan/);
    assert.ok(world.time.now() - status.generatedAtMs <= 2_000);
    // More of the same changes the incident, not the restriction.
    world.feed({
      bizMsgIdr: '20250329PULHIDJA010O0299999998',
      connector: BAD,
      settledAtMs: badAtMs + 1,
    });
    await world.pass(2_000);
    assert.equal((await world.inForce()).length, 1);
    assert.deepEqual(world.hubCalls.length, 1);
    const [again] = await world.db.query<{ facts: string }>(sql`select facts from incident`);
    assert.equal((JSON.parse(again!.facts) as IncidentFacts).transactionCount, 2);
  });
});

test('guard suspends our outbound at the hub when an intent has no authorisation: a trusted signer is compromised', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    const payment = { id: 'pay_1', bizMsgIdr: 'B1', amountSen: 500n };
    await commitPayment(world.db, payment);
    world.journal({ ...intentOf(payment), jti: 'jti_never_committed' } as never);
    await world.pass(2_000);
    assert.deepEqual(
      (await world.inForce()).map(({ cause }) => cause),
      ['D1'],
    );
    assert.deepEqual(
      world.hubCalls.map(({ action }) => action),
      ['suspend_out'],
    );
  });
});

test('guard goes on asking the hub, and adds a suspension when the revocation is not confirmed', async () => {
  await withWorld(async (world) => {
    world.hubSaysOk = false;
    world.startGuard();
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(6_000);
    assert.deepEqual(
      [...new Set(world.hubCalls.map(({ action }) => action))],
      ['revoke', 'suspend_out'],
    );
    assert.equal(
      (await world.db.query(sql`select id from incident where contained_at is not null`)).length,
      0,
    );
    await world.pass(8_000);
    assert.equal((await world.events('alarm.hub_control_unconfirmed')).length, 2);
    world.hubSaysOk = true;
    await world.pass(6_000);
    assert.equal(
      (await world.db.query(sql`select id from incident where contained_at is not null`)).length,
      1,
    );
  });
});

test("guard mirrors a stop button pressed at a gateway under the latch's own id", async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.journal({
      kind: 'latched',
      latchId: 'latch_1',
      rail: 'bifast',
      direction: 'out',
      reason: 'aneh',
      staffId: 'stf_ani',
    });
    await world.pass(2_000);
    const [latch] = await world.inForce();
    assert.deepEqual(
      [latch!.id, latch!.isAutomatic, latch!.cause, latch!.placedBy],
      ['latch_1', false, 'manual', 'stf_ani'],
    );
    assert.equal(world.holders['core-2']!.decide(OUT).kind, 'stop');
  });
});

test('guard refuses a stop request without a readable scope, and never widens it', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    const ask = (id: string, scope: string): Promise<unknown[]> =>
      world.db.query(
        sql`insert into stop_request (id, scope, reason, asked_by, asked_at) values (${id}, ${scope}, 'technical: hub lambat', 'stf_ani', ${new Date(world.time.now())})`,
      );
    await ask('stp_bad', '{"rial":"bifast"}');
    await ask('stp_good', '{"rail":"bifast","direction":"out","bank":"BNINIDJA"}');
    await world.pass(2_000);
    const inForce = await world.inForce();
    assert.deepEqual(
      inForce.map(({ scope, reasonClass }) => [scope.bank, reasonClass]),
      [['BNINIDJA', 'technical']],
    );
    const rows = await world.db.query<{ id: string; restriction_id: string | null }>(
      sql`select id, restriction_id from stop_request where done_at is not null order by id`,
    );
    assert.deepEqual(rows, [
      { id: 'stp_bad', restriction_id: null },
      { id: 'stp_good', restriction_id: inForce[0]!.id },
    ]);
  });
});

test('guard takes a further line under a known bad id as further proof: its value counts, and a rail that is coming back closes again', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD, amountSen: '100' });
    world.feed({ bizMsgIdr: 'X1', connector: BAD, amountSen: '20' });
    await world.pass(2_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD, amountSen: '3' });
    await world.pass(2_000);
    const facts = async (): Promise<IncidentFacts> => {
      const [row] = await world.db.query<{ facts: string }>(sql`select facts from incident`);
      return JSON.parse(row!.facts) as IncidentFacts;
    };
    assert.deepEqual([(await facts()).transactionCount, (await facts()).valueLostSen], [3, '123']);
    const breaks = (): Promise<{ amount_sen: bigint; is_open: boolean }[]> =>
      world.db.query(sql`select amount_sen, closed_at is null as is_open from match_break`);
    assert.deepEqual(await breaks(), [{ amount_sen: 123n, is_open: true }]);
    // People have explained the break, and the rail is on its way back: the same id once more.
    await world.db
      .query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      select 'stf_' || n, 'A', 'a' || n, 'operator', 'x', 'x', 'x', ${new Date(0)} from generate_series(1, 2) n`);
    await world.db
      .query(sql`insert into release_request (id, plan, plan_hash, restriction_id, state, proposed_by, proposed_signature, proposed_at,
        approved_by, approved_signature, approved_at)
      values ('rel_0', '{}', '', 'rst_0', 'completed', 'stf_1', 'x', ${new Date(world.time.now())}, 'stf_2', 'x', ${new Date(world.time.now())})`);
    await world.db.query(
      sql`update match_break set closed_at = ${new Date(world.time.now())}, explained_by = 'rel_0', proven_end = 'rel_0'`,
    );
    const [first] = await world.inForce();
    const recovering = {
      ...first!,
      admission: { releaseId: 'rel_1', stage: 0, bucketsBelow: 0, staffOnly: true, sinceMs: 1 },
    };
    await world.db.query(sql`update restriction set body = ${JSON.stringify(recovering)}`);
    world.feed({ bizMsgIdr: 'X1', connector: BAD, amountSen: '4000' });
    await world.pass(2_000);
    assert.equal((await world.inForce()).length, 2, 'a restriction of its own');
    assert.deepEqual(await breaks(), [{ amount_sen: 4123n, is_open: true }]);
  });
});

test('guard counts an intent without authorisation once, and its settlement as lost', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.journal({ ...intentOf({ id: 'pay_1', bizMsgIdr: 'B1', amountSen: 500n }) } as never);
    await world.pass(2_000);
    world.feed({ bizMsgIdr: 'B1', amountSen: '500' });
    await world.pass(2_000);
    const [row] = await world.db.query<{ facts: string }>(sql`select facts from incident`);
    const facts = JSON.parse(row!.facts) as IncidentFacts;
    assert.deepEqual(
      [facts.transactionCount, facts.valueAtRiskSen, facts.valueLostSen],
      [1, '500', '500'],
    );
  });
});

test('guard lifts no latch on the word of a gateway alone, so that every process goes on taking its sets', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.journal({
      kind: 'latched',
      latchId: 'latch_1',
      rail: 'bifast',
      direction: 'in',
      reason: 'aneh',
      staffId: 'stf_ani',
    });
    await world.pass(2_000);
    world.journal({ kind: 'latch_lifted', latchId: 'latch_1' });
    await world.pass(2_000);
    assert.deepEqual(
      (await world.inForce()).map(({ id }) => id),
      ['latch_1'],
    );
    assert.equal((await world.events('alarm.latch_lifted_alone')).length, 1);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(2_000);
    for (const name of ['gateway-1', 'core-1', 'core-2'])
      assert.equal(world.holders[name]!.decide(OUT).kind, 'stop', name);
  });
});

test('a step that fails half way leaves nothing behind, and the next does it whole and once', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    await world.db.script('alter table restriction_set rename to restriction_set_gone');
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(2_000);
    assert.deepEqual(await world.inForce(), []);
    assert.deepEqual(await world.events('alarm.never_issued'), []);
    assert.deepEqual(await world.db.query(sql`select id from match_break`), []);
    await world.db.script('alter table restriction_set_gone rename to restriction_set');
    await world.pass(2_000);
    assert.equal((await world.inForce()).length, 1);
    assert.equal((await world.events('alarm.never_issued')).length, 1);
    assert.equal((await world.db.query(sql`select id from incident`)).length, 1);
    assert.equal(world.hubCalls.length, 1);
    assert.equal(world.holders['core-1']!.decide(OUT).kind, 'stop');
  });
});

test('guard stops the rail although it cannot write the record and the notice, and says so', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    await world.db.script('alter table notice rename to notice_gone');
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(4_000);
    assert.equal(world.holders['gateway-1']!.decide(OUT).kind, 'stop');
    assert.equal((await world.inForce()).length, 1);
    assert.equal((await world.events('alarm.report_failed')).length, 1);
    assert.deepEqual(
      world.hubCalls.map(({ action }) => action),
      ['revoke'],
    );
  });
});
