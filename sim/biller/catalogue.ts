/** What the simulated billers know: who is behind a number and what they owe. Made up from the digits, so that a demo is the same
 * every time; read from the aggregator's product sheet by ourselves, not from the hub's table. */

/** How a product is billed. */
export type Billing =
  | { readonly kind: 'token'; readonly choices: readonly number[] }
  | { readonly kind: 'top_up'; readonly choices: readonly number[] }
  | { readonly kind: 'any'; readonly least: number; readonly most: number }
  | { readonly kind: 'months'; readonly most: number; readonly isAll: boolean }
  | { readonly kind: 'once'; readonly proof: 'reference' | 'ntpd' | 'ntpn' }
  | { readonly kind: 'loan' };

const PLN_TOKENS = [20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];
const CREDITS = [10_000, 25_000, 50_000, 100_000];

/** Product code to how it is billed and the form of its numbers. */
export const CATALOGUE: Readonly<Record<string, Billing & { readonly number: RegExp }>> = {
  PLN_PREPAID: { kind: 'token', choices: PLN_TOKENS, number: /^[0-9]{11,12}$/ },
  PLN_POSTPAID: { kind: 'months', most: 4, isAll: false, number: /^[0-9]{11,12}$/ },
  PLN_NONTAGLIS: { kind: 'once', proof: 'reference', number: /^[0-9]{13}$/ },
  PDAM_3171: { kind: 'months', most: 3, isAll: true, number: /^[0-9]{6,12}$/ },
  PDAM_3273: { kind: 'months', most: 3, isAll: false, number: /^[0-9]{6,12}$/ },
  BPJS_KES: { kind: 'months', most: 12, isAll: false, number: /^(88888[0-9]{11}|[0-9]{16})$/ },
  PBB_3171: { kind: 'once', proof: 'ntpd', number: /^[0-9]{18}$/ },
  MPN_G3: { kind: 'once', proof: 'ntpn', number: /^[0-9]{15}$/ },
  PULSA_TSEL: { kind: 'top_up', choices: CREDITS, number: /^08[0-9]{8,11}$/ },
  PULSA_XL: { kind: 'top_up', choices: CREDITS, number: /^08[0-9]{8,11}$/ },
  EWALLET: { kind: 'any', least: 10_000, most: 2_000_000, number: /^08[0-9]{8,11}$/ },
  FINANCE_MULTI: { kind: 'loan', number: /^[0-9]{10,12}$/ },
};

const FIRST = ['BUDI', 'SITI', 'AGUS', 'DEWI', 'RINA', 'HADI', 'YUNI', 'EKO'];
const LAST = ['SANTOSO', 'LESTARI', 'WIJAYA', 'HANDAYANI', 'PRATAMA', 'NURAINI'];

/** The synthetic owner of a number. */
export function nameOf(number: string): string {
  const seed = digitsOf(number);
  return `${FIRST[seed % FIRST.length]!} ${LAST[(seed >> 3) % LAST.length]!}`;
}

/** Months that are open, oldest first, with what each costs in sen. */
export function monthsOf(input: {
  readonly number: string;
  readonly billing: { readonly most: number };
  /** `2026-08`. */
  readonly month: string;
}): readonly { readonly period: string; readonly sen: bigint }[] {
  const seed = digitsOf(input.number);
  const count = (seed % input.billing.most) + 1;
  return Array.from({ length: count }, (_, i) => ({
    period: monthBefore(input.month, count - i),
    sen: BigInt(40_000 + ((seed * 37 + i * 7_919) % 300) * 1_000) * 100n,
  }));
}

/** What a bill of one amount costs in sen. */
export function onceOf(number: string): bigint {
  return BigInt(75_000 + (digitsOf(number) % 900) * 500) * 100n;
}

function digitsOf(number: string): number {
  let sum = 7;
  for (const letter of number) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003;
  return sum;
}

function monthBefore(month: string, count: number): string {
  const [year, of] = month.split('-').map(Number) as [number, number];
  const index = year * 12 + of - 1 - count;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
}
