import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { virtualTime } from '../kernel/virtual-time.ts';
import { FILE_DEFAULTS, fileAlarm, watchFiles } from './file-watch.ts';

const HOUR = 3_600_000;

test('watchFiles() with the role of guard tells a late file and then a missing one, once a day, and none of a rail on which nothing moved', () =>
  withTestDb(async (db) => {
    const end = Date.parse('2025-03-29T17:00:00Z');
    const look = async (sinceEndMs: number): Promise<readonly string[]> => {
      const time = virtualTime(end + sinceEndMs);
      await db.tx(async (tx) => {
        await tx.query({ name: 'guard_role', text: 'set local role pulih_guard', values: [] });
        await watchFiles({ time }, { tx: (work) => work(tx) }, FILE_DEFAULTS);
      });
      const rows = await db.query<{ kind: string; subject: string }>(
        sql`select kind, subject from event where kind like 'alarm.file_%' order by id`,
      );
      return rows.map(({ kind, subject }) => `${kind} ${subject}`);
    };
    await db.query(sql`insert into settlement_line (line_id, rail, direction, biz_msg_idr, amount_sen, counterparty_bank, connector,
        settled_at, business_date, seen_at, match_state)
      select rail || '.1', rail, 'in', 'X', 1, 'BNINIDJA', '', ${new Date(end - HOUR)}, '2025-03-29', ${new Date(end)}, 'open'
      from unnest(array['switch', 'qris']) as r (rail)`);
    await db.query(sql`insert into settlement_statement (rail, business_date, received_at, line_count, body_hash)
      values ('qris', '2025-03-29', ${new Date(end + HOUR)}, 1, '')`);
    assert.deepEqual(await look(11 * HOUR), []);
    const late = 'alarm.file_late switch 2025-03-29';
    const missing = 'alarm.file_missing switch 2025-03-29';
    assert.deepEqual(await look(12 * HOUR), [late]);
    assert.deepEqual(await look(13 * HOUR), [late]);
    assert.deepEqual(await look(18 * HOUR), [late, missing]);
    assert.deepEqual(await look(19 * HOUR), [late, missing]);
    await db.query(sql`insert into settlement_statement (rail, business_date, received_at, line_count, body_hash)
      values ('switch', '2025-03-29', ${new Date(end + 20 * HOUR)}, 1, '')`);
    assert.deepEqual(await look(44 * HOUR), [late, missing], 'it came');
  }));

test('fileAlarm() is nothing, late, missing by its numbers', () => {
  const codes = [0, 11, 12, 17, 18].map((hours) => fileAlarm(hours * HOUR, FILE_DEFAULTS)?.code);
  assert.deepEqual(codes, [undefined, undefined, 'file_late', 'file_late', 'file_missing']);
});
