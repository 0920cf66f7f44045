import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIdr, rupiah, sen } from '../../kernel/money.ts';
import { criteriaOf, promptedFields, type QrisCode } from './code.ts';
import { crc16, crcText } from './crc.ts';
import { decodeQris, type Decoded } from './decode.ts';
import { encodeQris } from './encode.ts';
import { QRIS_FAULT_CODES } from './fault.ts';
import { qrisRules } from './rules.ts';
import { anyCode, anyDamage } from './test-code.ts';
import { TYPICAL_PAYLOAD } from './sample.ts';
import { PAYLOADS } from './test-payload.ts';

const RULES = qrisRules('2026-08-01');

function read(payload: string): Decoded {
  return decodeQris(payload, RULES);
}

function codeOf(payload: string): QrisCode {
  const decoded = read(payload);
  assert.ok(decoded.ok, decoded.ok ? '' : JSON.stringify(decoded.fault));
  return decoded.code;
}

/** The payload with its CRC made right, so that a test breaks one rule. */
function signed(body: string): string {
  const text = `${body}6304`;
  return `${text}${crcText(crc16(text, text.length))}`;
}

function faultOf(payload: string): string {
  const decoded = read(payload);
  assert.ok(!decoded.ok, 'refused');
  const { code, tag, subTag } = decoded.fault;
  return [code, tag, subTag].filter((part) => part !== undefined).join(' ');
}

test('crc16() gives the published check value, and that of the EMVCo sample', () => {
  assert.equal(crcText(crc16('123456789', 9)), '29B1');
  const emv =
    '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304';
  assert.equal(crcText(crc16(emv, emv.length)), 'A13A');
});

test('decodeQris() accepts V1 to V9 without a warning', () => {
  for (const name of ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', 'V9'] as const) {
    const decoded = read(PAYLOADS[name]);
    assert.deepEqual([name, decoded.ok, decoded.ok && decoded.warnings], [name, true, []]);
  }
});

test('decodeQris() tells what each of V1 to V9 says', () => {
  const v1 = codeOf(PAYLOADS.V1);
  assert.ok(v1.kind === 'merchant');
  assert.equal(v1.method, 'static');
  assert.deepEqual(
    [v1.name, v1.city, v1.postalCode, v1.category],
    ['WARUNG CONTOH', 'JAKARTA PUSAT', '10110', '5812'],
  );
  assert.equal(v1.repository?.nmid, 'ID1020000000123');
  assert.equal(v1.accounts[0]?.pan, '9360011100000001234');
  assert.equal(criteriaOf(v1), 'UMI');
  assert.equal(v1.additional?.terminalLabel, 'A01');
  assert.equal(v1.amountSen, undefined);

  assert.equal(TYPICAL_PAYLOAD, PAYLOADS.V2);
  const v2 = codeOf(TYPICAL_PAYLOAD);
  assert.equal(v2.amountSen, rupiah(125_000));
  assert.equal(v2.additional?.billNumber, 'INV202608010001');
  assert.equal(v2.additional?.referenceLabel, 'REF0000000001');
  assert.deepEqual(codeOf(PAYLOADS.V3).tip, { kind: 'fixed', feeSen: rupiah(2_000) });
  assert.deepEqual(codeOf(PAYLOADS.V4).tip, { kind: 'percent', hundredths: 1_000 });
  const v5 = codeOf(PAYLOADS.V5);
  assert.deepEqual([v5.tip, promptedFields(v5)], [{ kind: 'prompt' }, ['billNumber']]);
  const v6 = codeOf(PAYLOADS.V6);
  assert.ok(v6.kind === 'merchant');
  assert.deepEqual(
    v6.accounts.map(({ tag, pan }) => [tag, pan.slice(0, 8)]),
    [
      [26, '93600111'],
      [27, '93600915'],
    ],
  );
  const transfer = codeOf(PAYLOADS.V7);
  assert.ok(transfer.kind === 'transfer');
  assert.deepEqual(
    [transfer.account.bic, transfer.account.beneficiary, transfer.uniqueData, transfer.amountSen],
    ['BDKIIDJ1', '100200300400', '0123456789ABCDEF0123', undefined],
  );
  assert.deepEqual(
    (['V8', 'V9'] as const).map((name) => [
      codeOf(PAYLOADS[name]).kind,
      formatIdr(codeOf(PAYLOADS[name]).amountSen!),
    ]),
    [
      ['cash_out', '300000.00'],
      ['cash_in', '500000.00'],
    ],
  );
});

