import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom, systemRandom } from '../../src/kernel/random.ts';
import { anyMessage } from '../testing/any-message.ts';
import { pack, unpack } from './codec.ts';

const INPUT_COUNT = 1_000_000;
const SAMPLE_COUNT = 2_000;
/** Characters that matter to the form, so that mutations get past the first check. */
const LIKELY = Buffer.from('0123456789ABCDEF =~a\x00\xff', 'latin1');

test('a million random and mutated inputs are a message or a fault, and what is taken packs to the same bytes', () => {
  const seed = systemRandom().below(2 ** 31);
  const random = seededRandom(seed);
  const samples = fc.sample(anyMessage(), { numRuns: SAMPLE_COUNT, seed }).map(pack);
  const counts = { message: 0, fault: 0 };
  for (let i = 0; i < INPUT_COUNT; i++) {
    const bytes = i % 4 === 0 ? random.bytes(random.below(200)) : mutated(samples, random);
    const unpacked = unpack(bytes);
    if (!unpacked.ok) counts.fault++;
    else {
      counts.message++;
      assert.ok(pack(unpacked.message).equals(bytes), `seed ${seed}, input ${i}`);
    }
  }
  assert.equal(counts.message + counts.fault, INPUT_COUNT);
  assert.ok(
    counts.message > INPUT_COUNT / 20 && counts.fault > INPUT_COUNT / 4,
    JSON.stringify(counts),
  );
});

/** A real message with up to four bytes changed, and now and then cut or grown. */
function mutated(samples: readonly Buffer[], random: ReturnType<typeof seededRandom>): Buffer {
  const draws = random.bytes(12);
  const bytes = Buffer.from(samples[draws.readUInt16BE(0) % samples.length]!);
  for (let change = 0; change < draws[2]! % 5; change++) {
    // Half of them in the head, where the form is.
    const reach = change % 2 === 0 ? Math.min(60, bytes.length) : bytes.length;
    bytes[draws.readUInt16BE(3 + change * 2) % reach] = LIKELY[draws[4 + change]! % LIKELY.length]!;
  }
  if (draws[11]! < 16) return bytes.subarray(0, draws.readUInt16BE(9) % bytes.length);
  return draws[11]! < 24 ? Buffer.concat([bytes, draws]) : bytes;
}
