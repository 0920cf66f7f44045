import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { listRestrictions } from './store.ts';

const NOW = new Date('2025-03-29T11:20:00+07:00');

async function insertRestriction(
  db: Db,
  row: { readonly id: string; readonly by: string; readonly evidence: readonly string[] },
): Promise<void> {
  await db.query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, changed_at)
    values (${row.id}, ${JSON.stringify({ evidence: row.evidence })}, 3, ${row.by}, false, 'active', ${NOW}, ${NOW})`);
}

test('listRestrictions() names who stopped and why: asked at the console, pressed at a gateway, or made by the guard', async () => {
  await withTestDb(async (db) => {
    await db.query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values ('stf_1', 'Andi Prasetyo', 'andi', 'operator', 'x', 'x', 'x', ${NOW})`);
    await insertRestriction(db, { id: 'rst_asked', by: 'stf_1', evidence: ['stp_1'] });
    await db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at, restriction_id)
      values ('stp_1', '{}', 'asked at the console', 'stf_1', ${NOW}, 'rst_asked')`);
    await insertRestriction(db, { id: 'latch_1', by: 'stf_1', evidence: ['gateway-1#12'] });
    for (const position of [11, 12, 13]) {
      const body = JSON.stringify({ kind: 'latched', reason: `pressed at ${position}` });
      await db.query(sql`insert into journal_entry (partition, position, kind, at, body)
        values ('gateway-1', ${position}, 'latched', ${NOW}, ${body})`);
    }
    await insertRestriction(db, { id: 'rst_guard', by: 'guard', evidence: ['gateway-1#12'] });
    const rows = await listRestrictions(db);
    assert.deepEqual(
      rows
        .toSorted((a, b) => a.id.localeCompare(b.id))
        .map(({ id, placed_name, stop_reason }) => [id, placed_name, stop_reason]),
      [
        ['latch_1', 'Andi Prasetyo', 'pressed at 12'],
        ['rst_asked', 'Andi Prasetyo', 'asked at the console'],
        ['rst_guard', null, null],
      ],
    );
  });
});
