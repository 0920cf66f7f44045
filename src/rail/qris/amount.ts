/** Amounts and tips of a code: decimal text to whole sen, and what the payer owes. Never a floating-point number.
 * Source: domain.md 1.2 (54–57) and the amount syntax under it. */
import { sen, type Sen } from '../../kernel/money.ts';
import type { QrisFaultCode } from './fault.ts';

/** Tag 54 and 56: at most 13 characters. */
const AMOUNT_LENGTH_MAX = 13;
/** A hundredth of a percent: what tag 57 counts in. */
const HUNDREDTHS = 100n;
const PERCENT_BASE = 100n * HUNDREDTHS;
const AMOUNT = /^(\d+)(?:\.(\d*))?$/;
const PERCENT = /^(\d{1,2})(?:\.(\d{1,2}))?$/;

/** What the payer adds for the merchant: nothing, what they like, a fixed amount, or a share in hundredths of a percent. */
export type Tip =
  | { readonly kind: 'none' }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'fixed'; readonly feeSen: Sen }
  | { readonly kind: 'percent'; readonly hundredths: number };

type AmountFaultCode = Extract<
  QrisFaultCode,
  'amount_format' | 'amount_decimals' | 'amount_zero' | 'amount_above_cap'
>;

/** Reads `1000`, `1000.` or `1000.00` as sen. Digits and one point only; more than two decimals are refused, since they may be a
 * thousands separator (`1.000`). */
export function readQrisAmount(text: string): Sen | AmountFaultCode {
  if (text.length > AMOUNT_LENGTH_MAX) return 'amount_format';
  const match = AMOUNT.exec(text);
  if (!match) return 'amount_format';
  const cents = match[2] ?? '';
  if (cents.length > 2) return 'amount_decimals';
  const amount = BigInt(match[1]! + cents.padEnd(2, '0'));
  return amount === 0n ? 'amount_zero' : sen(amount);
}

/** The text of an amount in a code: without decimals where there are no cents. */
export function writeQrisAmount(amount: Sen): string {
  const cents = amount % 100n;
  return cents === 0n
    ? String(amount / 100n)
    : `${amount / 100n}.${cents.toString().padStart(2, '0')}`;
}

/** Reads a percentage (`10`, `2.5`) as hundredths of a percent, 1 to 9999; undefined for anything else. */
export function readPercent(text: string): number | undefined {
  const match = PERCENT.exec(text);
  if (!match) return undefined;
  const hundredths = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return hundredths > 0 ? hundredths : undefined;
}

/** The text of a percentage, without zeros at its end. */
export function writePercent(hundredths: number): string {
  const rest = hundredths % 100;
  if (rest === 0) return String(hundredths / 100);
  return `${Math.floor(hundredths / 100)}.${String(rest).padStart(2, '0').replace(/0$/, '')}`;
}

/** A share of an amount, rounded half up to a whole sen: the rounding rule of percent tips and of the merchant discount rate. */
export function shareHalfUp(amount: Sen, hundredths: number): Sen {
  return sen((amount * BigInt(hundredths) + PERCENT_BASE / 2n) / PERCENT_BASE);
}

/** What the payer owes. */
export type Due =
  | { readonly ok: true; readonly tipSen: Sen; readonly totalSen: Sen }
  | {
      readonly ok: false;
      readonly reason: 'amount_not_positive' | 'tip_not_offered' | 'tip_negative' | 'above_cap';
    };

/** Amount plus tip. `askedTipSen` is what the payer typed, allowed only where the code prompts for it. The cap holds for the total,
 * since that is what one payment carries. */
export function decideDue(input: {
  readonly amountSen: Sen;
  readonly tip: Tip;
  readonly askedTipSen?: Sen;
  readonly capSen: Sen;
}): Due {
  const { amountSen, tip, askedTipSen } = input;
  if (amountSen <= 0n) return { ok: false, reason: 'amount_not_positive' };
  if (askedTipSen !== undefined && tip.kind !== 'prompt')
    return { ok: false, reason: 'tip_not_offered' };
  if (askedTipSen !== undefined && askedTipSen < 0n) return { ok: false, reason: 'tip_negative' };
  const tipSen = tipOf(amountSen, tip, askedTipSen ?? sen(0n));
  if (amountSen + tipSen > input.capSen) return { ok: false, reason: 'above_cap' };
  return { ok: true, tipSen, totalSen: sen(amountSen + tipSen) };
}

function tipOf(amountSen: Sen, tip: Tip, asked: Sen): Sen {
  switch (tip.kind) {
    case 'none':
      return sen(0n);
    case 'prompt':
      return asked;
    case 'fixed':
      return tip.feeSen;
    case 'percent':
      return shareHalfUp(amountSen, tip.hundredths);
  }
}
