import type { Db } from '../../db/pool.ts';
import { openBatcher } from './batcher.ts';
import { insertExternalIds, type ExternalIdRow } from './store.ts';

/** Takes an X-EXTERNAL-ID for a partner and WIB day; false when it was taken before, by any process.
 * Shape: durable before it answers; one statement and one commit for all that came meanwhile. Throws DbFault (then it is unknown
 * whether the id was taken; nothing else has happened yet) and BatcherFull. */
export function openExternalIds(db: Db): (row: ExternalIdRow) => Promise<boolean> {
  return openBatcher<ExternalIdRow, boolean>({
    batchMax: 1_000,
    waitingMax: 10_000,
    run: async (rows) => {
      const free = new Set((await insertExternalIds(db, rows)).map(keyOf));
      // Of equal ids in one batch the first gets it.
      return rows.map((row) => free.delete(keyOf(row)));
    },
  });
}

function keyOf(row: ExternalIdRow): string {
  return `${row.partnerId} ${row.day} ${row.externalId}`;
}
