/** Amounts of a link: whole digits with the decimals that the dialect implies. The only place that turns them into sen and back. */
import { sen, type Sen } from '../../kernel/money.ts';
import type { Dialect } from './spec.ts';

const AMOUNT = /^\d{12}$/;

/** Sen of twelve digits as DE4 holds them; undefined for anything else. Zero is an amount. */
export function readAmount(dialect: Dialect, digits: string | undefined): Sen | undefined {
  if (digits === undefined || !AMOUNT.test(digits)) return undefined;
  return sen(BigInt(digits) * (dialect.amountDecimals === 2 ? 1n : 100n));
}

/** Twelve digits; undefined when the amount is negative, too large, or has sen that the link cannot say. Never rounds. */
export function writeAmount(dialect: Dialect, amount: Sen): string | undefined {
  const unit = dialect.amountDecimals === 2 ? 1n : 100n;
  if (amount < 0n || amount % unit !== 0n) return undefined;
  const digits = String(amount / unit);
  return digits.length > 12 ? undefined : digits.padStart(12, '0');
}
