/** The bank's codec and HSM, and the simulated switch's, were written apart from the same words. What one says the other must read. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { pack, unpack, type Message } from '../../sim/switch/codec.ts';
import { checkValue, retailMac, sealPin, withOddParity } from '../../sim/switch/crypto.ts';
import { MESSAGE_TYPES } from '../../sim/switch/dialect.ts';
import {
  padText,
  writeBalances,
  writeEmv,
  writeNames,
  writeOriginal,
  writeReplacement,
  writeTags,
} from '../../sim/switch/private-data.ts';
import { checkMac, packSealed } from '../../sim/switch/sealed.ts';
import { anyMessage } from '../../sim/testing/any-message.ts';
import { checkValueOf, MAC_BYTES, retailMac as hsmMac } from '../../src/hsm/mac.ts';
import { sealPin as hsmSealPin } from '../../src/hsm/pin-block.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { compileCodec } from '../../src/rail/iso8583/codec.ts';
import { readComposite } from '../../src/rail/iso8583/composite.ts';
import { DIALECTS } from '../../src/rail/iso8583/dialects.ts';
import { macCovers, macFieldOf } from '../../src/rail/iso8583/mac.ts';
import type { FieldNumber, IsoFields } from '../../src/rail/iso8583/spec.ts';

const codec = compileCodec(DIALECTS.demo);
/** What stands in it is read by the bank's link: hexadecimal or no key. */
const KEY_FIELD = 120;
const KEY = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');

/** Fillers of the bank's reading are not part of its values. */
function isSame(mine: Message, theirs: IsoFields): boolean {
  const fields = Object.entries(mine.fields);
  return (
    fields.length === Object.keys(theirs).length &&
    fields.every(
      ([field, value]) => theirs[Number(field) as FieldNumber]?.trimEnd() === value.trimEnd(),
    )
  );
}

test('every message that the switch packs the bank reads, with the same fields, and packs to the same bytes', () => {
  fc.assert(
    fc.property(anyMessage(), (message) => {
      const bytes = pack(message);
      const read = codec.unpack(bytes);
      assert.ok(read.ok, `${JSON.stringify(read)} ${bytes.toString()}`);
      assert.ok(isSame(message, read.value.fields));
      const again = codec.pack(read.value);
      assert.ok(again.ok && again.value.equals(bytes));
    }),
    { numRuns: 300 },
  );
});

test('bytes that are wrong in one place are wrong for both', () => {
  const mutated = fc
    .tuple(anyMessage(), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([message, at, byte]) => {
      const bytes = pack(message);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(mutated, (bytes) => {
      const [mine, theirs] = [unpack(bytes), codec.unpack(bytes)];
      // The switch knows the types and fields of its network; the codec of the bank leaves that to the flow.
      if (!mine.ok && mine.fault === 'message_type')
        assert.ok(!theirs.ok || !MESSAGE_TYPES.has(theirs.value.mti));
      else if (mine.ok || (mine.fault !== 'unknown_field' && mine.field !== KEY_FIELD))
        assert.equal(mine.ok, theirs.ok, bytes.toString('latin1'));
    }),
    { numRuns: 1_000 },
  );
});

test('both put the same MAC over the same bytes into the same field', () => {
  fc.assert(
    fc.property(anyMessage(), (message) => {
      const { 64: _short, 128: _long, ...fields } = message.fields;
      const bytes = packSealed({ mti: message.mti, fields }, KEY);
      const read = codec.unpack(bytes);
      assert.ok(read.ok);
      const mac = hsmMac(KEY, macCovers(codec, bytes), 1).subarray(0, MAC_BYTES);
      assert.equal(
        read.value.fields[macFieldOf(read.value.fields)],
        mac.toString('hex').toUpperCase(),
      );
      const mine = unpack(bytes);
      assert.ok(mine.ok);
      assert.equal(checkMac(bytes, mine.message, KEY), 'right');
    }),
    { numRuns: 100 },
  );
});

test('both make the same check values, MACs and PIN blocks under any key', () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(withOddParity);
  fc.assert(
    fc.property(key, fc.uint8Array({ minLength: 1, maxLength: 60 }), (key, data) => {
      assert.equal(checkValue(key), checkValueOf('T', key));
      const mac = hsmMac(key, Buffer.from(data), 1);
      assert.equal(retailMac(key, data), mac.toString('hex').toUpperCase());
    }),
    { numRuns: 100 },
  );
  const pin = '123456';
  const pan = '6220990000000011';
  const theirs = hsmSealPin(
    { algorithm: 'T', key: KEY },
    {
      // The HSM keeps digits as numbers, so that no text of a PIN stays in memory.
      pin: Buffer.from([1, 2, 3, 4, 5, 6]),
      pan,
      random: seededRandom('pin'),
    },
  );
  assert.equal(sealPin(KEY, { pin, pan }), theirs.toString('hex').toUpperCase());
});

test('the bank reads the composite fields that the switch writes', () => {
  const read = (field: FieldNumber, processing: string, text: string): unknown => {
    const composite = readComposite(DIALECTS.demo, {
      field,
      fields: { 3: processing, [field]: text },
    });
    assert.ok(composite.ok, `DE${field} ${JSON.stringify(composite)}`);
    return composite.value;
  };
  const names = { beneficiary: 'SITI', reference: 'REF', sender: 'BUDI' };
  assert.deepEqual(read(48, '401000', writeNames(names)), {
    kind: 'parts',
    parts: { beneficiaryName: 'SITI', reference: 'REF', senderName: 'BUDI' },
  });
  assert.deepEqual(read(48, '260000', writeTags({ BC: '014' })), {
    kind: 'tags',
    tags: new Map([['BC', '014']]),
  });
  assert.deepEqual(read(95, '011000', writeReplacement(20_000_000n)), {
    kind: 'parts',
    parts: {
      amount: '000020000000',
      settlementAmount: '000000000000',
      fee: 'C00000000',
      settlementFee: 'C00000000',
    },
  });
  const original = { mti: '0200', stan: '000102', transmittedAt: '0801030015' };
  const parts = { ...original, acquirer: '14', forwarder: '360001' };
  assert.deepEqual(read(90, '011000', writeOriginal(parts)), { kind: 'parts', parts });
  const balances = writeBalances({ accountType: '10', ledgerSen: 5n, availableSen: -5n });
  assert.match(JSON.stringify(read(54, '301000', balances)), /C000000000005.*D000000000005/);
  assert.deepEqual(read(55, '011000', writeEmv({ '9F27': '80' })), {
    kind: 'emv',
    tags: new Map([['9F27', '80']]),
  });
  assert.match(
    JSON.stringify(read(43, '260000', `${padText('Toko Satu', 25)}${padText('JAKARTA', 13)}ID`)),
    /"Toko Satu".*"JAKARTA".*"ID"/,
  );
});
