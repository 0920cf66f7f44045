import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int8Array, textArray } from '../db/array.ts';
import { rupiah } from '../kernel/money.ts';
import { encodePayments } from './row.ts';

test('encodePayments() sends an array for a field that any row has, and null for one that none has', () => {
  const rows = [
    { id: 'pay_1', amountSen: rupiah(1) },
    { id: 'pay_2', amountSen: rupiah(2), remark: '' },
  ];
  assert.deepEqual(encodePayments(rows, ['id', 'remark', 'amountSen', 'jti', 'principalHold']), [
    textArray(['pay_1', 'pay_2']),
    textArray([null, '']),
    int8Array([rupiah(1), rupiah(2)]),
    null,
    null,
  ]);
});
