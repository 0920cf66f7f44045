import assert from 'node:assert/strict';
import test from 'node:test';
import { CHART } from '../kernel/bank.ts';
import { chartChecksum, parseChart, readChart, type Chart } from './chart.ts';

const good = (): Chart => structuredClone(readChart());
const parse = (chart: unknown): Chart => parseChart(JSON.stringify(chart));

test('readChart() has a settlement account per rail and direction, and every book of DESIGN.md section 4', () => {
  const chart = good();
  const numbers = chart.accounts.map((one) => one.number);
  for (const rail of ['BIFAST', 'SWITCH', 'QRIS', 'BILLER']) {
    for (const number of [
      `SETTLE-${rail}-OUT`,
      `SETTLE-${rail}-IN`,
      `FEE-${rail}`,
      `SUSPENSE-${rail}`,
    ])
      assert(numbers.includes(number), number);
  }
  for (const book of ['settlement', 'nostro', 'fee', 'tax', 'suspense', 'equity'])
    assert(
      chart.accounts.some((one) => one.book === book),
      book,
    );
  for (const number of Object.values(CHART)) assert(numbers.includes(number), number);
});

test('parseChart() takes nothing but a chart that is whole, and says what is wrong', () => {
  const first = good().accounts[0]!;
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['an unknown field', { ...good(), note: 'x' }, /schema is false/],
    ['no version', { ...good(), version: undefined }, /version/],
    ['a version that is no integer', { ...good(), version: 1.5 }, /version/],
    [
      'an unknown field of an account',
      { ...good(), accounts: [{ ...first, x: 1 }] },
      /schema is false/,
    ],
    ['a number as text', { ...good(), accounts: [{ ...first, mayGoNegative: 'no' }] }, /boolean/],
    [
      'an account number of digits',
      { ...good(), accounts: [{ ...first, number: '1001' }] },
      /pattern/,
    ],
    [
      'an account twice',
      { ...good(), accounts: [...good().accounts, first] },
      /EQUITY-OPENING is there twice/,
    ],
    [
      'a book twice',
      { ...good(), books: [...good().books, good().books[0]] },
      /customer is there twice/,
    ],
    [
      'a book that is not there',
      { ...good(), books: good().books.slice(0, 6) },
      /EQUITY-OPENING is of book equity/,
    ],
    [
      "the customers' book",
      {
        ...good(),
        accounts: [...good().accounts, { ...first, number: 'OTHER', book: 'customer' }],
      },
      /OTHER is of book customer/,
    ],
    [
      'without an account that the code posts to',
      { ...good(), accounts: good().accounts.filter((one) => one.number !== CHART.bifastFee) },
      /FEE-BIFAST is missing/,
    ],
  ];
  for (const [what, chart, message] of cases) assert.throws(() => parse(chart), message, what);
  assert.deepEqual(parse(good()), good());
});

test('chartChecksum() follows what the chart says, not how it is written', () => {
  const { version, books, accounts } = good();
  assert.deepEqual(chartChecksum(parse({ accounts, books, version })), chartChecksum(good()));
  const other = {
    version,
    books,
    accounts: accounts.map((one) => ({ ...one, mayGoNegative: true })),
  };
  assert.notDeepEqual(chartChecksum(other), chartChecksum(good()));
});
