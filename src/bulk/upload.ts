/** Takes a company's list: reads it, and writes it with its rows and their faults in one commit, so that half a list is never there. */
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import { plainText } from '../payment/text.ts';
import type { BulkContext } from './context.ts';
import type { Bulk, UploadCommand, UploadResult } from './port.ts';
import { readFile, type ReadRow } from './read-file.ts';
import { tell } from './record.ts';
import {
  countOpen,
  insertBulk,
  insertRows,
  lockCustomer,
  selectBankNames,
  selectBulk,
  selectLimits,
  selectUploaded,
} from './store.ts';

/** Lists of one customer that are not over. */
export const OPEN_BULKS_MAX = 10;
/** How long a list waits for its PIN: names that were checked longer ago may lead elsewhere. */
export const AGREE_WITHIN_MS = 24 * 3_600_000;
const NAME_MAX = 60;
const UNNAMED = '-';

/** Takes it. Durable when it answers. */
export async function upload(context: BulkContext, command: UploadCommand): Promise<UploadResult> {
  const { db } = context;
  const limits = await selectLimits(db, command.customerId);
  if (!limits) return { ok: false, reason: 'bulk_not_agreed' };
  const banks = new Map(
    [
      ...(await selectBankNames(db)),
      { bic: context.bank.bic, code: context.bank.bankCode },
    ].flatMap(({ bic, code }) => [
      [bic, bic],
      [code, bic],
    ]),
  );
  const read = readFile(command.file, {
    bankOf: (text) => banks.get(text),
    rowMax: limits.rowMax,
  });
  if (!read.ok) return read;
  return write(context, { command, rows: read.rows });
}

async function write(
  context: BulkContext,
  { command, rows }: { readonly command: UploadCommand; readonly rows: readonly ReadRow[] },
): Promise<UploadResult> {
  const { customerId, key, debitAccount, file } = command;
  // Of control characters alone nothing is left.
  const name = plainText(command.name, NAME_MAX) || UNNAMED;
  const fileHash = sha256(canonicalJson({ debitAccount, name, file }));
  return context.db.tx(async (tx): Promise<UploadResult> => {
    await lockCustomer(tx, customerId);
    const known = await selectUploaded(tx, { customerId, key });
    if (known && !known.fileHash.equals(fileHash)) return { ok: false, reason: 'key_conflict' };
    if (known) return { ok: true, isRepeat: true, bulk: known.bulk };
    if ((await countOpen(tx, customerId)) >= OPEN_BULKS_MAX)
      return { ok: false, reason: 'too_many_bulks' };
    const nowMs = context.time.now();
    const bulk: Bulk = {
      id: newId('blk', nowMs, context.random),
      customerId,
      name,
      debitAccount,
      rowCount: rows.length,
      state: 'checking',
      endsAtMs: nowMs + AGREE_WITHIN_MS,
      dueAtMs: nowMs,
      madeAtMs: nowMs,
      changedAtMs: nowMs,
      version: 0n,
    };
    await insertBulk(tx, { ...bulk, uploadKey: key, fileHash });
    await insertRows(tx, { bulkId: bulk.id, rows });
    const faultyCount = rows.filter((row) => row.fault).length;
    await tell(context, tx, {
      bulk,
      fact: 'made',
      nowMs,
      data: { rowCount: rows.length, faultyCount },
    });
    return { ok: true, isRepeat: false, bulk: (await selectBulk(tx, bulk.id))! };
  });
}
