import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTestDb } from '../../db/test-database.ts';
import { openExternalIds } from './external-id.ts';
import { deleteExternalIdsBefore } from './store.ts';

test('openExternalIds() gives an id to one of many, in one batch and across processes, and each day anew', () =>
  withTestDb(async (db) => {
    const [first, second] = [openExternalIds(db), openExternalIds(db)];
    const row = { partnerId: 'a', day: '2026-08-01', externalId: '1' };
    const one = await Promise.all(Array.from({ length: 20 }, () => first(row)));
    assert.deepEqual(
      one,
      [true, ...Array.from({ length: 19 }, () => false)],
      'the first of a batch has it',
    );
    const raced = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        (i % 2 ? first : second)({ ...row, externalId: String(100 + (((i * 7) >> 1) % 50)) }),
      ),
    );
    assert.equal(raced.filter(Boolean).length, 50);
    assert.deepEqual(
      await Promise.all([first({ ...row, partnerId: 'b' }), first({ ...row, day: '2026-08-02' })]),
      [true, true],
    );

    assert.equal(await deleteExternalIdsBefore(db, { day: '2026-08-02', limit: 1_000 }), 52);
    assert.equal(await first(row), true);
    assert.equal(await first({ ...row, day: '2026-08-02' }), false);
  }));
