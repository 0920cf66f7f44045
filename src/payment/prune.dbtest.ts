import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { wibDate } from '../kernel/time.ts';
import { deleteCounters } from '../ledger/store-counter.ts';
import { pruneCounters } from './prune.ts';

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
