/** The hub's own reading of amounts on the wire: a string with exactly two decimals, no sign, no leading zeros. */

const MONEY = /^(?:0|[1-9][0-9]{0,15})\.[0-9]{2}$/;

/** True for a wire amount such as `125000.00`. */
export function isMoney(value: unknown): boolean {
  return typeof value === 'string' && MONEY.test(value);
}

/** Sen of a checked wire amount. */
export function senOf(value: string): bigint {
  return BigInt(value.replace('.', ''));
}

/** The wire form of sen. */
export function moneyOf(sen: bigint): string {
  const digits = sen.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
