/** Bills: what is owed, what it costs, paying it, and its receipt. The money goes the way of every payment (submit.ts); this file owns
 * what is a bill's alone: the inquiry that a payment must quote, the amounts that it allows, hours, repeats. */
import { canonicalJson } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { wibDate } from '../../kernel/time.ts';
import { mayPay } from '../../rail/biller/bill.ts';
import {
  isClosedAt,
  isKeyOf,
  type BillerProduct,
  type ProductTable,
} from '../../rail/biller/product.ts';
import type { BillDraft } from './draft.ts';
import type { PaymentContext } from '../context.ts';
import { billCounters } from '../limits.ts';
import type {
  ChannelProof,
  BillProblem,
  SubmitResult,
  TransferCommand,
  TransferQuote,
} from '../port.ts';
import { fetchReceipts } from './receipt.ts';
import { quoteFacts } from '../quote.ts';
import { findBill, findInquiry, insertInquiry, type BillInquiry, type PaidBill } from './store.ts';
import { submitBill } from '../submit.ts';

/** What a channel may ask about bills. */
export interface BillPort {
  readonly products: readonly BillerProduct[];
  /** Asks the biller what is owed, and keeps the answer: a payment names it. */
  inquire(asked: {
    readonly customerId: string;
    readonly product: string;
    readonly customerKey: string;
  }): Promise<
    | { readonly found: true; readonly inquiry: BillInquiry }
    | { readonly found: false; readonly code: string }
    | { readonly found: 'unknown'; readonly reason: string }
  >;
  inquiry(of: {
    readonly id: string;
    readonly customerId: string;
  }): Promise<BillInquiry | undefined>;
  /** What it costs and whether the way is open, by the decision that `pay` makes. An amount of 0 asks for the service alone. */
  quote(asked: BillAsked): Promise<TransferQuote>;
  /** Pays. Durable when it answers, idempotent by `key`. */
  pay(command: BillCommand): Promise<SubmitResult>;
  /** What a payment was for; undefined when it is no bill. */
  find(paymentId: string): Promise<PaidBill | undefined>;
  /** One round of asking for receipts that settled bills still lack; how many were asked for. */
  fetchReceipts(): Promise<number>;
}

interface BillAsked {
  readonly customerId: string;
  readonly inquiryId: string;
  readonly debitAccount: string;
  readonly amount: Sen;
  readonly periodCount: number;
  /** The payer knows that the same was paid a short while ago, and means it. */
  readonly isRepeatConfirmed: boolean;
}

/** One bill as a customer pays it. */
export interface BillCommand extends BillAsked {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly consentId?: string;
  readonly confirmedFeeSen: Sen;
  readonly proof?: ChannelProof;
}

/** Nobody of this customer asked for it, or its product is gone. */
const NO_INQUIRY: BillProblem = 'inquiry_unknown';

/** Opens bills over the engine's context. */
export function openBills(context: PaymentContext, products: ProductTable): BillPort {
  const parts: Parts = { context, products };
  return {
    products: products.products,
    inquire: (asked) => inquire(parts, asked),
    inquiry: (of) => findInquiry(context.db, of),
    async quote(asked) {
      const known = await draftOf(parts, asked);
      if (!known) return { open: false, kind: 'bill', reason: NO_INQUIRY, feeSen: sen(0n) };
      const { inquiry, draft } = known;
      const repeat = await isRepeat(context, draft);
      return quoteFacts(context, {
        channel: 'mobile',
        debitAccount: asked.debitAccount,
        creditorBank: inquiry.aggregator,
        amount: asked.amount,
        bill: {
          product: draft.product.code,
          feeClass: draft.product.feeClass,
          problem: draft.problem ?? repeat,
        },
      });
    },
    pay: (command) => pay(parts, command),
    find: (paymentId) => findBill(context.db, paymentId),
    fetchReceipts: () => fetchReceipts(context),
  };
}

/** What `pay` would refuse as a repeat, told before the PIN; the ledger counts again under its lock. */
async function isRepeat(
  context: PaymentContext,
  draft: BillDraft,
): Promise<'possible_duplicate' | undefined> {
  const nowMs = context.time.now();
  const counters = draft.counters(nowMs).filter((one) => one.kind === 'recent');
  if (counters.length === 0) return undefined;
  const counted = await context.ledger.counted(counters.map(({ key }) => key));
  const isRecent = counters.some(({ key, windowMs }) =>
    counted.get(key)?.recentMs.some((atMs) => atMs >= BigInt(nowMs - windowMs)),
  );
  return isRecent ? 'possible_duplicate' : undefined;
}

