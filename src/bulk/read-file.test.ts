import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFile, ROWS_MAX } from './read-file.ts';

const BANKS = new Map([
  ['009', 'BNINIDJA'],
  ['BNINIDJA', 'BNINIDJA'],
]);
const HEAD = 'bank,account,name,amount,remark';
const read = (file: string, rowMax = ROWS_MAX) =>
  readFile(file, { bankOf: (text) => BANKS.get(text), rowMax });
const rowsOf = (file: string) => {
  const result = read(file);
  assert.ok(result.ok, inspect(result));
  return result.rows;
};

test('readFile() reads what spreadsheets write: a mark before, either divider, quotes, any line end, empty lines', () => {
  const expected = [
    {
      position: 1,
      bank: 'BNINIDJA',
      account: '0098765432',
      name: 'Siti, "Ibu" Rahayu',
      remark: 'Gaji',
      amountSen: 15_000_000n,
    },
  ];
  const quoted = '"Siti, ""Ibu"" Rahayu"';
  assert.deepEqual(
    rowsOf(`\uFEFF${HEAD}\r\n009,0098765432,${quoted},150000.00,Gaji\r\n`),
    expected,
  );
  assert.deepEqual(
    rowsOf(
      `Bank; Account ;NAME;amount;remark\n\nbninidja;0098765432;${quoted};150000;Gaji\n;;;;\n`,
    ),
    expected,
  );
});

test('readFile() keeps a row that cannot be paid with its fault, and the others go on', () => {
  const rows = rowsOf(
    [
      HEAD,
      '009,0098765432,Siti,150000,',
      '777,0098765432,Siti,150000,',
      '009,00-98,Siti,150000,',
      '009,0098765433,,150000,',
      '009,0098765434,Siti,1.500.000,',
      '009,0098765435,Siti,0,',
      '009,0098765436,Siti,-5,',
      '009,0098765437,Siti,150000,<b>',
      '009,0098765432,Siti,150000.00,lagi',
      '009,0098765438,Siti,150000',
    ].join('\n'),
  );
  assert.deepEqual(
    rows.map(({ fault }) => fault),
    [
      undefined,
      'bank_unknown',
      'account_malformed',
      'name_missing',
      'amount_malformed',
      'amount_malformed',
      'amount_malformed',
      'remark_malformed',
      'row_repeated',
      'columns_wrong',
    ],
  );
});

test('readFile() refuses whole what is no list, and says in which line reading ended', () => {
  const line = '009,0098765432,Siti,1,';
  assert.deepEqual(read(''), { ok: false, reason: 'file_empty' });
  assert.deepEqual(read(HEAD), { ok: false, reason: 'file_empty' });
  assert.deepEqual(read(`account,bank,name,amount,remark\n${line}`), {
    ok: false,
    reason: 'file_header',
  });
  assert.deepEqual(read(`${HEAD}\n${line}\n009,"0098`), {
    ok: false,
    reason: 'file_malformed',
    line: 3,
  });
  assert.deepEqual(read([HEAD, line, line, line].join('\n'), 2), {
    ok: false,
    reason: 'file_too_long',
    line: 5,
  });
  assert.equal(read([HEAD, line, line].join('\n'), 2).ok, true);
});

test('readFile() never throws, and what it calls payable has a bank, an account, a name and an amount', () => {
  const piece = fc.constantFrom(
    HEAD,
    '\n',
    '\r\n',
    ',',
    ';',
    '"',
    '009',
    '0098765432',
    'A',
    '1',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      const result = read(pieces.join(''));
      if (!result.ok) return;
      for (const row of result.rows) {
        if (row.fault) continue;
        assert.ok(row.amountSen! > 0n && row.name !== '' && row.bank === 'BNINIDJA');
        assert.match(row.account, /^\d{6,34}$/);
      }
    }),
    { numRuns: 200 },
  );
});
