import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskJson } from './mask.ts';

const masked = (value: unknown, isOurs = false): unknown =>
  JSON.parse(maskJson(JSON.stringify(value), { isOurs }));

test('maskJson() keeps references, amounts, dates and codes, and hides accounts, names, remarks and tokens', () => {
  assert.deepEqual(
    masked({
      partnerReferenceNo: '2026080100000001',
      amount: { value: '125000.00', currency: 'IDR' },
      beneficiaryAccountNo: '1002003004',
      beneficiaryAccountName: 'SITI RAHAYU',
      beneficiaryBankCode: '009',
      sourceAccountNo: '20030040',
      remark: 'sewa rumah Siti',
      otp: '123456',
      chargeToken: 'TOKEN123',
      transactionDate: '2026-08-01T10:00:00+07:00',
      originatorInfos: [{ originatorCustomerName: 'BUDI', originatorCustomerNo: '77' }],
      additionalInfo: { nationalIdentityNumber: '3171234567890001', isResident: true, age: 41 },
    }),
    {
      partnerReferenceNo: '2026080100000001',
      amount: { value: '125000.00', currency: 'IDR' },
      beneficiaryAccountNo: '***3004',
      beneficiaryAccountName: '***',
      beneficiaryBankCode: '009',
      sourceAccountNo: '***',
      remark: '***',
      otp: '***',
      chargeToken: '***',
      transactionDate: '2026-08-01T10:00:00+07:00',
      originatorInfos: [{ originatorCustomerName: '***', originatorCustomerNo: '***' }],
      additionalInfo: { nationalIdentityNumber: '***', isResident: true, age: '***' },
    },
  );
  assert.deepEqual(
    masked(
      {
        responseCode: '2007300',
        responseMessage: 'Successful',
        accessToken: 'TOKEN123',
        expiresIn: '900',
      },
      true,
    ),
    {
      responseCode: '2007300',
      responseMessage: 'Successful',
      accessToken: '***',
      expiresIn: '900',
    },
  );
});

test('maskJson() hides what stands in a harmless field in another form, and names that are none', () => {
  assert.deepEqual(
    masked({
      currency: 'SITI RAHAYU',
      value: '4111111111111111',
      responseMessage: 'SITI',
      transactionDate: ['1002003004'],
      'SITI RAHAYU': 'x',
    }),
    {
      currency: '***',
      value: '***',
      responseMessage: '***',
      transactionDate: ['***'],
      '?': '***',
    },
  );
});

test('maskJson() lets no secret through, wherever it stands, and gives JSON for JSON', () => {
  const secret = 'rahasia "4111111111111111"';
  const field = fc.constantFrom(
    'accountNo',
    'beneficiaryAccountNo',
    'currency',
    'responseMessage',
    'cardNo',
    'x',
    secret,
  );
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constant(secret),
      fc.constant(4_111_111_111_111_111),
      fc.boolean(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(field, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), (any, indent) => {
      const text = maskJson(JSON.stringify(any, undefined, indent), { isOurs: false });
      JSON.parse(text);
      assert.doesNotMatch(text, /rahasia|4111/);
    }),
  );
});

test('maskJson() hides every string and word of a text that is no JSON, and never throws', () => {
  assert.equal(
    maskJson('{"accountNo": 1002003004, SITI "x', { isOurs: false }),
    '{"accountNo": "***", "***" "***"',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      maskJson(text, { isOurs: false });
    }),
  );
});
