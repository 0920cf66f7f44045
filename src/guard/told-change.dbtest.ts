import assert from 'node:assert/strict';
import test from 'node:test';
import type { StreamEvent } from '../audit/event.ts';
import type { Db } from '../db/pool.ts';
import { sql, type Sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { foldBatch } from './flow/batch.ts';
import { coldFlow } from './flow/test-flow.ts';

const AT = new Date('2025-03-29T10:30:00+07:00');

/** Events behind an id. `readEvents` would wait for other databases' transactions. */
async function eventsAfter(db: Db, id: bigint): Promise<readonly StreamEvent[]> {
  const rows = await db.query<{
    id: bigint;
    at: Date;
    kind: string;
    subject: string;
    data: string;
  }>(sql`select id, at, kind, subject, data from event where id > ${id} order by id`);
  return rows.map(({ at, data, ...row }) => ({
    ...row,
    xid: 0n,
    atMs: at.getTime(),
    data: JSON.parse(data) as Readonly<Record<string, unknown>>,
  }));
}

/** What a hand at the database changes, past every command and screen. */
const CHANGES: readonly (readonly [kind: string, subject: string, by: Sql])[] = [
  [
    'setting.changed',
    'guard.numbers',
    sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values ('guard.numbers', 1, '{"secret":"x"}', ${AT}, 'stf_1', 'stf_2', 'CHG-2041, as agreed')`,
  ],
  ['setting.changed', 'guard.numbers', sql`update setting set value = '{}'`],
  ['setting.changed', 'guard.numbers', sql`delete from setting`],
  ['setting.changed', '*', sql`truncate setting`],
  [
    'staff.changed',
    'stf_1',
    sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values ('stf_1', 'Ani', 'ani', 'risk', 'secret', 'secret', 'secret', ${AT})`,
  ],
  ['staff.changed', 'stf_1', sql`update staff set role = 'admin' where id = 'stf_1'`],
  ['staff.changed', 'stf_1', sql`update staff set name = 'Ina' where id = 'stf_1'`],
  ['staff.changed', 'stf_1', sql`update staff set username = 'ina' where id = 'stf_1'`],
  ['staff.changed', 'stf_1', sql`update staff set password_hash = 'secret2' where id = 'stf_1'`],
  ['staff.changed', 'stf_1', sql`update staff set public_key = 'secret2' where id = 'stf_1'`],
  ['staff.changed', 'stf_1', sql`update staff set sealed_key = 'secret2' where id = 'stf_1'`],
  [
    'tariff.changed',
    'onus',
    sql`insert into fee_tariff (rail, kind, version, fee_sen, valid_from, proposed_by, approved_by, approved_at, source)
      values ('onus', 'credit_transfer', 0 + 7, 1, ${new Date(AT.getTime() + 3_600_000)}, 'stf_1', 'stf_1b', ${AT}, 'fee')`,
  ],
  [
    'partner_terms.changed',
    'par_1',
    sql`insert into partner (id, name, public_key, secret, hmac_encoding, amount_max_sen, source_accounts, made_at)
      values ('par_1', 'Toko', 'secret', 'secret', 'hex', 1, '{}', ${AT})`,
  ],
  ['partner_terms.changed', 'par_1', sql`update partner set amount_max_sen = 2`],
  [
    'partner_key.changed',
    'par_1',
    sql`insert into partner_key (id, partner_id, kind, sealed, valid_from, made_at)
      values ('pky_1', 'par_1', 'secret', 'secret', ${AT}, ${AT})`,
  ],
  [
    'partner_limit.changed',
    'par_1',
    sql`insert into partner_limit (partner_id, service_group, per_second_max) values ('par_1', 'token', 5)`,
  ],
  ['partner_limit.changed', 'par_1', sql`update partner_limit set per_second_max = 6`],
  ['partner_limit.changed', 'par_1', sql`delete from partner_limit`],
  ['partner_limit.changed', '*', sql`truncate partner_limit`],
  ['partner_key.changed', 'par_1', sql`update partner_key set sealed = 'secret2'`],
  ['partner_key.changed', 'par_1', sql`delete from partner_key`],
  ['partner_key.changed', '*', sql`truncate partner_key`],
  ['partner_terms.changed', 'par_1', sql`delete from partner`],
  ['tariff.changed', '*', sql`truncate fee_tariff`],
  ['staff.changed', 'stf_1', sql`delete from staff where id = 'stf_1'`],
];

/** What hangs on other tables is emptied with them, and each says so. */
const EMPTIED: readonly (readonly [table: Sql, kinds: readonly string[]])[] = [
  [
    sql`truncate partner cascade`,
    ['partner_key.changed', 'partner_limit.changed', 'partner_terms.changed'],
  ],
  [sql`truncate staff cascade`, ['staff.changed', 'tariff.changed']],
];

test('T16 a protection that is changed at the database itself tells the stream and D20, without its value, whoever changes it', () =>
  withTestDb(async (db) => {
    await db.query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values ('stf_1b', 'Budi', 'budi', 'risk', 'x', 'x', 'x', ${AT})`);
    let last = (await eventsAfter(db, 0n)).at(-1)!.id;
    for (const [kind, subject, change] of CHANGES) {
      await db.query(change);
      const events = await eventsAfter(db, last);
      last = events.at(-1)!.id;
      const told = events.map((one) => [one.kind, one.subject]);
      assert.deepEqual(told, [[kind, subject]], change.text);
      const [one] = events;
      assert.equal(typeof one!.data['databaseUser'], 'string');
      assert.doesNotMatch(JSON.stringify(one!.data), /secret/);
      const nowMs = AT.getTime() + 1_000;
      const found = foldBatch(coldFlow(), { events, entries: [], nowMs });
      assert.deepEqual(
        found.map(({ detector, evidence }) => [detector, evidence[0], evidence[1]]),
        [['D20', subject, kind]],
        'a Saturday',
      );
    }
    // Tries at a password change the row, and no protection; what changes nothing is no change.
    await db.query(sql`update staff set failed_count = failed_count + 1`);
    await db.query(sql`update staff set role = role`);
    assert.deepEqual(await eventsAfter(db, last), []);
    for (const [empty, kinds] of EMPTIED) {
      await db.query(empty);
      const events = await eventsAfter(db, last);
      last = events.at(-1)!.id;
      assert.deepEqual(
        events.map((one) => `${one.kind} ${one.subject}`).toSorted(),
        kinds.map((kind) => `${kind} *`),
      );
    }
  }));

test('a setting tells the order that it names, and a time that runs ahead is the database clock', () =>
  withTestDb(async (db) => {
    await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source) values
      ('a', 1, '1', ${AT}, 'stf_1', 'stf_2', 'CHG-2041, as agreed'),
      ('b', 1, '1', ${new Date('2099-01-01T00:00:00Z')}, 'stf_1', null, 'by word of mouth')`);
    const [known, ahead] = await eventsAfter(db, 0n);
    assert.deepEqual(
      [known!.atMs, known!.data['ticket'], known!.data['by'], known!.data['approvedBy']],
      [AT.getTime(), 'CHG-2041', 'stf_1', 'stf_2'],
    );
    assert.ok(ahead!.atMs < Date.parse('2099-01-01T00:00:00Z'));
    assert.equal(ahead!.data['ticket'], undefined);
  }));

