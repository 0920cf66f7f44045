import assert from 'node:assert/strict';
import test from 'node:test';
import { ensurePartitions } from './partition.ts';
import type { Db } from './pool.ts';
import { sql } from './sql.ts';
import { withTestDb } from './test-database.ts';

async function write(db: Db, date: string): Promise<string> {
  const [row] = await db.query<{ name: string }>(sql`
    insert into event (on_date, at, kind, subject, data) values (${date}::date, ${date}::date, 'test.happened', 's', '{}') returning tableoid::regclass::text as name`);
  return row!.name;
}

test('ensurePartitions() makes this month and the two that follow, once, whoever asks at the same time', async () => {
  await withTestDb(async (db) => {
    await Promise.all([1, 2, 3].map(() => ensurePartitions(db, '2031-11-30')));
    assert.equal(await write(db, '2031-11-30'), 'event_203111');
    assert.equal(await write(db, '2031-12-01'), 'event_203112');
    assert.equal(await write(db, '2032-01-31'), 'event_203201');
    assert.equal(await write(db, '2032-02-01'), 'event_default');
  });
});

test('ensurePartitions() leaves a month alone whose rows already went to the default partition', async () => {
  await withTestDb(async (db) => {
    assert.equal(await write(db, '2033-05-05'), 'event_default');
    await ensurePartitions(db, '2033-05-06');
    assert.equal(await write(db, '2033-05-07'), 'event_default');
    assert.equal(await write(db, '2033-06-01'), 'event_203306');
  });
});
