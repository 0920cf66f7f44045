import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { untilVisible } from '../audit/test-stream.ts';
import { openDb, type Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { makePlan, RECOVERY_DEFAULTS } from '../recovery/plan.ts';
import { approveRelease, proposeRelease } from '../recovery/ask.ts';
import { signRelease } from '../gate/set.ts';
import type { IncidentFacts } from '../incident/record.ts';
import type { StatusFile } from '../incident/status-model.ts';
import { wallTime } from '../kernel/time.ts';
import { makeLead, LeadershipLost } from './leader.ts';
import { commitPayment, intentOf, OWN, PEOPLE, ROSTER, withWorld } from './test-world.ts';

const BAD = 'f'.repeat(64);
const OUT = {
  rail: 'bifast',
  direction: 'out',
  channel: 'mobile',
  account: '1',
  amountSen: 1n,
  cohortBucket: 1,
  isStaff: false,
} as const;

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
    assert.ok(
      (await world.db.query(sql`select size from audit_checkpoint where size > 0`)).length > 0,
      'checkpoints are made',
    );
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

test('T10 a manual restriction has no timer, an automatic one goes to review once and stays in force', async () => {
  await withWorld(async (world) => {
    world.startGuard({
      numbers: {
        loop: {
          stepMs: 30_000,
          copyMs: 20_000,
          statusMs: 3_600_000,
          tidyMs: 60_000,
          pushMs: 30_000,
          heartbeatMs: 1_000,
        },
        match: { journalFreshMs: 60_000, feedFreshMs: 120_000 },
      },
    });
    await world.pass(60_000);
    await world.db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
      values ('stp_1', '{"rail":"onus","direction":"out"}', 'uji', 'stf_ani', ${new Date(world.time.now())})`);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(3 * 3_600_000);
    const inForce = await world.inForce();
    assert.deepEqual(
      new Set(inForce.map(({ isAutomatic }) => isAutomatic)),
      new Set([false, true]),
    );
    const automatic = inForce.find(({ isAutomatic }) => isAutomatic)!;
    assert.deepEqual(
      (await world.events('restriction.review_due')).map(({ subject }) => subject),
      [automatic.id],
    );
    assert.equal(world.holders['core-1']!.decide({ ...OUT, rail: 'onus' }).kind, 'stop');
    assert.equal(world.holders['core-1']!.decide(OUT).kind, 'stop');
    assert.ok(
      inForce.every(({ nextUpdateAtMs }) => nextUpdateAtMs > world.time.now()),
      'the promised update is renewed before it passes',
    );
    assert.ok((await world.events('notice.published')).length >= 8);
    assert.ok((await world.events('incident.deadline_near')).length > 0);
    assert.equal((await world.events('alarm.deadline_passed')).length >= 2, true);
  });
});

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

test('D9 T16 a guard that cannot see alerts, caps, and stops outbound at 30 minutes; silence is never open', async () => {
  await withWorld(async (world) => {
    world.startGuard({
      numbers: {
        loop: { stepMs: 5_000, copyMs: 5_000, pushMs: 5_000, statusMs: 60_000, tidyMs: 60_000 },
      },
    });
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
    try {
      const release = Promise.withResolvers<void>();
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
      await other.close();
    }
  });
});

test("guard mirrors a stop button pressed at a gateway, and its lifting, under the latch's own id", async () => {
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
    assert.deepEqual(await world.inForce(), []);
    assert.equal(
      world.holders['core-2']!.decide(OUT).kind,
      'stop',
      'a process opens only for a release that two people signed',
    );
    assert.equal((await world.events('alarm.set_refused')).length, 3);
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

test('guard runs a release of two people: the first stage admits staff everywhere, the hub takes our outbound again, the public hears it', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: OWN });
    await world.pass(3_000);
    const [stopped] = await world.inForce();
    assert.deepEqual(
      world.hubCalls.map(({ action }) => action),
      ['suspend_out'],
    );
    const nowMs = world.time.now();
    const plan = makePlan({
      releaseId: 'rel_1',
      target: { restrictionId: stopped!.id },
      numbers: RECOVERY_DEFAULTS,
      nowMs,
    });
    const asking = { db: world.db, roster: ROSTER, nowMs };
    const signature = (id: string): string => signRelease(PEOPLE[id]!.privateKey, plan);
    assert.deepEqual(
      await proposeRelease({
        ...asking,
        staffId: 'stf_ani',
        plan,
        signature: signature('stf_ani'),
        note: 'kunci diganti',
      }),
      { ok: true },
    );
    await world.pass(4_000);
    assert.equal((await world.inForce())[0]!.admission, undefined, 'one person opens nothing');
    assert.deepEqual(
      await approveRelease({
        ...asking,
        staffId: 'stf_budi',
        releaseId: 'rel_1',
        signature: signature('stf_budi'),
      }),
      { ok: true },
    );
    await world.pass(8_000);
    for (const name of ['gateway-1', 'core-1', 'core-2']) {
      assert.equal(world.holders[name]!.decide(OUT).kind, 'stop', name);
      assert.equal(world.holders[name]!.decide({ ...OUT, isStaff: true }).kind, 'allow', name);
    }
    assert.deepEqual(
      world.hubCalls.map(({ action }) => action),
      ['suspend_out', 'resume_out'],
    );
    const status = JSON.parse(
      readFileSync(join(world.statusFolder, 'status.json'), 'utf8'),
    ) as StatusFile;
    const out = status.services.find(({ key }) => key === 'bifast_out')!;
    assert.deepEqual([out.state, out.percent], ['recovering', 0]);
    assert.match(
      status.notices[0]!.text.id,
      /^Tahap 1 dari 5: Transfer antarbank \(BI-FAST\) mulai dapat digunakan/,
    );
    // A new orphan in recovery closes at once, with a restriction of its own, and suspends again.
    world.feed({ bizMsgIdr: 'X2', connector: OWN });
    await world.pass(4_000);
    assert.equal(world.holders['gateway-1']!.decide({ ...OUT, isStaff: true }).kind, 'stop');
    assert.deepEqual(
      world.hubCalls.map(({ action }) => action),
      ['suspend_out', 'resume_out', 'suspend_out'],
    );
  });
});

test('T16 a guard that cannot do its work stops its sign of life, and processes close outbound by themselves after 30 minutes', async () => {
  await withWorld(async (world) => {
    world.startGuard({
      numbers: {
        loop: { stepMs: 5_000, copyMs: 5_000, pushMs: 5_000, statusMs: 60_000, tidyMs: 60_000 },
      },
    });
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
