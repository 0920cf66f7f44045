/** Which bytes a content may hold, as bits of one table: a test per character is one lookup. */
import type { Content } from './spec.ts';

const BIT = { n: 1, a: 2, an: 4, ans: 8, z: 16, hex: 32, sign: 64 } as const;

function bitsOf(code: number): number {
  const character = String.fromCharCode(code);
  const isDigit = /[0-9]/.test(character);
  const isLetter = /[A-Za-z]/.test(character);
  return (
    (isDigit ? BIT.n : 0) |
    (isLetter ? BIT.a : 0) |
    (isDigit || isLetter ? BIT.an : 0) |
    (code >= 0x20 && code <= 0x7e ? BIT.ans : 0) |
    (isDigit || character === '=' || character === 'D' ? BIT.z : 0) |
    (/[0-9A-F]/.test(character) ? BIT.hex : 0) |
    (character === 'C' || character === 'D' ? BIT.sign : 0)
  );
}

/** The bits of each byte. */
export const CHARACTER_BITS: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  bitsOf(code),
);

/** The bit that each character of a content must have; of `xn` those after the first, of `b` as hex text. */
export const CONTENT_BIT: Readonly<Record<Content, number>> = {
  n: BIT.n,
  a: BIT.a,
  an: BIT.an,
  ans: BIT.ans,
  z: BIT.z,
  xn: BIT.n,
  b: BIT.hex,
};

/** What the first character of `xn` must be: C or D. */
export const SIGN_BIT: number = BIT.sign;

/** True when every character of `text` from `from` to `to` has the bit. */
export function hasOnly(
  text: string,
  rule: { readonly bit: number; readonly from: number; readonly to: number },
): boolean {
  for (let at = rule.from; at < rule.to; at++) {
    const code = text.charCodeAt(at);
    if (code > 255 || (CHARACTER_BITS[code]! & rule.bit) === 0) return false;
  }
  return true;
}
