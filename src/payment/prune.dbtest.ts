import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { pruneCounters } from './prune.ts';

const NOW_MS = Date.parse('2026-11-27T05:00:00Z');

test('pruneCounters() deletes counters of days long past, and no window and no newer day', async () => {
  await withTestDb(async (db) => {
    const kept = ['day|cus_a|2026-07-30', 'day|cus_b|2026-11-27', 'window|cus_a', 'x|2020-01-01'];
    const old = ['day|cus_a|2026-07-29', 'day|cus_b|2025-11-27'];
    await db.query(
      sql`insert into ledger_counter (key) select unnest(${[...kept, ...old]}::text[])`,
    );
    await db.query(sql`
      insert into ledger_counter (key) select 'day|cus_' || n || '|2026-01-01' from generate_series(1, 6000) n`);
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
      sql`insert into ledger_counter (key) values ('day|cus_a|2026-01-01'), ('day|cus_b|2026-01-01')`,
    );
    await db.tx(async (tx) => {
      await tx.query(sql`select from ledger_counter where key = 'day|cus_a|2026-01-01' for update`);
      assert.equal(await pruneCounters(db, NOW_MS), 1);
    });
    assert.equal(await pruneCounters(db, NOW_MS), 1);
  });
});
