/** Reads one field from bytes. A cursor carries the place and the first thing that was wrong; nothing throws. */
import { CHARACTER_BITS, SIGN_BIT } from './character.ts';
import { FILL, FORM, ODD, PREFIX, type CompiledField } from './compile.ts';
import type { IsoProblem } from './spec.ts';

/** Where reading stands. */
export interface Cursor {
  readonly bytes: Buffer;
  /** The same bytes as latin1: a field's text is a slice of it. */
  readonly text: string;
  at: number;
  path: string;
  problem: IsoProblem | undefined;
}

const SPACE = 0x20;
const ZERO = 0x30;

/** Marks what is wrong; the answer of every reader then. */
export function fail(cursor: Cursor, path: string, problem: IsoProblem): undefined {
  cursor.path = path;
  cursor.problem = problem;
  return undefined;
}

/** The value of a field, the cursor behind it; undefined with the cursor's problem set. */
export function readField(cursor: Cursor, field: CompiledField): string | undefined {
  let length = field.lengthMax;
  if (field.prefix !== PREFIX.none) {
    const count = readCount(cursor, field);
    if (count === undefined) return undefined;
    length = count * field.charactersPerCount;
    // Bytes of BCD may hold one digit more, and F in its place takes it away again.
    const spare = field.isHex ? 0 : field.charactersPerCount - 1;
    if (length > field.lengthMax + spare) return fail(cursor, field.lengthPath, 'too_long');
    if (length < field.lengthMin || (field.isHex && length % 2 === 1))
      return fail(cursor, field.lengthPath, 'wrong_length');
  }
  switch (field.form) {
    case FORM.text:
      return readText(cursor, field, length);
    case FORM.hex:
      return readHex(cursor, field, length);
    case FORM.binary:
      return readBinary(cursor, field, length);
    default:
      return readBcd(cursor, field, length);
  }
}

function readCount(cursor: Cursor, field: CompiledField): number | undefined {
  const { bytes } = cursor;
  const { prefix, prefixDigits } = field;
  const size =
    prefix === PREFIX.ascii
      ? prefixDigits
      : prefix === PREFIX.bcd
        ? (prefixDigits + 1) >> 1
        : prefixDigits - 1;
  const end = cursor.at + size;
  if (end > bytes.length) return fail(cursor, field.lengthPath, 'too_short');
  let count = 0;
  for (let at = cursor.at; at < end; at++) {
    const byte = bytes[at]!;
    if (prefix === PREFIX.ascii) {
      if (byte < ZERO || byte > 0x39) return fail(cursor, field.lengthPath, 'wrong_characters');
      count = count * 10 + byte - ZERO;
    } else if (prefix === PREFIX.bcd) {
      if (byte >> 4 > 9 || (byte & 15) > 9)
        return fail(cursor, field.lengthPath, 'wrong_characters');
      count = count * 100 + (byte >> 4) * 10 + (byte & 15);
    } else count = count * 256 + byte;
  }
  cursor.at = end;
  return count;
}

function readText(cursor: Cursor, field: CompiledField, length: number): string | undefined {
  const { bytes, at: from } = cursor;
  const { bit } = field;
  const end = from + length;
  if (end > bytes.length) return fail(cursor, field.path, 'too_short');
  let start = from;
  let to = end;
  if (field.fill === FILL.space) while (to > from && bytes[to - 1] === SPACE) to--;
  else if (field.fill === FILL.zero)
    while (start < end - field.lengthMin && bytes[start] === ZERO) start++;
  let at = start;
  if (field.isSigned && (CHARACTER_BITS[bytes[at++]!]! & SIGN_BIT) === 0)
    return fail(cursor, field.path, 'wrong_characters');
  for (; at < to; at++)
    if ((CHARACTER_BITS[bytes[at]!]! & bit) === 0)
      return fail(cursor, field.path, 'wrong_characters');
  if (to - start < field.lengthMin) return fail(cursor, field.path, 'wrong_length');
  cursor.at = end;
  return cursor.text.substring(start, to);
}

function readHex(cursor: Cursor, field: CompiledField, length: number): string | undefined {
  const { bytes } = cursor;
  const end = cursor.at + length;
  if (end > bytes.length) return fail(cursor, field.path, 'too_short');
  for (let at = cursor.at; at < end; at++)
    if ((CHARACTER_BITS[bytes[at]!]! & field.bit) === 0)
      return fail(cursor, field.path, 'wrong_characters');
  const value = cursor.text.substring(cursor.at, end);
  cursor.at = end;
  return value;
}

function readBinary(cursor: Cursor, field: CompiledField, length: number): string | undefined {
  const end = cursor.at + length / 2;
  if (end > cursor.bytes.length) return fail(cursor, field.path, 'too_short');
  const value = cursor.bytes.toString('hex', cursor.at, end).toUpperCase();
  cursor.at = end;
  return value;
}

/** The two characters of each byte; `D` of track data is its separator. */
const PAIR: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

function readBcd(cursor: Cursor, field: CompiledField, length: number): string | undefined {
  const { bytes, at: from } = cursor;
  const end = from + ((length + 1) >> 1);
  if (end > bytes.length) return fail(cursor, field.path, 'too_short');
  let value = '';
  for (let at = from; at < end; at++) value += PAIR[bytes[at]!]!;
  if (length % 2 === 1) {
    const spare = field.odd === ODD.left0 ? value[0] : value[length];
    if (spare !== (field.odd === ODD.rightF ? 'F' : '0'))
      return fail(cursor, field.path, 'wrong_padding');
    value = field.odd === ODD.left0 ? value.substring(1) : value.substring(0, length);
  } else if (field.charactersPerCount === 2 && value.endsWith('F'))
    value = value.substring(0, length - 1);
  if (field.isTrack) value = value.replaceAll('D', '=');
  if (field.fill === FILL.zero) {
    let start = 0;
    while (start < value.length - field.lengthMin && value.charCodeAt(start) === ZERO) start++;
    value = value.substring(start);
  }
  for (let at = 0; at < value.length; at++)
    if ((CHARACTER_BITS[value.charCodeAt(at)]! & field.bit) === 0)
      return fail(cursor, field.path, 'wrong_characters');
  if (value.length < field.lengthMin || value.length > field.lengthMax)
    return fail(cursor, field.path, 'wrong_length');
  cursor.at = end;
  return value;
}
