/** Arrays as parameters in PostgreSQL's binary form (array_recv in its sources): the driver would spell each element as text, escaped,
 * and the server would parse it again; a batch of 500 requests has some ten thousand of them. One dimension; null where it is allowed. */

/** Element types by their object id in pg_type. */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  date: 1082,
  timestamptz: 1184,
} as const;

const HEADER_BYTES = 20;
const EMPTY_BYTES = 12;
const LENGTH_BYTES = 4;
const INT8_BYTES = 8;
const INT8_BITS = 64;
const INT4_BYTES = 4;
const NULL_LENGTH = -1;
/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const UNIT_BYTES_MAX = 3;
const DAY_MS = 86_400_000;
const MS_MICROS = 1_000n;
/** Dates and instants are counted from 2000-01-01. */
const FIRST_DAY = Date.UTC(2000, 0, 1) / DAY_MS;

/** For `::bigint[]`. A number must be a whole one. Throws RangeError for what a column cannot hold, as every array here does. */
export function int8Array(values: readonly (bigint | number | null)[]): Buffer {
  return eightBytes(OID.int8, values, (value) =>
    typeof value === 'bigint' ? value : BigInt(value),
  );
}

function eightBytes<Value>(
  oid: number,
  values: readonly (Value | null)[],
  toInt8: (value: Value) => bigint,
): Buffer {
  const { bytes, view } = open(oid, values, values.length * (LENGTH_BYTES + INT8_BYTES));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = putLength(view, at, value === null ? NULL_LENGTH : INT8_BYTES);
    if (value === null) continue;
    view.setBigInt64(at, fitting(toInt8(value)));
    at += INT8_BYTES;
  }
  return bytes.subarray(0, end(values, at));
}

/** For `::text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let size = values.length * LENGTH_BYTES;
  for (const value of values) size += value === null ? 0 : value.length * UNIT_BYTES_MAX;
  const { bytes, view } = open(OID.text, values, size);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = putLength(view, at, NULL_LENGTH);
      continue;
    }
    const written = bytes.write(value, at + LENGTH_BYTES);
    at = putLength(view, at, written) + written;
  }
  return bytes.subarray(0, end(values, at));
}

/** For `::bytea[]`. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const value of values) size += LENGTH_BYTES + value.length;
  const { bytes, view } = open(OID.bytea, values, size);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = putLength(view, at, value.length);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes.subarray(0, end(values, at));
}

/** A view would cut it to 64 bits: another id, or another amount. */
function fitting(value: bigint): bigint {
  if (BigInt.asIntN(INT8_BITS, value) !== value)
    throw new RangeError('Cannot send bigint: out of range');
  return value;
}

/** For `::integer[]`. */
export function int4Array(values: readonly (number | null)[]): Buffer {
  return fourBytes(OID.int4, values, (value) => value);
}

/** For `::date[]`. Shape: `2026-11-27`; throws RangeError for anything else. */
export function dateArray(values: readonly (string | null)[]): Buffer {
  let known: string | undefined;
  let days = 0;
  return fourBytes(OID.date, values, (value) => {
    // A batch has one date or two.
    if (value !== known) {
      days = daysOf(value);
      known = value;
    }
    return days;
  });
}

function fourBytes<Value>(
  oid: number,
  values: readonly (Value | null)[],
  toInt4: (value: Value) => number,
): Buffer {
  const { bytes, view } = open(oid, values, values.length * (LENGTH_BYTES + INT4_BYTES));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = putLength(view, at, value === null ? NULL_LENGTH : INT4_BYTES);
    if (value === null) continue;
    const int4 = toInt4(value);
    if ((int4 | 0) !== int4) throw new RangeError('Cannot send integer: out of range');
    view.setInt32(at, int4);
    at += INT4_BYTES;
  }
  return bytes.subarray(0, end(values, at));
}

/** For `::boolean[]`. */
export function boolArray(values: readonly (boolean | null)[]): Buffer {
  const { bytes, view } = open(OID.bool, values, values.length * (LENGTH_BYTES + 1));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = putLength(view, at, value === null ? NULL_LENGTH : 1);
    if (value !== null) bytes[at++] = value ? 1 : 0;
  }
  return bytes.subarray(0, end(values, at));
}

/** For `::timestamptz[]`. UTC milliseconds; a part of one is cut. */
export function instantArray(values: readonly (number | null)[]): Buffer {
  return eightBytes(
    OID.timestamptz,
    values,
    (atMs) => BigInt(Math.floor(atMs) - FIRST_DAY * DAY_MS) * MS_MICROS,
  );
}

function daysOf(date: string): number {
  const day = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) / DAY_MS : Number.NaN;
  if (!Number.isInteger(day)) throw new RangeError('Cannot send date: not of the form 2026-11-27');
  return day - FIRST_DAY;
}

/** Room for the header and `size` bytes of elements; the header is written. */
function open(
  oid: number,
  values: readonly unknown[],
  size: number,
): { readonly bytes: Buffer; readonly view: DataView } {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isEmpty = values.length === 0;
  view.setInt32(0, isEmpty ? 0 : 1);
  view.setInt32(4, values.includes(null) ? 1 : 0);
  view.setInt32(8, oid);
  view.setInt32(12, values.length);
  // The index of the first element.
  view.setInt32(16, 1);
  return { bytes, view };
}

/** An array of no elements has no dimension. */
function end(values: readonly unknown[], at: number): number {
  return values.length === 0 ? EMPTY_BYTES : at;
}

function putLength(view: DataView, at: number, length: number): number {
  view.setInt32(at, length);
  return at + LENGTH_BYTES;
}
