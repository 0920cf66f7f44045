import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountReport } from '../../rail/bifast/report.ts';
import type { SettlementLine } from '../../rail/notice.ts';
import { agrees, checkedStatement } from './statement.ts';

const line = (lineId: string, direction: 'in' | 'out', amountSen: string): SettlementLine => ({
  lineId,
  direction,
  bizMsgIdr: '20260801PULHIDJA010O0200000123',
  amountSen,
  counterpartyBank: 'BNINIDJA',
  connector: '',
  settledAtMs: 1,
  businessDate: '2026-08-01',
});
const lines = [line('L1', 'out', '300'), line('L2', 'out', '200'), line('L3', 'in', '100')];
const at = '2026-08-01T00:00:00.000';
const sums: AccountReport = {
  kind: 'account_report',
  of: 'statement',
  header: {
    from: 'FASTIDJA',
    to: 'PULHIDJA',
    bizMsgIdr: '20260801FASTIDJA000H9900004842',
    createdAt: '2026-08-01T03:05:00Z',
    isCopy: false,
    isPossibleDuplicate: false,
  },
  msgId: '20260801FASTIDJA00000004842',
  madeAt: at,
  reportId: '2026-08-01',
  account: 'PULHIDJA',
  balances: [
    { kind: 'OPBD', amountSen: 1_000n, at },
    { kind: 'CLBD', amountSen: 600n, at },
  ],
  totals: { inCount: 1, inSen: 100n, outCount: 2, outSen: 500n },
  entries: [],
};

test('agrees() takes lines that the hub’s own sums and balances bear out', () => {
  assert.equal(agrees(lines, sums), true);
});

test('agrees() refuses a line too few, a line too many, another amount and a closing that does not follow', () => {
  assert.equal(agrees(lines.slice(1), sums), false);
  assert.equal(agrees([...lines, line('L4', 'in', '1')], sums), false);
  assert.equal(agrees([line('L1', 'out', '299'), ...lines.slice(1)], sums), false);
  assert.equal(agrees(lines, { ...sums, balances: [sums.balances[0]!] }), false);
  const crooked = [sums.balances[0]!, { ...sums.balances[1]!, amountSen: 601n }];
  assert.equal(agrees(lines, { ...sums, balances: crooked }), false);
});

test('checkedStatement() T5 does not call a statement complete whose sums are not known, and drops one that contradicts them', async () => {
  const statement = { businessDate: '2026-08-01', isComplete: true, lines: lines.slice(1) };
  let differs = 0;
  const ask = (report: AccountReport | undefined) =>
    checkedStatement(
      { statement: async () => statement, balances: async () => report },
      { businessDate: '2026-08-01', onDiffers: () => void differs++ },
    );
  assert.equal((await ask(undefined))?.isComplete, false);
  assert.equal(differs, 0);
  assert.equal(await ask(sums), undefined);
  assert.equal(differs, 1);
});
