/** ISO 8583 messages to bytes and back, by a dialect compiled once. Reading takes any bytes and gives a message or the first thing
 * that is wrong; what one dialect packs it reads back as the same message, and what it reads it packs to the same bytes. Knows no
 * flow, no key and no frame. Source: ISO 8583:1987; domain.md 4. */
import { CHARACTER_BITS, hasOnly } from './character.ts';
import { compileFields, isHeader, type CompiledField } from './compile.ts';
import { fail, readField, type Cursor } from './read-field.ts';
import type { Dialect, IsoFields, IsoMessage, IsoProblem, IsoResult } from './spec.ts';
import { PREFIX_BYTES_MAX, refuse, writeField, type Draft } from './write-field.ts';

/** Reads and writes the messages of one dialect. Neither side keeps the bytes it was given. */
export interface IsoCodec {
  readonly dialect: Dialect;
  /** The bytes behind the frame's length: header, MTI, bitmap, fields. */
  pack(message: IsoMessage): IsoResult<Buffer>;
  /** Strict: every byte is accounted for. Never throws. */
  unpack(bytes: Uint8Array): IsoResult<IsoMessage>;
  /** Bytes that a MAC takes at the end of a message. */
  readonly macBytes: number;
}

type Fields = readonly (CompiledField | undefined)[];

/** The values of a message while it is read. */
interface Slots {
  count: number;
  readonly numbers: Uint8Array;
  readonly values: string[];
}

interface Reading {
  readonly dialect: Dialect;
  readonly fields: Fields;
  readonly slots: Slots;
}

/** Compiles a dialect. Throws Error for data that makes no sense. Not for two threads: writing uses one draft. */
export function compileCodec(dialect: Dialect): IsoCodec {
  const fields = compileFields(dialect);
  const { bytesMax } = dialect.frame;
  const draft: Draft = {
    bytes: Buffer.alloc(bytesMax + PREFIX_BYTES_MAX),
    at: 0,
    path: '',
    problem: undefined,
  };
  const slots: Slots = { count: 0, numbers: new Uint8Array(NUMBER_MAX), values: [] };
  return {
    dialect,
    macBytes: dialect.wire.binary === 'hex' ? 16 : 8,
    pack(message) {
      draft.at = 0;
      if (writeMessage(draft, { dialect, fields, message }) && draft.at <= bytesMax)
        return { ok: true, value: Buffer.from(draft.bytes.subarray(0, draft.at)) };
      const isTooLong = draft.at > bytesMax && draft.problem === undefined;
      if (isTooLong) refuse(draft, 'end', 'too_long');
      const error = { path: draft.path, problem: draft.problem! };
      draft.problem = undefined;
      return { ok: false, error };
    },
    unpack(bytes) {
      if (bytes.length > bytesMax)
        return { ok: false, error: { path: 'end', problem: 'too_long' } };
      const buffer = Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const cursor: Cursor = {
        bytes: buffer,
        text: buffer.toString('latin1'),
        at: 0,
        path: '',
        problem: undefined,
      };
      slots.count = 0;
      const message = readMessage(cursor, { dialect, fields, slots });
      return message === undefined
        ? { ok: false, error: { path: cursor.path, problem: cursor.problem! } }
        : { ok: true, value: message };
    },
  };
}

const TPDU_BYTES = 5;
const TEXT_HEADER_BYTES = 12;
const NUMBER_MAX = 128;
const DIGIT_BIT = 1;
const HEX_BIT = 32;
const ZERO = 0x30;
/** Bit 1 of the first word: a second bitmap follows. */
const SECOND_BITMAP = 0x80_00_00_00;

function readMessage(cursor: Cursor, reading: Reading): IsoMessage | undefined {
  const { dialect } = reading;
  const header = dialect.header.kind === 'none' ? undefined : readHeader(cursor, dialect);
  if (cursor.problem !== undefined) return undefined;
  const mti = readMti(cursor, dialect);
  if (mti === undefined) return undefined;
  const isHex = dialect.bitmap === 'hex';
  const first = readWord(cursor, isHex);
  const second = readWord(cursor, isHex);
  let third = 0;
  let fourth = 0;
  if (first < 0 || second < 0) return undefined;
  if (first >= SECOND_BITMAP) {
    third = readWord(cursor, isHex);
    fourth = readWord(cursor, isHex);
    if (third < 0 || fourth < 0) return undefined;
    if (third === 0 && fourth === 0) return fail(cursor, 'bitmap', 'disagrees');
  }
  const isRead =
    readFields(cursor, { reading, word: first & ~SECOND_BITMAP, before: 0 }) &&
    readFields(cursor, { reading, word: second, before: 32 }) &&
    readFields(cursor, { reading, word: third, before: 64 }) &&
    readFields(cursor, { reading, word: fourth, before: 96 });
  if (!isRead) return undefined;
  if (cursor.at !== cursor.bytes.length) return fail(cursor, 'end', 'trailing_bytes');
  const values = fieldsOf(reading.slots);
  return header === undefined ? { mti, fields: values } : { mti, header, fields: values };
}

/** From the last to the first: an object that grows from below is moved several times on its way to 128. */
function fieldsOf(slots: Slots): IsoFields {
  const values: Record<number, string> = {};
  for (let at = slots.count - 1; at >= 0; at--) values[slots.numbers[at]!] = slots.values[at]!;
  return values;
}

function readFields(
  cursor: Cursor,
  input: { readonly reading: Reading; readonly word: number; readonly before: number },
): boolean {
  const { fields, slots } = input.reading;
  for (let word = input.word; word !== 0;) {
    const bit = Math.clz32(word);
    word &= ~(SECOND_BITMAP >>> bit);
    const number = input.before + bit + 1;
    const field = fields[number];
    if (field === undefined) {
      fail(cursor, `DE${number}`, 'not_supported');
      return false;
    }
    const value = readField(cursor, field);
    if (value === undefined) return false;
    slots.numbers[slots.count] = number;
    slots.values[slots.count++] = value;
  }
  return true;
}

