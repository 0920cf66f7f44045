import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  boolArray,
  byteaArray,
  dateArray,
  instantArray,
  int4Array,
  int8Array,
  textArray,
} from './array.ts';
import { sql } from './sql.ts';
import { withTestDb } from './test-database.ts';

const INT8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** PostgreSQL's text has no U+0000, and UTF-8 has no lone surrogate. */
const TEXT = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
const DATE = fc
  .date({
    min: new Date('0001-01-01'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));
const INT4 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const INSTANT = fc.integer({ min: Date.parse('1900-01-01'), max: Date.parse('9999-12-31') });
const RUNS = { numRuns: 60 };

test('every array comes to the server as it was, empty ones and nulls included', async () => {
  await withTestDb(async (db) => {
    const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        list(fc.option(INT8)),
        list(fc.option(TEXT)),
        list(fc.uint8Array()),
        list(fc.option(DATE)),
        list(fc.option(INSTANT)),
        list(fc.option(INT4)),
        list(fc.option(fc.boolean())),
        async (ints, texts, bytes, dates, instants, int4s, bools) => {
          const [row] = await db.query<Record<string, unknown>>(sql`
            select to_json(${int8Array(ints)}::bigint[]::text[]) as ints, to_json(${textArray(texts)}::text[]) as texts,
              to_json(array(select encode(b, 'hex') from unnest(${byteaArray(bytes)}::bytea[]) with ordinality as u (b, n) order by n)) as bytes,
              to_json(${dateArray(dates)}::date[]::text[]) as dates,
              to_json(array(select (extract(epoch from i) * 1000)::bigint from unnest(${instantArray(instants)}::timestamptz[]) with ordinality as u (i, n)
                order by n)) as instants, to_json(${int4Array(int4s)}::integer[]) as int4s, to_json(${boolArray(bools)}::boolean[]) as bools`);
          assert.deepEqual(row, {
            ints: ints.map((one) => one?.toString() ?? null),
            texts,
            bytes: bytes.map((one) => Buffer.from(one).toString('hex')),
            dates,
            instants,
            int4s,
            bools,
          });
        },
      ),
      RUNS,
    );
  });
});

test('an array takes what its type holds, and refuses anything else', () => {
  assert.deepEqual(int8Array([7]), int8Array([7n]));
  assert.throws(() => int8Array([0.5]), RangeError);
  for (const date of ['2026-02-30T00:00', '27-11-2026', '2026-13-01', ''])
    assert.throws(() => dateArray([date]), RangeError);
  // A value that is cut to the width of its column would be another id, or another amount.
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n + 5n])
    assert.throws(() => int8Array([value]), RangeError);
  for (const value of [2 ** 31, -(2 ** 31) - 1, 2 ** 32 + 5, 1.5])
    assert.throws(() => int4Array([value]), RangeError);
  assert.throws(() => instantArray([Number.NaN]), RangeError);
});
