/** Posts for cards: the payment's rows and what the card itself remembers, in the one commit of the money. */
import type { Tx } from '../db/pool.ts';
import { DbFault } from '../db/pool.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import type { Companion, Counter, Leg, PostResult } from '../ledger/port.ts';
import { paymentCompanion, type PaymentInsert, type PaymentWrite } from '../payment/change.ts';
import type { CardContext } from './context.ts';
import { clearTries } from './store.ts';

interface CardWrite {
  readonly payments: readonly PaymentWrite[];
  /** Its right PIN is forgiven its wrong ones. */
  readonly cleared?: string;
}

/** One object, so that the ledger nets every card of a batch into one call. */
const cardCompanion: Companion<CardWrite> = {
  name: 'card',
  async write(tx: Tx, rows) {
    const cleared = rows.flatMap(({ row }) => row.cleared ?? []);
    // One after the other: beside it, a statement that fails because the transaction has failed could be heard before the reason.
    await paymentCompanion.write(
      tx,
      rows.map(({ row, posted, at }) => ({ row: row.payments, posted, at })),
    );
    if (cleared.length > 0) await clearTries(tx, cleared);
  },
};

/** What one posting of a card is. */
export interface CardPost {
  readonly key: string;
  /** What was asked: the same key with another body is a conflict. */
  readonly body: Readonly<Record<string, string>>;
  readonly paymentId: string;
  readonly dates: { readonly valueDate: string; readonly businessDate: string };
  readonly legs: readonly Leg[];
  readonly counters?: readonly Counter[];
  readonly writes: readonly PaymentWrite[];
  readonly cleared?: string;
}

/** Posts; when nobody knows whether it was committed, asks again under the same key, once. Throws DbFault, LedgerBusy. */
export async function postCard(context: CardContext, input: CardPost): Promise<PostResult> {
  const row: CardWrite = {
    payments: input.writes,
    ...(input.cleared !== undefined && { cleared: input.cleared }),
  };
  const request = {
    key: input.key,
    requestHash: sha256(canonicalJson(input.body)),
    paymentId: input.paymentId,
    legs: input.legs,
    ...input.dates,
    ...(input.counters && { counters: input.counters }),
    companion: { of: cardCompanion, row },
  };
  try {
    return await context.ledger.post(request);
  } catch (error) {
    // Somebody answered the same request at the same time and came first: nothing of ours was written.
    if (error instanceof DbFault && error.constraint === 'payment_card_request')
      return { ok: false, repeated: false, reason: 'key_conflict' };
    if (!(error instanceof DbFault && error.commitUnknown)) throw error;
    context.log.warn({ paymentId: input.paymentId }, 'card.commit_unknown');
    return context.ledger.post(request);
  }
}

/** The dates of a row. */
export function datesOf({ row }: Pick<PaymentInsert, 'row'>): CardPost['dates'] {
  return { valueDate: row.valueDate, businessDate: row.businessDate };
}
