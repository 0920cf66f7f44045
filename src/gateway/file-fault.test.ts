import assert from 'node:assert/strict';
import test from 'node:test';
import type { SettlementLine } from '../rail/notice.ts';
import { faultOf, saysSame } from './file-fault.ts';

const line = (number: number, change: Partial<SettlementLine> = {}): SettlementLine => ({
  lineId: `20260801.${number}`,
  direction: 'out',
  bizMsgIdr: `id_${number}`,
  amountSen: '100',
  counterpartyBank: 'BNINIDJA',
  connector: '',
  settledAtMs: 1,
  businessDate: '2026-08-01',
  ...change,
});
const of = { date: '2026-08-01', before: [] };

test('faultOf() knows a file of another date, and one that only repeats the date before', () => {
  const lines = [line(1), line(2)];
  assert.equal(faultOf(lines, of), undefined);
  assert.equal(faultOf([], { ...of, before: lines }), undefined, 'a quiet day');
  assert.equal(faultOf([line(1), line(2, { businessDate: '2026-07-31' })], of), 'wrong_date');
  const yesterday = lines.map((one) => ({ ...one, lineId: `y${one.lineId}`, settledAtMs: 0 }));
  assert.equal(faultOf(lines, { ...of, before: yesterday }), 'duplicate');
  // One line that comes again is a break of its own, not the fault of a file.
  assert.equal(faultOf([...lines, line(3)], { ...of, before: yesterday }), undefined);
});

test('saysSame() sees any line that is gone, new or other, and no change of order', () => {
  const lines = [line(1), line(2)];
  assert.ok(saysSame(lines, [line(2), line(1)]));
  assert.ok(!saysSame(lines, [line(1)]));
  assert.ok(!saysSame(lines, [line(1), line(2, { amountSen: '101' })]));
  assert.ok(!saysSame(lines, [line(1), line(3)]));
});
