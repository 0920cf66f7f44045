/** A partner pays a merchant by QRIS from a customer's account, within what that customer granted. The payment, its once-only and its limits are
 * the engine's, the grant's limits too: counted in the commit of the money and given back with it. This slice keeps which code was asked for,
 * by whose grant. */
import { recordEvents } from '../audit/record.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type {
  GrantTerms,
  PartnerDay,
  PaymentEngine,
  PaymentView,
  SubmitRefusal,
  SubmitResult,
  TransferCommand,
} from '../payment/port.ts';
import { reasonOf } from '../payment/limits.ts';
import type { DebitContext } from './pay.ts';
import {
  insertQrisDebit,
  isKeyTaken,
  selectQrisDebit,
  selectQrisDebitedPayments,
  type QrisDebit,
} from './store-qris.ts';

/** A request is over long before; one that is still on its way finds its key taken. */
const OPEN_MS = 60_000;

type Context = Omit<DebitContext, 'engine' | 'bic'> & {
  readonly engine: Pick<PaymentEngine, 'submit' | 'find'>;
};

export interface QrisDebitCommand {
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  /** SHA-256 over what identifies the request: code, amount, tip, account, customer. */
  readonly requestHash: Buffer;
  readonly grant: GrantTerms;
  readonly customerId: string;
  readonly account: string;
  readonly payload: string;
  /** Tip included. */
  readonly amountSen: Sen;
  readonly tipSen: Sen;
  readonly payee: {
    readonly bank: string;
    readonly account: string;
    readonly name: string;
    readonly part: Pick<TransferCommand, 'merchant' | 'qris'>;
  };
  readonly remark: string;
  readonly partnerDay?: PartnerDay;
}

/** Pays, once per reference (T6). A crash before the engine heard of it leaves a row and no money: the same request goes on from there.
 * `conflict`: another request stands under the reference. Throws DbFault: then nobody knows yet. */
export async function payQris(
  context: Context,
  command: QrisDebitCommand,
): Promise<SubmitResult | 'conflict'> {
  const debit = await openQrisDebit(context, command);
  faultPoint('qrisDebit.afterOpen');
  if (!debit.requestHash.equals(command.requestHash)) return 'conflict';
  const { payee, partnerId, partnerReferenceNo } = command;
  return context.engine.submit({
    channel: 'snap',
    key: keyOf(debit),
    requestHash: qrisHash(debit),
    debitAccount: command.account,
    creditorBank: payee.bank,
    creditorAccount: payee.account,
    creditorName: payee.name,
    amount: command.amountSen,
    remark: command.remark,
    partnerId,
    partnerReferenceNo,
    grant: command.grant,
    ...payee.part,
    ...(command.partnerDay && { partnerDay: command.partnerDay }),
  });
}

/** What became of a request: its payment, why there is none, or nothing yet. */
export type QrisDebitEnd =
  | { readonly kind: 'payment'; readonly payment: PaymentView }
  | { readonly kind: 'refused'; readonly reason: SubmitRefusal | 'abandoned' }
  | { readonly kind: 'open' };

/** Tells it. What the engine never heard of within a minute it will never pay, because its key is taken here first: so nothing stays open for
 * ever (T1), and nothing is called failed on a guess (T2). Throws DbFault, LedgerBusy. */
export async function findQrisDebitEnd(context: Context, debit: QrisDebit): Promise<QrisDebitEnd> {
  const day = wibDate(context.time.now());
  const request = {
    key: keyOf(debit),
    paymentId: debit.id,
    legs: [],
    valueDate: day,
    businessDate: day,
  };
  if (!(await isKeyTaken(context.db, request.key))) {
    if (context.time.now() - debit.madeAtMs < OPEN_MS) return { kind: 'open' };
    const abandoned = sha256(`abandoned:${debit.id}`);
    if ((await context.ledger.post({ ...request, requestHash: abandoned })).ok)
      return { kind: 'refused', reason: 'abandoned' };
  }
  // The key is somebody's: only under this request's own hash is it the engine's word about it.
  const said = await context.ledger.post({ ...request, requestHash: qrisHash(debit) });
  if (!said.ok) {
    if (said.reason === 'key_conflict') return { kind: 'refused', reason: 'abandoned' };
    const isLimit = said.reason === 'limit_exceeded';
    return { kind: 'refused', reason: isLimit ? reasonOf(said.counter ?? '') : said.reason };
  }
  const payment = await context.engine.find(said.posted.paymentId);
  return payment ? { kind: 'payment', payment } : { kind: 'refused', reason: 'abandoned' };
}

/** True where a payment paid a merchant by a grant. */
export async function isQrisDebited(
  context: Pick<DebitContext, 'db'>,
  paymentId: string,
): Promise<boolean> {
  return (await selectQrisDebitedPayments(context.db, [paymentId])).length > 0;
}

/** What the engine is asked: tells its answer from that of another service under the same reference. */
function qrisHash(debit: Pick<QrisDebit, 'id'>): Buffer {
  return sha256(`50:${debit.id}`);
}

/** One reference of a partner is one payment, whichever service it came by. */
function keyOf(debit: Pick<QrisDebit, 'partnerId' | 'partnerReferenceNo'>): string {
  return `snap:${debit.partnerId}:${debit.partnerReferenceNo}`;
}

async function openQrisDebit(context: Context, command: QrisDebitCommand): Promise<QrisDebit> {
  const known = await selectQrisDebit(context.db, command);
  if (known) return known;
  const madeAtMs = context.time.now();
  const id = newId('qdb', madeAtMs, context.random);
  const row = { ...command, id, grantId: command.grant.id, madeAtMs };
  await context.db.tx(async (tx) => {
    if (!(await insertQrisDebit(tx, row))) return;
    const data = {
      partnerId: row.partnerId,
      grantId: row.grantId,
      amountSen: String(row.amountSen),
    };
    await recordEvents(tx, [{ atMs: madeAtMs, kind: 'qris_debit.asked', subject: row.id, data }]);
  });
  const made = await selectQrisDebit(context.db, command);
  if (!made) throw new Error('Cannot pay by QRIS: its row is gone');
  return made;
}
