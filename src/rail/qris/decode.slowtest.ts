import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom, type Random } from '../../kernel/random.ts';
import { decodeCpm, encodeCpm } from './cpm.ts';
import { crc16, crcText } from './crc.ts';
import { decodeQris } from './decode.ts';
import { encodeQris } from './encode.ts';
import { qrisRules } from './rules.ts';
import { anyCode } from './test-code.ts';
import { PAYLOADS } from './test-payload.ts';

const RUNS = 1_200_000;
const RULES = qrisRules('2026-08-01');
const LIST: readonly string[] = Object.values(PAYLOADS);
const SPICE = [
  '00',
  '99',
  '63',
  '04',
  '|',
  '\n',
  '\0',
  'é',
  '京',
  '\u{20BB7}',
  '\uD800',
  '',
  '***',
  '9999',
  '-1',
  '.',
  '0',
];

/** A payload with up to four changes; every second one with a right CRC, and now and then only noise. */
function damaged(random: Random): string {
  if (random.below(20) === 0) return random.bytes(random.below(700)).toString('latin1');
  let text = LIST[random.below(LIST.length)]!;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    text = `${text.slice(0, at)}${SPICE[random.below(SPICE.length)]!}${text.slice(at + random.below(6))}`;
  }
  if (random.below(2) === 0) return text;
  const body = `${text.slice(0, -8)}6304`;
  return `${body}${crcText(crc16(body, body.length))}`;
}

test('decodeQris() takes a million random and damaged payloads without a throw, and means what it says', () => {
  const random = seededRandom('qris-damage');
  const seen = new Map<string, number>();
  for (let i = 0; i < RUNS; i++) {
    const decoded = decodeQris(damaged(random), RULES);
    const word = decoded.ok ? 'accepted' : decoded.fault.code;
    seen.set(word, (seen.get(word) ?? 0) + 1);
    if (!decoded.ok) continue;
    const again = decodeQris(encodeQris(decoded.code), RULES);
    assert.deepEqual(again.ok && again.code, decoded.code);
  }
  // A run that only ever met one rule would prove little.
  assert.ok(seen.size > 20, JSON.stringify([...seen]));
  assert.ok(seen.get('accepted')! > 1_000);
});

test('decodeCpm() takes a million random and damaged codes without a throw', () => {
  const random = seededRandom('cpm-damage');
  const whole = Buffer.from(
    encodeCpm({
      applicationId: 'A0000006022020',
      label: 'QRISCPM',
      pan: '9360011100000098768F',
      name: 'NASABAH',
      language: 'id',
      panLast4: '8768',
      cryptogram: '0011223344556677',
      counter: '0001',
      qrisData: '3030313233343536',
    }),
    'base64',
  );
  let accepted = 0;
  for (let i = 0; i < RUNS; i++) {
    const bytes = Buffer.from(whole);
    for (let left = random.below(4); left > 0; left--)
      bytes[random.below(bytes.length)] = random.below(256);
    const decoded = decodeCpm(bytes.subarray(0, bytes.length - random.below(2)).toString('base64'));
    if (decoded.ok) accepted++;
  }
  assert.ok(accepted > 1_000 && accepted < RUNS);
});

test('decodeQris() of what encodeQris() writes is the same code, for 20,000 codes', () => {
  fc.assert(
    fc.property(anyCode(), (code) => {
      const decoded = decodeQris(encodeQris(code), RULES);
      assert.deepEqual(decoded.ok && decoded.code, code);
    }),
    { numRuns: 20_000 },
  );
});
