import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeCpm, encodeCpm, type CpmCode } from './cpm.ts';

const bytes = (min: number, max = min) =>
  fc
    .uint8Array({ minLength: min, maxLength: max })
    .map((value) => Buffer.from(value).toString('hex').toUpperCase());
const text = (min: number, max: number) =>
  fc.string({ minLength: min, maxLength: max, unit: fc.constantFrom(...'ABC abc/9') });

const anyCpm: fc.Arbitrary<CpmCode> = fc.record(
  {
    applicationId: bytes(5, 16),
    label: text(1, 16),
    track2: bytes(1, 19),
    pan: bytes(8, 10),
    name: text(2, 26),
    language: text(2, 8),
    applicationVersion: bytes(2),
    panLast4: bytes(2),
    cryptogram: bytes(8),
    cryptogramInfo: bytes(1),
    issuerData: bytes(1, 32),
    counter: bytes(2),
    interchangeProfile: bytes(2),
    unpredictable: bytes(4),
    qrisData: bytes(8, 20),
  },
  { noNullPrototype: true, requiredKeys: ['applicationId', 'label', 'qrisData'] },
);

const CODE: CpmCode = {
  applicationId: 'A0000006022020',
  label: 'QRISCPM',
  pan: '9360011100000098768F',
  qrisData: '3030313233343536',
};

test('encodeCpm() writes the bytes of domain.md 1.10: format 85 first, then 61 with 63 inside', () => {
  const hex = Buffer.from(encodeCpm(CODE), 'base64').toString('hex').toUpperCase();
  const transparent = '630B9F74083030313233343536';
  const application = `4F07A000000602202050075152495343504D5A0A9360011100000098768F${transparent}`;
  assert.equal(
    hex,
    `8505435056303161${(application.length / 2).toString(16).toUpperCase()}${application}`,
  );
});

test('decodeCpm() of what encodeCpm() writes is the same code', () => {
  fc.assert(
    fc.property(anyCpm, (code) => {
      // Tag 61 holds 255 bytes at most.
      const decoded = decodeCpm(encodeCpm(code));
      assert.deepEqual(decoded, { ok: true, code });
    }),
    { numRuns: 200 },
  );
});

test('decodeCpm() refuses each broken rule with its code', () => {
  const of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
  const whole = Buffer.from(encodeCpm(CODE), 'base64').toString('hex');
  const fault = (value: string): unknown => {
    const decoded = decodeCpm(value);
    return decoded.ok || [decoded.fault.code, decoded.fault.tag].join(' ');
  };
  assert.equal(fault(''), 'cpm_empty ');
  assert.equal(fault('A'.repeat(2_000)), 'cpm_too_long ');
  assert.equal(fault('####'), 'cpm_not_base64 ');
  assert.equal(fault('AB=='), 'cpm_not_base64 ');
  assert.equal(fault(of(whole.slice(0, -2))), 'cpm_structure_broken 61');
  assert.equal(fault(of(`${whole}8501ff`)), 'cpm_duplicate_tag 85');
  assert.equal(
    fault(of(whole.replace('4350563031', '4350563032'))),
    'cpm_format_indicator_invalid 85',
  );
  assert.equal(fault(of('85054350563031')), 'cpm_missing_tag 61');
  assert.equal(fault(of('8505435056303161025002')), 'cpm_structure_broken 50');
  assert.equal(fault(of('850543505630316103500141')), 'cpm_missing_tag 63');
  assert.equal(fault(of('8505435056303161024f0063')), 'cpm_structure_broken 63');
  assert.equal(fault(of('8505435056303161044f006300')), 'cpm_value_invalid 4F');
});

test('decodeCpm() never throws, whatever it is given', () => {
  const whole = Buffer.from(encodeCpm(CODE), 'base64');
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(6),
      fc.uint8Array({ maxLength: 8 }),
      (at, gone, put) => {
        decodeCpm(
          Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + gone)]).toString('base64'),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});
