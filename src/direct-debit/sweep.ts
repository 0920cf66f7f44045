/** Ends requests that stopped half way and that nobody asked about again: what the engine paid is paid, and what it never heard of it will
 * never pay, because its key is taken first. So no request stays open for ever (T1), and none is called failed on a guess (T2). */
import { sha256 } from '../kernel/canonical.ts';
import { wibDate } from '../kernel/time.ts';
import { reasonOf } from '../payment/limits.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { giveBackLimit, settleOn, submitHash, type DebitContext } from './pay.ts';
import { selectOpenDebits, type DirectDebit } from './store.ts';

/** A request is over long before; one that is still on its way finds its key taken. */
const OPEN_MS = 60_000;
const PAGE_MAX = 100;

type Context = DebitContext & {
  readonly engine: Pick<PaymentEngine, 'submit' | 'find'>;
};

/** Ends what is open for too long; how many. Throws DbFault, LedgerBusy: the next sweep goes on. */
export async function sweepDebits(context: Context): Promise<number> {
  const before = new Date(context.time.now() - OPEN_MS);
  const open = await selectOpenDebits(context.db, { before, limit: PAGE_MAX });
  for (const debit of open) await endOne(context, debit);
  return open.length;
}

async function endOne(context: Context, debit: DirectDebit): Promise<void> {
  const day = wibDate(context.time.now());
  const request = {
    key: `snap:${debit.partnerId}:${debit.partnerReferenceNo}`,
    paymentId: debit.id,
    legs: [],
    valueDate: day,
    businessDate: day,
  };
  const abandoned = sha256(`abandoned:${debit.id}`);
  const taken = await context.ledger.post({ ...request, requestHash: abandoned });
  if (taken.ok) return endUnpaid(context, debit, 'abandoned');
  // The key is somebody's: only under this debit's own hash is it the engine's word about this debit.
  const said = await context.ledger.post({ ...request, requestHash: submitHash(debit) });
  if (!said.ok) {
    const isLimit = said.reason === 'limit_exceeded';
    return endUnpaid(context, debit, isLimit ? reasonOf(said.counter ?? '') : said.reason);
  }
  const payment = await context.engine.find(said.posted.paymentId);
  if (payment?.state === 'settled')
    return settleOn(context, debit, { outcome: 'paid', paymentId: payment.id });
  return endUnpaid(context, debit, payment?.outcomeCode ?? 'abandoned');
}

async function endUnpaid(context: Context, debit: DirectDebit, outcome: string): Promise<void> {
  await giveBackLimit(context, debit);
  await settleOn(context, debit, { outcome });
}
