import assert from 'node:assert/strict';
import test from 'node:test';
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { wibDate } from '../kernel/time.ts';
import { deleteCounters } from '../ledger/store-counter.ts';
import { pruneCounters, pruneMemory } from './prune.ts';
import { deleteMemory } from './screening/store.ts';

/** The database goes by its own clock, so this is today. */
const NOW_MS = Date.now();
const daysAgo = (days: number): string => wibDate(NOW_MS - days * 86_400_000);

test('pruneCounters() deletes counters of days long past, and no window and no newer day', async () => {
  await withTestDb(async (db) => {
    const kept = [
      `day|cus_a|${daysAgo(120)}`,
      `day|cus_b|${daysAgo(0)}`,
      'window|cus_a',
      'x|2020-01-01',
    ];
    const old = [`day|cus_a|${daysAgo(121)}`, `day|cus_b|${daysAgo(366)}`];
    await db.query(
      sql`insert into ledger_counter (key) select unnest(${[...kept, ...old]}::text[])`,
    );
    await db.query(sql`
      insert into ledger_counter (key) select 'day|cus_' || n || '|2020-01-01' from generate_series(1, 6000) n`);
    assert.equal(await pruneCounters(db, NOW_MS), old.length + 6_000);
    const left = await db.query<{ key: string }>(sql`select key from ledger_counter order by key`);
    assert.deepEqual(
      left.map(({ key }) => key),
      kept.toSorted(),
    );
    assert.equal(await pruneCounters(db, NOW_MS), 0);
  });
});

test('pruneCounters() waits for no batch: a counter that is locked stays until the next time', async () => {
  await withTestDb(async (db) => {
    await db.query(
      sql`insert into ledger_counter (key) values ('day|cus_a|2020-01-01'), ('day|cus_b|2020-01-01')`,
    );
    await db.tx(async (tx) => {
      await tx.query(sql`select from ledger_counter where key = 'day|cus_a|2020-01-01' for update`);
      assert.equal(await pruneCounters(db, NOW_MS), 1);
    });
    assert.equal(await pruneCounters(db, NOW_MS), 1);
  });
});

test('I5 the role of core deletes no counter of the last hundred days', async () => {
  await withTestDb(async (db) => {
    const today = daysAgo(0);
    await db.query(sql`insert into ledger_counter (key) values (${`day|cus_a|${today}`})`);
    const asCore = (day: string): Promise<unknown> =>
      db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        return deleteCounters(tx, { day, limit: 10 });
      });
    await assert.rejects(asCore('2999-01-01'), { code: '23514' });
    await assert.rejects(asCore(today), { code: '23514' });
    assert.equal(await asCore('2020-01-01'), 0);
  });
});

const at = (days: number): string => new Date(NOW_MS - days * 86_400_000).toISOString();

test('pruneMemory() forgets payees, devices and unused codes that are old, and nothing younger, nor a code that paid', async () => {
  await withTestDb(async (db) => {
    const key = (name: string): string => name.padEnd(16, '-');
    await db.script(`
      insert into customer (id, name, cohort_bucket, made_at) values ('C1', 'N', 1, '${at(900)}');
      insert into payee_history (payer, payee, first_at, last_at, last_amount_sen) values
        ('${key('a')}', '${key('old')}', '${at(800)}', '${at(401)}', 1), ('${key('a')}', '${key('yearly')}', '${at(800)}', '${at(399)}', 1);
      insert into payee_history select lpad(n::text, 16, '0'), '${key('x')}', '${at(800)}', '${at(500)}', 1 from generate_series(1, 6000) n;
      insert into signed_device (device, kind, subject, first_at, last_at) values
        ('${key('old')}', 'customer', 'C1', '${at(800)}', '${at(401)}'), ('${key('new')}', 'customer', 'C1', '${at(800)}', '${at(1)}');
      insert into presented_code (id, secret_hash, pan, customer_id, account, limit_sen, made_at, valid_until)
        select 'qpc_' || lpad(n::text, 26, '0'), sha256(n::text::bytea), '9360019900000000', 'C1', '1001', 1, day - interval '1 minute', day
        from (values (1, '${at(31)}'::timestamptz), (2, '${at(29)}'::timestamptz)) c (n, day);`);
    assert.equal(await pruneMemory(db, NOW_MS), 6_003);
    const left = await db.query<{ name: string }>(sql`
      select payee as name from payee_history union all select device from signed_device union all select right(id, 1) from presented_code order by 1`);
    assert.deepEqual(
      left.map(({ name }) => name),
      ['2', key('new'), key('yearly')],
    );
    assert.equal(await pruneMemory(db, NOW_MS), 0);
  });
});

test('I5 the role of core forgets nothing young, and deletes no row by itself', async () => {
  await withTestDb(async (db) => {
    const asCore = (work: (tx: Tx) => Promise<unknown>): Promise<unknown> =>
      db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        return work(tx);
      });
    for (const what of ['payee', 'device', 'code'] as const) {
      const beforeMs = NOW_MS - (what === 'code' ? 28 : 380) * 86_400_000;
      await assert.rejects(
        asCore((tx) => deleteMemory(tx, { what, beforeMs, limit: 1 })),
        { code: '23514' },
      );
      assert.equal(await asCore((tx) => deleteMemory(tx, { what, beforeMs: 0, limit: 1 })), 0);
    }
    for (const statement of [
      sql`delete from payee_history`,
      sql`delete from signed_device`,
      sql`delete from presented_code`,
    ])
      await assert.rejects(
        asCore((tx) => tx.query(statement)),
        { code: '42501' },
      );
  });
});
