import assert from 'node:assert/strict';
import test from 'node:test';
import { withTestDb } from '../db/test-database.ts';
import { selectEventsAfter } from './store.ts';

test('the stream is in the order of transaction numbers, also where they gain a digit', async () => {
  await withTestDb(async (db) => {
    // A statement that gave the number out as text under its own name would sort 100 before 99, and a reader that stops at a
    // page's end would never see what comes between.
    const row = (xid: number): string =>
      `('${xid}', '2026-11-25', '2026-11-25T00:00:00Z', 'test.happened', 'x${xid}', '{}')`;
    await db.script(
      `insert into event (xid, on_date, at, kind, subject, data) values ${[100, 9, 99, 10].map(row).join(', ')}`,
    );
    const after = await selectEventsAfter(db, { xid: '0', id: 0n, limit: 3 });
    assert.deepEqual(
      after.map(({ xid }) => xid),
      ['9', '10', '99'],
    );
  });
});
