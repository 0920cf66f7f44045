/** Bills before the PIN: what can be paid, what is owed, what it costs, what is agreed. The payment itself goes through the one call
 * that moves money (transfer.ts), by its consent. Owns wire forms and words; what may be paid is decided behind the port. */
import { newId } from '../../kernel/ids.ts';
import { formatRupiah, parseIdr, sen, type Sen } from '../../kernel/money.ts';
import { wibDate } from '../../kernel/time.ts';
import type { Language } from '../../notify/template.ts';
import { receiptPurpose } from '../../rail/biller/message.ts';
import { isClosedAt, isKeyOf, type BillerProduct } from '../../rail/biller/product.ts';
import type { Bill } from '../../rail/gateway-wire.ts';
import { unseal } from '../../rail/seal.ts';
import type { PaymentView, TransferQuote } from '../../payment/port.ts';
import type { BillInquiry } from '../../payment/bill/store.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import {
  BillConsentBody,
  BillInquiryAnswer,
  BillInquiryBody,
  BillQuoteAnswer,
  BillQuoteBody,
  BillsBody,
} from './schema-bill.ts';
import { BILL_WORDS } from './bill-words.ts';
import { readCustomer } from './home.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { ConsentAnswer } from './schema.ts';
import { explainFlow } from './service.ts';
import { insertConsent, selectAccountNumbers } from './store.ts';
import { CONSENT_MS, explainRefusal, explanationOf } from './terms.ts';
import { wireAmount } from './view.ts';

const MINUTE_MS = 60_000;
/** Per customer and minute; a person stays far below. Bounds guessing of names and what they owe. */
const INQUIRY_MAX = 20;

/** Registers products, inquiry, quote and consent of bills. */
export function registerBills(scope: Scope, deps: MobileDeps): void {
  scope.get('/bills', { schema: { response: { 200: BillsBody } } }, async (request) => {
    const { subject, language } = sessionOf(request);
    const customer = await readCustomer(deps, subject);
    const { holder, explainRestriction, time } = deps;
    const explanation = explainFlow({
      holder,
      customer,
      explainRestriction,
      language,
      nowMs: time.now(),
      flow: { rail: 'biller' },
    });
    return {
      products: deps.bills.products.map((one) => showProduct(one, { language, nowMs: time.now() })),
      ...(explanation && { explanation }),
    };
  });

  scope.post(
    '/bills/inquiry',
    {
      schema: { body: BillInquiryBody, response: { 200: BillInquiryAnswer } },
      config: { rateLimit: { max: INQUIRY_MAX, timeWindow: MINUTE_MS, hook: 'preHandler' } },
    },
    async (request) => inquire(deps, { session: sessionOf(request), ...request.body }),
  );

  scope.post(
    '/bills/quote',
    { schema: { body: BillQuoteBody, response: { 200: BillQuoteAnswer } } },
    async (request) => {
      const { language } = sessionOf(request);
      const asked = await quoteBill(deps, { session: sessionOf(request), terms: request.body });
      const { quote, inquiry, product, amount } = asked;
      const shown = {
        fee: wireAmount(quote.feeSen),
        total: wireAmount(sen(amount + quote.feeSen)),
        payee: {
          name: inquiry.bill.customerName,
          bank: product.name[language],
          account: inquiry.customerKey,
        },
      };
      return quote.open
        ? { isOpen: true, ...shown, text: consentText({ ...asked, terms: request.body, language }) }
        : { isOpen: false, ...shown, refusal: explainRefusal(deps, { quote, language }) };
    },
  );

  scope.post(
    '/bills/consent',
    { schema: { body: BillConsentBody, response: { 200: ConsentAnswer } } },
    async (request) => {
      const session = sessionOf(request);
      const { text, ...terms } = request.body;
      const asked = await quoteBill(deps, { session, terms });
      const { quote } = asked;
      const { language } = session;
      if (!quote.open) throw new Refused(quote.reason, explanationOf(deps, { quote, language }));
      // What was shown must be what we would show now, word for word.
      if (text !== consentText({ ...asked, terms, language })) throw new Refused('terms_changed');
      return recordBillConsent(deps, { session, terms, ...asked, feeSen: quote.feeSen, text });
    },
  );
}

