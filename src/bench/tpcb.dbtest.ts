import assert from 'node:assert/strict';
import test from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { wallTime } from '../kernel/time.ts';
import { runTpcb } from './tpcb.ts';

test('runTpcb() measures, agrees with itself and leaves nothing behind', async () => {
  const url = process.env['PULIH_TEST_DATABASE_URL']!;
  const time = wallTime();
  const figures = await runTpcb({ url, scale: 8, clients: 8, seconds: 1, time });
  assert(figures.tps > 0 && figures.transactions > 0 && figures.p50Ms <= figures.p99Ms);
  await assert.rejects(
    runTpcb({ url, scale: 1, clients: 8, seconds: 1, time }),
    /scale of at least 8/,
  );
  const db = openDb({ url, size: 1, time, name: 'test' });
  const left =
    await db.query(sql`select datname from pg_database where datname like 'tpcb\\_%' and not exists (
    select from pg_stat_activity where pg_stat_activity.datname = pg_database.datname)`);
  await db.close();
  assert.deepEqual(left, []);
});
