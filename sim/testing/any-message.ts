/** Arbitrary messages of the demo link, for property tests. */
import fc from 'fast-check';
import type { Message } from '../switch/codec.ts';
import { FIELDS, MESSAGE_TYPES, type FieldShape } from '../switch/dialect.ts';

const ALPHABET = {
  n: '0123456789',
  an: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ',
  ans: Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join(''),
  z: '0123456789=D',
  h: '0123456789ABCDEF',
} as const;

/** Any message that the dialect allows. */
export function anyMessage(): fc.Arbitrary<Message> {
  const fields = Object.entries(FIELDS).map(
    ([field, shape]) => [field, fc.option(valueOf(shape), { nil: undefined, freq: 1 })] as const,
  );
  return fc
    .tuple(fc.constantFrom(...MESSAGE_TYPES), fc.record(Object.fromEntries(fields)))
    .map(([mti, all]) => ({
      mti,
      fields: Object.fromEntries(
        Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined),
      ),
    }));
}

function valueOf(shape: FieldShape): fc.Arbitrary<string> {
  const text = ALPHABET[shape.text];
  const min = shape.prefix === 0 ? shape.length : 1;
  return fc
    .array(fc.constantFrom(...text), { minLength: min, maxLength: Math.min(shape.length, 60) })
    .map((all) => all.join(''));
}
