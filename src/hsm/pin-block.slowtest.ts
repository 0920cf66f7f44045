/** PIN blocks and key blocks, many times over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../kernel/random.ts';
import { deriveBlockKeys, unwrapKey, wrapKey } from './key-block.ts';
import { openPin, sealPin } from './pin-block.ts';

const random = seededRandom('many blocks');
const keys = [
  { algorithm: 'T', key: random.bytes(16) },
  { algorithm: 'A', key: random.bytes(16) },
  { algorithm: 'A', key: random.bytes(32) },
] as const;
const ROUND_TRIPS = 50_000;
const RANDOM_BLOCKS = 500_000;
const FORGERIES = 20_000;

test('openPin() gives back what sealPin() took, fifty thousand times', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...keys),
      fc.array(fc.nat(9), { minLength: 4, maxLength: 12 }),
      fc.stringMatching(/^\d{13,19}$/),
      (key, digits, pan) => {
        const block = sealPin(key, { pin: Buffer.from(digits), pan, random });
        assert.deepEqual(openPin(key, { block, pan }), Buffer.from(digits));
      },
    ),
    { numRuns: ROUND_TRIPS },
  );
});

test('of half a million random blocks hardly one looks like a PIN', () => {
  const pan = '6220990000000011';
  let opened = 0;
  for (let n = 0; n < RANDOM_BLOCKS; n++) {
    const key = keys[n % keys.length]!;
    const block = random.bytes(key.algorithm === 'T' ? 8 : 16);
    if (openPin(key, { block, pan })) opened++;
  }
  // Control, length, digits and filler together: about six in a hundred million for each block.
  assert.ok(opened <= 2, String(opened));
});

test('no key block opens with any byte of it changed, twenty thousand times', () => {
  const blockKeys = deriveBlockKeys(random.bytes(32));
  const header = { usage: 'P0', algorithm: 'A', mode: 'B', exportability: 'E' } as const;
  const optional = { LB: 'zpk.artajasa@7' };
  for (let n = 0; n < FORGERIES; n++) {
    const key = random.bytes([16, 24, 32][n % 3]!);
    const block = wrapKey({ keys: blockKeys, header: { ...header, optional }, key, random });
    assert.deepEqual(unwrapKey(blockKeys, block)!.key, key);
    const bytes = Buffer.from(block, 'ascii');
    bytes[random.below(bytes.length)]! ^= 1 + random.below(127);
    assert.equal(unwrapKey(blockKeys, bytes.toString('latin1')), undefined);
  }
});
