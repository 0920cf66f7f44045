/** ISO 8583 of the demo link: message ↔ bytes, written from domain.md 4.1–4.3 and from nothing else, so that an error shared with
 * the bank's codec cannot hide. Owns the form only; what a message means stands elsewhere. */
import { FIELDS, MESSAGE_TYPES, TEXT_PATTERNS } from './dialect.ts';

/** Data element → its text as on the wire, without length digits. */
export type Fields = { readonly [field: number]: string };

export interface Message {
  readonly mti: string;
  readonly fields: Fields;
}

export type FormFault =
  | 'too_short'
  | 'not_ascii'
  | 'message_type'
  | 'bitmap'
  | 'unknown_field'
  | 'field_length'
  | 'field_text'
  | 'trailing_bytes';

export type Unpacked =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly fault: FormFault; readonly field?: number };

const TYPE_LENGTH = 4;
const BITMAP_LENGTH = 16;
const SECONDARY = 1;
const FIRST_OF_SECONDARY = 65;
const LAST = 128;
const BITMAP = /^[0-9A-F]{16}$/;
const ASCII = /^[\x20-\x7e]*$/;

/** Reads any bytes (without the frame's length). Never throws. */
export function unpack(bytes: Uint8Array): Unpacked {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!ASCII.test(text)) return { ok: false, fault: 'not_ascii' };
  if (text.length < TYPE_LENGTH + BITMAP_LENGTH) return { ok: false, fault: 'too_short' };
  const mti = text.slice(0, TYPE_LENGTH);
  if (!MESSAGE_TYPES.has(mti)) return { ok: false, fault: 'message_type' };
  const numbers = readBitmaps(text);
  if (!numbers) return { ok: false, fault: 'bitmap' };
  const fields: Record<number, string> = {};
  let at = TYPE_LENGTH + BITMAP_LENGTH * (numbers[0] === SECONDARY ? 2 : 1);
  for (const field of numbers) {
    if (field === SECONDARY) continue;
    const value = readField(text, at, field);
    if ('fault' in value) return { ok: false, fault: value.fault, field };
    fields[field] = value.text;
    at = value.end;
  }
  if (at !== text.length) return { ok: false, fault: 'trailing_bytes' };
  return { ok: true, message: { mti, fields } };
}

/** The numbers that the bitmaps name, ascending; undefined when a bitmap is none, or the secondary one is there for nothing. */
function readBitmaps(text: string): readonly number[] | undefined {
  const primary = text.slice(TYPE_LENGTH, TYPE_LENGTH + BITMAP_LENGTH);
  if (!BITMAP.test(primary)) return undefined;
  const numbers = bitsOf(primary, 0);
  if (numbers[0] !== SECONDARY) return numbers;
  const secondary = text.slice(TYPE_LENGTH + BITMAP_LENGTH, TYPE_LENGTH + BITMAP_LENGTH * 2);
  if (!BITMAP.test(secondary)) return undefined;
  const more = bitsOf(secondary, FIRST_OF_SECONDARY - 1);
  return more.length === 0 ? undefined : [...numbers, ...more];
}

function bitsOf(bitmap: string, before: number): readonly number[] {
  const numbers: number[] = [];
  for (let digit = 0; digit < bitmap.length; digit++) {
    const four = Number.parseInt(bitmap[digit]!, 16);
    for (let bit = 0; bit < 4; bit++)
      if ((four & (8 >> bit)) !== 0) numbers.push(before + digit * 4 + bit + 1);
  }
  return numbers;
}

function readField(
  text: string,
  from: number,
  field: number,
): { readonly text: string; readonly end: number } | { readonly fault: FormFault } {
  const shape = FIELDS[field];
  if (!shape) return { fault: 'unknown_field' };
  const start = from + shape.prefix;
  let length = shape.length;
  if (shape.prefix > 0) {
    const digits = text.slice(from, start);
    if (digits.length < shape.prefix || !TEXT_PATTERNS.n.test(digits))
      return { fault: 'field_length' };
    length = Number(digits);
    if (length < (shape.lengthMin ?? 1) || length > shape.length) return { fault: 'field_length' };
  }
  const value = text.slice(start, start + length);
  if (value.length < length) return { fault: 'field_length' };
  return TEXT_PATTERNS[shape.text].test(value)
    ? { text: value, end: start + length }
    : { fault: 'field_text' };
}

/** The message's bytes, without the frame's length. Throws RangeError for a value that its field cannot hold: what the simulator
 * says is its own, so that would be its bug. */
export function pack(message: Message): Buffer {
  if (!MESSAGE_TYPES.has(message.mti)) throw new RangeError('Cannot pack: message type');
  const numbers = Object.keys(message.fields).map(Number);
  const isLong = numbers.some((field) => field >= FIRST_OF_SECONDARY);
  const bits = new Uint8Array(LAST / 4);
  if (isLong) bits[0] = 8;
  let body = '';
  // Object keys that are whole numbers come in ascending order.
  for (const field of numbers) {
    bits[Math.floor((field - 1) / 4)]! |= 8 >> ((field - 1) % 4);
    body += packField(field, message.fields[field]!);
  }
  const bitmap = [...bits.subarray(0, isLong ? 32 : 16)]
    .map((four) => four.toString(16).toUpperCase())
    .join('');
  return Buffer.from(`${message.mti}${bitmap}${body}`, 'latin1');
}

function packField(field: number, value: string): string {
  const shape = FIELDS[field];
  const isFit =
    shape !== undefined &&
    TEXT_PATTERNS[shape.text].test(value) &&
    (shape.prefix === 0
      ? value.length === shape.length
      : value.length >= (shape.lengthMin ?? 1) && value.length <= shape.length);
  if (!isFit) throw new RangeError(`Cannot pack: DE${field} does not hold what was given`);
  return shape.prefix === 0 ? value : `${String(value.length).padStart(shape.prefix, '0')}${value}`;
}
