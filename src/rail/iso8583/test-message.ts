/** Messages for tests: arbitrary ones of any dialect, made from the dialect's data alone. */
import fc from 'fast-check';
import type { Dialect, FieldFormat, IsoFields, IsoMessage } from './spec.ts';

const ALPHABET = {
  n: '0123456789',
  a: 'ABCXYZabcxyz',
  an: '0123456789ABCXYZabcxyz',
  ans: '09AZaz !"=~/-',
  z: '0123456789=',
} as const;

/** Any value that the format takes. */
export function arbitraryValue(format: FieldFormat): fc.Arbitrary<string> {
  const { content, length, padding = 'none' } = format;
  const isExact = format.prefix === 'fixed' && padding === 'none';
  const least = isExact ? length : (format.lengthMin ?? (padding === 'space_right' ? 0 : 1));
  const size = { minLength: least, maxLength: length };
  if (content === 'b')
    return fc.uint8Array(size).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase());
  if (content === 'xn')
    return fc
      .tuple(fc.constantFrom('C', 'D'), text(ALPHABET.n, length - 1, length - 1))
      .map(([sign, digits]) => sign + digits);
  const plain = text(ALPHABET[content], size.minLength, size.maxLength);
  if (padding === 'space_right') return plain.map((value) => value.trimEnd());
  if (padding === 'zero_left') return plain.map((value) => value.replace(/^0+(?=.)/, ''));
  return plain;
}

function text(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

/** Any message of the dialect: some fields, values from end to end of what is allowed. */
export function arbitraryMessage(dialect: Dialect): fc.Arbitrary<IsoMessage> {
  const fields = fc
    .subarray(Object.keys(dialect.fields), { maxLength: 12 })
    .chain((keys) =>
      fc.record(
        Object.fromEntries(keys.map((key) => [key, arbitraryValue(dialect.fields[Number(key)]!)])),
      ),
    ) as fc.Arbitrary<IsoFields>; // keys of the dialect's fields are field numbers
  const mti = text(ALPHABET.n, 3, 3).map((rest) => dialect.version + rest);
  return fc.tuple(mti, fields, arbitraryHeader(dialect)).map(([mti, values, header]) => ({
    mti,
    ...(header !== undefined && { header }),
    fields: { ...values },
  }));
}

function arbitraryHeader(dialect: Dialect): fc.Arbitrary<string | undefined> {
  const { kind } = dialect.header;
  if (kind === 'none') return fc.constant(undefined);
  return kind === 'text'
    ? text(ALPHABET.n, 9, 9).map((digits) => `ISO${digits}`)
    : text('0123456789ABCDEF', 10, 10);
}

/** Bytes with some of them changed, cut, doubled or put in. */
export function mutate(bytes: Buffer, below: (bound: number) => number): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(changed.length + 1);
    const kind = below(4);
    if (kind === 0 && at < changed.length) changed[at] = below(256);
    else if (kind === 1) changed = changed.subarray(0, at);
    else if (kind === 2)
      changed = Buffer.concat([
        changed.subarray(0, at),
        Buffer.from([below(256)]),
        changed.subarray(at),
      ]);
    else
      changed = Buffer.concat([
        changed.subarray(0, at),
        changed.subarray(Math.min(at + 1, changed.length)),
      ]);
  }
  return Buffer.from(changed);
}
