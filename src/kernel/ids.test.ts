import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { idFloor, newId } from './ids.ts';
import { seededRandom, systemRandom } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_MS_MAX = 2 ** 48 - 1;

test('newId() writes 48 bits of time and 80 bits of chance in base 32, high bits first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: TIME_MS_MAX }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }),
      (atMs, drawn) => {
        const random = { bytes: () => Buffer.from(drawn), below: () => 0 };
        const [prefix, text] = newId('pay', atMs, random).split('_') as [string, string];
        let value = 0n;
        for (const digit of text) value = value * 32n + BigInt(ALPHABET.indexOf(digit));
        assert.equal(prefix, 'pay');
        assert.equal(text.length, 26);
        assert.equal(
          value,
          (BigInt(atMs) << 80n) | BigInt(`0x${Buffer.from(drawn).toString('hex')}`),
        );
      },
    ),
  );
});

test('newId() takes a whole number of milliseconds', () => {
  for (const atMs of [1.5, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => newId('pay', atMs, seededRandom(1)), RangeError);
});

test('systemRandom() gives no bytes twice, and as many as are asked for, past its own store too', () => {
  const random = systemRandom();
  const seen = new Set(Array.from({ length: 10_000 }, () => random.bytes(12).toString('hex')));
  assert.equal(seen.size, 10_000);
  for (const length of [0, 1, 15, 16, 32, 4_095, 4_096, 4_097])
    assert.equal(random.bytes(length).length, length);
});

test('idFloor() is below every id of its instant and above every id of the one before', () => {
  const random = systemRandom();
  for (const atMs of [1, 1_754_000_000_000, 2 ** 47]) {
    assert.ok(newId('pay', atMs, random) >= idFloor('pay', atMs));
    assert.ok(newId('pay', atMs - 1, random) < idFloor('pay', atMs));
  }
});

test('what was drawn stays as it was while more is drawn', () => {
  for (const random of [systemRandom(), seededRandom(1)]) {
    const first = random.bytes(32);
    const text = first.toString('hex');
    for (let i = 0; i < 1_000; i++) random.bytes(32);
    assert.equal(first.toString('hex'), text);
  }
});
