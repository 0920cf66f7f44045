import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../kernel/random.ts';
import { deriveBlockKeys, unwrapKey, wrapKey, type KeyHeader } from './key-block.ts';

/** The example of ANSI X9.143 / TR-31:2018, annex A.7.4: an AES-128 PIN key under an AES-256 protection key. */
const EXAMPLE = {
  kbpk: '88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6',
  block:
    'D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34',
  key: '3F419E1CB7079442AA37474C2EFBF8B8',
};
const KEYS = deriveBlockKeys(Buffer.from(EXAMPLE.kbpk, 'hex'));
const HEADER: KeyHeader = {
  usage: 'P0',
  algorithm: 'T',
  mode: 'B',
  exportability: 'E',
  optional: { LB: 'zpk.artajasa@1' },
};
const random = seededRandom('key blocks');

test('unwrapKey() opens the example of the standard', () => {
  const opened = unwrapKey(KEYS, EXAMPLE.block)!;
  assert.equal(opened.key.toString('hex').toUpperCase(), EXAMPLE.key);
  assert.deepEqual(
    { ...opened.header, optional: { ...opened.header.optional } },
    { usage: 'P0', algorithm: 'A', mode: 'E', exportability: 'E', optional: {} },
  );
});

test('wrapKey() and unwrapKey() are inverse, for every length of key and label', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(16, 24, 32),
      fc.constantFrom(16, 24, 32),
      fc.stringMatching(/^[a-z.@0-9]{0,40}$/),
      (kbpkBytes, keyBytes, label) => {
        const keys = deriveBlockKeys(random.bytes(kbpkBytes));
        const key = random.bytes(keyBytes);
        const header: KeyHeader = {
          ...HEADER,
          algorithm: 'A',
          optional: label === '' ? {} : { LB: label, '10': 'ISO0' },
        };
        const block = wrapKey({ keys, header, key, random });
        const opened = unwrapKey(keys, block)!;
        assert.deepEqual(opened.key, key);
        assert.equal(opened.header.optional['LB'], label === '' ? undefined : label);
        assert.equal(Number(block.slice(1, 5)), block.length);
        assert.equal(block.indexOf(key.toString('hex').toUpperCase()), -1);
      },
    ),
    { numRuns: 60 },
  );
});

test('a key block with any one character changed is refused', () => {
  const block = wrapKey({ keys: KEYS, header: HEADER, key: random.bytes(16), random });
  assert.ok(unwrapKey(KEYS, block));
  for (let at = 0; at < block.length; at++)
    for (const character of ['0', '1', 'A', 'B', 'D', 'Z']) {
      if (block[at] === character) continue;
      const forged = block.slice(0, at) + character + block.slice(at + 1);
      // Version number, length of reserved fields: whatever it is, the MAC is over it.
      assert.equal(unwrapKey(KEYS, forged), undefined, `${at} ${character}`);
    }
});

test('the header of one block does not fit the key of another', () => {
  const make = (usage: string): string =>
    wrapKey({ keys: KEYS, header: { ...HEADER, usage }, key: random.bytes(16), random });
  const [pin, mac] = [make('P0'), make('M3')];
  assert.equal(unwrapKey(KEYS, pin.slice(0, 32) + mac.slice(32)), undefined);
  assert.equal(
    unwrapKey(deriveBlockKeys(random.bytes(32)), pin),
    undefined,
    'another protection key',
  );
});

test('unwrapKey() gives nothing for any text, and does not throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^D0\d{3}P0T[BE]00E0[0-9]00[0-9A-F]{0,200}$/)),
      (text) => {
        assert.equal(unwrapKey(KEYS, text), undefined);
      },
    ),
    { numRuns: 300 },
  );
});
