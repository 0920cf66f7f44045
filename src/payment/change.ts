/** What one state change writes, as data: the row, its lines, its events and the messages to customers. Everything here is
 * written in one transaction, either by the ledger (companion of a posting) or by the change queue. */
import type { MessageParams, MessageTemplate } from '../notify/template.ts';
import { networkIds } from '../authorisation/instruction.ts';
import { assert } from '../kernel/assert.ts';
import type { Companion, Posted } from '../ledger/port.ts';
import type { Tx } from '../db/pool.ts';
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import { queueNotices } from '../notify/partner-notice.ts';
import { noticesOf } from './partner-notice.ts';
import { insertBills, keepReceipts, type BillDetail } from './bill/store.ts';
import type { PaymentLine, PaymentRow } from './row.ts';
import type { PaymentState } from './state.ts';
import { saleNotices, writeSales, type RefundInsert, type SaleInsert } from './sale/sale.ts';
import { insertMessages, insertPayments, updatePayments } from './store.ts';
import {
  insertDecisions,
  insertReviews,
  updateReheld,
  type Rehold,
  type Review,
  type ReviewDecision,
} from './screening/store-review.ts';
import { upsertPairs, type PairPaid } from './screening/store.ts';
import { markCodesUsed, type CodeUse } from './store-code.ts';

export interface MessageDraft {
  readonly id: string;
  readonly customerId: string;
  readonly template: MessageTemplate;
  readonly params: MessageParams;
}

/** A new payment. `holds` says which leg of the posting holds what. */
export interface PaymentInsert {
  readonly kind: 'insert';
  readonly row: PaymentRow;
  readonly lines: readonly PaymentLine[];
  readonly holds?: { readonly principal: number; readonly fee?: number; readonly tax?: number };
  readonly events: (row: PaymentRow, posted: Posted) => readonly EventDraft[];
  readonly messages: readonly MessageDraft[];
  /** The dynamic QRIS code that it uses up. */
  readonly usesCode?: string;
  /** A merchant's sale, and whom of its partners is told. */
  readonly sale?: SaleInsert;
  /** What of a sale it gives back. */
  readonly refund?: RefundInsert;
  /** What a bill payment is for. */
  readonly bill?: BillDetail;
  /** Why it waits for a person. */
  readonly review?: Review;
  /** To be remembered for the next payment of the same pair. */
  readonly paid?: PairPaid;
}

/** What a release makes of what the ledger posted for it. */
export type Release = (posted: Posted) => Omit<Rehold, 'paymentId'>;

/** Fields that a change may set; those left out keep their value. `dueAtMs` always follows the change: absent = no longer due. */
export interface PaymentPatch {
  readonly outcomeCode?: string | undefined;
  readonly outcomeSource?: string | undefined;
  readonly settledAtMs?: number | undefined;
  readonly promiseAtMs?: number | undefined;
  readonly promiseRenewals?: number | undefined;
  readonly resolveByMs?: number | undefined;
  readonly statementDate?: string | undefined;
  readonly inquireAtMs?: number | undefined;
  readonly dueAtMs?: number | undefined;
  readonly leasedUntilMs?: number | undefined;
  readonly attemptCount?: number | undefined;
  readonly inquiryCount?: number | undefined;
}

/** A compare-and-set of one payment. Without `to` the state stays and only the clocks and counters move. */
export interface PaymentChange {
  readonly kind: 'change';
  readonly id: string;
  readonly from: readonly PaymentState[];
  readonly to?: PaymentState;
  /** Only when the row still has this version: nobody claimed it in between. */
  readonly version?: bigint;
  readonly atMs: number;
  readonly set: PaymentPatch;
  /** A bill's receipt, sealed, where this change knows it. */
  readonly receipt?: string | undefined;
  /** Of a payment that waited: its new holds, and the word about it. Only beside a posting. */
  readonly release?: Release;
  readonly decision?: ReviewDecision | undefined;
  readonly events: (row: PaymentRow) => readonly EventDraft[];
  readonly messages: (row: PaymentRow) => readonly MessageDraft[];
}

export type PaymentWrite = PaymentInsert | PaymentChange;

/** The inserted row with what the ledger allocated in the same commit. */
export function completeInsert(insert: PaymentInsert, posted: Posted): PaymentRow {
  return {
    ...insert.row,
    ...(insert.holds && { principalHold: posted.transferIds[insert.holds.principal] }),
    ...(insert.holds?.fee !== undefined && { feeHold: posted.transferIds[insert.holds.fee] }),
    ...(insert.holds?.tax !== undefined && { taxHold: posted.transferIds[insert.holds.tax] }),
    ...(posted.instruction && networkIds(posted.instruction)),
  };
}

