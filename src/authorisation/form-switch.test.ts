import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { switchForm, type SwitchInstruction } from './form-switch.ts';
import {
  counterpartyOf,
  instructionText,
  issueInstruction,
  networkIds,
  parseInstruction,
  seriesOf,
} from './instruction.ts';

const party = (bank: string, account: string) => ({
  bank,
  account,
  accountType: 'SVGS',
  name: 'NASABAH',
});
const DRAFT = {
  series: { bic: 'PULHIDJA', institution: '199' },
  instruction: {
    version: 1,
    env: 'prod',
    rail: 'switch',
    direction: 'out',
    kind: 'interbank_transfer',
    paymentId: 'pay_1',
    attempt: 1,
    amountSen: '5000000',
    currency: 'IDR',
    debtor: party('PULHIDJA', '1001'),
    creditor: party('BNINIDJA', '9008007006'),
    institution: '009',
    channelCode: '6017',
    channel: 'mobile',
    remark: 'uji',
    businessDate: '2026-08-01',
    cohortBucket: 1,
    isStaff: false,
  },
} as const;
/** 2026-08-01 10:00:15 WIB. */
const MOMENT = { day: '2026-08-01', atMs: Date.UTC(2026, 7, 1, 3, 0, 15), sequence: 42n };

test('switchForm: id, RRN and DE7 come from one number and one moment, and the STAN is their end', () => {
  const issued = issueInstruction(DRAFT, MOMENT);
  assert.deepEqual(networkIds(issued), { bizMsgIdr: '20260801199000042', msgId: '621310000042' });
  assert.equal((issued as SwitchInstruction).transmittedAt, '0801030015');
  assert.equal(seriesOf(DRAFT), 'switch:PULHIDJA');
  assert.equal(counterpartyOf(issued), 'BNINIDJA');
});

test('switchForm: a STAN of ours stays below those of the gateway, on every day of every year', () => {
  const series = DRAFT.series;
  for (const sequence of [0n, 900_000n])
    assert.throws(() => switchForm.makeIds(series, { ...MOMENT, sequence }), /899999/);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20_000 }),
      fc.bigInt({ min: 1n, max: 899_999n }),
      (days, sequence) => {
        const atMs = Date.UTC(2026, 0, 1, 3) + days * 86_400_000;
        const day = new Date(atMs).toISOString().slice(0, 10);
        const issued = issueInstruction(DRAFT, { day, atMs, sequence });
        assert.deepEqual(parseInstruction(JSON.parse(instructionText(issued))), issued);
      },
    ),
    { numRuns: 200 },
  );
});

test('parseInstruction() takes no field of another rail, no missing one, and no STAN under another RRN', () => {
  const issued = issueInstruction(DRAFT, MOMENT) as SwitchInstruction;
  for (const wrong of [
    { ...issued, msgId: 'x' },
    { ...issued, institution: '9' },
    { ...issued, institution: undefined },
    { ...issued, rrn: '621310000043' },
    { ...issued, transmittedAt: '801030015' },
    { ...issued, channelCode: '7017' },
    { ...issued, rail: 'bifast' },
    { ...issued, remark: 'x'.repeat(141) },
  ])
    assert.equal(parseInstruction(wrong), undefined);
});