function readHeader(cursor: Cursor, dialect: Dialect): string | undefined {
  const isText = dialect.header.kind === 'text';
  const end = isText ? TEXT_HEADER_BYTES : TPDU_BYTES;
  if (cursor.bytes.length < end) return fail(cursor, 'header', 'too_short');
  cursor.at = end;
  if (!isText) return cursor.bytes.toString('hex', 0, end).toUpperCase();
  const header = cursor.text.substring(0, end);
  return isHeader('text', header) ? header : fail(cursor, 'header', 'wrong_characters');
}

function readMti(cursor: Cursor, dialect: Dialect): string | undefined {
  const end = cursor.at + (dialect.mti === 'ascii' ? 4 : 2);
  if (end > cursor.bytes.length) return fail(cursor, 'mti', 'too_short');
  const mti =
    dialect.mti === 'ascii'
      ? cursor.text.substring(cursor.at, end)
      : cursor.bytes.toString('hex', cursor.at, end);
  const problem = problemOfMti(mti, dialect);
  if (problem) return fail(cursor, 'mti', problem);
  cursor.at = end;
  return mti;
}

function problemOfMti(mti: unknown, dialect: Dialect): IsoProblem | undefined {
  if (typeof mti !== 'string') return 'wrong_type';
  if (mti.length !== 4) return 'wrong_length';
  if (!hasOnly(mti, { bit: DIGIT_BIT, from: 0, to: 4 })) return 'wrong_characters';
  return mti[0] === dialect.version ? undefined : 'not_supported';
}

/** 32 bits of a bitmap as a number from 0 up; -1 with the cursor's problem set. */
function readWord(cursor: Cursor, isHex: boolean): number {
  const { bytes, at } = cursor;
  const end = at + (isHex ? 8 : 4);
  if (end > bytes.length) {
    fail(cursor, 'bitmap', 'too_short');
    return -1;
  }
  cursor.at = end;
  if (!isHex) return bytes.readUInt32BE(at);
  let word = 0;
  for (let from = at; from < end; from++) {
    const byte = bytes[from]!;
    if ((CHARACTER_BITS[byte]! & HEX_BIT) === 0) {
      fail(cursor, 'bitmap', 'wrong_characters');
      return -1;
    }
    // `0`–`9` are 0x30–0x39, `A`–`F` 0x41–0x46.
    word = word * 16 + (byte < 0x40 ? byte - ZERO : byte - 0x37);
  }
  return word;
}

function writeMessage(
  draft: Draft,
  input: { readonly dialect: Dialect; readonly fields: Fields; readonly message: IsoMessage },
): boolean {
  const { dialect, fields, message } = input;
  if (!writeHeader(draft, dialect, message.header) || !writeMti(draft, dialect, message.mti))
    return false;
  const values: Readonly<Record<number, string | undefined>> = message.fields;
  const bitmapAt = draft.at;
  const words = [0, 0, 0, 0];
  const isDouble = hasSecond(values);
  draft.at += (dialect.bitmap === 'hex' ? 16 : 8) * (isDouble ? 2 : 1);
  for (let number = 1; number <= NUMBER_MAX; number++) {
    const value = values[number];
    if (value === undefined) continue;
    const field = fields[number];
    if (field === undefined) return refuse(draft, `DE${number}`, 'not_supported');
    if (!writeField(draft, field, value)) return false;
    words[(number - 1) >> 5]! |= SECOND_BITMAP >>> ((number - 1) & 31);
  }
  if (isDouble) words[0]! |= SECOND_BITMAP;
  const count = isDouble ? 4 : 2;
  for (let at = 0; at < count; at++) writeWord(draft, { dialect, bitmapAt, at, word: words[at]! });
  return true;
}

function hasSecond(values: Readonly<Record<number, string | undefined>>): boolean {
  for (let number = 65; number <= NUMBER_MAX; number++)
    if (values[number] !== undefined) return true;
  return false;
}

function writeWord(
  draft: Draft,
  input: {
    readonly dialect: Dialect;
    readonly bitmapAt: number;
    readonly at: number;
    readonly word: number;
  },
): void {
  const { bytes } = draft;
  if (input.dialect.bitmap === 'binary') {
    bytes.writeUInt32BE(input.word >>> 0, input.bitmapAt + input.at * 4);
    return;
  }
  let { word } = input;
  const from = input.bitmapAt + input.at * 8;
  for (let at = from + 7; at >= from; at--) {
    const digit = word & 15;
    bytes[at] = digit < 10 ? ZERO + digit : 0x37 + digit;
    word >>>= 4;
  }
}

function writeHeader(draft: Draft, dialect: Dialect, given: string | undefined): boolean {
  const { kind, value } = dialect.header;
  if (kind === 'none') return given === undefined || refuse(draft, 'header', 'not_supported');
  const header = given ?? value;
  if (header === undefined) return refuse(draft, 'header', 'missing');
  if (typeof header !== 'string') return refuse(draft, 'header', 'wrong_type');
  if (!isHeader(kind, header)) return refuse(draft, 'header', 'wrong_characters');
  draft.at += draft.bytes.write(header, draft.at, kind === 'text' ? 'latin1' : 'hex');
  return true;
}

function writeMti(draft: Draft, dialect: Dialect, mti: string): boolean {
  const problem = problemOfMti(mti, dialect);
  if (problem) return refuse(draft, 'mti', problem);
  draft.at += draft.bytes.write(mti, draft.at, dialect.mti === 'ascii' ? 'latin1' : 'hex');
  return true;
}
