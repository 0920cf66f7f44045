import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 48 bits of time, with two more that are zero. */
const TIME_DIGITS = 10;
const HALF_DIGITS = 8;

/** A prefixed, time-ordered id: `pay_01J8…` (48 bits of time, 80 random, Crockford base32; the ULID layout).
 * Shape: prefix + `_` + 26 characters. The same text in SQL, logs, UI and mail. */
export function newId(prefix: string, nowMs: number, random: Random): string {
  if (!Number.isSafeInteger(nowMs) || nowMs < 0)
    throw new RangeError('Cannot make id: not a whole number of milliseconds');
  const bytes = random.bytes(10);
  // Two halves of 40 bits: whole numbers that a double holds exactly.
  const high = digits(bytes.readUIntBE(0, 5), HALF_DIGITS);
  const low = digits(bytes.readUIntBE(5, 5), HALF_DIGITS);
  return `${prefix}_${digits(nowMs, TIME_DIGITS)}${high}${low}`;
}

/** What every id made at `nowMs` or later is not below: a stretch of time is a stretch of ids, found by the primary key. */
export function idFloor(prefix: string, nowMs: number): string {
  return `${prefix}_${digits(nowMs, TIME_DIGITS)}`;
}

/** The last `count` digits of a whole number in base 32. */
function digits(value: number, count: number): string {
  let text = '';
  for (let rest = value, i = 0; i < count; i++) {
    text = ALPHABET[rest % 32]! + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
