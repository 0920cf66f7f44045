import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountSen, groupDigits, showClock, showDate, showMoment, showMoney } from './format.ts';

const SATURDAY = Date.parse('2025-03-29T16:59:59Z');

test('showMoney() writes rupiah with dots, cents only when not zero, and keeps a sign', () => {
  assert.equal(showMoney({ value: '1250000.00', currency: 'IDR' }), 'Rp1.250.000');
  assert.equal(showMoney({ value: '1250000.50', currency: 'IDR' }), 'Rp1.250.000,50');
  assert.equal(showMoney({ value: '-2500.00', currency: 'IDR' }), '-Rp2.500');
  assert.equal(amountSen({ value: '9007199254740993.01', currency: 'IDR' }), 900719925474099301n);
  assert.throws(() => amountSen({ value: '12.5', currency: 'IDR' }), RangeError);
});

test('showMoment() is WIB and 24 hours, with the date only when it is another day', () => {
  assert.equal(showClock(SATURDAY), '23:59 WIB');
  assert.equal(showDate(SATURDAY, 'id'), 'Sab 29 Mar 2025');
  assert.equal(showDate(SATURDAY, 'en'), 'Sat 29 Mar 2025');
  assert.equal(
    showMoment({ atMs: SATURDAY, nowMs: SATURDAY - 3_600_000, language: 'id' }),
    '23:59 WIB',
  );
  assert.equal(
    showMoment({ atMs: SATURDAY, nowMs: SATURDAY + 1_000, language: 'id' }),
    'Sab 29 Mar 2025, 23:59 WIB',
  );
});

test('groupDigits() groups by three', () => {
  assert.equal(groupDigits('1250000'), '1.250.000');
  assert.equal(groupDigits(''), '');
});