/** I1 to I14 and I16, each with the rule that it breaks. */
const REFUSED = {
  I1: 'crc_mismatch 63',
  I2: 'structure_broken 59',
  I3: 'missing_tag 61',
  I4: 'currency_not_rupiah 53',
  I5: 'duplicate_tag 58',
  I6: 'amount_decimals 54',
  I7: 'amount_format 54',
  I8: 'amount_above_cap 54',
  I9: 'repository_missing 51',
  I10: 'nns_unknown 26 01',
  I11: 'crc_not_last 63',
  I12: 'format_indicator_not_first 00',
  I13: 'transfer_not_dynamic 01',
  I14: 'tip_fee_missing 56',
  I16: 'amount_zero 54',
} as const;

test('decodeQris() refuses I1 to I14 and I16, each with a code of its own', () => {
  const told = Object.keys(REFUSED).map((name) => [
    name,
    faultOf(PAYLOADS[name as keyof typeof REFUSED]),
  ]);
  assert.deepEqual(Object.fromEntries(told), REFUSED);
  const codes = Object.values(REFUSED).map((text) => text.split(' ')[0]!);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.ok((QRIS_FAULT_CODES as readonly string[]).includes(code));
});

test('decodeQris() flags I15, a wrong check digit, and accepts it', () => {
  const decoded = read(PAYLOADS.I15);
  assert.deepEqual(decoded.ok && decoded.warnings, [{ code: 'check_digit_wrong', tag: '26' }]);
});

const V1_BODY = PAYLOADS.V1.slice(0, -8);
const V2_BODY = PAYLOADS.V2.slice(0, -8);
const V7_BODY = PAYLOADS.V7.slice(0, -8);

test('decodeQris() refuses each other broken rule with its code and place', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'empty'],
    [
      signed(`${V1_BODY}8099${'x'.repeat(99)}8199${'x'.repeat(99)}8299${'x'.repeat(99)}`),
      'too_long',
    ],
    ['\uD83D'.repeat(600), 'text_invalid'],
    ['x'.repeat(10_000), 'too_long'],
    [signed(V1_BODY.replace('WARUNG CONTOH', 'WARUNG\nCONTOH')), 'text_invalid 59'],
    [signed(V1_BODY.replace('WARUNG CONTOH', 'WARÜNG CONTOH')), 'text_invalid 59'],
    [signed(V1_BODY.replace('WARUNG CONTOH', 'WARUNG|CONTOH')), 'value_invalid 59'],
    [`${V1_BODY}6304f662`, 'crc_format 63'],
    [V1_BODY, 'missing_tag 63'],
    [signed(V1_BODY.slice(6)), 'missing_tag 00'],
    [signed(V1_BODY.replace('000201', '000202')), 'format_indicator_invalid 00'],
    [signed(V1_BODY.replace('010211', '010213')), 'value_invalid 01'],
    [signed(V1_BODY.replace('52045812', '52045X12')), 'category_invalid 52'],
    [signed(V1_BODY.replace('5802ID', '5802SG')), 'country_not_supported 58'],
    [signed(V1_BODY.replace('0303UMI5144', '0303umi5144')), 'value_invalid 26 03'],
    [signed(V1_BODY.replace('0014ID.CO.QRIS.WWW', '0014ID.CO.QRIS.XXX')), 'value_invalid 51 00'],
    [signed(V1_BODY.replace('0215ID1020000000123', '0215XX1020000000123')), 'nmid_invalid 51 02'],
    [signed(V1_BODY.replace('62070703A01', '62070703|01')), 'value_invalid 62 07'],
    [signed(V1_BODY.replace('62070703A01', '62060702A0')), 'none'],
    [signed(V1_BODY.replace('62070703A01', '62070799A01')), 'length_invalid 62 07'],
    [signed(`${V1_BODY}56041000`), 'tip_fee_unexpected 56'],
    [signed(`${V1_BODY}570210`), 'tip_fee_unexpected 57'],
    [signed(`${V1_BODY}550203`), 'tip_fee_missing 57'],
    [signed(`${V1_BODY}5502035703100`), 'tip_fee_invalid 57'],
    [signed(`${V1_BODY}55020256010`), 'tip_fee_invalid 56'],
    [signed(`${V1_BODY}550204`), 'value_invalid 55'],
    [signed(V2_BODY.replace('5409125000.00', '54051 000')), 'amount_format 54'],
    [signed(V2_BODY.replace('5409125000.00', '5403-10')), 'amount_format 54'],
    [signed(V2_BODY.replace('5409125000.00', '54040.00')), 'amount_zero 54'],
    [signed(V7_BODY.replace('0804DMCT', '0804DMCX')), 'purpose_invalid 62 08'],
    [signed(V7_BODY.replace('52044829', '52045812')), 'category_invalid 52'],
    [signed(V7_BODY.replace('0002000120', '0002010120')), 'unique_data_invalid 62 99'],
    [signed(V7_BODY.replace('93600111', '93600000')), 'nns_unknown 40 01'],
    [signed(PAYLOADS.V8.slice(0, -8).replace('5406300000', '5406500001')), 'amount_above_cap 54'],
    [signed('0002010102125204581253033605802ID5903ABC6003ABC610512345'), 'account_missing'],
  ];
  for (const [payload, fault] of cases)
    assert.equal(
      fault === 'none' ? (read(payload).ok ? 'none' : 'refused') : faultOf(payload),
      fault,
    );
});

