/** Posts for presented codes: the payment's row and what the code itself remembers, in the one commit of the money. */
import { recordEvents } from '../audit/record.ts';
import { DbFault } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import type { Companion, Counter, Leg, PostResult } from '../ledger/port.ts';
import { paymentCompanion, type PaymentInsert } from '../payment/change.ts';
import type { PresentedContext } from './context.ts';
import { lockCodes, markCancelled, markPaid, markRefused } from './store.ts';

interface PresentedWrite {
  readonly payments: readonly PaymentInsert[];
  /** The code that the payment uses up. */
  readonly paid?: { readonly codeId: string; readonly paymentId: string };
  readonly refused?: {
    readonly codeId: string;
    readonly code: string;
    readonly amountSen: bigint;
  };
  readonly cancelled?: { readonly codeId: string; readonly atMs: number; readonly by: string };
}

/** One object, so that the ledger nets every code of a batch into one call. Locks the codes in the order of their ids before it notes
 * anything of one: a till's refusal takes no counter, so two batches could wait for each other. */
export const presentedCompanion: Companion<PresentedWrite> = {
  name: 'presented',
  async write(tx, rows) {
    const paid = rows.flatMap(({ row }) => row.paid ?? []);
    const cancelled = rows.flatMap(({ row }) => row.cancelled ?? []);
    const refused = rows.flatMap(({ row }) => row.refused ?? []);
    await lockCodes(
      tx,
      [...paid, ...cancelled, ...refused].map(({ codeId }) => codeId),
    );
    await paymentCompanion.write(
      tx,
      rows.map(({ row, posted, at }) => ({ row: row.payments, posted, at })),
    );
    const ended =
      (paid.length > 0 ? await markPaid(tx, paid) : 0) +
      (cancelled.length > 0 ? await markCancelled(tx, cancelled) : 0);
    assert(ended === paid.length + cancelled.length, 'a code that is counted as used was unused');
    await markRefused(tx, refused);
    if (cancelled.length > 0)
      await recordEvents(
        tx,
        cancelled.map(({ atMs, codeId, by }) => ({
          atMs,
          kind: 'presented_code.cancelled',
          subject: codeId,
          data: { by },
        })),
      );
  },
};

/** What one posting is. */
export interface PresentedPost extends Omit<PresentedWrite, 'payments'> {
  readonly key: string;
  /** What was asked: the same key with another body is a conflict. */
  readonly body: Readonly<Record<string, string>>;
  readonly paymentId: string;
  readonly dates: { readonly valueDate: string; readonly businessDate: string };
  readonly legs: readonly Leg[];
  readonly counters?: readonly Counter[];
  readonly writes: readonly PaymentInsert[];
}

/** Posts; when nobody knows whether it was committed, asks again under the same key, once. Throws DbFault, LedgerBusy. */
export async function postPresented(
  context: PresentedContext,
  input: PresentedPost,
): Promise<PostResult> {
  const { key, body, paymentId, dates, legs, counters, writes: payments, ...marks } = input;
  const row: PresentedWrite = { payments, ...marks };
  const request = {
    key,
    requestHash: sha256(canonicalJson(body)),
    paymentId,
    legs,
    ...dates,
    ...(counters && { counters }),
    companion: { of: presentedCompanion as Companion<never>, row },
  };
  try {
    return await context.ledger.post(request);
  } catch (error) {
    // Somebody answered the same message at the same time and came first: nothing of ours was written.
    if (error instanceof DbFault && error.constraint === 'payment_presented')
      return { ok: false, repeated: false, reason: 'key_conflict' };
    if (!(error instanceof DbFault && error.commitUnknown)) throw error;
    context.log.warn({ paymentId }, 'presented.commit_unknown');
    return context.ledger.post(request);
  }
}
