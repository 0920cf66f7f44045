import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { silentLog } from '../kernel/log.ts';
import { virtualTime } from '../kernel/virtual-time.ts';
import { watchPartitions } from './partition-watch.ts';
import { SLOW_LOOP, withWorld } from './test-world.ts';

const DAY_MS = 86_400_000;
/** Rare loops: only the hourly look matters here. */
const RARE_LOOP = {
  ...SLOW_LOOP,
  stepMs: 6 * 3_600_000,
  copyMs: 6 * 3_600_000,
  pushMs: 6 * 3_600_000,
  statusMs: 6 * 3_600_000,
  tidyMs: 6 * 3_600_000,
  heartbeatMs: 6 * 3_600_000,
  leaseMs: 2 * DAY_MS,
} as const;

test('watchPartitions() makes each month before it begins, month after month, and finds nothing to alarm', async () => {
  await withTestDb(async (db) => {
    for (const month of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
      const time = virtualTime(
        Date.parse(`2031-${String(month).padStart(2, '0')}-28T23:30:00+07:00`),
      );
      await watchPartitions({ db, time, log: silentLog }, db);
    }
    const rows = await db.query<{ name: string }>(sql`
      select relname::text as name from pg_class where relkind = 'r' and relname ~ '^(event|partner_request|transfer)_203[12]' order by 1`);
    const names = rows.map(({ name }) => name);
    assert.equal(names.length, 3 * 14);
    assert.deepEqual(
      names.filter((name) => name.endsWith('203202')),
      ['event_203202', 'partner_request_203202', 'transfer_203202'],
    );
    assert.deepEqual(await db.query(sql`select id from event where kind like 'alarm.%'`), []);
  });
});

test('watchPartitions() tells in the last hour before a month that its partition is missing when it cannot be made', async () => {
  await withTestDb(async (db) => {
    await db.script('drop function ensure_partitions(date)');
    const time = virtualTime(Date.parse('2031-11-30T23:00:00+07:00'));
    await watchPartitions({ db, time, log: silentLog }, db);
    await watchPartitions({ db, time, log: silentLog }, db);
    const rows = await db.query<{ subject: string; data: string }>(sql`
      select subject, data from event where kind = 'alarm.partition_missing' order by subject`);
    assert.deepEqual(
      rows.map(({ subject }) => subject),
      ['event', 'partner_request', 'transfer'].flatMap((parent) => [
        `${parent}_203111`,
        `${parent}_203112`,
      ]),
    );
    assert.match(rows[0]!.data, /docs\/runbook\/partition_missing\.md/);
  });
});

test('rows in a default partition raise one alarm per table and month, and the month that they block is named each day', async () => {
  await withWorld(async (world) => {
    await world.db.script('drop table event_202504');
    await world.db.query(sql`insert into event (on_date, at, kind, subject, data)
      values ('2025-04-03', '2025-04-03', 'test.happened', 's', '{}')`);
    world.startGuard({ numbers: { loop: RARE_LOOP } });
    await world.pass(30 * 3_600_000);
    const subjects = async (kind: string): Promise<readonly string[]> =>
      (await world.events(kind)).map(({ subject }) => subject);
    assert.deepEqual(
      (await subjects('alarm.rows_in_default')).filter((one) => one.startsWith('event')),
      ['event_default 2025-04'],
    );
    const missing = await subjects('alarm.partition_missing');
    assert.deepEqual([...new Set(missing)], ['event_202504']);
    assert.equal(missing.length, 2, 'on two days');
  });
});
