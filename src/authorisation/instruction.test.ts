import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BifastInstruction } from './form-bifast.ts';
import type { BillerInstruction } from './form-biller.ts';
import {
  counterpartyOf,
  instructionHash,
  instructionText,
  issueInstruction,
  networkIds,
  parseInstruction,
  seriesOf,
  type Instruction,
} from './instruction.ts';

const COMMON = {
  version: 1,
  env: 'prod',
  direction: 'out',
  paymentId: 'pay_1',
  attempt: 1,
  amountSen: '12500000',
  currency: 'IDR',
  debtor: { bank: 'PULHIDJA', account: '1001', accountType: 'SVGS', name: 'A' },
  channel: 'mobile',
  businessDate: '2026-08-01',
  cohortBucket: 5,
  isStaff: false,
} as const;
const BIFAST: Omit<BifastInstruction, 'bizMsgIdr' | 'msgId'> = {
  ...COMMON,
  rail: 'bifast',
  kind: 'credit_transfer',
  creditor: { bank: 'BNINIDJA', account: '2002', accountType: 'SVGS', name: 'B' },
  channelCode: '02',
  categoryPurpose: '01099',
  remittance: '',
};
const BILLER: Omit<BillerInstruction, 'reference'> = {
  ...COMMON,
  rail: 'biller',
  kind: 'bill_payment',
  aggregator: 'TAGIHIDA',
  product: 'PLN_PREPAID',
  customerKey: '12345678901',
  inquiryReference: 'INQ000000001',
  periodCount: 0,
};
const MOMENT = { day: '2026-08-01', atMs: Date.UTC(2026, 7, 1, 3), sequence: 7n };
const bifast = issueInstruction(
  { series: { bic: 'PULHIDJA', trxType: '010', channelCode: '02' }, instruction: BIFAST },
  MOMENT,
);
const biller = issueInstruction({ series: { bic: 'PULHIDJA' }, instruction: BILLER }, MOMENT);

test('issueInstruction() gives each rail the ids of its own network', () => {
  assert.deepEqual(networkIds(bifast), {
    bizMsgIdr: '20260801PULHIDJA010O0200000007',
    msgId: '20260801PULHIDJA01000000007',
  });
  assert.deepEqual(networkIds(biller), { bizMsgIdr: '20260801PULHIDJA00000007' });
  assert.equal(counterpartyOf(bifast), 'BNINIDJA');
  assert.equal(counterpartyOf(biller), 'TAGIHIDA');
});

test('seriesOf() counts each rail apart, so that no rail uses up numbers of another', () => {
  const series = { bic: 'PULHIDJA', trxType: '010', channelCode: '02' };
  assert.equal(seriesOf({ series, instruction: BIFAST }), 'bifast:PULHIDJA');
  assert.equal(seriesOf({ series, instruction: BILLER }), 'biller:PULHIDJA');
});

test('issueInstruction() never issues a number that does not fit the network', () => {
  for (const sequence of [0n, 100_000_000n])
    assert.throws(() =>
      issueInstruction(
        { series: { bic: 'PULHIDJA' }, instruction: BILLER },
        { ...MOMENT, sequence },
      ),
    );
});

test('the bytes of a BI-FAST instruction are what they were before there were other rails', () => {
  assert.equal(
    instructionText(bifast),
    '{"amountSen":"12500000","attempt":1,"bizMsgIdr":"20260801PULHIDJA010O0200000007","businessDate":"2026-08-01",' +
      '"categoryPurpose":"01099","channel":"mobile","channelCode":"02","cohortBucket":5,' +
      '"creditor":{"account":"2002","accountType":"SVGS","bank":"BNINIDJA","name":"B"},"currency":"IDR",' +
      '"debtor":{"account":"1001","accountType":"SVGS","bank":"PULHIDJA","name":"A"},"direction":"out","env":"prod",' +
      '"isStaff":false,"kind":"credit_transfer","msgId":"20260801PULHIDJA01000000007","paymentId":"pay_1","rail":"bifast",' +
      '"remittance":"","version":1}',
  );
});

test('parseInstruction() takes every field of its own rail and not one of another', () => {
  for (const [whole, other] of [
    [bifast, biller],
    [biller, bifast],
  ] as const) {
    assert.deepEqual(parseInstruction(whole), whole);
    for (const name of Object.keys(whole)) {
      const { [name as keyof Instruction]: _left, ...rest } = whole;
      assert.equal(parseInstruction(rest), undefined, `${whole.rail} without ${name}`);
    }
    for (const [name, value] of Object.entries(other)) {
      if (!Object.hasOwn(whole, name))
        assert.equal(parseInstruction({ ...whole, [name]: value }), undefined, name);
    }
    assert.equal(parseInstruction({ ...whole, rail: other.rail }), undefined);
    assert.equal(parseInstruction({ ...whole, rail: 'constructor' }), undefined);
  }
});

test('parseInstruction() takes any JSON without a throw, and what it takes hashes to the same bytes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(parseInstruction(value), undefined)),
  );
  const read = parseInstruction(JSON.parse(instructionText(biller)));
  assert.ok(read);
  assert.equal(instructionHash(read), instructionHash(biller));
});
