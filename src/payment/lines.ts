import { CHART } from '../kernel/bank.ts';
import { sen } from '../kernel/money.ts';
import type { Leg } from '../ledger/port.ts';
import { networkOf, railOf, termsOf } from './kind.ts';
import type { MerchantTerms } from './port.ts';
import type { PaymentLine, PaymentRow } from './row.ts';
import type { Price } from './tariff.ts';

/** The lines of a transfer out: principal, what of the fee is ours, the tax in it. Together they are amount and fee of the row. Then what
 * a merchant pays out of the principal (`mdr`). */
export function linesOf(
  row: PaymentRow,
  price: Price,
  merchant?: MerchantTerms,
): readonly PaymentLine[] {
  const rail = railOf(row.kind);
  const line = (name: PaymentLine['line'], to: string, amount: bigint): PaymentLine => ({
    line: name,
    amountSen: sen(amount),
    debitAccount: row.debitAccount,
    creditAccount: to,
  });
  return [
    line('principal', rail ? networkOf(rail).settlementOut : row.creditAccount, row.amountSen),
    line('fee', termsOf(row.kind).fee, price.feeSen - price.taxSen),
    line('tax', CHART.feeTax, price.taxSen),
    {
      ...line('mdr', CHART.qrisFee, merchant?.mdrSen ?? 0n),
      debitAccount: row.creditAccount,
    },
  ].filter(({ amountSen }) => amountSen > 0n);
}

/** One movement per line, in order. */
export function legsOf(lines: readonly PaymentLine[], kind: 'single' | 'hold'): readonly Leg[] {
  return lines.map(({ line, amountSen, debitAccount, creditAccount }) => ({
    kind,
    line,
    debit: debitAccount,
    credit: creditAccount,
    amount: amountSen,
  }));
}

/** Which leg holds which line. */
export function holdsOf(lines: readonly PaymentLine[]): {
  readonly principal: number;
  readonly fee?: number;
  readonly tax?: number;
} {
  const at = (name: PaymentLine['line']): number => lines.findIndex(({ line }) => line === name);
  return {
    principal: at('principal'),
    ...(at('fee') >= 0 && { fee: at('fee') }),
    ...(at('tax') >= 0 && { tax: at('tax') }),
  };
}