interface Parts {
  readonly context: PaymentContext;
  readonly products: ProductTable;
}

async function inquire(
  { context, products }: Parts,
  asked: Parameters<BillPort['inquire']>[0],
): ReturnType<BillPort['inquire']> {
  const { customerId, customerKey } = asked;
  const product = products.find(asked.product);
  if (!product || !isKeyOf(product, customerKey)) return { found: false, code: '92' };
  const question = { rail: 'biller', product: product.code, customerKey } as const;
  const bill = await context.rail.enquireBill(question).catch((error: unknown) => {
    context.log.warn({ product: product.code, error: String(error) }, 'payment.enquiry_failed');
    return { found: 'unknown', reason: 'no_answer' } as const;
  });
  if (bill.found !== true) return bill;
  const madeAtMs = context.time.now();
  const inquiry: BillInquiry = {
    id: newId('bil', madeAtMs, context.random),
    customerId,
    product: product.code,
    customerKey,
    aggregator: products.aggregator,
    bill,
    madeAtMs,
  };
  await insertInquiry(context.db, { inquiry, text: canonicalJson(bill) });
  return { found: true, inquiry };
}

async function pay(parts: Parts, command: BillCommand): Promise<SubmitResult> {
  const { context } = parts;
  const known = await draftOf(parts, command);
  if (!known) return { ok: false, repeated: false, reason: NO_INQUIRY };
  const { inquiry, draft } = known;
  const transfer: TransferCommand = {
    channel: 'mobile',
    key: command.key,
    requestHash: command.requestHash,
    debitAccount: command.debitAccount,
    creditorBank: inquiry.aggregator,
    creditorAccount: inquiry.customerKey,
    creditorName: inquiry.bill.customerName,
    amount: command.amount,
    remark: inquiry.product,
    customerId: command.customerId,
    confirmedFeeSen: command.confirmedFeeSen,
    ...(command.consentId !== undefined && { consentId: command.consentId }),
    ...(command.proof && { proof: command.proof }),
  };
  return submitBill(context, transfer, draft);
}

async function draftOf(
  { context, products }: Parts,
  asked: BillAsked,
): Promise<{ readonly inquiry: BillInquiry; readonly draft: BillDraft } | undefined> {
  const { inquiryId: id, customerId, amount: amountSen, periodCount } = asked;
  const inquiry = await findInquiry(context.db, { id, customerId });
  const product = inquiry && products.find(inquiry.product);
  if (!inquiry || !product) return undefined;
  const { customerKey, bill } = inquiry;
  const settings = await context.settings();
  const mustConfirm = product.confirmsRepeat && !asked.isRepeatConfirmed;
  return {
    inquiry,
    draft: {
      product,
      detail: {
        inquiryId: id,
        product: product.code,
        customerKey,
        inquiryReference: bill.inquiryReference,
        periodCount,
      },
      problem: problemOf(
        { inquiry, product },
        { nowMs: context.time.now(), amountSen, periodCount },
      ),
      counters: (atMs) =>
        billCounters({
          inquiry,
          product: product.code,
          customerKey,
          amountSen,
          atMs,
          ...(mustConfirm && { repeatWindowMs: Number(settings.billerRepeatWindowMs) }),
        }),
    },
  };
}

/** Why this bill cannot be paid as asked; undefined when it can. An amount of 0 asks for the service alone. Pure. */
export function problemOf(
  of: { readonly inquiry: Pick<BillInquiry, 'bill'>; readonly product: BillerProduct },
  asked: { readonly nowMs: number; readonly amountSen: bigint; readonly periodCount: number },
): BillProblem | undefined {
  const { bill } = of.inquiry;
  if (isClosedAt(of.product, wibMinute(asked.nowMs))) return 'biller_closed';
  if (asked.nowMs >= bill.validUntilMs) return 'inquiry_expired';
  if (asked.amountSen === 0n) return undefined;
  return mayPay(bill, asked) ? undefined : 'amount_not_offered';
}

const DAY_MS = 86_400_000;

function wibMinute(nowMs: number): number {
  return (
    Math.floor((nowMs - Date.parse(`${wibDate(nowMs)}T00:00:00+07:00`)) / 60_000) %
    (DAY_MS / 60_000)
  );
}
