/** Keys of a former version stand in the partner's row, the secret in clear. Seals them into `partner_key` and empties the row; runs
 * before a core starts. */
import type { Db } from '../../../db/pool.ts';
import { HOLDS_BACK_MS, keyRow, type KeyWriter } from './partner.ts';
import { clearLegacyKeys, insertPartnerKey, lockLegacyPartners } from './store.ts';

const PAGE = 100;
const PAGES_MAX = 1_000;

/** How many partners had keys in their row. Throws DbFault. */
export async function sealLegacyKeys(context: KeyWriter & { readonly db: Db }): Promise<number> {
  let sealed = 0;
  for (let page = 0; page < PAGES_MAX; page++) {
    const count = await sealPage(context);
    sealed += count;
    if (count < PAGE) break;
  }
  return sealed;
}

function sealPage(context: KeyWriter & { readonly db: Db }): Promise<number> {
  return context.db.tx(async (tx) => {
    const rows = await lockLegacyPartners(tx, PAGE);
    const nowMs = context.time.now();
    for (const { id, public_key: pem, secret } of rows) {
      for (const [kind, text] of [
        ['public', pem],
        ['secret', secret],
      ] as const) {
        if (text === null) continue;
        const row = keyRow(context, { partnerId: id, kind, text, fromMs: nowMs - HOLDS_BACK_MS });
        await insertPartnerKey(tx, { row, now: new Date(nowMs) });
      }
    }
    await clearLegacyKeys(
      tx,
      rows.map(({ id }) => id),
    );
    return rows.length;
  });
}
