import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RailNotice } from '../../rail/notice.ts';
import { readNotice } from './read-notice.ts';

const ID = '20260801BNINIDJA010O0200000123';
const line = {
  lineId: 'l-1',
  direction: 'out',
  bizMsgIdr: ID,
  amountSen: '100',
  counterpartyBank: 'BNINIDJA',
  connector: 'ab',
  settledAtMs: 1,
  businessDate: '2026-08-01',
} as const;
const NOTICES: readonly RailNotice[] = [
  {
    kind: 'credit',
    rail: 'bifast',
    bizMsgIdr: ID,
    msgId: 'm',
    fromBank: 'BNINIDJA',
    debtorName: 'BUDI',
    debtorAccount: '12',
    creditorAccount: '34',
    creditorName: '',
    amountSen: '10000',
    remittance: 'sewa',
    trxType: '011',
    relatedEndToEndId: ID,
  },
  { kind: 'credit_settled', rail: 'bifast', fromBank: 'BNINIDJA', bizMsgIdr: ID },
  {
    kind: 'outcome',
    rail: 'bifast',
    bizMsgIdr: ID,
    answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
    source: 'rail_notice',
  },
  {
    kind: 'outcome',
    rail: 'bifast',
    bizMsgIdr: ID,
    answer: { outcome: 'rejected', code: 'U101' },
    source: 'inquiry',
  },
  { kind: 'account_enquiry', rail: 'bifast', account: '1001' },
  {
    kind: 'statement',
    rail: 'bifast',
    businessDate: '2026-08-01',
    lines: [line, { ...line, lineId: 'l-2', direction: 'in' }],
  },
  { kind: 'statement', rail: 'bifast', businessDate: '2026-08-01', lines: [line], hasMore: true },
  {
    kind: 'participants',
    rail: 'bifast',
    madeAtMs: 5,
    isWhole: false,
    banks: [{ bic: 'BNINIDJA', isOpen: false, changedAtMs: 4 }],
  },
  {
    kind: 'proxy_moved',
    rail: 'bifast',
    proxyType: '01',
    proxyValue: '6281234567890',
    registrationId: 'R000000000018',
    bank: 'BNINIDJA',
  },
  {
    kind: 'position',
    rail: 'bifast',
    madeAtMs: 5,
    openingSen: '100',
    bookedSen: '0',
    freeSen: '-5',
  },
];

test('readNotice() reads every kind as it was written and drops what is not ours', () => {
  for (const notice of NOTICES) {
    assert.deepEqual(readNotice(JSON.parse(JSON.stringify(notice))), notice);
    assert.deepEqual(readNotice({ ...notice, isTrusted: true }), notice);
  }
});

test('readNotice() refuses a notice with any one field missing or of another form', () => {
  for (const notice of NOTICES) {
    for (const name of Object.keys(notice)) {
      const isOptional = name === 'relatedEndToEndId' || name === 'hasMore';
      if (!isOptional)
        assert.equal(
          readNotice({ ...notice, [name]: undefined }),
          undefined,
          `${notice.kind}.${name} missing`,
        );
      for (const value of [null, 1, {}, [1], 'a\nb', 'x'.repeat(200)]) {
        if (name === 'madeAtMs' && value === 1) continue;
        assert.equal(
          readNotice({ ...notice, [name]: value }),
          undefined,
          `${notice.kind}.${name}=${JSON.stringify(value)}`,
        );
      }
    }
  }
  for (const amountSen of ['0', '-1', '1.00', '', '01', '9'.repeat(19)])
    assert.equal(readNotice({ ...NOTICES[0], amountSen }), undefined, amountSen);
  for (const answer of [
    { outcome: 'not_reached', reason: 'x' },
    { outcome: 'refused', reason: 'x' },
    { outcome: 'accepted', code: 'U000' },
  ]) {
    assert.equal(readNotice({ ...NOTICES[2], answer }), undefined);
  }
  assert.equal(
    readNotice({ ...NOTICES[5], lines: [line, line] }),
    undefined,
    'a line that stands twice',
  );
  assert.equal(readNotice({ ...NOTICES[5], lines: [{ ...line, settledAtMs: 1.5 }] }), undefined);
});

test('readNotice() takes every name that the gateway takes', () => {
  for (const debtorName of ['Ñandu 张', 'a\u007f\u0085b', '\ud800', 'x'.repeat(140)])
    assert.ok(readNotice({ ...NOTICES[0], debtorName }), debtorName);
});

test('readNotice() takes any JSON without a throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(readNotice(value), undefined)));
});

test('readNotice() refuses a list of participants with two words about one bank, and an instant that is none', () => {
  const [list] = NOTICES.filter(({ kind }) => kind === 'participants');
  assert.ok(list?.kind === 'participants');
  const [bank] = list.banks;
  assert.equal(readNotice({ ...list, banks: [bank, { ...bank, isOpen: true }] }), undefined);
  assert.equal(readNotice({ ...list, banks: [] }), undefined);
  for (const changedAtMs of [-1, 1.5, '4', Number.NaN])
    assert.equal(readNotice({ ...list, banks: [{ ...bank, changedAtMs }] }), undefined);
});
