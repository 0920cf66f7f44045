import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordEvents } from '../audit/record.ts';
import { sql } from '../db/sql.ts';
import { signRelease } from '../gate/set.ts';
import type { StatusFile } from '../incident/status-model.ts';
import { approveRelease, proposeRelease } from '../recovery/ask.ts';
import { makePlan, RECOVERY_DEFAULTS } from '../recovery/plan.ts';
import { loadHarm, type StoredHarm } from './harm-watch.ts';
import { BAD, OUT, OWN, PEOPLE, ROSTER, SLOW_LOOP, withWorld } from './test-world.ts';

test('T10 a manual restriction has no timer, an automatic one goes to review once and stays in force', async () => {
  await withWorld(async (world) => {
    world.startGuard({
      numbers: {
        loop: {
          ...SLOW_LOOP,
          stepMs: 30_000,
          copyMs: 20_000,
          statusMs: 3_600_000,
          pushMs: 30_000,
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

test('saveHarm() what a restriction refuses is counted from the events, and survives the guard', async () => {
  await withWorld(async (world) => {
    world.startGuard();
    await world.pass(1_000);
    world.feed({ bizMsgIdr: 'X1', connector: BAD });
    await world.pass(1_500);
    const id = (await world.inForce())[0]!.id;
    const refuse = (payer: number) => ({
      atMs: world.time.now(),
      kind: 'payment.refused',
      subject: `pay_${payer}`,
      data: {
        restriction: id,
        consentId: 'con',
        payer: `r${payer}`,
        payee: `e${payer}`,
        amountSen: 100n,
      },
    });
    await world.db.tx((tx) => recordEvents(tx, [1, 2, 3].map(refuse)));
    await world.pass(3_000);
    const [row] = await world.db.query<{ body: string }>(
      sql`select body from guard_state where name = 'harm'`,
    );
    const { harm } = JSON.parse(row!.body) as StoredHarm;
    assert.deepEqual([harm[id]?.good, harm[id]?.goodSen], [3, '300']);
    assert.deepEqual((await loadHarm(world)).harm, harm);
  });
});