/** A product as the app lists it. */
function showProduct(
  product: BillerProduct,
  at: { readonly language: Language; readonly nowMs: number },
) {
  const { code, group, name, key, feeClass } = product;
  return {
    code,
    group,
    groupName: BILL_WORDS[at.language].group[group],
    name: name[at.language],
    keyName: key.name[at.language],
    keyForm: key.form,
    isTopUp: feeClass === 'top_up',
    isClosed: isClosedAt(product, wibMinute(at.nowMs)),
  };
}

function wibMinute(nowMs: number): number {
  return Math.floor((nowMs - Date.parse(`${wibDate(nowMs)}T00:00:00+07:00`)) / MINUTE_MS);
}

async function inquire(
  deps: MobileDeps,
  input: { readonly session: Session; readonly product: string; readonly customerKey: string },
) {
  const { session, product: code, customerKey } = input;
  const { language } = session;
  const words = BILL_WORDS[language];
  const product = deps.bills.products.find((one) => one.code === code);
  if (!product || !isKeyOf(product, customerKey))
    return { found: 'no' as const, ...words.notFound['92']! };
  const asked = { customerId: session.subject, product: code, customerKey };
  const found = await deps.bills.inquire(asked);
  if (found.found === 'unknown') return { found: 'unknown' as const, ...words.unknown };
  if (!found.found)
    return { found: 'no' as const, ...(words.notFound[found.code] ?? words.unknown) };
  const { inquiry } = found;
  return {
    found: 'yes' as const,
    inquiryId: inquiry.id,
    aggregator: inquiry.aggregator,
    productName: product.name[language],
    customerName: inquiry.bill.customerName,
    customerKey,
    validUntilMs: inquiry.bill.validUntilMs,
    ...showAmounts(inquiry.bill, language),
  };
}

function showAmounts(bill: Bill, language: Language) {
  const words = BILL_WORDS[language];
  const wire = (amountSen: string) => wireAmount(BigInt(amountSen));
  const { periods, choices, range } = bill;
  return {
    periods: periods.map(({ period, amountSen }) => ({
      label: words.month(period),
      amount: wire(amountSen),
    })),
    choices: choices.map(({ amountSen, periodCount }) => ({
      label:
        periodCount > 0
          ? words.choice(periodCount, periods.length)
          : formatRupiah(BigInt(amountSen)),
      amount: wire(amountSen),
      periodCount,
    })),
    ...(range && { range: { least: wire(range.minSen), most: wire(range.maxSen) } }),
  };
}

interface BillTerms {
  readonly fromAccount: string;
  readonly inquiryId: string;
  readonly amount: { readonly value: string };
  readonly periodCount: number;
  readonly isRepeatConfirmed: boolean;
}

interface Quoted {
  readonly quote: TransferQuote;
  readonly inquiry: BillInquiry;
  readonly product: BillerProduct;
  readonly amount: Sen;
}

/** Prices what was chosen; refuses what is not the customer's or was never looked up. */
async function quoteBill(
  deps: MobileDeps,
  input: { readonly session: Session; readonly terms: BillTerms },
): Promise<Quoted> {
  const { session, terms } = input;
  const customerId = session.subject;
  const amount = parseIdr(terms.amount.value);
  if (amount === undefined || amount <= 0n) throw new Refused('amount_not_positive');
  if (!(await selectAccountNumbers(deps.db, customerId)).includes(terms.fromAccount))
    throw new Refused('account_not_yours');
  const inquiry = await deps.bills.inquiry({ id: terms.inquiryId, customerId });
  const product = deps.bills.products.find((one) => one.code === inquiry?.product);
  if (!inquiry || !product) throw new Refused('inquiry_unknown');
  const { fromAccount: debitAccount, ...rest } = terms;
  const quote = await deps.bills.quote({ ...rest, customerId, debitAccount, amount });
  return { quote, inquiry, product, amount };
}