test('decodeQris() treats a code without tag 01 as static unless it has an amount', () => {
  const bare = codeOf(signed(V1_BODY.replace('010211', '')));
  assert.deepEqual([bare.method, bare.statedMethod], ['static', undefined]);
  assert.equal(codeOf(signed(V2_BODY.replace('010212', ''))).method, 'dynamic');
  assert.equal(
    faultOf(signed(PAYLOADS.I9.slice(0, -8).replace('010211', ''))),
    'repository_missing 51',
  );
});

test('decodeQris() warns of an amount in a static code', () => {
  const decoded = read(signed(`${V1_BODY}54041000`));
  assert.deepEqual(decoded.ok && decoded.warnings, [{ code: 'static_with_amount', tag: '54' }]);
});

test('decodeQris() counts characters, not bytes, and takes the CRC over the bytes', () => {
  const text = codeOf(signed(`${V1_BODY}64200002ZH0104最佳运输0202北京`)).languageText;
  assert.deepEqual([text?.language, text?.name, text?.city], ['ZH', '最佳运输', '北京']);
  // A character beyond the first plane is one character of two UTF-16 units.
  assert.equal(codeOf(signed(`${V1_BODY}64120002ZH0102𠮷野`)).languageText?.name, '𠮷野');
});

test('decodeQris() knows the cap and the institutions of a day, and the own bank', () => {
  const before = decodeQris(
    signed(V2_BODY.replace('5409125000.00', '54075000001')),
    qrisRules('2021-12-31'),
  );
  assert.equal(!before.ok && before.fault.code, 'amount_above_cap');
  assert.ok(read(signed(V2_BODY.replace('5409125000.00', '54075000001'))).ok);
  assert.ok(read(signed(V2_BODY.replace('5409125000.00', '540810000000'))).ok);
  const ours = signed(V1_BODY.replaceAll('93600111', '93600199'));
  assert.equal(faultOf(ours), 'nns_unknown 26 01');
  assert.ok(decodeQris(ours, qrisRules('2026-08-01', { nns: '93600199', name: 'Bank Pulih' })).ok);
});

test('decodeQris() reads tag 40 as a merchant account where no purpose or category says transfer', () => {
  const code = codeOf(signed(V1_BODY.replace('010211', '010212').replace('2672', '4072')));
  assert.equal(code.kind === 'merchant' && code.accounts[0]?.tag, 40);
});

test('encodeQris() writes V1 and V5 to V9 as they stand in the source', () => {
  for (const name of ['V1', 'V5', 'V6', 'V7', 'V8', 'V9'] as const)
    assert.equal(encodeQris(codeOf(PAYLOADS[name])), PAYLOADS[name]);
});

test('decodeQris() of what encodeQris() writes is the same code', () => {
  fc.assert(
    fc.property(anyCode(), (code) => {
      assert.deepEqual(codeOf(encodeQris(code)), code);
    }),
    { numRuns: 300 },
  );
});

test('decodeQris() never throws, whatever it is given', () => {
  fc.assert(
    fc.property(anyDamage(Object.values(PAYLOADS)), (payload) => {
      const decoded = read(payload);
      if (decoded.ok) assert.deepEqual(codeOf(encodeQris(decoded.code)), decoded.code);
    }),
    { numRuns: 3_000 },
  );
});

test('encodeQris() refuses what no tag can say', () => {
  const code = codeOf(PAYLOADS.V1);
  assert.throws(() => encodeQris({ ...code, name: 'x'.repeat(100) }), RangeError);
  assert.throws(() => encodeQris({ ...code, name: '' }), RangeError);
  const other = Array.from({ length: 4 }, (_, i) => ({
    tag: String(80 + i),
    value: 'x'.repeat(99),
  }));
  assert.throws(() => encodeQris({ ...code, other, amountSen: sen(100n) }), RangeError);
});
