/** A merchant's refund in the making: within the bank booked at once, to another bank's customer held and sent over the switch with an
 * authorisation of its own. */
import { CHART } from '../../kernel/bank.ts';
import { newId } from '../../kernel/ids.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { businessDate, wibDate } from '../../kernel/time.ts';
import type { AuthorisationDraft, Leg } from '../../ledger/port.ts';
import { nnsOf } from '../../rail/qris/code.ts';
import { criteriaOf } from '../../rail/qris/mdr.ts';
import { instantOf, parseSwitchId } from '../../rail/switch/id.ts';
import type { PaymentInsert } from '../change.ts';
import { LEASE_MS } from '../clock.ts';
import { SWITCH_CHANNEL } from '../common-draft.ts';
import type { PaymentContext } from '../context.ts';
import { discountBack } from './decide-refund.ts';
import { paymentEvent } from '../event.ts';
import { numberOf, termsOf } from '../kind.ts';
import { countedInOf, refundCounter } from '../limits.ts';
import { legsOf } from '../lines.ts';
import { messageOf } from '../message.ts';
import type { RefundCommand } from '../port.ts';
import type { PaymentLine, PaymentRow } from '../row.ts';
import type { Sale } from './store.ts';
import { plainText } from '../text.ts';

const REASON_MAX = 256;

/** What a refund posts. */
export interface RefundDraft {
  readonly insert: PaymentInsert;
  readonly legs: readonly Leg[];
  readonly authorisation?: AuthorisationDraft;
}

interface Drafting {
  readonly command: RefundCommand;
  readonly sale: Sale;
}

/** Drafts it; nothing is written. */
export async function draftRefund(context: PaymentContext, input: Drafting): Promise<RefundDraft> {
  return input.sale.network ? draftSent(context, input) : draftOnus(context, input);
}

/** The counter of all that is given back of a sale. */
export function refundCounterOf(sale: Sale, amountSen: Sen) {
  return refundCounter({ paymentId: sale.paymentId, saleSen: sale.amountSen, amountSen });
}

async function draftOnus(context: PaymentContext, input: Drafting): Promise<RefundDraft> {
  const { command, sale } = input;
  const [payer] = await context.facts.accounts([sale.payerAccount]);
  const base = await baseRow(context, { ...input, kind: 'onus_refund' });
  const row: PaymentRow = {
    ...base,
    state: 'settled',
    settledAtMs: base.madeAtMs,
    outcomeCode: 'U000',
    outcomeSource: 'engine',
    // The one whose money it becomes reads of it; the merchant asked for it.
    customerId: payer?.customerId,
    creditAccount: sale.payerAccount,
    cohortBucket: payer?.cohortBucket ?? 9_999,
    isStaff: payer?.isStaff ?? false,
  };
  const mdrSen = discountBack(sale, command.amountSen);
  const lines = [
    { ...principal(row), creditAccount: row.creditAccount },
    ...discountOf(row, mdrSen),
  ];
  const messages = messageOf(row, row.madeAtMs, {
    template: 'qris.refunded',
    random: context.random,
  });
  const insert = insertOf({ ...input, row, lines, mdrSen });
  return { insert: { ...insert, messages }, legs: legsOf([...lines].reverse(), 'single') };
}

/** The merchant's money is held until the other bank's word. The discount is back at once, and due again when the refund fails (outcome.ts);
 * of a sale that is not settled it was never taken, and that much less is when it is (`incoming/sale.ts`). */
async function draftSent(context: PaymentContext, input: Drafting): Promise<RefundDraft> {
  const { command, sale } = input;
  const [merchant] = await context.facts.accounts([sale.account]);
  const settings = await context.settings();
  const base = await baseRow(context, { ...input, kind: 'qris_refund_out' });
  const row: PaymentRow = {
    ...base,
    customerId: merchant?.customerId,
    creditAccount: sale.payerAccount,
    counterpartyBank: sale.network!.bank, // draftRefund: it came over the switch
    jti: newId('jti', base.madeAtMs, context.random),
    promiseAtMs: base.madeAtMs + numberOf(settings, 'promiseMs'),
    dueAtMs: base.madeAtMs,
    leasedUntilMs: base.madeAtMs + LEASE_MS,
    cohortBucket: merchant?.cohortBucket ?? 9_999,
    isStaff: merchant?.isStaff ?? false,
  };
  const mdrSen = discountBack(sale, command.amountSen);
  const discount = sale.state === 'settled' ? discountOf(row, mdrSen) : [];
  const held = [{ ...principal(row), creditAccount: CHART.qrisOut }];
  const insert = insertOf({ ...input, row, lines: [...held, ...discount], mdrSen });
  return {
    insert: { ...insert, holds: { principal: discount.length } },
    legs: [...legsOf(discount, 'single'), ...legsOf(held, 'hold')],
    authorisation: authorisationOf(context, {
      row,
      sale,
      accountType: merchant?.accountType ?? 'SVGS',
    }),
  };
}