function consentText(
  input: Quoted & { readonly terms: BillTerms; readonly language: Language },
): string {
  const { quote, inquiry, product, amount, terms, language } = input;
  const words = BILL_WORDS[language];
  const months = inquiry.bill.periods.slice(0, terms.periodCount);
  const names = months.map(({ period }) => words.month(period)).join(', ');
  return words.consent({
    amount: formatRupiah(amount),
    fee: formatRupiah(quote.feeSen),
    total: formatRupiah(amount + quote.feeSen),
    product: product.name[language],
    customerName: inquiry.bill.customerName,
    customerKey: inquiry.customerKey,
    fromAccount: terms.fromAccount,
    periods: names === '' ? '' : ` (${names})`,
  });
}

async function recordBillConsent(
  deps: MobileDeps,
  input: Quoted & {
    readonly session: Session;
    readonly terms: BillTerms;
    readonly feeSen: Sen;
    readonly text: string;
  },
) {
  const { session, terms, inquiry } = input;
  const madeAtMs = deps.time.now();
  const id = newId('cns', madeAtMs, deps.random);
  const expiresAtMs = madeAtMs + CONSENT_MS;
  await insertConsent(deps.db, {
    id,
    customerId: session.subject,
    session_hash: session.tokenHash,
    device: session.device,
    debit_account: terms.fromAccount,
    amount_sen: input.amount,
    fee_sen: input.feeSen,
    payee_bank: inquiry.aggregator,
    payee_account: inquiry.customerKey,
    payee_name: inquiry.bill.customerName,
    remark: inquiry.product,
    schedule: null,
    route: null,
    qris_payload: null,
    bill_inquiry_id: inquiry.id,
    period_count: terms.periodCount,
    is_repeat_confirmed: terms.isRepeatConfirmed,
    textShown: input.text,
    language: session.language,
    madeAtMs,
    expiresAtMs,
  });
  return { consentId: id, expiresAtMs };
}

/** What a bill payment was for, and its proof in the reader's words; undefined for every other payment. */
export async function showBill(
  deps: MobileDeps,
  input: { readonly payment: PaymentView; readonly language: Language },
) {
  const { payment, language } = input;
  if (payment.kind !== 'bill') return undefined;
  const kept = await deps.bills.find(payment.id);
  if (!kept) return undefined;
  const words = BILL_WORDS[language];
  const proof =
    kept.receipt === undefined ? undefined : openReceipt(deps, { ...input, receipt: kept.receipt });
  const { token, ...rest } = proof ?? {};
  const lines = Object.entries(rest).map(([name, value]) => ({
    label: words.receipt[name] ?? name,
    value,
  }));
  return {
    product: nameOf(deps, { code: kept.product, language }),
    customerKey: kept.customerKey,
    lines,
    // Groups of four: a person types them into the meter.
    ...(token !== undefined && {
      token: token.replace(/(.{4})(?=.)/g, '$1 '),
      tokenLabel: words.receipt['token']!,
    }),
    ...(payment.state === 'settled' && !proof && { receiptDue: words.receiptDue }),
  };
}

function openReceipt(
  deps: MobileDeps,
  input: { readonly payment: PaymentView; readonly receipt: string },
): Readonly<Record<string, string>> | undefined {
  const purpose = receiptPurpose(input.payment.bizMsgIdr ?? '');
  const text = unseal(input.receipt, { key: deps.receiptKey, purpose });
  if (text === undefined) {
    deps.log.error({ paymentId: input.payment.id }, 'mobile.receipt_unreadable');
    return undefined;
  }
  return JSON.parse(text) as Readonly<Record<string, string>>; // written by our own gateway
}

/** A product's name; its code when the table has it no more. */
export function nameOf(
  deps: Pick<MobileDeps, 'bills'>,
  of: { readonly code: string; readonly language: Language },
): string {
  return deps.bills.products.find(({ code }) => code === of.code)?.name[of.language] ?? of.code;
}
