import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { PAYMENT_MOVES } from './state.ts';

test('payment_move holds exactly the moves of PAYMENT_MOVES', () =>
  withTestDb(async (db) => {
    const rows = await db.query<{ from_state: string; to_state: string }>(
      sql`select from_state, to_state from payment_move`,
    );
    const inSql = rows.map((row) => `${row.from_state}>${row.to_state}`).sort();
    const inCode = Object.entries(PAYMENT_MOVES)
      .flatMap(([from, tos]) => tos.map((to) => `${from}>${to}`))
      .sort();
    assert.deepEqual(inSql, inCode);
  }));
