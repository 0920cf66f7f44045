/** A merchant gives back what it sold: a new payment that is linked to the sale, whole or in parts, once per refund number. Owns no wire form;
 * what a refund may be is decide-refund.ts, that all of them fit is the ledger's. */
import { faultPoint } from '../kernel/fault-point.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { CHART } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import { LedgerBusy, type PostRefusal } from '../ledger/port.ts';
import { paymentCompanion, type PaymentInsert } from './change.ts';
import type { PaymentContext } from './context.ts';
import { discountBack, refuseRefund } from './decide-refund.ts';
import { paymentEvent } from './event.ts';
import { countedInOf, refundCounter } from './limits.ts';
import { legsOf } from './lines.ts';
import { messageOf } from './message.ts';
import { numberOf } from './kind.ts';
import type { RefundCommand, RefundRefusal, RefundResult } from './port.ts';
import type { PaymentLine, PaymentRow } from './row.ts';
import { selectRefund, selectSale, type Sale } from './store-sale.ts';
import { findPayment } from './store.ts';
import { assert } from '../kernel/assert.ts';
import { plainText } from './text.ts';

const REASON_MAX = 256;
const NUMBER = /^[\x21-\x7e]{1,64}$/;

/** Gives back, durable when it answers. The same number with the same sale and amount gets the first answer; with another, a conflict. A refusal
 * of the ledger (the account lacks the money) stays under its number: another try takes another number. Throws DbFault, whose outcome is unknown:
 * ask again under the same number. */
export async function refundSale(
  context: PaymentContext,
  command: RefundCommand,
): Promise<RefundResult> {
  assert(NUMBER.test(command.refundNumber), 'a refund number is printable');
  const known = await repeatOf(context, command);
  if (known) return known;
  const found = await selectSale(context.db, command.saleId);
  const sale = found?.merchantId === command.merchantId ? found : undefined;
  const settings = await context.settings();
  const reason = refuseRefund({
    sale,
    amountSen: command.amountSen,
    nowMs: context.time.now(),
    windowMs: numberOf(settings, 'refundWindowMs'),
    gate: gateOf(context, { command, account: sale?.account ?? '' }),
  });
  if (reason || !sale) return { ok: false, reason: reason ?? 'sale_not_found' };
  const insert = await draftOnus(context, { command, sale });
  try {
    return await post(context, { command, sale, insert });
  } catch (error) {
    if (error instanceof LedgerBusy) return { ok: false, reason: 'busy' };
    throw error;
  }
}

async function repeatOf(
  context: PaymentContext,
  command: RefundCommand,
): Promise<RefundResult | undefined> {
  const known = await selectRefund(context.db, command);
  if (!known) return undefined;
  if (known.saleId !== command.saleId || known.amountSen !== command.amountSen)
    return { ok: false, reason: 'refund_conflict' };
  const row = await findPayment(context.db, known.paymentId);
  assert(row, 'a refund has its payment');
  return { ok: true, repeated: true, ...viewOf(row, known.mdrSen) };
}

async function post(
  context: PaymentContext,
  input: {
    readonly command: RefundCommand;
    readonly sale: Sale;
    readonly insert: PaymentInsert;
  },
): Promise<RefundResult> {
  const { command, sale, insert } = input;
  const { row, lines } = insert;
  const result = await context.ledger.post({
    key: `refund:${command.merchantId}:${command.refundNumber}`,
    requestHash: sha256(
      canonicalJson({ saleId: command.saleId, amountSen: String(command.amountSen) }),
    ),
    paymentId: row.id,
    // The discount comes first: without it the merchant could not give back the last of a day's takings.
    legs: legsOf([...lines].reverse(), 'single'),
    counters: [counterOf(sale, command.amountSen)],
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    companion: { of: paymentCompanion, row: [insert] },
  });
  faultPoint('payment.afterRefund');
  if (!result.ok) {
    // The ledger keeps a refusal too: only where a refund stands is the number taken by one.
    const first = result.reason === 'key_conflict' ? await repeatOf(context, command) : undefined;
    return first ?? { ok: false, reason: refusalOf(result.reason) };
  }
  if (!result.repeated) {
    context.waiters.tell(row);
    return { ok: true, repeated: false, ...viewOf(row, insert.refund!.mdrSen) };
  }
  const first = await repeatOf(context, command);
  assert(first, 'a posted refund has its row');
  return first;
}

