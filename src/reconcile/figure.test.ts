import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeMatchDay, matchCsv, settledKinds, type SideRow } from './figure.ts';

const DATE = '2025-03-29';
const NOW = new Date('2025-03-30T02:00:00+07:00');

function row(side: SideRow['side'], change: Partial<SideRow> = {}): SideRow {
  return {
    rail: 'bifast',
    direction: 'out',
    side,
    n: 3n,
    value_sen: 1_870_000_000_000n,
    odd_n: 0n,
    odd_sen: 0n,
    ...change,
  };
}

const ZERO = {
  businessDate: DATE,
  sides: [row('ledger'), row('gateway'), row('settlement')],
  breaks: [],
  feeds: [{ rail: 'bifast', line_at: NOW, statement_at: NOW }],
};

const isProven = (input: Parameters<typeof makeMatchDay>[0]): boolean | undefined =>
  makeMatchDay(input).rails.find(({ rail }) => rail === 'bifast')?.isProven;

test('makeMatchDay() proves Rp0 only with the statement, every line judged, no difference and no open break', () => {
  assert.equal(isProven(ZERO), true);
  const open = { rail: 'bifast', n: 1n, value_sen: 5n };
  assert.equal(isProven({ ...ZERO, breaks: [open] }), false);
  assert.equal(isProven({ ...ZERO, breaks: [{ ...open, rail: 'switch' }] }), true);
  assert.equal(isProven({ ...ZERO, feeds: [] }), false, 'no statement yet');
  const changed = (settlement: SideRow, ledger = row('ledger')): boolean | undefined =>
    isProven({ ...ZERO, sides: [ledger, row('gateway'), settlement] });
  assert.equal(changed(row('settlement', { n: 4n })), false);
  assert.equal(changed(row('settlement', { value_sen: 1_870_000_000_001n })), false);
  assert.equal(changed(row('settlement', { odd_n: 1n })), false, 'a line waits');
  assert.equal(
    changed(row('settlement', { n: 3n }), row('ledger', { odd_n: 1n })),
    false,
    'one orphan line and one payment without a line do not cancel out',
  );
});

test('makeMatchDay() of the story: settlement Rp245.8 bn against a ledger of Rp18.7 bn differs by Rp227.1 bn in 807 lines', () => {
  const billion = 100_000_000_000n;
  const day = makeMatchDay({
    ...ZERO,
    sides: [
      row('ledger', { n: 5_000n, value_sen: (187n * billion) / 10n }),
      row('settlement', { n: 5_807n, value_sen: (2_458n * billion) / 10n }),
    ],
  });
  const [out] = day.figures;
  assert.deepEqual([out!.differenceCount, out!.differenceSen], [807, (2_271n * billion) / 10n]);
});

test('matchCsv() has a row per rail and direction, and leaves an amount that a side does not tell empty', () => {
  const day = makeMatchDay({
    ...ZERO,
    sides: [
      row('ledger', { direction: 'in', n: 2n, value_sen: 150n }),
      row('gateway', { direction: 'in', n: 2n, value_sen: null }),
      row('settlement', { direction: 'in', n: 1n, value_sen: 100n }),
    ],
  });
  const lines = matchCsv(day).split('\r\n');
  assert.equal(lines.length, 1 + 8 + 1);
  assert.equal(
    lines.find((line) => line.startsWith(`${DATE},bifast,in`)),
    `${DATE},bifast,in,2,1.50,2,,1,1.00,0,0,-1,-0.50,0,no`,
  );
});

test('settledKinds() names no fee, no return of a card and nothing within the bank', () => {
  const kinds = settledKinds();
  assert.deepEqual(
    kinds.filter(({ kind }) => /onus|fee|card_return/.test(kind)),
    [],
  );
  assert.deepEqual(
    kinds.find(({ kind }) => kind === 'card_withdrawal'),
    { kind: 'card_withdrawal', rail: 'switch', direction: 'in' },
  );
  assert.equal(
    kinds.some(({ kind }) => kind === 'atm_withdrawal'),
    false,
    'our own machine',
  );
});
