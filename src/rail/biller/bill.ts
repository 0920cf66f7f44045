/** What a customer may choose to pay of a bill, from the product's rule and the biller's answer. Pure. */
import type { Bill, BillChoice } from '../gateway-wire.ts';
import type { InquiryAnswer } from './message.ts';
import type { BillerProduct } from './product.ts';

/** The bill as core sees it; undefined when the biller's answer does not fit the product. */
export function billOf(product: BillerProduct, said: InquiryAnswer): Bill | undefined {
  const amounts = amountsOf(product, said);
  if (!amounts) return undefined;
  const { inquiryReference, customerName, validUntilMs } = said;
  const periods = said.periods.map(({ period, amountSen }) => ({
    period,
    amountSen: String(amountSen),
  }));
  return { found: true, inquiryReference, customerName, validUntilMs, periods, ...amounts };
}

function amountsOf(
  { amount }: BillerProduct,
  said: InquiryAnswer,
): Pick<Bill, 'choices' | 'range'> | undefined {
  switch (amount.kind) {
    case 'closed':
      return said.amountSen ? { choices: [choice(said.amountSen, 0)] } : undefined;
    case 'denomination':
      return { choices: amount.choicesSen.map((sen) => choice(BigInt(sen), 0)) };
    case 'periods':
      return periodsOf(said, amount);
    case 'open':
      return { choices: [], range: { minSen: amount.minimumSen, maxSen: amount.maximumSen } };
    case 'partial': {
      const { minimumSen, amountSen } = said;
      if (!minimumSen || !amountSen || minimumSen > amountSen) return undefined;
      const range = { minSen: String(minimumSen), maxSen: String(amountSen) };
      return { choices: [choice(amountSen, 0)], range };
    }
  }
}

/** Oldest first: one month, two, … all. */
function periodsOf(
  said: InquiryAnswer,
  rule: { readonly countMax: number; readonly isAllOnly: boolean },
): Pick<Bill, 'choices'> | undefined {
  const { periods } = said;
  if (periods.length === 0 || periods.length > rule.countMax) return undefined;
  const isRising = periods.every(({ period }, i) => i === 0 || periods[i - 1]!.period < period);
  if (!isRising) return undefined;
  let sum = 0n;
  const choices = periods.map(({ amountSen }, i) => choice((sum += amountSen), i + 1));
  return { choices: rule.isAllOnly ? choices.slice(-1) : choices };
}

function choice(amountSen: bigint, periodCount: number): BillChoice {
  return { amountSen: String(amountSen), periodCount };
}

/** True when this amount and number of periods is one that the bill allows: a choice, or whole rupiah within the range. */
export function mayPay(
  bill: Pick<Bill, 'choices' | 'range'>,
  asked: { readonly amountSen: bigint; readonly periodCount: number },
): boolean {
  const { amountSen, periodCount } = asked;
  const isChoice = bill.choices.some(
    (one) => BigInt(one.amountSen) === amountSen && one.periodCount === periodCount,
  );
  if (isChoice || !bill.range || periodCount !== 0 || amountSen % 100n !== 0n) return isChoice;
  return amountSen >= BigInt(bill.range.minSen) && amountSen <= BigInt(bill.range.maxSen);
}
