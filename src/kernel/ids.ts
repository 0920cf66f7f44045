import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A prefixed, time-ordered id: `pay_01J8…` (48 bits of time, 80 random, Crockford base32; the ULID layout).
 * Shape: prefix + `_` + 26 characters. The same text in SQL, logs, UI and mail. */
export function newId(prefix: string, nowMs: number, random: Random): string {
  let time = BigInt(nowMs);
  let value = 0n;
  for (const byte of random.bytes(10)) value = (value << 8n) | BigInt(byte);
  time = (time << 80n) | value;
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(time & 31n)]! + text;
    time >>= 5n;
  }
  return `${prefix}_${text}`;
}
