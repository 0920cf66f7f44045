/** Reads a table of leaves from CSV (RFC 4180; also a byte order mark, CR LF, a last line without end), straight from bytes into columns: a
 * million rows in well under two seconds. Knows no file and decides nothing about what the columns mean. Pure. */
import type { Attribute } from './group.ts';
import { ATTRIBUTES_MAX, rowsMax } from './table.ts';

/** Why a file cannot be read. `line` counts from 1, the header included. */
export interface CsvFault {
  readonly line: number;
  readonly reason:
    | 'empty'
    | 'no_rows'
    | 'column_twice'
    | 'column_missing'
    | 'no_attribute'
    | 'too_many_attributes'
    | 'too_many_rows'
    | 'field_count'
    | 'quote'
    | 'not_a_number'
    | 'negative'
    | 'attributes_differ';
  /** The column, where one is to blame. Never a value of the file. */
  readonly column?: string;
}

/** Columns of a file: the measures that were asked for, all others are attributes. */
export interface CsvColumns {
  readonly attributes: readonly Attribute[];
  readonly measures: Readonly<Record<string, Float64Array>>;
}

/** A value or why there is none. */
export type CsvResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: CsvFault };

const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The names in the first line. */
export function readHeader(bytes: Uint8Array): CsvResult<readonly string[]> {
  const reader = readerOf(bytes);
  const names: string[] = [];
  if (reader.isAtEnd()) return fault(1, 'empty');
  do {
    if (!reader.next()) return fault(1, 'quote');
    names.push(reader.text().trim());
  } while (!reader.isLastOfLine());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return fault(1, 'column_twice', twice);
  return { ok: true, value: names };
}

/** Reads all rows. `measures` names the columns that hold numbers: finite, not negative. */
export function readColumns(bytes: Uint8Array, measures: readonly string[]): CsvResult<CsvColumns> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const names = header.value;
  const missing = measures.find((name) => !names.includes(name));
  if (missing !== undefined) return fault(1, 'column_missing', missing);
  const attributeCount = names.length - measures.length;
  if (attributeCount === 0) return fault(1, 'no_attribute');
  if (attributeCount > ATTRIBUTES_MAX) return fault(1, 'too_many_attributes');
  const columns = names.map((name) => (measures.includes(name) ? numberColumn() : codeColumn()));
  const reader = readerOf(bytes);
  for (const _ of names) reader.next();
  const rows = readRows({ reader, columns, names, most: rowsMax(attributeCount) });
  if (!rows.ok) return rows;
  if (rows.value === 0) return fault(2, 'no_rows');
  const isMeasure = (name: string): boolean => measures.includes(name);
  return {
    ok: true,
    value: {
      attributes: names.flatMap((name, at) => {
        const column = columns[at]!;
        return isMeasure(name) || !('values' in column)
          ? []
          : [{ name, values: column.values(), codes: column.codes() }];
      }),
      measures: Object.fromEntries(
        names.flatMap((name, at) => {
          const column = columns[at]!;
          return 'numbers' in column ? [[name, column.numbers()] as const] : [];
        }),
      ),
    },
  };
}

function fault(
  line: number,
  reason: CsvFault['reason'],
  column?: string,
): { readonly ok: false; readonly fault: CsvFault } {
  return { ok: false, fault: { line, reason, ...(column !== undefined && { column }) } };
}

function readRows(input: {
  readonly reader: Reader;
  readonly columns: readonly Column[];
  readonly names: readonly string[];
  readonly most: number;
}): CsvResult<number> {
  const { reader, columns, names } = input;
  let rows = 0;
  while (!reader.isAtEnd()) {
    if (reader.skipBlankLine()) continue;
    const line = reader.line();
    if (rows === input.most) return fault(line, 'too_many_rows');
    for (let at = 0; at < columns.length; at++) {
      if (at > 0 && reader.isLastOfLine()) return fault(line, 'field_count');
      if (!reader.next()) return fault(line, 'quote');
      const reason = columns[at]!.add(reader, rows);
      if (reason) return fault(line, reason, names[at]);
    }
    if (!reader.isLastOfLine()) return fault(line, 'field_count');
    rows++;
  }
  return { ok: true, value: rows };
}

interface Reader {
  readonly bytes: Uint8Array;
  /** Moves to the next field; false when a quote is not closed or something follows it. */
  next(): boolean;
  /** Where the field begins and ends, quotes left out. */
  start(): number;
  end(): number;
  /** True when the field ended its line. */
  isLastOfLine(): boolean;
  isAtEnd(): boolean;
  /** True when an empty line was skipped. */
  skipBlankLine(): boolean;
  line(): number;
  text(): string;
  /** True when the bytes are the text: no quote in it was doubled. */
  isPlain(): boolean;
}

