import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import type { Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { EMPTY_SET, type Restriction } from '../gate/restriction.ts';
import { findLoosened, signRelease } from '../gate/set.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { approveRelease, proposeRelease } from './ask.ts';
import { makePlan, RECOVERY_DEFAULTS } from './plan.ts';
import { releasesForSet, stepRecovery } from './run.ts';
import { countPayments } from './store.ts';

const NOW = Date.parse('2025-03-29T05:00:00Z');
const MINUTE = 60_000;
const people = Object.fromEntries(
  ['stf_ani', 'stf_budi'].map((id) => [id, generateKeyPairSync('ed25519')]),
);
const roster = Object.fromEntries(
  Object.entries(people).map(([id, { publicKey }]) => [
    id,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);
const plan = makePlan({
  releaseId: 'rel_1',
  target: { restrictionId: 'rst_1' },
  numbers: RECOVERY_DEFAULTS,
  nowMs: NOW,
});
const signatureOf = (staffId: string): string => signRelease(people[staffId]!.privateKey, plan);

async function seed(db: Db): Promise<void> {
  for (const id of Object.keys(people)) {
    await db.query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values (${id}, ${id}, ${id}, 'risk', 'x', ${roster[id]}, 'x', ${new Date(NOW)})`);
  }
  const restriction: Restriction = {
    id: 'rst_1',
    scope: { rail: 'bifast', direction: 'out' },
    action: { kind: 'stop' },
    level: 3,
    reasonClass: 'containment',
    cause: 'D2',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: NOW,
    reviewAtMs: NOW,
    nextUpdateAtMs: NOW,
    posture: { kind: 'closed' },
  };
  await db.query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, changed_at)
    values ('rst_1', ${canonicalJson(restriction)}, 3, 'guard', true, 'active', ${new Date(NOW)}, ${new Date(NOW)})`);
  await openBreak(db, 'brk_1', NOW - MINUTE);
}

async function openBreak(db: Db, id: string, atMs: number): Promise<void> {
  await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    values (${id}, 'orphan', 'bifast', ${id}, 1, '', ${new Date(atMs)})`);
}

async function addPayments(
  db: Db,
  input: { count: number; state: string; atMs: number; code?: string; kind?: string },
): Promise<void> {
  const from = { settled: 'sending', refunded: 'sending', unknown: 'sending', accepted: 'new' }[
    input.state
  ]!;
  await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name, creditor_name,
      amount_sen, outcome_code, made_at, value_date, business_date, changed_at)
    select gen_random_uuid()::text, ${input.kind ?? 'bifast_out'}, 'mobile', ${input.state}, ${from}, '1', '2', 'a', 'b', 100, ${input.code ?? null},
      ${new Date(input.atMs)}, '2025-03-29', '2025-03-29', ${new Date(input.atMs)} from generate_series(1, ${input.count}::int)`);
}

const step = (db: Db, nowMs: number): Promise<boolean> =>
  db.tx((tx) =>
    stepRecovery({
      tx,
      nowMs,
      roster,
      matchAgeMs: 1_000,
      isBusinessDecline: (code) => code === 'U101',
    }),
  );

async function admission(db: Db): Promise<Restriction['admission']> {
  const rows = await db.query<{ body: string }>(
    sql`select body from restriction where id = 'rst_1'`,
  );
  return (JSON.parse(rows[0]!.body) as Restriction).admission;
}

async function approved(db: Db): Promise<void> {
  await seed(db);
  assert.deepEqual(
    await proposeRelease({
      db,
      roster,
      nowMs: NOW,
      staffId: 'stf_ani',
      plan,
      signature: signatureOf('stf_ani'),
      note: 'key rotated',
    }),
    { ok: true },
  );
  assert.deepEqual(
    await approveRelease({
      db,
      roster,
      nowMs: NOW,
      staffId: 'stf_budi',
      releaseId: 'rel_1',
      signature: signatureOf('stf_budi'),
    }),
    { ok: true },
  );
}

test('approveRelease() refuses the person who proposed, a wrong signature and, in SQL, the same id twice', async () => {
  await withTestDb(async (db) => {
    await seed(db);
    const propose = (signature: string): Promise<unknown> =>
      proposeRelease({ db, roster, nowMs: NOW, staffId: 'stf_ani', plan, signature, note: '' });
    assert.deepEqual(await propose(signatureOf('stf_budi')), {
      ok: false,
      reason: 'bad_signature',
    });
    assert.deepEqual(await propose(signatureOf('stf_ani')), { ok: true });
    assert.deepEqual(await propose(signatureOf('stf_ani')), { ok: false, reason: 'already_open' });
    const approve = (staffId: string, by = staffId): Promise<unknown> =>
      approveRelease({
        db,
        roster,
        nowMs: NOW,
        staffId,
        releaseId: 'rel_1',
        signature: signatureOf(by),
      });
    assert.deepEqual(await approve('stf_ani'), { ok: false, reason: 'same_person' });
    assert.deepEqual(await approve('stf_budi', 'stf_ani'), { ok: false, reason: 'bad_signature' });
    await step(db, NOW + 1);
    assert.equal(await admission(db), undefined, 'the first one alone opens nothing');
    await assert.rejects(
      db.query(
        sql`update release_request set state = 'approved', approved_by = 'stf_ani', approved_signature = 'x' where id = 'rel_1'`,
      ),
      /release_two_people/,
    );
  });
});

test('stepRecovery() goes staff → 1 % → 5 % → 25 % → 100 % → lifted, a verdict at each', async () => {
  await withTestDb(async (db) => {
    await approved(db);
    let nowMs = NOW + 1;
    for (let stage = 0; stage < 5; stage++) {
      assert.equal(await step(db, nowMs), true);
      assert.equal((await admission(db))?.stage, stage);
      assert.equal(await step(db, nowMs + MINUTE), false, 'no payments: not enough evidence');
      await addPayments(db, { count: 40, state: 'settled', atMs: nowMs + MINUTE });
      await addPayments(db, { count: 40, state: 'refunded', atMs: nowMs + MINUTE, code: 'U101' });
      nowMs += 31 * MINUTE;
    }
    assert.equal(await step(db, nowMs), true);
    const rows = await db.query<{ state: string }>(
      sql`select state from restriction where id = 'rst_1'`,
    );
    assert.equal(rows[0]!.state, 'lifted');
    assert.equal((await db.tx((tx) => releasesForSet(tx, nowMs)))[0]!.state, 'completed');
    const stages = await db.query<{ verdict: string }>(
      sql`select verdict from recovery_stage order by stage`,
    );
    assert.deepEqual(
      stages.map(({ verdict }) => verdict),
      ['pass', 'pass', 'pass', 'pass', 'pass'],
    );
  });
});

test('stepRecovery() T14: technical failures, a rise of unknowns or a new break roll back by themselves', async () => {
  const causes: ((db: Db) => Promise<void>)[] = [
    async (db) => {
      await addPayments(db, { count: 30, state: 'settled', atMs: NOW + 2 });
      await addPayments(db, { count: 5, state: 'refunded', atMs: NOW + 2, code: 'U904' });
    },
    async (db) => {
      await addPayments(db, { count: 40, state: 'settled', atMs: NOW + 2 });
      await addPayments(db, { count: 4, state: 'unknown', atMs: NOW + 2 });
    },
    (db) => openBreak(db, 'brk_2', NOW + MINUTE),
  ];
  for (const cause of causes) {
    await withTestDb(async (db) => {
      await approved(db);
      await step(db, NOW + 1);
      assert.equal((await admission(db))?.stage, 0);
      await cause(db);
      assert.equal(await step(db, NOW + 5 * MINUTE), true);
      assert.equal(await admission(db), undefined);
      assert.equal((await db.tx((tx) => releasesForSet(tx, NOW)))[0]!.state, 'closed');
      await step(db, NOW + 60 * MINUTE);
      assert.equal(await admission(db), undefined, 'a rolled-back release never starts again');
    });
  }
});

test('stepRecovery() T19: an approved release that cannot start says why', async () => {
  await withTestDb(async (db) => {
    await approved(db);
    await openBreak(db, 'brk_2', NOW + MINUTE);
    assert.equal(await step(db, NOW + 2 * MINUTE), false);
    const rows = await db.query<{ note: string; state: string }>(
      sql`select note, state from release_request`,
    );
    assert.equal(rows[0]!.state, 'approved');
    assert.match(rows[0]!.note, /waiting: unexplained_breaks/);
    // T12: core can write when it was proposed, and not what both signed.
    await db.query(
      sql`update release_request set proposed_at = ${new Date(NOW + 60 * MINUTE)} where id = 'rel_1'`,
    );
    assert.equal(await step(db, NOW + 2 * MINUTE), false, 'the break is younger than the plan');
    // A break that is closed without a proof counts like an open one.
    const ended = new Date(NOW + 60 * MINUTE);
    await db.query(
      sql`update match_break set closed_at = ${ended}, explained_by = 'rel_1' where id = 'brk_2'`,
    );
    assert.equal(await step(db, NOW + 2 * MINUTE), false, 'nobody proved it');
    await db.query(sql`update match_break set proven_end = 'rel_1' where id = 'brk_2'`);
    assert.equal(await step(db, NOW + 2 * MINUTE), true);
  });
});

test('stepRecovery() T11: a stage that has had too few payments for hours is an alarm, once, with its page', async () => {
  await withTestDb(async (db) => {
    await approved(db);
    await step(db, NOW + 1);
    const told = (): Promise<{ subject: string; data: string }[]> =>
      db.query(sql`select subject, data from event where kind = 'alarm.thin_stage'`);
    await step(db, NOW + RECOVERY_DEFAULTS.thinAlarmMs - MINUTE);
    assert.deepEqual(await told(), []);
    for (const minute of [1, 2, 3])
      assert.equal(await step(db, NOW + RECOVERY_DEFAULTS.thinAlarmMs + minute * MINUTE), false);
    const alarms = await told();
    assert.deepEqual(
      alarms.map(({ subject, data }) => [subject, JSON.parse(data)['runbook']]),
      [['rel_1', 'docs/runbook/thin_stage.md']],
    );
  });
});

test('I5 stepRecovery() two people narrow a restriction to a part of it: every process may follow, and nothing else opens', () =>
  withTestDb(async (db) => {
    await seed(db);
    const part = { rail: 'bifast', direction: 'out', bank: 'BNINIDJA' } as const;
    const asking = (narrowTo: Restriction['scope']) => {
      const target = { restrictionId: 'rst_1' };
      return makePlan({
        releaseId: 'rel_2',
        target,
        numbers: RECOVERY_DEFAULTS,
        nowMs: NOW,
        narrowTo,
      });
    };
    const shared = { db, roster, nowMs: NOW };
    const propose = (asked: typeof plan) =>
      proposeRelease({
        ...shared,
        staffId: 'stf_ani',
        plan: asked,
        signature: signRelease(people['stf_ani']!.privateKey, asked),
        note: 'harm meter',
      });
    const wider = { rail: 'bifast' } as const;
    assert.deepEqual(await propose(asking(wider)), { ok: false, reason: 'not_narrower' });
    const narrowing = asking(part);
    assert.deepEqual(await propose(narrowing), { ok: true });
    assert.equal(await step(db, NOW), false, 'one person alone narrows nothing');
    const signature = signRelease(people['stf_budi']!.privateKey, narrowing);
    await approveRelease({ ...shared, staffId: 'stf_budi', releaseId: 'rel_2', signature });
    const inForce = async (): Promise<readonly Restriction[]> =>
      (
        await db.query<{ body: string }>(
          sql`select body from restriction where state <> 'lifted' order by id`,
        )
      ).map(({ body }) => JSON.parse(body) as Restriction);
    const before = await inForce();
    assert.equal(await step(db, NOW), true);
    const after = await inForce();
    assert.deepEqual(after, [{ ...before[0], scope: part }]);
    const setOf = async (restrictions: readonly Restriction[]) => ({
      ...EMPTY_SET,
      restrictions,
      releases: await db.tx((tx) => releasesForSet(tx, NOW)),
    });
    const loosened = (next: Awaited<ReturnType<typeof setOf>>) =>
      findLoosened({ current: { ...EMPTY_SET, restrictions: before }, next, roster, nowMs: NOW });
    assert.deepEqual(loosened(await setOf(after)), []);
    assert.equal(loosened(await setOf([])).length, 1, 'lifting is another matter');
    assert.equal(await step(db, NOW + MINUTE), false, 'and it is done once');
  }));

test('countPayments() judges cash at other banks by cash that was given out, never by transfers that arrive', async () => {
  await withTestDb(async (db) => {
    await addPayments(db, { count: 3, state: 'settled', atMs: NOW, kind: 'switch_out' });
    await addPayments(db, { count: 2, state: 'accepted', atMs: NOW, kind: 'card_withdrawal' });
    const counted = async (scope: Restriction['scope']) =>
      (await db.tx((tx) => countPayments(tx, { scope, sinceMs: NOW, graceBeforeMs: NOW }))).map(
        ({ state, n }) => [state, Number(n)],
      );
    assert.deepEqual(await counted({ rail: 'switch', direction: 'in', product: 'cash' }), [
      ['settled', 2],
    ]);
    assert.deepEqual(await counted({ rail: 'switch', direction: 'out' }), [['settled', 3]]);
  });
});
