/** Five million random and mutated inputs: no throw, no hang, and what is read is what would be written (issue 4). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { seededRandom } from '../../kernel/random.ts';
import { compileCodec } from './codec.ts';
import { readComposite } from './composite.ts';
import { describe } from './describe.ts';
import { DIALECTS } from './dialects.ts';
import type { FieldNumber } from './spec.ts';
import { TRANSFER_FIELDS } from './sample.ts';
import { mutate } from './test-message.ts';

const INPUTS = 5_000_000;
/** Far above what one takes (some microseconds): a hang, not a pause of the machine. */
const SLOWEST_MS_MAX = 2_000;

test('five million random and mutated inputs are read or refused, never thrown at', () => {
  // Cheap numbers from one good seed: a hash per byte would take minutes.
  let state = seededRandom(4).bytes(4).readUInt32BE(0) | 1;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const links = Object.values(DIALECTS).map((dialect) => {
    const codec = compileCodec(dialect);
    const messages = [
      { mti: '0200', fields: { ...TRANSFER_FIELDS, 35: '6220=29', 102: '1001' } },
      { mti: '0800', fields: { 7: '0801030015', 11: '000101', 70: '301' } },
      {
        mti: '0420',
        fields: {
          3: '011000',
          48: 'PI040101CN03abc',
          54: '1001360C000005000000',
          55: '9F260811223344556677888202200095058080048000',
          90: '020000010108010300150009900000100000000000',
          95: '000002500000000000000000C00000000D00000000',
        },
      },
    ];
    const good = messages.map((message) => {
      const bytes = codec.pack(message);
      assert.ok(bytes.ok, JSON.stringify(bytes));
      return bytes.value;
    });
    return { dialect, codec, good };
  });
  const count = { read: 0, refused: 0 };
  let slowestMs = 0;
  for (let run = 0; run < INPUTS; run++) {
    const { dialect, codec, good } = links[run % links.length]!;
    const bytes =
      run % 10 === 0
        ? Buffer.from(Array.from({ length: below(120) }, () => below(256)))
        : mutate(good[below(good.length)]!, below);
    const beganMs = performance.now();
    const result = codec.unpack(bytes);
    if (result.ok) {
      count.read++;
      const again = codec.pack(result.value);
      assert.ok(again.ok && again.value.equals(bytes));
      for (const key of Object.keys(result.value.fields))
        readComposite(dialect, { field: Number(key) as FieldNumber, fields: result.value.fields });
      describe(dialect, result.value);
    } else count.refused++;
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
  }
  assert.ok(slowestMs < SLOWEST_MS_MAX, `${slowestMs} ms`);
  assert.ok(count.read > INPUTS / 100, 'enough are still messages to test what is read');
  assert.ok(count.refused > INPUTS / 4);
});
