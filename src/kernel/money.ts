/** Money as whole sen. One rupiah is 100 sen. Owns parsing, formatting and rounding; nothing else may. */

/** An amount in sen (IDR minor unit, 1 IDR = 100 sen). Never a float, never a plain number. */
export type Sen = bigint & { readonly brand: 'Sen' };

/** The largest amount a row can hold (PostgreSQL bigint). */
export const SEN_MAX = 9_223_372_036_854_775_807n;

/** Brands a bigint as sen. Throws RangeError outside PostgreSQL's bigint. */
export function sen(value: bigint): Sen {
  if (value > SEN_MAX || value < -SEN_MAX) throw new RangeError('Cannot hold amount: out of range');
  return value as Sen;
}

/** Whole rupiah as sen: `rupiah(2_500)` is Rp2.500. */
export function rupiah(value: bigint | number): Sen {
  return sen(BigInt(value) * 100n);
}

const IDR_WIRE = /^(0|[1-9]\d{0,15})\.(\d{2})$/;

/** Parses the wire form `"125000.00"` (SNAP BI and BI-FAST: string, exactly two decimals).
 * Returns undefined for anything else, zero included as a valid parse; the caller refuses zero by its own rule.
 * Source: domain.md 3.6. */
export function parseIdr(text: unknown): Sen | undefined {
  if (typeof text !== 'string') return undefined;
  const match = IDR_WIRE.exec(text);
  if (!match) return undefined;
  return sen(BigInt(match[1]!) * 100n + BigInt(match[2]!));
}

/** The wire form with two decimals: `125000.00`. Negative amounts keep their sign. */
export function formatIdr(amount: bigint): string {
  const sign = amount < 0n ? '-' : '';
  const abs = amount < 0n ? -amount : amount;
  return `${sign}${abs / 100n}.${(abs % 100n).toString().padStart(2, '0')}`;
}

/** What a person reads: `Rp1.250.000`, cents only when not zero (`Rp1.250.000,50`). Source: UI.md. */
export function formatRupiah(amount: bigint): string {
  const sign = amount < 0n ? '-' : '';
  const abs = amount < 0n ? -amount : amount;
  const whole = (abs / 100n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, '.');
  const cents = abs % 100n;
  return `${sign}Rp${whole}${cents === 0n ? '' : `,${cents.toString().padStart(2, '0')}`}`;
}
