/** A partner takes a payment from a customer's account, within what that customer granted: so much at once, so much a day. The payment
 * itself is the engine's, with all its limits, rules and messages; this slice holds the grant's limits and the reference's one answer. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { LedgerPort } from '../ledger/port.ts';
import { grantDayKey } from '../payment/limits.ts';
import type { PartnerDay, PaymentEngine } from '../payment/port.ts';
import {
  insertDebit,
  insertDebitMessage,
  selectDebit,
  selectPartnerName,
  updateOutcome,
  type DirectDebit,
} from './store.ts';

export interface DebitContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly ledger: Pick<LedgerPort, 'post'>;
  readonly engine: Pick<PaymentEngine, 'submit'>;
  /** Our own BIC. */
  readonly bic: string;
}

export interface DebitCommand {
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  /** SHA-256 over what identifies the request: amount, account, reference. */
  readonly requestHash: Buffer;
  readonly grant: {
    readonly id: string;
    readonly customerId: string;
    readonly limitSen: Sen;
    readonly dayLimitSen: Sen;
  };
  readonly account: string;
  readonly merchantAccount: string;
  readonly amountSen: Sen;
  readonly remark: string;
  /** What the partner may move on a day by its contract; a debit counts there as a transfer does. */
  readonly partnerDay?: PartnerDay;
}

export type DebitResult =
  | { readonly ok: true; readonly debit: DirectDebit }
  /** Another request stands under this reference. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly original: DirectDebit };

/** Takes it, or says why not; a reference gets one answer, for ever (T6). A crash in between leaves a row without an outcome: the same
 * request goes on from there, each step under a key of its own. Throws DbFault, LedgerBusy: then nobody knows yet. */
export async function takeDebit(
  context: DebitContext,
  command: DebitCommand,
): Promise<DebitResult> {
  const debit = await openDebit(context, command);
  faultPoint('directDebit.afterOpen');
  if (!debit.requestHash.equals(command.requestHash))
    return { ok: false, reason: 'conflict', original: debit };
  if (debit.outcome !== undefined) return { ok: true, debit };
  const refusal =
    command.amountSen <= 0n ? 'amount_not_positive' : await reserve(context, { command, debit });
  if (refusal !== undefined) return ended(context, debit, { outcome: refusal });
  faultPoint('directDebit.afterReserve');
  const result = await context.engine.submit({
    channel: 'snap',
    // One reference of a partner is one payment, whichever service it came by.
    key: `snap:${command.partnerId}:${command.partnerReferenceNo}`,
    requestHash: submitHash(debit),
    debitAccount: command.account,
    creditorBank: context.bic,
    creditorAccount: command.merchantAccount,
    creditorName: '',
    amount: command.amountSen,
    remark: command.remark,
    partnerId: command.partnerId,
    partnerReferenceNo: command.partnerReferenceNo,
    ...(command.partnerDay && { partnerDay: command.partnerDay }),
  });
  faultPoint('directDebit.afterSubmit');
  if (result.ok) return ended(context, debit, { outcome: 'paid', paymentId: result.payment.id });
  // The queue is full: nothing was written, so nothing is decided.
  if (result.reason === 'busy') return { ok: true, debit: { ...debit, outcome: 'busy' } };
  await giveBackLimit(context, debit);
  return ended(context, debit, { outcome: result.reason });
}

/** The row of the reference, made by whoever comes first. */
async function openDebit(context: DebitContext, command: DebitCommand): Promise<DirectDebit> {
  const known = await selectDebit(context.db, command);
  if (known) return known;
  const madeAtMs = context.time.now();
  const row = {
    id: newId('ddb', madeAtMs, context.random),
    partnerId: command.partnerId,
    partnerReferenceNo: command.partnerReferenceNo,
    requestHash: command.requestHash,
    grantId: command.grant.id,
    customerId: command.grant.customerId,
    account: command.account,
    amountSen: command.amountSen,
    madeAtMs,
  };
  await context.db.tx(async (tx) => {
    if (!(await insertDebit(tx, row))) return;
    const data = {
      partnerId: row.partnerId,
      grantId: row.grantId,
      amountSen: String(row.amountSen),
    };
    await recordEvents(tx, [{ atMs: madeAtMs, kind: 'direct_debit.asked', subject: row.id, data }]);
  });
  const made = await selectDebit(context.db, command);
  if (!made) throw new Error('Cannot take debit: its row is gone');
  return made;
}