function viewOf(row: PaymentRow, mdrSen: Sen) {
  return {
    refund: {
      paymentId: row.id,
      amountSen: row.amountSen,
      mdrSen,
      state: row.state,
      madeAtMs: row.madeAtMs,
    },
  };
}

function refusalOf(reason: PostRefusal): RefundRefusal {
  return reason === 'limit_exceeded' ? 'above_sale' : reason;
}

function counterOf(sale: Sale, amountSen: Sen) {
  return refundCounter({ paymentId: sale.paymentId, saleSen: sale.amountSen, amountSen });
}

/** A restriction on money within the bank stops refunds within it too. */
function gateOf(
  context: PaymentContext,
  { command, account }: { readonly command: RefundCommand; readonly account: string },
) {
  return context.gate.decide({
    rail: 'onus',
    direction: 'out',
    channel: command.channel,
    account,
    amountSen: command.amountSen,
    cohortBucket: 9_999,
    isStaff: false,
  });
}

async function draftOnus(
  context: PaymentContext,
  input: { readonly command: RefundCommand; readonly sale: Sale },
): Promise<PaymentInsert> {
  const { command, sale } = input;
  const settings = await context.settings();
  const [payer] = await context.facts.accounts([sale.payerAccount]);
  const nowMs = context.time.now();
  const row: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: 'onus_refund',
    channel: command.channel,
    state: 'settled',
    previousState: 'new',
    // The one whose money it becomes reads of it; the merchant asked for it.
    customerId: payer?.customerId,
    debitAccount: sale.account,
    creditAccount: sale.payerAccount,
    debtorName: sale.merchantName,
    creditorName: sale.payerName,
    amountSen: command.amountSen,
    feeSen: 0n as Sen,
    remark: plainText(command.reason, 140),
    cohortBucket: payer?.cohortBucket ?? 9_999,
    isStaff: payer?.isStaff ?? false,
    isSynthetic: false,
    countedIn: countedInOf([counterOf(sale, command.amountSen)]),
    outcomeCode: 'U000',
    outcomeSource: 'engine',
    relatedPaymentId: sale.paymentId,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, 'onusCutOverMinute')),
    changedAtMs: nowMs,
    settledAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const mdrSen = discountBack(sale, command.amountSen);
  const { merchantId, refundNumber, askedBy } = command;
  return {
    kind: 'insert',
    row,
    lines: refundLines(row, mdrSen),
    events: (now) => [
      paymentEvent(now, nowMs, now.state, {
        relatedPaymentId: sale.paymentId,
        merchant: merchantId,
        mdrSen: String(mdrSen),
        askedBy,
      }),
    ],
    messages: messageOf(row, nowMs, {
      template: 'payment.merchant_refund',
      random: context.random,
    }),
    refund: {
      saleId: sale.paymentId,
      merchantId,
      refundNumber,
      mdrSen,
      reason: plainText(command.reason, REASON_MAX),
      askedBy,
    },
  };
}

function refundLines(row: PaymentRow, mdrSen: Sen): readonly PaymentLine[] {
  const lines: readonly PaymentLine[] = [
    {
      line: 'principal',
      amountSen: row.amountSen,
      debitAccount: row.debitAccount,
      creditAccount: row.creditAccount,
    },
    {
      line: 'mdr',
      amountSen: mdrSen,
      debitAccount: CHART.qrisFee,
      creditAccount: row.debitAccount,
    },
  ];
  return lines.filter(({ amountSen }) => amountSen > 0n);
}
