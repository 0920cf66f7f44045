import assert from 'node:assert/strict';
import test from 'node:test';
import { rowOf, withBulks } from '../bulk/test-bulk.ts';
import { watchBulks } from './bulk-watch.ts';

const MINUTE_MS = 60_000;

test('watchBulks() tells once a day, with the role of guard, that a list lies; one that waits for its owner is no alarm', () =>
  withBulks(async ({ bank, bulks, upload, workFor }) => {
    const look = async (): Promise<number> => {
      await bank.db.tx(async (tx) => {
        await tx.query({ name: 'guard_role', text: 'set local role pulih_guard', values: [] });
        await watchBulks(bank, { tx: (work) => work(tx) });
      });
      return (await bank.events('alarm.bulk_late')).length;
    };
    await upload([rowOf(1)]);
    await bank.time.sleep(14 * MINUTE_MS);
    assert.equal(await look(), 0);
    await bank.time.sleep(2 * MINUTE_MS);
    assert.deepEqual([await look(), await look()], [1, 1]);
    await workFor(1);
    await bulks.work();
    await bank.time.sleep(16 * 60 * MINUTE_MS);
    assert.equal(await look(), 1, 'ready: it waits for its owner');
  }));
