/** Inquiries: who it is and what is owed, with a reference that the payment must quote. */
import { moneyOf } from '../hub/amount.ts';
import type { Desk } from './aggregator.ts';
import type { Quote } from './book.ts';
import { CATALOGUE, monthsOf, nameOf, onceOf, type Billing } from './catalogue.ts';

const QUOTE_MS = 15 * 60_000;

/** Answers one inquiry. 92 = no such number, 54 = nothing is owed any more. */
export function answerInquiry(desk: Desk, message: Readonly<Record<string, unknown>>): object {
  const { messageId, product, customerKey } = message;
  const head = { kind: 'inquiry_answer', messageId, product, customerKey };
  const number = String(customerKey);
  const billing = CATALOGUE[String(product)];
  if (!billing || !billing.number.test(number) || number.endsWith('0404'))
    return { ...head, code: '92' };
  const owed = owedOf(desk, { product: String(product), number, billing });
  if (!owed) return { ...head, code: '54' };
  const quote: Quote = {
    reference: `INQ${desk.random.bytes(8).toString('hex').toUpperCase()}`,
    product: String(product),
    number,
    validUntilMs: desk.time.now() + QUOTE_MS,
    ...owed.terms,
  };
  desk.book.record({ kind: 'quoted', quote });
  const bill = {
    inquiryReference: quote.reference,
    customerName: nameOf(number),
    validUntilMs: quote.validUntilMs,
    periods: quote.months.map(({ period, sen }) => ({ period, amount: moneyOf(BigInt(sen)) })),
    ...owed.shown,
  };
  return { ...head, code: '00', bill };
}

type Terms = Pick<Quote, 'months' | 'leastSen' | 'mostSen'>;

function owedOf(
  desk: Desk,
  of: { readonly product: string; readonly number: string; readonly billing: Billing },
): { readonly terms: Terms; readonly shown: object } | undefined {
  const { product, number, billing } = of;
  switch (billing.kind) {
    case 'token':
    case 'top_up': {
      const sen = billing.choices.map((rupiah) => BigInt(rupiah) * 100n);
      return { terms: range(sen[0]!, sen.at(-1)!), shown: {} };
    }
    case 'any':
      return {
        terms: range(BigInt(billing.least) * 100n, BigInt(billing.most) * 100n),
        shown: {},
      };
    case 'months': {
      const month = desk.dateOf(desk.time.now()).slice(0, 7);
      const gone = desk.book.paidMonths(product, number);
      const open = monthsOf({ number, billing, month }).filter(({ period }) => !gone.has(period));
      if (open.length === 0) return undefined;
      const sums = open.map((_, i) => open.slice(0, i + 1).reduce((sum, { sen }) => sum + sen, 0n));
      const least = billing.isAll ? sums.at(-1)! : sums[0]!;
      const months = open.map(({ period, sen }) => ({ period, sen: String(sen) }));
      return { terms: { ...range(least, sums.at(-1)!), months }, shown: {} };
    }
    case 'once': {
      if (desk.book.paidSen(product, number) > 0n) return undefined;
      const sen = onceOf(number);
      return { terms: range(sen, sen), shown: { amount: moneyOf(sen) } };
    }
    case 'loan': {
      const left = onceOf(number) * 10n - desk.book.paidSen(product, number);
      if (left <= 0n) return undefined;
      const least = left < 5_000_000n ? left : 5_000_000n;
      const shown = { amount: moneyOf(left), minimum: moneyOf(least) };
      return { terms: range(least, left), shown };
    }
  }
}

function range(least: bigint, most: bigint): Terms {
  return { months: [], leastSen: String(least), mostSen: String(most) };
}
