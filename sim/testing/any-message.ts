/** Arbitrary messages of the demo link, for property tests. */
import fc from 'fast-check';
import type { Message } from '../switch/codec.ts';
import { FIELDS, MESSAGE_TYPES, type FieldShape } from '../switch/dialect.ts';

/** Longer values show nothing new. */
const LENGTH_MAX = 60;
const ALPHABET = {
  n: '0123456789',
  an: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  anf: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  ans: Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join(''),
  z: '0123456789=D',
  h: '0123456789ABCDEF',
} as const;

/** Any message that the dialect allows; each field is there twice in three times. */
export function anyMessage(): fc.Arbitrary<Message> {
  const fields = Object.entries(FIELDS).map(
    ([field, shape]) => [field, fc.option(valueOf(shape), { nil: undefined, freq: 3 })] as const,
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
  const isFixed = shape.prefix === 0;
  const min = isFixed ? shape.length : (shape.lengthMin ?? 1);
  const max = Math.max(min, Math.min(shape.length, LENGTH_MAX));
  const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
    fc
      .array(fc.constantFrom(...ALPHABET[shape.text]), { minLength, maxLength })
      .map((all) => all.join(''));
  if (shape.text === 'anf') return text(1, max).map((value) => value.padEnd(shape.length));
  // Whole bytes.
  if (shape.text === 'h')
    return text(min, max).map((value) => value.padEnd(value.length + (value.length % 2), '0'));
  return text(min, max);
}
