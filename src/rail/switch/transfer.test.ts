import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SwitchInstruction } from '../../authorisation/form-switch.ts';
import { compileCodec } from '../iso8583/codec.ts';
import { DIALECTS } from '../iso8583/dialects.ts';
import type { IsoFields, IsoMessage } from '../iso8583/spec.ts';
import { instantOf, requestIdOf, switchIdOfRrn, switchRequestId } from './id.ts';
import { bankOfCode, codeOfBank } from './institution.ts';
import {
  answerOfCheck,
  answerOfInquiry,
  answerOfTransfer,
  renderCheck,
  renderInquiry,
  renderTransfer,
  type SwitchMember,
} from './transfer.ts';

const MEMBER: SwitchMember = {
  network: 'switch',
  dialect: DIALECTS.demo,
  institution: '199',
  terminal: 'PULIHM01',
  acceptor: 'MOBILE199',
  place: `${'BANK PULIH'.padEnd(25)}JAKARTA      ID`,
  isCheckFinal: true,
};
const party = (bank: string, account: string, name: string) => ({
  bank,
  account,
  accountType: 'SVGS',
  name,
});
const INSTRUCTION: SwitchInstruction = {
  version: 1,
  env: 'prod',
  rail: 'switch',
  direction: 'out',
  kind: 'interbank_transfer',
  paymentId: 'pay_1',
  attempt: 1,
  switchId: '20260801199000042',
  rrn: '621310000042',
  transmittedAt: '0801030015',
  amountSen: '5000000',
  currency: 'IDR',
  debtor: party('PULHIDJA', '1001', 'SITI RAHAYU'),
  creditor: party('BNINIDJA', '9008007006', 'BUDI Ñ'),
  institution: '009',
  channelCode: '6017',
  channel: 'mobile',
  remark: 'uji',
  businessDate: '2026-08-01',
  cohortBucket: 1,
  isStaff: false,
};
const NOON = Date.UTC(2026, 7, 1, 5);
const bytesOf = (message: IsoMessage | undefined): string => {
  assert.ok(message);
  const packed = compileCodec(DIALECTS.demo).pack(message);
  assert.ok(packed.ok, JSON.stringify(packed));
  return packed.value.toString('latin1');
};
const answered = (code: string, more: IsoFields = {}): IsoMessage => ({
  mti: '0210',
  fields: { 3: '401000', 39: code, ...more },
});

test('renderTransfer() says the instruction and nothing else, the same bytes whenever it is asked (T6)', () => {
  const message = renderTransfer(MEMBER, INSTRUCTION);
  assert.ok(message);
  const { 43: _place, ...fields } = message.fields;
  assert.deepEqual(fields, {
    3: '401000',
    4: '000005000000',
    7: '0801030015',
    11: '000042',
    12: '100015',
    13: '0801',
    15: '0801',
    18: '6017',
    22: '010',
    32: '199',
    37: '621310000042',
    41: 'PULIHM01',
    42: 'MOBILE199',
    48: `${'BUDI N'.padEnd(30)}${'uji'.padEnd(16)}${'SITI RAHAYU'.padEnd(30)}`,
    49: '360',
    100: '009',
    102: '1001',
    103: '9008007006',
    127: '009',
  });
  assert.equal(bytesOf(message), bytesOf(renderTransfer(MEMBER, { ...INSTRUCTION })));
});

test('a question packs, and a check of a payment names its RRN and no money', () => {
  const ids = { stan: '900001', rrn: '621312900001', atMs: NOON };
  const inquiry = { ...ids, institution: '009', account: '9008007006', amountSen: 100n };
  bytesOf(renderInquiry(MEMBER, inquiry));
  const check = renderCheck(MEMBER, { ...ids, rrn: '621310000042' });
  bytesOf(check);
  assert.deepEqual(
    [check.fields[3], check.fields[37], check.fields[4]],
    ['360000', '621310000042', undefined],
  );
});

