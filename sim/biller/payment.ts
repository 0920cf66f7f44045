/** Payments and advice. A reference is paid once: the same again gets the first answer; an advice never pays. */
import { moneyOf, isMoney, senOf } from '../hub/amount.ts';
import type { Desk } from './aggregator.ts';
import type { Paid, Quote } from './book.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Facts } from '../fault/chooser.ts';
import { BILLER_KINDS, type BillerBehaviour } from './faults.ts';

type Message = Readonly<Record<string, unknown>>;

/** Answers one payment, or plays the fault that its rule names. */
export function answerPayment(
  desk: Desk,
  given: { readonly message: Message; readonly connector: string },
): object {
  const { message, connector } = given;
  const reference = String(message['reference']);
  const does: BillerBehaviour = desk.chooser.choose(factsOf(message), BILLER_KINDS) ?? {
    kind: 'accept',
  };
  const known = desk.book.payment(reference);
  desk.arrivals.set(reference, (desk.arrivals.get(reference) ?? 0) + 1);
  if (known) return isSame(known, message) ? shown(known, message) : refusal(message, '94');
  const code = judge(desk, message);
  if (code !== '00') return refusal(message, code);
  if (does.kind === 'code_storm') {
    const storm = does.codes;
    return refusal(message, storm[desk.chooser.random.below(storm.length)] ?? '99');
  }
  const paid = draft(desk, { message, connector, does });
  desk.book.record({ kind: 'payment', paid });
  if (paid.state === 'paid') desk.settle(paid);
  if (does.kind === 'settle_twice') desk.settle(paid);
  return told({ paid, message, does });
}

/** What a fault rule may match of a message. */
export function factsOf(message: Message): Facts {
  return {
    message: String(message['kind']),
    product: String(message['product']),
    number: String(message['customerKey']),
  };
}

/** What became of a reference; 48 = there is no record of it, which proves nothing to who asks. */
export function answerAdvice(desk: Desk, message: Message): object {
  const known = desk.book.payment(String(message['reference']));
  if (!known || !isSame(known, message)) return refusal(message, '48');
  return shown(known, message);
}

function told(input: {
  readonly paid: Paid;
  readonly message: Message;
  readonly does: BillerBehaviour;
}): object {
  const { paid, message, does } = input;
  const answer = shown(paid, message);
  switch (does.kind) {
    case 'wrong_amount':
      return { ...answer, amount: moneyOf(BigInt(paid.sen) + 100n) };
    case 'no_receipt':
      return { ...answer, receipt: {} };
    default:
      return answer;
  }
}

/** 91 = not quoted, or quoted for another; 13 = an amount that was not offered; 54 = paid in the meantime. */
function judge(desk: Desk, message: Message): string {
  const { product, customerKey, inquiryReference, amount, periodCount } = message;
  const quote = desk.book.quote(String(inquiryReference));
  const isQuoted =
    quote?.product === product &&
    quote?.number === customerKey &&
    desk.time.now() <= (quote?.validUntilMs ?? 0);
  if (!quote || !isQuoted) return '91';
  if (!isMoney(amount) || !isOffered(quote, senOf(String(amount)), Number(periodCount)))
    return '13';
  const gone = desk.book.paidMonths(quote.product, quote.number);
  const isGone =
    quote.months.slice(0, Number(periodCount)).some(({ period }) => gone.has(period)) ||
    (CATALOGUE[quote.product]?.kind === 'once' &&
      desk.book.paidSen(quote.product, quote.number) > 0n);
  return isGone ? '54' : '00';
}

function isOffered(quote: Quote, sen: bigint, count: number): boolean {
  const billing = CATALOGUE[quote.product];
  if (billing?.kind === 'token' || billing?.kind === 'top_up')
    return billing.choices.some((rupiah) => BigInt(rupiah) * 100n === sen);
  if (quote.months.length === 0)
    return sen >= BigInt(quote.leastSen) && sen <= BigInt(quote.mostSen);
  const sum = quote.months.slice(0, count).reduce((all, month) => all + BigInt(month.sen), 0n);
  return count >= 1 && count <= quote.months.length && sum === sen && sum >= BigInt(quote.leastSen);
}

function draft(
  desk: Desk,
  input: { readonly message: Message; readonly connector: string; readonly does: BillerBehaviour },
): Paid {
  const { message, connector, does } = input;
  const atMs = desk.time.now();
  const common = {
    reference: String(message['reference']),
    product: String(message['product']),
    number: String(message['customerKey']),
    quote: String(message['inquiryReference']),
    sen: String(senOf(String(message['amount']))),
    count: Number(message['periodCount']),
    receipt: receiptOf(desk, message),
    connector,
    atMs,
    date: desk.dateOf(atMs),
  };
  if (does.kind === 'reject') return { ...common, state: 'refused', code: does.code };
  if (does.kind !== 'pending') return { ...common, state: 'paid', code: '00' };
  return {
    ...common,
    state: 'pending',
    code: '03',
    endsAtMs: atMs + does.thenMs,
    endCode: does.code,
  };
}

function receiptOf(desk: Desk, message: Message): Readonly<Record<string, string>> {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => String(desk.random.below(10))).join('');
  const billing = CATALOGUE[String(message['product'])]!;
  if (billing.kind === 'token') {
    const kwh = (Number(senOf(String(message['amount']))) / 100 / 1_444.7).toFixed(1);
    return { token: digits(20), kwh, tariff: 'R1', power: '1300 VA' };
  }
  if (billing.kind === 'top_up' || billing.kind === 'any') return { serialNumber: digits(16) };
  if (billing.kind === 'once' && billing.proof === 'ntpn')
    return { ntpn: `0${digits(15)}`, ntb: digits(12) };
  if (billing.kind === 'once' && billing.proof === 'ntpd') return { ntpd: digits(16) };
  return { reference: digits(20) };
}

function isSame(known: Paid, message: Message): boolean {
  return (
    known.product === message['product'] &&
    known.number === message['customerKey'] &&
    known.quote === message['inquiryReference'] &&
    known.count === message['periodCount'] &&
    moneyOf(BigInt(known.sen)) === message['amount']
  );
}

function shown(paid: Paid, message: Message): object {
  return {
    ...headOf(message),
    code: paid.code,
    receipt: paid.state === 'paid' ? paid.receipt : {},
  };
}

function refusal(message: Message, code: string): object {
  return { ...headOf(message), code, receipt: {} };
}

function headOf(message: Message): object {
  const { kind, messageId, reference, product, customerKey, amount } = message;
  return { kind: `${String(kind)}_answer`, messageId, reference, product, customerKey, amount };
}
