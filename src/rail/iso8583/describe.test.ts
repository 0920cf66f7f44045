import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { describe, maskPan } from './describe.ts';
import { DIALECTS } from './dialects.ts';
import { TRANSFER_FIELDS } from './sample.ts';
import { arbitraryMessage } from './test-message.ts';

const { demo } = DIALECTS;

test('describe() shows a transfer without card, PIN, account or name', () => {
  assert.deepEqual(describe(demo, { mti: '0200', fields: TRANSFER_FIELDS }), {
    mti: '0200',
    DE2: '622099******0011',
    DE3: '401000',
    DE4: '000005000000',
    DE7: '0801030015',
    DE11: '000101',
    DE12: '100015',
    DE13: '0801',
    DE18: '6011',
    DE22: '051',
    DE25: '00',
    DE32: '99000001',
    DE37: '260801000101',
    DE41: 'ATM00001',
    DE42: 'PULIH0000000001',
    'DE48.reference': 'REF0000000000001',
    DE49: '360',
    DE102: '****0001',
    DE103: '****0001',
  });
});

test('describe() shows of chip data what the terminal decided, of tags and private fields no value', () => {
  const fields = {
    2: '622099000000',
    36: '99=1',
    45: 'B6220990000000011^AMINAH',
    48: 'CN10SECRET1234NM04BUDI',
    54: '1001360C000005000000',
    55: '5A0862209900000000119F360200015F2004424F4231',
    63: 'SITI AMINAH',
    90: '020000010108010300150009900000100000000000',
    95: '000002500000000000000000C00000000D00000000',
    120: `${'A'.repeat(32)}BBBBBB`,
  } as const;
  assert.deepEqual(describe(demo, { mti: '0420', fields }), {
    mti: '0420',
    DE2: '************',
    DE48: 'tags CN NM',
    'DE54[0].accountType': '10',
    'DE54[0].amountType': '01',
    DE55: 'also tags 5A 5F20',
    'DE55.9F36': '0001',
    DE63: '11 characters',
    'DE90.mti': '0200',
    'DE90.stan': '000101',
    'DE90.transmittedAt': '0801030015',
    'DE90.acquirer': '99000001',
    'DE90.forwarder': '0',
    'DE95.amount': '000002500000',
    'DE95.settlementAmount': '000000000000',
    'DE95.fee': 'C00000000',
    'DE95.settlementFee': 'D00000000',
  });
});

test('describe() never shows the value of a field that could identify a person or a key', () => {
  const secret = [
    14, 34, 35, 36, 43, 44, 45, 46, 47, 52, 53, 57, 60, 61, 62, 63, 64, 96, 102, 103, 104, 120, 125,
    127, 128,
  ];
  fc.assert(
    fc.property(arbitraryMessage(demo), (message) => {
      const shown = Object.values(describe(demo, message)).join('\n');
      for (const number of secret) {
        const value = message.fields[number as 35];
        if (value !== undefined && value.length > 8)
          assert.ok(!shown.includes(value), `DE${number}`);
      }
    }),
    { numRuns: 150 },
  );
});

test('maskPan() keeps six and four, and of a short number nothing', () => {
  assert.equal(maskPan('6220990000000000011'), '622099*********0011');
  assert.equal(maskPan('6220990000001'), '622099***0001');
  assert.equal(maskPan('622099000000'), '************');
});
