/** Ends requests that stopped half way and that nobody asked about again: what the engine paid is paid, and what it never heard of it will
 * never pay, because its key is taken first. So no request stays open for ever (T1), and none is called failed on a guess (T2). */
import { sha256 } from '../kernel/canonical.ts';
import { wibDate } from '../kernel/time.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { giveBackLimit, settleOn, type DebitContext } from './pay.ts';
import { selectOpenDebits, type DirectDebit } from './store.ts';

/** A request is over long before; one that is still on its way finds its key taken. */
const OPEN_MS = 60_000;
const PAGE_MAX = 100;

type Context = DebitContext & {
  readonly engine: Pick<PaymentEngine, 'submit' | 'findByPartnerReference'>;
};

/** Ends what is open for too long; how many. Throws DbFault, LedgerBusy: the next sweep goes on. */
export async function sweepDebits(context: Context): Promise<number> {
  const before = new Date(context.time.now() - OPEN_MS);
  const open = await selectOpenDebits(context.db, { before, limit: PAGE_MAX });
  for (const debit of open) await endOne(context, debit);
  return open.length;
}

async function endOne(context: Context, debit: DirectDebit): Promise<void> {
  if (await endAsPaid(context, debit)) return;
  const day = wibDate(context.time.now());
  const taken = await context.ledger.post({
    key: `snap:${debit.partnerId}:${debit.partnerReferenceNo}`,
    requestHash: sha256(`abandoned:${debit.id}`),
    paymentId: debit.id,
    legs: [],
    valueDate: day,
    businessDate: day,
  });
  // The engine was faster, or another service of the partner used the reference.
  if (!taken.ok && (await endAsPaid(context, debit))) return;
  await giveBackLimit(context, debit);
  await settleOn(context, debit, { outcome: taken.ok ? 'abandoned' : 'key_conflict' });
}

async function endAsPaid(context: Context, debit: DirectDebit): Promise<boolean> {
  const payment = await context.engine.findByPartnerReference(
    debit.partnerId,
    debit.partnerReferenceNo,
  );
  if (!payment || payment.debitAccount !== debit.account) return false;
  if (payment.state === 'settled') {
    await settleOn(context, debit, { outcome: 'paid', paymentId: payment.id });
    return true;
  }
  await giveBackLimit(context, debit);
  await settleOn(context, debit, { outcome: payment.outcomeCode ?? 'abandoned' });
  return true;
}
