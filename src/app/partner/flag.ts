/** What was typed after the flags of `pulih partner`, as values; nothing is guessed. Pure. */
import { rupiah } from '../../kernel/money.ts';
import { text, UsageError, type Typed } from '../verb.ts';

/** What `pulih partner` can be told to do. */
export const PARTNER_WORDS = [
  'add',
  'list',
  'rotate',
  'revoke',
  'suspend',
  'resume',
  'allow',
  'limit',
  'bind',
  'unbind',
  'redirect',
  'endpoint',
  'va-service',
  'va-channel',
  'debit',
  'merchant',
  'log',
] as const;

const NUMBER_MAX = 1_000_000_000;

/** What was typed after a flag that must be there. Throws UsageError. */
export function needed(typed: Typed, name: string): string {
  const value = text(typed, name);
  if (!value) throw new UsageError(`--${name} is needed`);
  return value;
}

/** One of a few words; the first unless told. Throws UsageError. */
export function oneOf<T extends string>(
  typed: Typed,
  name: string,
  allowed: readonly [T, ...T[]],
): T {
  const value = text(typed, name) ?? allowed[0];
  const found = allowed.find((one) => one === value);
  if (!found) throw new UsageError(`--${name} is ${allowed.join(' or ')}`);
  return found;
}

/** A list with commas; `none` is an empty one. */
export function list(value: string): readonly string[] {
  return value === 'none'
    ? []
    : value
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean);
}

/** A whole number from 1; null for `none`. Throws UsageError. */
export function count(typed: Typed, name: string): number | null | undefined {
  const value = text(typed, name);
  if (value === undefined) return undefined;
  if (value === 'none') return null;
  const number = Number(value);
  if (!/^\d{1,10}$/.test(value) || number < 1 || number > NUMBER_MAX)
    throw new UsageError(`--${name} is a whole number from 1, or none`);
  return number;
}

/** A whole number from 1 that may not be `none`. Throws UsageError. */
export function bounded(typed: Typed, name: string): number | undefined {
  const value = count(typed, name);
  if (value === null) throw new UsageError(`--${name} is always bounded`);
  return value;
}

/** Whole rupiah, in sen. Throws UsageError. */
export function money(typed: Typed, name: string): bigint | undefined {
  const value = text(typed, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value) || BigInt(value) < 1n)
    throw new UsageError(`--${name} is a whole number of rupiah from 1`);
  return rupiah(BigInt(value));
}
