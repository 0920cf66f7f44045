import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom, type Random } from '../kernel/random.ts';
import { decryptBlocks, encryptBlocks, xor } from './cipher.ts';
import { arpcOf, arqcOf, cardKey, sessionKey } from './cryptogram.ts';
import { checkValueOf } from './mac.ts';
import { openPin, sealPin } from './pin-block.ts';
import { isPinOf, makePinValue, pvvOf, readPinValue } from './pin-value.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const upper = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();
const digits = (text: string): Buffer => Buffer.from([...text].map(Number));
const random = seededRandom('pins');
const TDES = { algorithm: 'T', key: hex('0123456789ABCDEFFEDCBA9876543210') } as const;
const AES = { algorithm: 'A', key: hex('00112233445566778899AABBCCDDEEFF') } as const;

const anyPin = fc.stringMatching(/^\d{4,12}$/);
const anyPan = fc.stringMatching(/^\d{13,19}$/);

test('sealPin() makes the format 0 block of domain.md 4.7', () => {
  const block = sealPin(TDES, { pin: digits('1234'), pan: '6220990000000011', random });
  assert.equal(upper(decryptBlocks('T', TDES.key, block)), '04123D6FFFFFFFFE');
});

test('sealPin() makes the format 4 block that other implementations make', () => {
  const ones: Random = { ...random, bytes: (length) => Buffer.alloc(length, 0xff) };
  const block = sealPin(AES, { pin: digits('1234'), pan: '1234567890123456789', random: ones });
  assert.equal(upper(block), '28B41FDDD29B743E93124BD8E32D921E');
});

test('openPin() reads format 4 blocks that other implementations made', () => {
  for (const [pin, pan, block] of [
    ['1234', '1234567890123456', '52DB178C6EDCE52E3A70F7FBC8E9C758'],
    ['123456', '123456789012345678', '847A0209C659E4C4A79CA6A2A2217D31'],
    ['12345678', '1234567890123456789', '018BFEC8B5EF60181A327AD8325A2BA4'],
  ] as const)
    assert.deepEqual(openPin(AES, { block: hex(block), pan }), digits(pin));
});

test('openPin() gives back what sealPin() took, in both formats', () => {
  fc.assert(
    fc.property(fc.constantFrom(TDES, AES), anyPin, anyPan, (key, pin, pan) => {
      const block = sealPin(key, { pin: digits(pin), pan, random });
      assert.deepEqual(openPin(key, { block, pan }), digits(pin));
    }),
    { numRuns: 200 },
  );
});

test('a format 4 block for another PAN, and any random block, opens to no PIN', () => {
  fc.assert(
    fc.property(anyPin, anyPan, anyPan, (pin, pan, other) => {
      fc.pre(pan !== other);
      const block = sealPin(AES, { pin: digits(pin), pan, random });
      assert.equal(openPin(AES, { block, pan: other }), undefined);
      assert.equal(openPin(AES, { block: random.bytes(16), pan }), undefined);
      assert.equal(openPin(TDES, { block: random.bytes(7), pan }), undefined);
    }),
    { numRuns: 200 },
  );
});

test('a format 0 block that is wrong in any place opens to no PIN', () => {
  const pan = '6220990000000011';
  const account = hex(`0000${pan.slice(-13, -1)}`);
  const open = (field: string): Buffer | undefined =>
    openPin(TDES, { block: encryptBlocks('T', TDES.key, xor(hex(field), account)), pan });
  assert.deepEqual(open('06246813FFFFFFFF'), digits('246813'));
  for (const field of [
    '16246813FFFFFFFF', // another format
    '36246813FFFFFFFF',
    '03246FFFFFFFFFFF', // too short
    '0D24681324681324', // too long
    '062A6813FFFFFFFF', // not a digit, first to last place
    '0624681FFFFFFFFF',
    '0624681AFFFFFFFF',
    '062468130FFFFFFF', // not filled, first to last place
    '06246813FFFFFFF0',
    '0C246813246813FA',
  ])
    assert.equal(open(field), undefined, field);
});

test('two format 4 blocks of one PIN differ, so that no book of blocks can be made', () => {
  const make = (): string =>
    upper(sealPin(AES, { pin: digits('135790'), pan: '6220990000000011', random }));
  assert.notEqual(make(), make());
});

test('pvvOf() gives published Visa PVVs', () => {
  const other = hex('4CA2161637D0133E5E151AEA45DA2A12');
  for (const [key, index, pin, pan, pvv] of [
    [TDES.key, '1', '4524', '1122334455667788', '8523'],
    [TDES.key, '2', '1912', '1122334455667788', '3244'],
    // These two have too few decimal digits at first and take letters.
    [TDES.key, '1', '0570', '1122334455667718', '3144'],
    [TDES.key, '1', '8299', '1122334455667708', '4422'],
    [other, '1', '1234', '5999997890123412', '0798'],
  ] as const)
    assert.equal(pvvOf(key, { pin: digits(pin), pan }, index), pvv);
});

test('a PIN value is right for its PIN and PAN only, all six digits of it', () => {
  const pan = '6220990000000011';
  const value = readPinValue(
    makePinValue(AES, { pin: digits('123456'), pan, version: 1, random }),
  )!;
  assert.equal(isPinOf(AES, value, { pin: digits('123456'), pan }), true);
  for (const pin of ['123457', '123466', '1234', '1234560', '023456'])
    assert.equal(isPinOf(AES, value, { pin: digits(pin), pan }), false, pin);
  assert.equal(isPinOf(AES, value, { pin: digits('123456'), pan: '6220990000000029' }), false);
});

test('two values of one PIN tell nothing of each other, and none is a PVV', () => {
  const facts = { pin: digits('123456'), pan: '6220990000000011', version: 1, random };
  assert.notEqual(makePinValue(AES, facts), makePinValue(AES, facts));
});

test('a PVV never stands for a six-digit PIN, whose last two digits it would not look at', () => {
  const pan = '1122334455667788';
  const value = readPinValue('v1.1.8523')!;
  assert.equal(isPinOf(TDES, value, { pin: digits('4524'), pan }), true);
  assert.equal(isPinOf(TDES, value, { pin: digits('452499'), pan }), false);
});

test('cryptograms are those of EMV option A, common session key and ARPC method 1', () => {
  for (const [pan, cardCheck, sessionCheck, arqc] of [
    ['9901234567890123', '1DA5', '0995', '4B46013359B7A58B'],
    ['12345678901234567', 'FF08', 'DF82', '19C1FBC83EBDC0D5'],
  ] as const) {
    const card = cardKey(TDES.key, { pan, panSequence: '45' });
    const session = sessionKey(card, hex('1234567890123456'));
    assert.equal(checkValueOf('T', card).slice(0, 4), cardCheck);
    assert.equal(checkValueOf('T', session).slice(0, 4), sessionCheck);
    const data = hex('0123456789ABCDEF0123456789ABCDEF');
    assert.equal(upper(arqcOf(session, data)), arqc);
  }
  const session = sessionKey(
    cardKey(TDES.key, { pan: '12345678901234567', panSequence: '45' }),
    hex('1234567890123456'),
  );
  assert.equal(upper(arpcOf(session, hex('19C1FBC83EBDC0D5'), hex('0000'))), 'C3620580668E5B65');
});