/** The discount that comes back, if any. It is booked before the principal: without it a merchant could not give back the last of its takings. */
function discountOf(row: PaymentRow, amountSen: Sen): readonly PaymentLine[] {
  if (amountSen === 0n) return [];
  return [{ line: 'mdr', amountSen, debitAccount: CHART.qrisFee, creditAccount: row.debitAccount }];
}

function principal(row: PaymentRow): Pick<PaymentLine, 'amountSen' | 'debitAccount'> & {
  readonly line: 'principal';
} {
  return { line: 'principal', amountSen: row.amountSen, debitAccount: row.debitAccount };
}

function insertOf(
  of: Drafting & {
    readonly row: PaymentRow;
    readonly lines: readonly PaymentLine[];
    readonly mdrSen: Sen;
  },
): PaymentInsert {
  const { merchantId, refundNumber, askedBy, reason } = of.command;
  return {
    kind: 'insert',
    row: of.row,
    lines: of.lines,
    events: (now) => [
      paymentEvent(now, now.madeAtMs, now.state, {
        relatedPaymentId: of.sale.paymentId,
        merchant: merchantId,
        mdrSen: String(of.mdrSen),
        askedBy,
      }),
    ],
    messages: [],
    refund: {
      saleId: of.sale.paymentId,
      merchantId,
      refundNumber,
      mdrSen: of.mdrSen,
      reason: plainText(reason, REASON_MAX),
      askedBy,
    },
  };
}

async function baseRow(
  context: PaymentContext,
  input: Drafting & { readonly kind: 'onus_refund' | 'qris_refund_out' },
): Promise<PaymentRow> {
  const { command, sale, kind } = input;
  const settings = await context.settings();
  const nowMs = context.time.now();
  return {
    id: newId('pay', nowMs, context.random),
    kind,
    channel: command.channel,
    state: 'held',
    previousState: 'new',
    debitAccount: sale.account,
    creditAccount: sale.payerAccount,
    debtorName: sale.merchantName,
    creditorName: sale.payerName,
    amountSen: command.amountSen,
    feeSen: sen(0n),
    remark: plainText(command.reason, 140),
    cohortBucket: 9_999,
    isStaff: false,
    isSynthetic: false,
    // A refund that fails gives its share of the sale back.
    countedIn: countedInOf([refundCounterOf(sale, command.amountSen)]),
    relatedPaymentId: sale.paymentId,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, termsOf(kind).cutOverMinute)),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}

function authorisationOf(
  context: PaymentContext,
  input: { readonly row: PaymentRow; readonly sale: Sale; readonly accountType: string },
): AuthorisationDraft {
  const { row, sale, accountType } = input;
  const { bic, bankCode: institution } = context.bank;
  const { bank, customerPan, rrn, requestId } = sale.network!; // draftSent: it came over the switch
  const { pan, nmid, city, serial, merchantClass } = sale.merchant;
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic, institution },
    instruction: {
      version: 1,
      env: context.env,
      direction: 'out',
      rail: 'qris',
      kind: 'merchant_refund',
      paymentId: row.id,
      attempt: 1,
      amountSen: String(row.amountSen),
      currency: 'IDR',
      debtor: { bank: bic, account: row.debitAccount, accountType, name: sale.merchantName },
      creditor: { bank, account: customerPan, accountType: 'OTHR', name: sale.payerName },
      issuer: nnsOf(customerPan),
      merchantPan: pan,
      nmid,
      criteria: criteriaOf(merchantClass),
      merchantId: String(serial).padStart(15, '0'),
      city,
      terminalLabel: sale.terminal ?? '',
      originalRrn: rrn,
      originalDate: localDateOf(requestId),
      // Ours is unique and fits; the merchant's own number stands with the refund.
      refundNumber: row.id,
      channelCode: SWITCH_CHANNEL[row.channel === 'snap' ? 'snap' : 'mobile'],
      channel: row.channel,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  };
}

/** MMDD in WIB of a payment over the switch: what we asked for has its day in its id, what was asked of us DE7 (year, DE7, DE32, DE11). */
function localDateOf(requestId: string): string {
  const own = parseSwitchId(requestId);
  if (own) return own.day.slice(4);
  const nearMs = Date.parse(`${requestId.slice(0, 4)}-07-01T00:00:00Z`);
  const atMs = instantOf(requestId.slice(4, 14), nearMs);
  return wibDate(atMs ?? nearMs)
    .slice(5)
    .replace('-', '');
}