function readerOf(bytes: Uint8Array): Reader {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const decoder = new TextDecoder();
  let at = hasMark ? 3 : 0;
  let line = 1;
  let start = at;
  let end = at;
  let isDoubled = false;
  let isLast = false;
  const endField = (): boolean => {
    const byte = bytes[at];
    if (byte === COMMA) {
      isLast = false;
      at++;
      return true;
    }
    if (byte === CARRIAGE_RETURN && (bytes[at + 1] === LINE_FEED || at + 1 === bytes.length)) at++;
    if (at < bytes.length && bytes[at] !== LINE_FEED) return false;
    isLast = true;
    line++;
    at++;
    return true;
  };
  const nextQuoted = (): boolean => {
    start = ++at;
    for (; at < bytes.length; at++) {
      if (bytes[at] === LINE_FEED) line++;
      if (bytes[at] !== QUOTE) continue;
      if (bytes[at + 1] !== QUOTE) break;
      isDoubled = true;
      at++;
    }
    if (at >= bytes.length) return false;
    end = at++;
    return endField();
  };
  return {
    bytes,
    next() {
      isDoubled = false;
      if (bytes[at] === QUOTE) return nextQuoted();
      start = at;
      while (at < bytes.length) {
        const byte = bytes[at]!;
        if (byte === COMMA || byte === LINE_FEED) break;
        at++;
      }
      end = at;
      if (end > start && bytes[end - 1] === CARRIAGE_RETURN && bytes[at] !== COMMA) end--;
      return endField();
    },
    start: () => start,
    end: () => end,
    isLastOfLine: () => isLast,
    isAtEnd: () => at >= bytes.length,
    skipBlankLine() {
      const width = bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? 2 : 1;
      if (bytes[at + width - 1] !== LINE_FEED) return false;
      at += width;
      line++;
      return true;
    },
    line: () => line,
    isPlain: () => !isDoubled,
    text() {
      const text = decoder.decode(bytes.subarray(start, end));
      return isDoubled ? text.replaceAll('""', '"') : text;
    },
  };
}

interface NumberColumn {
  add(reader: Reader, row: number): CsvFault['reason'] | undefined;
  numbers(): Float64Array;
}

interface CodeColumn {
  add(reader: Reader, row: number): CsvFault['reason'] | undefined;
  values(): readonly string[];
  codes(): Int32Array;
}

type Column = NumberColumn | CodeColumn;

const ROWS_AT_FIRST = 1_024;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*$/i;

function numberColumn(): NumberColumn {
  let numbers = new Float64Array(ROWS_AT_FIRST);
  let count = 0;
  return {
    add(reader, row) {
      if (row === numbers.length) numbers = grown(numbers, new Float64Array(row * 2));
      const value = plainNumber(reader) ?? otherNumber(reader.text());
      if (!Number.isFinite(value)) return 'not_a_number';
      if (value < 0) return 'negative';
      numbers[row] = value;
      count = row + 1;
      return undefined;
    },
    numbers: () => numbers.subarray(0, count),
  };
}

function grown<T extends Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** Whole numbers below this are exact, and so is their quotient by a power of ten up to 10^22, correctly rounded. */
const EXACT_DIGITS_MAX = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS_MAX + 1 }, (_, power) =>
  Number(`1e${power}`),
);

/** Digits with at most one point; undefined for anything else, which is then read the slow way. */
function plainNumber(reader: Reader): number | undefined {
  const { bytes } = reader;
  const end = reader.end();
  let digits = 0;
  let fraction = -1;
  let value = 0;
  for (let at = reader.start(); at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (digit === -2 && fraction === -1) fraction = digits;
    else return undefined;
  }
  if (digits === 0 || digits > EXACT_DIGITS_MAX) return undefined;
  return fraction === -1 ? value : value / POWERS[digits - fraction]!;
}

function otherNumber(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** Values of an attribute become codes in the order in which they come. The bytes are hashed, so that a text is made once per value, not once per row. */
function codeColumn(): CodeColumn {
  let codes = new Int32Array(ROWS_AT_FIRST);
  let count = 0;
  const values: string[] = [];
  const byHash = new Map<number, { readonly bytes: Uint8Array; readonly code: number }>();
  const codeOfText = new Map<string, number>();
  const codeOf = (text: string): number => {
    const known = codeOfText.get(text);
    if (known !== undefined) return known;
    codeOfText.set(text, values.length);
    return values.push(text) - 1;
  };
  return {
    add(reader, row) {
      if (row === codes.length) codes = grown(codes, new Int32Array(row * 2));
      const { bytes } = reader;
      const start = reader.start();
      const end = reader.end();
      let hash = 0x811c9dc5;
      for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
      const known = byHash.get(hash);
      count = row + 1;
      if (known && reader.isPlain() && isSame(known.bytes, bytes, { start, end })) {
        codes[row] = known.code;
        return undefined;
      }
      const code = codeOf(reader.text());
      codes[row] = code;
      // Of two spellings with one hash the second is read the slow way each time.
      if (!known && reader.isPlain()) byHash.set(hash, { bytes: bytes.slice(start, end), code });
      return undefined;
    },
    values: () => values,
    codes: () => codes.subarray(0, count),
  };
}

function isSame(
  one: Uint8Array,
  other: Uint8Array,
  range: { readonly start: number; readonly end: number },
): boolean {
  if (one.length !== range.end - range.start) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[range.start + at]) return false;
  return true;
}
