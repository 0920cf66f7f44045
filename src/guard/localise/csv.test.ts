import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readColumns, type CsvFault } from './csv.ts';
import { readRatioTable, readRatioTables, readTable } from './read.ts';
import type { LeafTable } from './table.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Rows as text: values of the attributes, real, predict. */
function rowsOf(table: LeafTable): readonly string[] {
  return Array.from(table.measure.real, (real, row) =>
    [
      ...table.attributes.map(({ values, codes }) => values[codes[row]!]),
      real,
      table.measure.predict[row],
    ].join('|'),
  );
}

function faultOf(text: string): CsvFault | undefined {
  const read = readTable(bytes(text));
  return read.ok ? undefined : read.fault;
}

test('readTable() reads quotes, CR LF, a byte order mark, blank lines, a last line without end', () => {
  const read = readTable(
    bytes(
      '\ufeff"bank",real,"predict"\r\n"B, ""one""",1.5,2\r\n\r\nplain,.5,1e2\r\n"two\nlines",0,"3"',
    ),
  );
  assert.ok(read.ok);
  assert.deepEqual(rowsOf(read.value), ['B, "one"|1.5|2', 'plain|0.5|100', 'two\nlines|0|3']);
});

test('readTable() tells values apart that differ by quoting alone, and joins those that do not', () => {
  const read = readTable(
    bytes('k,real,predict\nx,1,1\n"x",2,2\n"a""b",1,0\na""b,1,0\n"a""b",1,0\n,4,4\n"",4,4\n'),
  );
  assert.ok(read.ok);
  assert.deepEqual(rowsOf(read.value), ['x|3|3', 'a"b|2|0', 'a""b|1|0', '|8|8']);
});

test('readTable() names line, column and reason of what it refuses', () => {
  const cases: readonly (readonly [string, CsvFault])[] = [
    ['', { line: 1, reason: 'empty' }],
    ['\ufeff', { line: 1, reason: 'empty' }],
    ['a,real,predict\n', { line: 2, reason: 'no_rows' }],
    ['a,real,predict\n\n\r\n', { line: 2, reason: 'no_rows' }],
    ['real,predict\n1,2\n', { line: 1, reason: 'no_attribute' }],
    ['a,real\nx,1\n', { line: 1, reason: 'column_missing', column: 'predict' }],
    ['a,a,real,predict\n', { line: 1, reason: 'column_twice', column: 'a' }],
    ['a,b,c,d,e,f,g,h,i,j,k,real,predict\n', { line: 1, reason: 'too_many_attributes' }],
    ['a,real,predict\nx,1,1\nx,1\n', { line: 3, reason: 'field_count' }],
    ['a,real,predict\nx,1,1,1\n', { line: 2, reason: 'field_count' }],
    ['a,real,predict\n"x,1,1\n', { line: 2, reason: 'quote' }],
    ['a,real,predict\n"x"y,1,1\n', { line: 2, reason: 'quote' }],
    ['a,real,predict\nx,1,1\nx,NaN,1\n', { line: 3, reason: 'not_a_number', column: 'real' }],
    ['a,real,predict\nx,1,\n', { line: 2, reason: 'not_a_number', column: 'predict' }],
    ['a,real,predict\nx,1,Infinity\n', { line: 2, reason: 'not_a_number', column: 'predict' }],
    ['a,real,predict\nx,0x10,1\n', { line: 2, reason: 'not_a_number', column: 'real' }],
    [
      'a,real,predict\r\nx,1,1\r\n\r\nx,1,-2\r\n',
      { line: 4, reason: 'negative', column: 'predict' },
    ],
    [
      'a,real,predict\n"two\nlines",1,1\nx,1e999,1\n',
      { line: 4, reason: 'not_a_number', column: 'real' },
    ],
  ];
  for (const [text, fault] of cases) assert.deepEqual(faultOf(text), fault, JSON.stringify(text));
});

test('readColumns() reads every number as the language itself does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
      fc.integer({ min: 0, max: 10 }),
      (numbers, digits) => {
        const texts = numbers.flatMap((one) => [
          String(one),
          one < 1e15 ? one.toFixed(digits) : '7',
        ]);
        const read = readColumns(bytes(`k,n\n${texts.map((text) => `x,${text}\n`).join('')}`), [
          'n',
        ]);
        assert.ok(read.ok);
        assert.deepEqual(Array.from(read.value.measures['n']!), texts.map(Number));
      },
    ),
    { numRuns: 60 },
  );
});

test('readColumns() takes any bytes without throwing, and what is written is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.string()), (noise, values) => {
      readColumns(noise, ['real']);
      const quoted = values.map((value) => `"${value.replaceAll('"', '""')}",1\n`).join('');
      const read = readColumns(bytes(`k,n\n${quoted}`), ['n']);
      if (values.length === 0) return assert.equal(read.ok, false);
      assert.ok(read.ok);
      const { codes, values: known } = read.value.attributes[0]!;
      assert.deepEqual(
        Array.from(codes, (code) => known[code]),
        values,
      );
    }),
    { numRuns: 80 },
  );
});

test('readRatioTable() takes four columns, or the ratio alone, of equal weight', () => {
  const four = readRatioTable(
    bytes('real_b,k,real_a,predict_a,predict_b\n10,x,9,8,10\n10,x,1,2,5\n'),
  );
  assert.ok(four.ok);
  assert.deepEqual(rowsOf(four.value), ['x|10|10']);
  assert.deepEqual(Array.from(four.value.denominator!.real), [20]);
  assert.deepEqual(Array.from(four.value.denominator!.predict), [15]);
  const alone = readRatioTable(bytes('k,real,predict\nx,0.9,0.95\n'));
  assert.ok(alone.ok);
  assert.deepEqual(Array.from(alone.value.denominator!.real), [1]);
  const half = readRatioTable(bytes('k,real_a,predict_a\nx,1,2\n'));
  assert.deepEqual(half, {
    ok: false,
    fault: { line: 1, reason: 'column_missing', column: 'real_b' },
  });
});

test('readRatioTables() joins two files by their attributes, whatever the order of rows and columns', () => {
  const numerator = bytes('i,c,real,predict\nx,1,8,9\ny,2,4,5\nz,3,1,1\n');
  const read = readRatioTables({
    numerator,
    denominator: bytes('c,real,predict,i\n2,10,11,y\n1,20,21,x\n'),
  });
  assert.ok(read.ok);
  assert.deepEqual(rowsOf(read.value), ['x|1|8|9', 'y|2|4|5', 'z|3|1|1']);
  assert.deepEqual(Array.from(read.value.denominator!.real), [20, 10, 0]);
  const other = readRatioTables({ numerator, denominator: bytes('c,real,predict\n2,1,1\n') });
  assert.deepEqual(other, {
    ok: false,
    fault: { line: 1, reason: 'attributes_differ' },
    isInDenominator: true,
  });
});
