/** Turns the fields of a dialect into numbers that reading and writing need, once at start-up, and refuses data that makes no
 * sense. Owns no message. */
import { CONTENT_BIT } from './character.ts';
import type { Dialect, FieldFormat } from './spec.ts';

/** How a value lies on the wire. */
export const FORM = { text: 0, hex: 1, binary: 2, bcd: 3 } as const;
/** How a length before a value is written. */
export const PREFIX = { none: 0, ascii: 1, bcd: 2, binary: 3 } as const;
/** How a value is filled up. */
export const FILL = { none: 0, space: 1, zero: 2 } as const;
/** Where the spare half byte of an odd number of digits is. */
export const ODD = { left0: 0, right0: 1, rightF: 2 } as const;

/** One field, ready to be read and written. Lengths are of the value in a message: characters, of bytes two hex characters each. */
export interface CompiledField {
  readonly path: string;
  readonly lengthPath: string;
  readonly form: number;
  readonly bit: number;
  readonly isSigned: boolean;
  readonly isTrack: boolean;
  readonly isHex: boolean;
  readonly fill: number;
  readonly odd: number;
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly prefix: number;
  /** Length digits. */
  readonly prefixDigits: number;
  /** What the length counts: `1` characters of the value, `2` pairs of them. */
  readonly charactersPerCount: 1 | 2;
}

/** The fields by number; `undefined` where the dialect has none. Throws Error for data that makes no sense: a fault of
 * configuration, at start-up. */
export function compileFields(dialect: Dialect): readonly (CompiledField | undefined)[] {
  const compiled: (CompiledField | undefined)[] = Array.from({ length: 129 });
  for (const [key, format] of Object.entries(dialect.fields)) {
    const number = Number(key);
    if (!Number.isInteger(number) || number < 2 || number > 128 || number === 65)
      refuse(dialect, `DE${key} is no field`);
    compiled[number] = compileField(dialect, { number, format });
  }
  checkHeader(dialect);
  return compiled;
}

const LONGEST = 9_999;

function compileField(
  dialect: Dialect,
  input: { readonly number: number; readonly format: FieldFormat },
): CompiledField {
  const { number, format } = input;
  const { content, length, padding = 'none' } = format;
  const path = `DE${number}`;
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) refuse(dialect, `${path} ${what}`);
  };
  const form = formOf(dialect, format);
  const isFixed = format.prefix === 'fixed';
  const width = content === 'b' ? 2 : 1;
  const prefixDigits = isFixed ? 0 : format.prefix === 'LL' ? 2 : 3;
  const isByBytes = (format.counts ?? dialect.wire.counts) === 'bytes' || form === FORM.binary;
  const charactersPerCount = isByBytes && (width === 2 || form === FORM.bcd) ? 2 : 1;
  must(CONTENT_BIT[content] !== undefined, 'has an unknown content');
  must(Number.isInteger(length) && length >= 1 && length <= LONGEST, 'has no length');
  must(
    isFixed || (length * width) / charactersPerCount < 10 ** prefixDigits,
    'is longer than its length digits can say',
  );
  must((content === 'b') === (form === FORM.hex || form === FORM.binary), 'has a wrong encoding');
  must(form !== FORM.bcd || content === 'n' || content === 'z', 'cannot be BCD');
  must(padding === 'none' || isFixed, 'is padded and not fixed');
  must(padding !== 'zero_left' || content === 'n', 'is padded with zeros and not of digits');
  must(padding !== 'space_right' || form === FORM.text, 'is padded with spaces and not text');
  // An odd number of digits counted in bytes could not be told from an even one.
  must(
    !(form === FORM.bcd && charactersPerCount === 2) || dialect.wire.oddDigit === 'right_f',
    'counts bytes of BCD, so the spare half byte must be F',
  );
  const lengthMin = isFixed && padding === 'none' ? length : (format.lengthMin ?? leastOf(padding));
  must(lengthMin >= 0 && lengthMin <= length, 'has a least length above its length');
  return {
    path,
    lengthPath: `${path}.length`,
    form,
    bit: CONTENT_BIT[content],
    isSigned: content === 'xn',
    isTrack: content === 'z',
    isHex: content === 'b',
    fill: padding === 'none' ? FILL.none : padding === 'space_right' ? FILL.space : FILL.zero,
    odd: { left_0: ODD.left0, right_0: ODD.right0, right_f: ODD.rightF }[dialect.wire.oddDigit],
    lengthMin: lengthMin * width,
    lengthMax: length * width,
    prefix: isFixed ? PREFIX.none : PREFIX[format.prefixEncoding ?? dialect.wire.prefix],
    prefixDigits,
    charactersPerCount,
  };
}

function leastOf(padding: FieldFormat['padding']): number {
  return padding === 'space_right' ? 0 : 1;
}

function formOf(dialect: Dialect, format: FieldFormat): number {
  const { content, encoding } = format;
  if (encoding !== undefined)
    return { ascii: FORM.text, hex: FORM.hex, binary: FORM.binary, bcd: FORM.bcd }[encoding];
  if (content === 'b') return dialect.wire.binary === 'hex' ? FORM.hex : FORM.binary;
  const isPacked = dialect.wire.digits === 'bcd' && (content === 'n' || content === 'z');
  return isPacked ? FORM.bcd : FORM.text;
}

function checkHeader(dialect: Dialect): void {
  const { kind, value } = dialect.header;
  if (value !== undefined && !isHeader(kind, value)) refuse(dialect, 'header has a wrong form');
  if (kind === 'none' && value !== undefined) refuse(dialect, 'has a header and says none');
}

/** True for a header that a dialect of that kind may carry. */
export function isHeader(kind: Dialect['header']['kind'], value: string): boolean {
  return (kind === 'text' ? /^ISO\d{9}$/ : /^[0-9A-F]{10}$/).test(value);
}

function refuse(dialect: Dialect, what: string): never {
  throw new Error(`Cannot use dialect ${dialect.name}: ${what}`);
}
