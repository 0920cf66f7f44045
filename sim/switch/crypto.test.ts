import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from './codec.ts';
import {
  checkValue,
  clearPinBlock,
  openPin,
  retailMac,
  sealPin,
  testKey,
  unwrapKey,
  withOddParity,
  wrapKey,
} from './crypto.ts';
import { checkMac, packSealed } from './sealed.ts';

/** The keys of the examples of ISO/IEC 9797-1. */
const KEY = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');

test('retailMac() gives the values of ISO/IEC 9797-1, MAC algorithm 3, padding method 1', () => {
  assert.equal(retailMac(KEY, Buffer.from('Now is the time for all ')), 'A1C72E74EA3FA9B6');
  assert.equal(retailMac(KEY, Buffer.from('Now is the time for it')), '2E2B1428CC78254F');
  assert.equal(checkValue(KEY), '08D7B4');
});

/** Put together by hand from domain.md 4; the MACs by OpenSSL's command line. */
const WITHDRAWAL =
  '020072384481088090011663901400000000170110000000500000000801030015000102100015080160110210003199801510000102ATM199013600123456789ABCDEF1A5E60440D0C414D';
const REVERSAL =
  '0420B2200001088080000000004200000001011000000050000000080103011500010303199801510000102ATM199013600200000102080103001500000000199000003600010000200000000000000000000000000000000000000B9DCC34F9630FD8';

test('packSealed() puts the MAC into DE64, or into DE128 when there is a secondary bitmap', () => {
  for (const [text, field] of [
    [WITHDRAWAL, 64],
    [REVERSAL, 128],
  ] as const) {
    const bytes = Buffer.from(text);
    const unpacked = unpack(bytes);
    assert.ok(unpacked.ok);
    const { message } = unpacked;
    assert.equal(message.fields[field], text.slice(-16));
    assert.equal(checkMac(bytes, message, KEY), 'right');
    const { [field]: _mac, ...bare } = message.fields;
    assert.equal(packSealed({ mti: message.mti, fields: bare }, KEY).toString(), text);
    assert.equal(checkMac(bytes, message, testKey('other', 'mac')), 'wrong');
  }
});

test('checkMac() sees one changed character, a missing MAC and one in the wrong field', () => {
  const changed = Buffer.from(WITHDRAWAL.replace('000050000000', '000050000001'));
  const unpacked = unpack(changed);
  assert.ok(unpacked.ok);
  assert.equal(checkMac(changed, unpacked.message, KEY), 'wrong');
  const bare = { mti: '0800', fields: { 7: '0801030015', 11: '000101', 70: '301' } };
  assert.equal(checkMac(pack(bare), bare, KEY), 'absent');
  const short = packSealed({ mti: '0800', fields: { 7: '0801030015' } }, KEY);
  const misplaced = { mti: '0800', fields: { ...bare.fields, 64: short.toString().slice(-16) } };
  assert.equal(checkMac(pack(misplaced), misplaced, KEY), 'wrong');
  const spoilt = packSealed(bare, KEY, true);
  const read = unpack(spoilt);
  assert.ok(read.ok);
  assert.equal(checkMac(spoilt, read.message, KEY), 'wrong');
});

test('sealPin() makes the ISO-0 block of domain.md 4.7, and openPin() finds the PIN with the same PAN and key only', () => {
  const card = { pin: '1234', pan: '6220990000000011' };
  assert.equal(clearPinBlock(card).toString('hex').toUpperCase(), '04123D6FFFFFFFFE');
  const block = sealPin(KEY, card);
  assert.equal(openPin(KEY, { block, pan: card.pan }), '1234');
  assert.equal(openPin(testKey('seed', 'zpk'), { block, pan: card.pan }), undefined);
  assert.notEqual(openPin(KEY, { block, pan: '6220990000000128' }), '1234');
  assert.throws(() => sealPin(KEY, { pin: '123', pan: card.pan }), RangeError);
});

test('unwrapKey() takes a key under the ZMK only with the right check value', () => {
  const zmk = testKey('seed', 'zmk');
  const zpk = testKey('seed', 'zpk');
  const wrapped = wrapKey(zmk, zpk);
  assert.match(wrapped, /^[0-9A-F]{38}$/);
  assert.deepEqual(unwrapKey(zmk, wrapped), zpk);
  assert.equal(
    unwrapKey(zmk, `${wrapped.slice(0, -1)}${wrapped.endsWith('0') ? '1' : '0'}`),
    undefined,
  );
  assert.equal(unwrapKey(KEY, wrapped), undefined);
  assert.equal(unwrapKey(zmk, wrapped.slice(2)), undefined);
});

test('testKey() follows from seed and name, with odd parity', () => {
  assert.deepEqual(testKey('a', 'zpk'), testKey('a', 'zpk'));
  assert.notDeepEqual(testKey('a', 'zpk'), testKey('b', 'zpk'));
  assert.notDeepEqual(testKey('a', 'zpk'), testKey('a', 'zmk'));
  for (const byte of testKey('a', 'zpk'))
    assert.equal(byte.toString(2).replaceAll('0', '').length % 2, 1);
  assert.deepEqual([...withOddParity(Uint8Array.of(0, 1, 2, 3))], [1, 1, 2, 2]);
});
