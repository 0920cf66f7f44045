import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTestDb } from '../db/test-database.ts';
import { sql } from '../db/sql.ts';
import { insertEntries, selectEntries } from './store-journal.ts';

const START_MS = Date.parse('2026-11-28T03:00:00Z');
const HOUR_MS = 3_600_000;
const partition = 'gateway-1';

const entryAt = (position: number, atMs: number) => ({
  partition,
  position,
  atMs,
  body: { kind: 'feed_alive', cursor: String(position) } as const,
});

test('selectEntries() up to an instant passes over no entry: one that a clock ahead wrote comes with the next that is old enough', async () => {
  await withTestDb(async (db) => {
    await insertEntries(db, [
      entryAt(1, START_MS),
      entryAt(2, START_MS + HOUR_MS),
      entryAt(3, START_MS + 2_000),
      entryAt(4, START_MS + 60_000),
    ]);
    const read = async (after: number, notAfterMs: number) =>
      (await selectEntries(db, { partition, after, notAfterMs, limit: 10 })).map(
        ({ position }) => position,
      );
    assert.deepEqual(await read(0, START_MS), [1]);
    assert.deepEqual(await read(1, START_MS + 1_000), []);
    assert.deepEqual(await read(1, START_MS + 2_000), [2, 3]);
    assert.deepEqual(await read(3, START_MS + 59_999), []);
  });
});

test('selectEntries() up to an instant looks at no more than a page, however many younger ones wait', async () => {
  await withTestDb(async (db) => {
    const entries = Array.from({ length: 5_000 }, (_, index) =>
      entryAt(index + 1, START_MS + HOUR_MS),
    );
    await insertEntries(db, [entryAt(0, START_MS), ...entries]);
    await db.query(sql`analyze journal_entry`);
    const before = await blocksRead(db);
    for (let i = 0; i < 20; i++)
      await selectEntries(db, { partition, after: 0, notAfterMs: START_MS, limit: 50 });
    const blocks = (await blocksRead(db)) - before;
    assert.ok(blocks < 20 * 20, `${blocks} blocks for 20 looks`);
  });
});

/** Blocks of the table that were looked at, as PostgreSQL counts them. */
async function blocksRead(db: Parameters<typeof selectEntries>[0]): Promise<number> {
  await db.query(sql`select pg_stat_force_next_flush()`);
  await db.query(sql`select pg_stat_clear_snapshot()`);
  const [row] = await db.query<{ blocks: bigint }>(
    sql`select heap_blks_hit + heap_blks_read as blocks from pg_statio_user_tables where relname = 'journal_entry'`,
  );
  return Number(row!.blocks);
}
