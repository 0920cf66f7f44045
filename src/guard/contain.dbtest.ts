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

test("guard mirrors a stop button pressed at a gateway under the latch's own id, and believes no lifting that nobody signed", async () => {
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
    world.journal({ kind: 'latch_lifted', latchId: 'latch_1' });
    await world.pass(2_000);
    assert.deepEqual(await world.inForce(), [latch]);
    assert.equal(world.holders['core-2']!.decide(OUT).kind, 'stop');
    assert.deepEqual(await world.events('alarm.set_refused'), []);
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