/** Writes changes set-based; the rows that moved. A change whose row stands elsewhere does nothing and writes nothing. */
export async function applyChanges(
  tx: Tx,
  changes: readonly PaymentChange[],
): Promise<ReadonlyMap<string, PaymentRow>> {
  if (changes.length === 0) return new Map();
  const moved = new Map((await updatePayments(tx, changes)).map((row) => [row.id, row]));
  const events: EventDraft[] = [];
  const messages: (MessageDraft & { paymentId: string; atMs: number })[] = [];
  for (const change of changes) {
    const row = moved.get(change.id);
    if (!row) continue;
    events.push(...change.events(row));
    messages.push(
      ...change
        .messages(row)
        .map((message) => ({ ...message, paymentId: row.id, atMs: change.atMs })),
    );
  }
  await Promise.all([
    // First, for it asks before it writes: its answer is here while the others are still written.
    queueNotices(tx, noticesOf(moved.values())),
    recordEvents(tx, events),
    insertMessages(tx, messages),
    insertDecisions(tx, decisionsOf(changes, moved)),
    keepReceipts(tx, settledBills(changes, moved)),
  ]);
  return moved;
}

/** The words about payments that waited and moved now. */
function decisionsOf(
  changes: readonly PaymentChange[],
  moved: ReadonlyMap<string, PaymentRow>,
): Parameters<typeof insertDecisions>[1] {
  return changes.flatMap(({ id, atMs, decision }) => {
    const row = moved.get(id);
    return row && decision ? [{ paymentId: id, atMs, amountSen: row.amountSen, decision }] : [];
  });
}

/** Bills that these changes settled: with their receipt, or due to be asked for it. */
function settledBills(
  changes: readonly PaymentChange[],
  moved: ReadonlyMap<string, PaymentRow>,
): readonly { paymentId: string; receipt: string | undefined; atMs: number }[] {
  return changes.flatMap(({ id, to, receipt, atMs }) =>
    to === 'settled' && moved.get(id)?.kind === 'bill' ? [{ paymentId: id, receipt, atMs }] : [],
  );
}

/** Writes payments beside the ledger's rows. One object, so that the ledger nets every payment of a batch into one call. */
export const paymentCompanion: Companion<readonly PaymentWrite[]> = {
  name: 'payment',
  async write(tx, rows) {
    const inserts: (Pick<PaymentInsert, 'lines' | 'sale' | 'refund'> & { row: PaymentRow })[] = [];
    const bills: { row: PaymentRow; bill: BillDetail }[] = [];
    const events: EventDraft[] = [];
    const messages: (MessageDraft & { paymentId: string; atMs: number })[] = [];
    const changes: PaymentChange[] = [];
    const uses: CodeUse[] = [];
    const reviews: Parameters<typeof insertReviews>[1][number][] = [];
    const reholds: Rehold[] = [];
    const paid: PairPaid[] = [];
    for (const { row: writes, posted } of rows) {
      for (const write of writes) {
        if (write.kind === 'change') {
          changes.push(write);
          if (write.release) reholds.push({ paymentId: write.id, ...write.release(posted) });
          continue;
        }
        const row = completeInsert(write, posted);
        inserts.push({ ...write, row });
        if (write.usesCode !== undefined)
          uses.push({ codeId: write.usesCode, paymentId: row.id, atMs: row.madeAtMs });
        if (write.paid) paid.push(write.paid);
        if (write.bill) bills.push({ row, bill: write.bill });
        if (write.review)
          reviews.push({ paymentId: row.id, atMs: row.madeAtMs, review: write.review });
        events.push(...write.events(row, posted));
        messages.push(
          ...write.messages.map((message) => ({
            ...message,
            paymentId: row.id,
            atMs: row.madeAtMs,
          })),
        );
      }
    }
    // In this order on the one connection: a released row moves with its new holds.
    const reheld = updateReheld(tx, reholds);
    const [moved, used] = await Promise.all([
      applyChanges(tx, changes),
      uses.length > 0 ? markCodesUsed(tx, uses) : 0,
      queueNotices(tx, [...noticesOf(inserts.map(({ row }) => row)), ...saleNotices(inserts)]),
      inserts.length > 0 ? insertPayments(tx, inserts) : undefined,
      // Behind its payment on the same connection: the row it refers to is there.
      bills.length > 0 ? insertBills(tx, bills) : undefined,
      insertReviews(tx, reviews),
      upsertPairs(tx, paid),
      reheld,
      writeSales(tx, inserts),
      recordEvents(tx, events),
      insertMessages(tx, messages),
    ]);
    // The ledger counted each code to one before this.
    assert(used === uses.length, 'a code that is counted as used was unused');
    // The holds that were ended beside it let only one final change through, so a miss is a bug: nothing is committed.
    for (const change of changes)
      assert(moved.has(change.id), `payment ${change.id} moves with its money`);
  },
};