test('T16 a change that is dated years back is told now, and in this month', () =>
  withTestDb(async (db) => {
    const later = new Date(AT.getTime() + 3_600_000);
    await db.query(sql`insert into event (on_date, at, kind, subject, data)
      values ('2025-03-29', ${later}, 'payment.settled', 'pay_1', '{}')`);
    await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values ('guard.numbers', 1, '{}', '2016-02-01', 'stf_1', 'stf_2', 'CHG-2041, as agreed')`);
    const told = (await eventsAfter(db, 0n)).at(-1)!;
    assert.deepEqual([told.kind, told.atMs], ['setting.changed', later.getTime()]);
    const months = await db.query(sql`select to_regclass('event_201602') as made`);
    assert.deepEqual(
      months.map((row) => ({ ...(row as object) })),
      [{ made: null }],
    );
  }));

test('T16 a temporary table of the same name hides no change, and explains no break to the role of core', () =>
  withTestDb(async (db) => {
    const before = (await eventsAfter(db, 0n)).at(-1)?.id ?? 0n;
    await db.tx(async (tx) => {
      // An operator who may write settings and owns nothing.
      await tx.query(sql`grant insert on setting to pulih_core`);
      await tx.query(sql`set local role pulih_core`);
      await tx.query(
        sql`create temp table event (on_date date, at timestamptz, kind text, subject text, data text) on commit drop`,
      );
      await tx.query(sql`grant all on pg_temp.event to public`);
      await tx.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
        values ('guard.numbers', 1, '{}', ${AT}, 'stf_1', 'stf_2', 'CHG-2041, as agreed')`);
    });
    assert.deepEqual(
      (await eventsAfter(db, before)).map(({ kind, subject }) => [kind, subject]),
      [['setting.changed', 'guard.numbers']],
    );
    await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
      values ('brk_1', 'orphan', 'bifast', 'X', 1, 'orphan', ${AT})`);
    await assert.rejects(
      db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        await tx.query(
          sql`create temp table break_proposal (id text, break_id text, state text, approved_at timestamptz) on commit drop`,
        );
        await tx.query(
          sql`insert into break_proposal values ('x', 'brk_1', 'done', ${new Date(AT.getTime() + 1)})`,
        );
        await tx.query(
          sql`update match_break set closed_at = ${AT}, explained_by = 'x' where id = 'brk_1'`,
        );
      }),
      (error: Error) => /explanation of two people/.test(String(error.cause)),
    );
  }));
