import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQrisRequest } from './read-qris.ts';

const PAYMENT = {
  what: 'qris_payment',
  bizMsgIdr: '2026080105000000009360000900077',
  rrn: '621312000077',
  fromBank: 'BNINIDJA',
  amountSen: '60000000',
  deadlineMs: 1_785_000_000_000,
  customerPan: '9360000900000007776',
  merchantPan: '9360019900000000017',
  criteria: 'UMI',
  tipSen: '0',
  terminal: 'A02     ',
};

test('readQrisRequest() reads a payment whole, leaves out what it does not know, and takes no field of another form', () => {
  const full = { ...PAYMENT, nmid: 'ID1020000019901', reference: 'R1', billNumber: 'INV 1' };
  assert.deepEqual(readQrisRequest({ ...full, stranger: 'x' }), {
    kind: 'request',
    rail: 'qris',
    ...full,
  });
  assert.deepEqual(Object.keys(readQrisRequest(PAYMENT) ?? {}).includes('nmid'), false);
  for (const [name, wrong] of Object.entries({
    customerPan: '93600009 0000007776',
    merchantPan: undefined,
    criteria: 'umi',
    tipSen: '-1',
    terminal: '',
    nmid: null,
    reference: 'a\u0000',
    billNumber: 'x'.repeat(26),
    amountSen: '0',
    rrn: 621_312_000_077,
  }))
    assert.equal(readQrisRequest({ ...full, [name]: wrong }), undefined, name);
});

test('readQrisRequest() reads a shown code and a check of it, and takes no field of another form', () => {
  const { criteria: _class, tipSen: _tip, terminal: _till, ...base } = PAYMENT;
  const shown = {
    ...base,
    what: 'qris_presented',
    codeData: '00112233445566778899AABBCCDDEEFF',
    merchantName: 'TOKO SIMULASI',
  };
  assert.deepEqual(readQrisRequest({ ...shown, stranger: 1 }), {
    kind: 'request',
    rail: 'qris',
    ...shown,
  });
  for (const [name, wrong] of Object.entries({
    codeData: '0011',
    merchantName: 'a\u0000',
    customerPan: '12',
    merchantPan: 1,
    nmid: 'ID1',
  }))
    assert.equal(readQrisRequest({ ...shown, [name]: wrong }), undefined, name);
  const { bizMsgIdr, rrn, fromBank, amountSen, deadlineMs } = base;
  const ids = { bizMsgIdr, rrn, fromBank, amountSen, deadlineMs };
  const check = { ...ids, what: 'qris_check', of: 'presented', originalId: bizMsgIdr };
  assert.equal(readQrisRequest(check)?.what, 'qris_check');
  assert.equal(readQrisRequest({ ...check, of: 'other' }), undefined);
});
