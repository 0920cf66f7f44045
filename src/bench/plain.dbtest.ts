import assert from 'node:assert/strict';
import test from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { wallTime } from '../kernel/time.ts';
import { openPlainLedger } from './plain.ts';

test('openPlainLedger() measures both references, agrees with itself and leaves nothing behind', async () => {
  const url = process.env['PULIH_TEST_DATABASE_URL']!;
  const time = wallTime();
  const plain = await openPlainLedger({ url, clients: 4, time });
  try {
    assert((await plain.perTransfer(0.5)) > 0);
    assert((await plain.bulkInsert(0.2)) > 0);
    assert((await plain.commitLone()) > 0);
    assert((await plain.perTransfer(0.2)) > 0, 'after a bulk insert the sums still agree');
  } finally {
    await plain.close();
  }
  const db = openDb({ url, size: 1, time, name: 'test' });
  const left = await db.query(sql`select 1 from pg_database where datname like 'plain\\_%'`);
  await db.close();
  assert.deepEqual(left, []);
});
