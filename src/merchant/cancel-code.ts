/** Calls back a dynamic code that nobody has paid. The ledger counts the code as used, so that of a cancellation and a payment in the same
 * moment one passes, over all processes. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/canonical.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { Companion, LedgerPort } from '../ledger/port.ts';
import { codeCounter } from '../payment/limits.ts';
import type { MadeCode } from './port.ts';
import { markCodeCancelled } from './store.ts';

interface Cancellation {
  readonly codeId: string;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
}

/** Cancels; `used` when a payment was first. Idempotent by the code: the first cancellation's instant stays. Throws DbFault, LedgerBusy. */
export async function cancelCode(
  context: { readonly db: Db; readonly time: Time; readonly ledger: Pick<LedgerPort, 'post'> },
  input: { readonly code: MadeCode; readonly by: string; readonly reason: string },
): Promise<'cancelled' | 'used'> {
  const { code, by, reason } = input;
  if (code.cancelledAtMs !== undefined) return 'cancelled';
  if (code.paymentId !== undefined) return 'used';
  const atMs = context.time.now();
  const day = wibDate(atMs);
  const key = `code-cancel:${code.id}`;
  const row: Cancellation = { codeId: code.id, by, reason, atMs };
  const result = await context.ledger.post({
    key,
    requestHash: sha256(key),
    paymentId: code.id,
    legs: [],
    counters: [codeCounter(code.id)],
    valueDate: day,
    businessDate: day,
    companion: { of: cancelCompanion as Companion<never>, row },
  });
  if (result.ok) return 'cancelled';
  assert(result.reason === 'limit_exceeded', 'only a payment can be before a cancellation');
  return 'used';
}

const cancelCompanion: Companion<Cancellation> = {
  name: 'merchant_code',
  async write(tx, rows) {
    const cancelled = await markCodeCancelled(
      tx,
      rows.map(({ row }) => row),
    );
    assert(cancelled === rows.length, 'a code that is counted as used was unused');
    await recordEvents(
      tx,
      rows.map(({ row: { atMs, codeId, by, reason } }) => ({
        atMs,
        kind: 'merchant_code.cancelled',
        subject: codeId,
        data: { by, reason },
      })),
    );
  },
};