/** What the engine is asked for a debit: tells its answer from that of another service under the same reference. */
export function submitHash(debit: Pick<DirectDebit, 'id'>): Buffer {
  return sha256(`54:${debit.id}`);
}

/** Counts against the day of the grant, exactly, in whatever process and however many at once. Both limits are decided here, once under the
 * request's own key: a repeat goes on with the first word, whatever the customer grants by then. */
async function reserve(
  context: DebitContext,
  input: { readonly command: DebitCommand; readonly debit: DirectDebit },
): Promise<string | undefined> {
  const { command, debit } = input;
  const day = wibDate(debit.madeAtMs);
  const result = await context.ledger.post({
    key: `debit-limit:${debit.id}`,
    requestHash: command.requestHash,
    paymentId: debit.id,
    legs: [],
    counters: [
      {
        kind: 'spend',
        key: dayKey(debit),
        amount: command.amountSen,
        amountMax: command.amountSen > command.grant.limitSen ? 0n : command.grant.dayLimitSen,
      },
    ],
    valueDate: day,
    businessDate: day,
  });
  if (result.ok) return undefined;
  // A sweep was faster and called it off.
  return result.reason === 'key_conflict' ? 'abandoned' : 'token_limit';
}

/** Takes back what was counted for a request that came to nothing; once, however often it is asked and by whom. */
export async function giveBackLimit(
  context: Pick<DebitContext, 'ledger'>,
  debit: DirectDebit,
): Promise<void> {
  const day = wibDate(debit.madeAtMs);
  const request = { paymentId: debit.id, legs: [], valueDate: day, businessDate: day };
  const key = `debit-limit:${debit.id}`;
  // Takes the key where nothing was counted, so that nothing ever will be; the same again, by whomever, gives nothing back either.
  const never = sha256(`never:${debit.id}`);
  if ((await context.ledger.post({ ...request, key, requestHash: never })).ok) return;
  const { requestHash } = debit;
  // It found no room.
  if (!(await context.ledger.post({ ...request, key, requestHash })).ok) return;
  await context.ledger.post({
    ...request,
    key: `debit-limit-back:${debit.id}`,
    requestHash,
    counters: [{ kind: 'give_back', key: dayKey(debit), amount: debit.amountSen }],
  });
}

/** Where a debit counts: one day of the grant for everything that it allows. */
export function dayKey({ grantId, madeAtMs }: Pick<DirectDebit, 'grantId' | 'madeAtMs'>): string {
  return grantDayKey({ grantId, day: wibDate(madeAtMs) });
}

async function ended(
  context: DebitContext,
  debit: DirectDebit,
  known: Parameters<typeof settleOn>[2],
): Promise<DebitResult> {
  await settleOn(context, debit, known);
  // A peer that worked on the same request may have been first: its word counts.
  return { ok: true, debit: (await selectDebit(context.db, debit)) ?? debit };
}

/** Writes what became of a request, once, with its event and, where money was taken, the word to the customer. */
export async function settleOn(
  context: Pick<DebitContext, 'db' | 'time' | 'random'>,
  debit: DirectDebit,
  known: { readonly outcome: string; readonly paymentId?: string },
): Promise<void> {
  const { outcome, paymentId } = known;
  const atMs = context.time.now();
  await context.db.tx(async (tx) => {
    if (!(await updateOutcome(tx, { id: debit.id, outcome, paymentId }))) return;
    const data = {
      partnerId: debit.partnerId,
      outcome,
      ...(paymentId !== undefined && { paymentId }),
    };
    const kind = outcome === 'paid' ? 'direct_debit.paid' : 'direct_debit.refused';
    await recordEvents(tx, [{ atMs, kind, subject: debit.id, data }]);
    if (outcome !== 'paid') return;
    await insertDebitMessage(tx, {
      id: newId('msg', atMs, context.random),
      customerId: debit.customerId,
      template: 'direct_debit.taken',
      params: JSON.stringify({
        amountSen: String(debit.amountSen),
        name: (await selectPartnerName(tx, debit.partnerId)) ?? debit.partnerId,
        reference: debit.id,
        atMs: String(atMs),
      }),
      now: new Date(atMs),
    });
  });
}
