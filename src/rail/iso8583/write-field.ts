/** Writes one field into bytes, checking each character on the way. Nothing throws; nothing is written past the end. */
import { CHARACTER_BITS, SIGN_BIT } from './character.ts';
import { FILL, FORM, ODD, PREFIX, type CompiledField } from './compile.ts';
import type { IsoProblem } from './spec.ts';

/** Where writing stands. */
export interface Draft {
  readonly bytes: Buffer;
  at: number;
  path: string;
  problem: IsoProblem | undefined;
}

const SPACE = 0x20;
const ZERO = 0x30;
/** What a field may need beside its characters. */
export const PREFIX_BYTES_MAX = 3;

/** Marks what is wrong; false, as every writer then says. */
export function refuse(draft: Draft, path: string, problem: IsoProblem): false {
  draft.path = path;
  draft.problem = problem;
  return false;
}

/** Writes a value; false with the draft's problem set. */
export function writeField(draft: Draft, field: CompiledField, value: string): boolean {
  if (typeof value !== 'string') return refuse(draft, field.path, 'wrong_type');
  const { length } = value;
  if (length > field.lengthMax) return refuse(draft, field.path, 'too_long');
  if (length < field.lengthMin) return refuse(draft, field.path, 'wrong_length');
  if (field.fill !== FILL.none && isFilled(value, field))
    return refuse(draft, field.path, 'wrong_padding');
  // Measured from above: a prefix has at most three bytes, and no form takes more bytes than characters.
  const width = field.prefix === PREFIX.none ? field.lengthMax : length;
  if (draft.at + width + PREFIX_BYTES_MAX > draft.bytes.length)
    return refuse(draft, field.path, 'too_long');
  // Half a byte is no byte.
  if (field.isHex && length % 2 === 1) return refuse(draft, field.path, 'wrong_characters');
  if (field.prefix !== PREFIX.none) writeCount(draft, field, length);
  if (field.form === FORM.text || field.form === FORM.hex) return writeText(draft, field, value);
  if (!hasCharacters(value, field)) return refuse(draft, field.path, 'wrong_characters');
  if (field.form === FORM.binary)
    draft.at += draft.bytes.write(value, draft.at, length >> 1, 'hex');
  else writeBcd(draft, field, value);
  return true;
}

/** The same test as in `writeText`, for what is not copied as it stands. */
function hasCharacters(value: string, field: CompiledField): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 255 || (CHARACTER_BITS[code]! & field.bit) === 0) return false;
  }
  // BCD has one separator: the half byte D, read as `=`.
  return !(field.isTrack && field.form === FORM.bcd && value.includes('D'));
}

/** True when the value already carries what a reader would take for filling. */
function isFilled(value: string, field: CompiledField): boolean {
  if (field.fill === FILL.space) return value.charCodeAt(value.length - 1) === SPACE;
  return value.length > field.lengthMin && value.charCodeAt(0) === ZERO;
}

function writeCount(draft: Draft, field: CompiledField, length: number): void {
  const { bytes } = draft;
  let count = field.charactersPerCount === 2 ? (length + 1) >> 1 : length;
  const { prefix, prefixDigits } = field;
  if (prefix === PREFIX.ascii) {
    for (let at = draft.at + prefixDigits - 1; at >= draft.at; at--) {
      bytes[at] = ZERO + (count % 10);
      count = (count / 10) | 0;
    }
    draft.at += prefixDigits;
  } else if (prefix === PREFIX.bcd) {
    const size = (prefixDigits + 1) >> 1;
    for (let at = draft.at + size - 1; at >= draft.at; at--) {
      bytes[at] = ((((count / 10) | 0) % 10) << 4) | (count % 10);
      count = (count / 100) | 0;
    }
    draft.at += size;
  } else {
    const size = prefixDigits - 1;
    for (let at = draft.at + size - 1; at >= draft.at; at--) {
      bytes[at] = count & 255;
      count >>= 8;
    }
    draft.at += size;
  }
}

function writeText(draft: Draft, field: CompiledField, value: string): boolean {
  const { bytes } = draft;
  const { length } = value;
  let at = draft.at;
  const missing = field.prefix === PREFIX.none ? field.lengthMax - length : 0;
  if (field.fill === FILL.zero) for (let left = missing; left > 0; left--) bytes[at++] = ZERO;
  const { bit } = field;
  let from = 0;
  if (field.isSigned) {
    const code = value.charCodeAt(from++);
    if (code > 255 || (CHARACTER_BITS[code]! & SIGN_BIT) === 0)
      return refuse(draft, field.path, 'wrong_characters');
    bytes[at++] = code;
  }
  for (; from < length; from++) {
    const code = value.charCodeAt(from);
    if (code > 255 || (CHARACTER_BITS[code]! & bit) === 0)
      return refuse(draft, field.path, 'wrong_characters');
    bytes[at++] = code;
  }
  if (field.fill === FILL.space) for (let left = missing; left > 0; left--) bytes[at++] = SPACE;
  draft.at = at;
  return true;
}

function writeBcd(draft: Draft, field: CompiledField, value: string): void {
  const { bytes } = draft;
  let digits = field.fill === FILL.zero ? value.padStart(field.lengthMax, '0') : value;
  if (digits.length % 2 === 1)
    digits =
      field.odd === ODD.left0 ? `0${digits}` : digits + (field.odd === ODD.rightF ? 'F' : '0');
  for (let from = 0; from < digits.length; from += 2)
    bytes[draft.at++] = (nibble(digits, from) << 4) | nibble(digits, from + 1);
}

function nibble(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  // `=` is 0x3D, `F` 0x46: with digits the only ones here.
  return code === 0x46 ? 15 : code & 15;
}
