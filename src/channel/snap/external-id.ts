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
      // The first of equal ids in one batch is the one that may get it.
      const firsts = new Map<string, ExternalIdRow>();
      for (const row of rows) if (!firsts.has(keyOf(row))) firsts.set(keyOf(row), row);
      const taken = new Set((await insertExternalIds(db, [...firsts.values()])).map(keyOf));
      return rows.map((row) => taken.has(keyOf(row)) && firsts.get(keyOf(row)) === row);
    },
  });
}

function keyOf(row: ExternalIdRow): string {
  return `${row.partnerId} ${row.day} ${row.externalId}`;
}