test('answerOfTransfer(): only what the table calls a refusal is one; pending, odd and security codes stay unknown (T1, T2)', () => {
  const outcome = (code: string): string => answerOfTransfer(MEMBER, answered(code)).outcome;
  assert.deepEqual(answerOfTransfer(MEMBER, answered('00')), {
    outcome: 'accepted',
    isFinal: true,
    code: 'RC00',
  });
  for (const code of ['05', '13', '51', '57', '61', '76', '78', '91', '92'])
    assert.equal(outcome(code), 'rejected', code);
  for (const code of ['68', '94', '96', '63', '87', 'ZZ', ''])
    assert.equal(outcome(code), 'unknown', code);
});

test('answerOfCheck() proves only that it happened, with the very amount; "not found" gives nothing back (T1)', () => {
  const rrn = '621310000042';
  const check = (code: string, more: IsoFields) =>
    answerOfCheck(MEMBER, {
      answer: answered(code, { 37: rrn, ...more }),
      rrn,
      amountSen: '5000000',
    }).outcome;
  assert.equal(check('00', { 4: '000005000000' }), 'accepted');
  assert.equal(check('00', { 4: '000005000001' }), 'unknown');
  assert.equal(check('00', {}), 'unknown');
  assert.equal(check('00', { 4: '000005000000', 37: '621310000043' }), 'unknown');
  for (const code of ['25', '12', '51', '76', '68', '91'])
    assert.equal(check(code, { 4: '000005000000' }), 'unknown', code);
});

test('answerOfInquiry() says "not found" of an account only, never of a network in trouble', () => {
  const names = `${'BUDI'.padEnd(30)}${' '.repeat(16)}${' '.repeat(30)}`;
  const found = (code: string, more: IsoFields = {}) =>
    answerOfInquiry(MEMBER, { mti: '0210', fields: { 39: code, ...more } }).found;
  assert.deepEqual(answerOfInquiry(MEMBER, { mti: '0210', fields: { 39: '00', 48: names } }), {
    found: true,
    name: 'BUDI',
    accountType: 'SVGS',
  });
  assert.equal(found('00'), 'unknown');
  for (const code of ['76', '52', '53', '78']) assert.equal(found(code), false, code);
  for (const code of ['91', '92', '96', '05', '68', 'ZZ'])
    assert.equal(found(code), 'unknown', code);
});

test('ids: an RRN of ours leads back to its day over the turn of a year, DE7 to its instant, and a request is named by all of DE90', () => {
  const of = (rrn: string, at: string): string | undefined =>
    switchIdOfRrn(rrn, { institution: '199', nearMs: Date.parse(at) });
  assert.equal(of('621310000042', '2026-08-02T00:00:00Z'), '20260801199000042');
  assert.equal(of('636523000001', '2027-01-01T00:00:00Z'), '20261231199000001');
  assert.equal(of('700100000001', '2026-12-31T20:00:00Z'), '20270101199000001');
  for (const rrn of ['63672300000', '600023000001', '636723000001', 'abc'])
    assert.equal(of(rrn, '2026-08-01T00:00:00Z'), undefined, rrn);
  assert.equal(instantOf('1231235959', Date.UTC(2027, 0, 1)), Date.UTC(2026, 11, 31, 23, 59, 59));
  for (const wrong of ['0231000000', '1301000000', '0801240000', '080103001'])
    assert.equal(instantOf(wrong, NOON), undefined, wrong);
  const id = requestIdOf({ 7: '0801030015', 11: '000777', 32: '009' }, NOON);
  assert.equal(id, '2026080103001500000000009000777');
  const parts = { transmittedAt: '0801030015', acquirer: '00000000009', stan: '000777' };
  assert.equal(switchRequestId(parts, NOON), id, 'as DE90 writes it');
  assert.equal(requestIdOf({ 7: '0801030015', 11: '000777' }, NOON), undefined);
});

test('a bank is one bank on every rail: three digits and its BIC, or its NNS where it has none', () => {
  assert.equal(bankOfCode('009'), 'BNINIDJA');
  assert.equal(bankOfCode('00000000009'), 'BNINIDJA');
  assert.equal(bankOfCode('127'), '93600127');
  assert.deepEqual(
    [codeOfBank('BNINIDJA'), codeOfBank('93600127'), codeOfBank('XXXXIDJA')],
    ['009', '127', undefined],
  );
  for (const code of ['', '9', '1234', 'abc']) assert.equal(bankOfCode(code), undefined, code);
});
