import assert from 'node:assert/strict';
import test from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { wallTime } from '../kernel/time.ts';
import { watchDatabase } from './database-watch.ts';

test('T16 watchDatabase() with the role of guard sees a trigger that somebody disables, a right that is given, and says nothing of a month made', () =>
  withTestDb(async (db, url) => {
    const time = wallTime();
    const asGuard = `${url}?options=${encodeURIComponent('-c role=pulih_guard')}`;
    const guard = openDb({ url: asGuard, size: 1, time, name: 'guard' });
    const look = async (): Promise<readonly string[]> => {
      await watchDatabase({ time, db: guard }, guard);
      const rows = await db.query<{ subject: string }>(
        sql`select subject from event where kind = 'database.changed' order by id`,
      );
      return rows.map(({ subject }) => subject);
    };
    try {
      assert.deepEqual([await look(), await look()], [[], []]);
      await db.query(sql`select ensure_partitions('2031-05-01'::date)`);
      assert.deepEqual(await look(), []);
      await db.script('alter table setting disable trigger setting_told');
      assert.deepEqual(await look(), ['triggers']);
      await db.script('grant update on setting to pulih_core');
      assert.deepEqual(await look(), ['triggers', 'grants']);
    } finally {
      await guard.close();
    }
  }));
