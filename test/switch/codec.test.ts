/** Two codecs, written from the same words by different people: ours and the simulated switch's. Where both take a message they mean the
 * same bytes, and the same values. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { pack, unpack, type Fields } from '../../sim/switch/codec.ts';
import { FIELDS } from '../../sim/switch/dialect.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { compileCodec } from '../../src/rail/iso8583/codec.ts';
import { DIALECTS } from '../../src/rail/iso8583/dialects.ts';
import type { IsoFields } from '../../src/rail/iso8583/spec.ts';
import { mutate, TRANSFER_FIELDS } from '../../src/rail/iso8583/test-message.ts';

const ours = compileCodec(DIALECTS.demo);
const ALPHABET = {
  n: '0123456789',
  an: '0123456789AZaz',
  ans: '09AZaz!=-',
  z: '0123456789=',
  h: '0123456789ABCDEF',
};

/** Any fields that the simulator's own list describes, without spaces at the right, in which the two differ on purpose: it shows the
 * filling of a fixed field, we take it off. */
const anyFields = fc
  .subarray(
    Object.keys(FIELDS).filter((key) => key !== '120'),
    { minLength: 1, maxLength: 15 },
  )
  .chain((keys) =>
    fc.record(
      Object.fromEntries(
        keys.map((key) => {
          const { text, length, prefix } = FIELDS[Number(key)]!;
          const most = key === '55' ? 998 : length;
          // Theirs takes any text in DE54, ours what the standard says.
          const alphabet = ALPHABET[key === '54' ? 'an' : text];
          const value = fc.string({
            unit: fc.constantFrom(...alphabet),
            minLength: prefix === 0 ? length : 1,
            maxLength: most,
          });
          // Bytes have two characters each.
          const even = value.map((one) => (one.length % 2 === 0 ? one : one + '0'));
          return [key, text === 'h' ? even : value];
        }),
      ),
    ),
  );

test('both codecs write the same bytes for the same message, and read the other’s', () => {
  fc.assert(
    fc.property(anyFields, fc.constantFrom('0200', '0210', '0421', '0800'), (fields, mti) => {
      const theirs = pack({ mti, fields: { ...fields } as Fields });
      const packed = ours.pack({ mti, fields: { ...fields } as IsoFields });
      // More than our frame takes: theirs is twice as long.
      fc.pre(theirs.length <= DIALECTS.demo.frame.bytesMax);
      assert.ok(packed.ok, JSON.stringify(packed));
      assert.equal(packed.value.toString('latin1'), theirs.toString('latin1'));
      assert.deepEqual(ours.unpack(theirs), { ok: true, value: { mti, fields: { ...fields } } });
      const read = unpack(packed.value);
      assert.ok(read.ok);
      assert.deepEqual({ ...read.message.fields }, { ...fields });
    }),
    { numRuns: 150 },
  );
});

test('of changed bytes that both codecs take, both read the same', () => {
  const random = seededRandom(83);
  const good = ours.pack({ mti: '0200', fields: TRANSFER_FIELDS });
  assert.ok(good.ok);
  let both = 0;
  for (let run = 0; run < 5_000; run++) {
    const bytes = mutate(good.value, random.below);
    const read = ours.unpack(bytes);
    const theirs = unpack(bytes);
    if (!read.ok || !theirs.ok) continue;
    both++;
    assert.equal(read.value.mti, theirs.message.mti);
    const bare = Object.fromEntries(
      Object.entries(theirs.message.fields).map(([key, value]) => [
        key,
        DIALECTS.demo.fields[Number(key)]?.padding === 'space_right' ? value!.trimEnd() : value,
      ]),
    );
    assert.deepEqual({ ...read.value.fields }, bare);
  }
  assert.ok(both > 50, `${both}`);
});
