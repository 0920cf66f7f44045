/** The demo link's fields, as data. Source: domain.md 4.3; lengths are characters, every field is ASCII text. */

/** `n` digits, `an` letters and digits, `anf` the same filled with spaces on the right, `ans` printable ASCII, `z` track 2, `h` bytes in
 * upper-case hexadecimal. */
export type FieldText = 'n' | 'an' | 'anf' | 'ans' | 'z' | 'h';

/** One data element: exactly `length` characters when `prefix` is 0, else up to `length` behind that many length digits. */
export interface FieldShape {
  readonly text: FieldText;
  readonly length: number;
  readonly prefix: 0 | 2 | 3;
  /** The shortest; 1 when absent. */
  readonly lengthMin?: number;
}

const fixed = (text: FieldText, length: number): FieldShape => ({ text, length, prefix: 0 });
const upTo99 = (text: FieldText, length: number): FieldShape => ({ text, length, prefix: 2 });
const upTo999 = (text: FieldText, length = 999): FieldShape => ({ text, length, prefix: 3 });

/** What each data element looks like; one that is not here is refused. */
export const FIELDS: Readonly<Record<number, FieldShape>> = {
  2: upTo99('n', 19),
  3: fixed('n', 6),
  4: fixed('n', 12),
  7: fixed('n', 10),
  11: fixed('n', 6),
  12: fixed('n', 6),
  13: fixed('n', 4),
  14: fixed('n', 4),
  15: fixed('n', 4),
  18: fixed('n', 4),
  22: fixed('n', 3),
  25: fixed('n', 2),
  26: fixed('n', 2),
  32: upTo99('n', 11),
  33: upTo99('n', 11),
  35: upTo99('z', 37),
  37: fixed('an', 12),
  38: fixed('anf', 6),
  39: fixed('an', 2),
  41: fixed('anf', 8),
  42: fixed('ans', 15),
  43: fixed('ans', 40),
  48: upTo999('ans'),
  49: fixed('n', 3),
  52: fixed('h', 16),
  54: upTo999('an', 120),
  55: upTo999('h', 998),
  57: upTo999('ans'),
  60: upTo999('ans'),
  61: upTo999('ans'),
  62: upTo999('ans'),
  63: upTo999('ans'),
  64: fixed('h', 16),
  70: fixed('n', 3),
  90: fixed('n', 42),
  95: fixed('an', 42),
  100: upTo99('n', 11),
  102: upTo99('ans', 28),
  103: upTo99('ans', 28),
  // Key and check value, no more and no less.
  120: { ...upTo999('h', 38), lengthMin: 38 },
  125: upTo999('ans'),
  126: upTo999('ans'),
  127: upTo999('ans'),
  128: fixed('h', 16),
};

/** Characters of each kind of text. */
export const TEXT_PATTERNS: Readonly<Record<FieldText, RegExp>> = {
  n: /^[0-9]*$/,
  an: /^[0-9A-Za-z]*$/,
  anf: /^[0-9A-Za-z]* *$/,
  ans: /^[\x20-\x7e]*$/,
  z: /^[0-9=D]*$/,
  h: /^([0-9A-F]{2})*$/,
};

/** The message types of domain.md 4.2 that this network speaks. */
export const MESSAGE_TYPES: ReadonlySet<string> = new Set(
  '0200 0201 0210 0220 0221 0230 0400 0401 0410 0420 0421 0430 0520 0521 0530 0600 0610 0800 0810'.split(
    ' ',
  ),
);

/** The answer's type: third digit up by one, origin digit 0. `0421` is answered `0430`. */
export function answerType(mti: string): string {
  return `${mti.slice(0, 2)}${Number(mti[2]) + 1}0`;
}
