import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../kernel/random.ts';
import { readAmount, writeAmount } from './amount.ts';
import { BASE } from './base.ts';
import { compileCodec } from './codec.ts';
import { readComposite } from './composite.ts';
import { describe } from './describe.ts';
import { DIALECTS } from './dialects.ts';
import { frame } from './frame.ts';
import { deriveDialect, type FieldNumber, type IsoMessage } from './spec.ts';
import { TRANSFER_FIELDS } from './sample.ts';
import { arbitraryMessage, mutate } from './test-message.ts';
import { sen } from '../../kernel/money.ts';

const demo = compileCodec(DIALECTS.demo);
const packed = compileCodec(DIALECTS.packed);
const headed = compileCodec(DIALECTS.headed);

/** BCD where digits are counted in bytes and an odd one leaves F; lengths in binary; digits filled with zeros. */
const counted = compileCodec(
  deriveDialect(BASE, {
    name: 'counted',
    mti: 'bcd',
    bitmap: 'binary',
    version: '1',
    wire: {
      digits: 'bcd',
      binary: 'binary',
      prefix: 'binary',
      counts: 'bytes',
      oddDigit: 'right_f',
    },
    fields: {
      11: { padding: 'zero_left' },
      28: undefined,
      102: { content: 'n', prefix: 'fixed', length: 12, padding: 'zero_left', encoding: 'ascii' },
    },
  }),
);
/** An odd digit to the left of a zero. */
const rightZero = compileCodec(
  deriveDialect(DIALECTS.packed, {
    name: 'right zero',
    header: { kind: 'none' },
    wire: { oddDigit: 'right_0' },
  }),
);
const CODECS = [demo, compileCodec(DIALECTS.alto), packed, headed, counted, rightZero];

function bytesOf(codec: typeof demo, message: IsoMessage): Buffer {
  const result = codec.pack(message);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function errorOf(codec: typeof demo, bytes: Buffer | string): string {
  const result = codec.unpack(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return result.ok ? 'none' : `${result.error.path} ${result.error.problem}`;
}

function refusalOf(codec: typeof demo, message: unknown): string {
  const result = codec.pack(message as IsoMessage);
  return result.ok ? 'none' : `${result.error.path} ${result.error.problem}`;
}

const ECHO: IsoMessage = { mti: '0800', fields: { 7: '0801030015', 11: '000101', 70: '301' } };
const ECHO_BYTES = '0800822000000000000004000000000000000801030015000101301';

test('pack() gives the echo of domain.md 4.1 in its frame', () => {
  const bytes = bytesOf(demo, ECHO);
  assert.equal(bytes.toString('latin1'), ECHO_BYTES);
  assert.equal(
    frame(DIALECTS.demo.frame, bytes).toString('hex'),
    `0037${Buffer.from(ECHO_BYTES).toString('hex')}`,
  );
});

test('unpack() reads the echo answer of domain.md 4.1', () => {
  const text = '081082200000020000000400000000000000080103001500010100301';
  const message = {
    mti: '0810',
    fields: { 7: '0801030015', 11: '000101', 39: '00', 70: '301' },
  };
  assert.deepEqual(demo.unpack(Buffer.from(text)), { ok: true, value: message });
  const bytes = bytesOf(demo, message);
  assert.equal(frame(DIALECTS.demo.frame, bytes).toString('latin1'), `\u0000\u0039${text}`);
});

test('pack() gives the bytes of a transfer of the demo link, field by field', () => {
  const golden = [
    '0200',
    // 2 3 4 7 11 12 13 18 22 25 32 35 37 41 42 43 48 49 52, then 102 103 128.
    'F238448128E19000',
    '0000000006000001',
    '166220990000000011',
    '401000',
    '000005000000',
    '0801030015',
    '000101',
    '100015',
    '0801',
    '6011',
    '051',
    '00',
    '0899000001',
    '376220990000000011=29122210000012300000',
    '260801000101',
    'ATM00001',
    'PULIH0000000001',
    'ATM SUDIRMAN 1           JAKARTA      ID',
    '076BUDI SANTOSO                  REF0000000000001SITI AMINAH                   ',
    '360',
    '04123D6FFFFFFFFE',
    '101001000001',
    '101200000001',
    '0123456789ABCDEF',
  ].join('');
  const message: IsoMessage = { mti: '0200', fields: TRANSFER_FIELDS };
  assert.equal(bytesOf(demo, message).toString('latin1'), golden);
  assert.deepEqual(demo.unpack(Buffer.from(golden)), { ok: true, value: message });
});

test('pack() gives hand-made bytes in every other dialect', () => {
  // ALTO: 16 characters of terminal, filled with spaces.
  assert.equal(
    bytesOf(CODECS[1]!, { mti: '0200', fields: { 41: 'TERM1' } }).toString('latin1'),
    '02000000000000800000TERM1           ',
  );
  // TPDU, MTI, bitmap, PAN of 15 digits behind a length in BCD with a zero before it, n3 with a zero before it, PIN block, account of 16 digits.
  const message = {
    mti: '0200',
    header: '6000010000',
    fields: { 2: '622099000000001', 22: '051', 41: 'ATM1', 52: '04123D6FFFFFFFFE', 102: '1001' },
  } as const;
  assert.equal(
    bytesOf(packed, message).toString('hex').toUpperCase(),
    '6000010000' +
      '0200' +
      'C000040000801000' +
      '0000000004000000' +
      '15' +
      '0622099000000001' +
      '0051' +
      '41544D3120202020' +
      '04123D6FFFFFFFFE' +
      '0000000000001001',
  );
  assert.deepEqual(packed.unpack(bytesOf(packed, message)), { ok: true, value: message });
  // Text header, track data in BCD, a length of two bytes, chip data in bytes counted in bytes; all in a frame of digits.
  const chip = { mti: '0100', fields: { 35: '6220=29', 48: 'AB01X', 55: '9F360200FF' } } as const;
  const bytes = bytesOf(headed, chip);
  assert.equal(
    frame(DIALECTS.headed.frame, bytes).toString('latin1'),
    '0053ISO0160000550100000000002001020007\u0006\u0022\u000d\u0029\u0000\u0005AB01X005\u009f\u0036\u0002\u0000\u00ff',
  );
  // Digits counted in bytes with F behind an odd one; a STAN filled with zeros; the account in ASCII.
  assert.equal(
    bytesOf(counted, { mti: '1200', fields: { 2: '62209', 11: '7', 102: '42' } }).toString('hex'),
    '1200' +
      'c020000000000000' +
      '0000000004000000' +
      '03' +
      '62209f' +
      '000007' +
      '303030303030303030303432',
  );
  assert.equal(
    bytesOf(rightZero, { mti: '0200', fields: { 22: '051' } }).toString('hex'),
    '020000000400000000000510',
  );
});

test('unpack() reads the messages that other implementations show as theirs', () => {
  // The README of moov-io/iso8583: PAN, processing code, amount.
  const moov = '01007000000000000000164242424242424242123456000000000100';
  // An example that many introductions to ISO 8583 carry.
  const known = '02003220000000808000000010000000001500120604120000000112340001840';
  assert.deepEqual(demo.unpack(Buffer.from(moov)), {
    ok: true,
    value: { mti: '0100', fields: { 2: '4242424242424242', 3: '123456', 4: '000000000100' } },
  });
  assert.deepEqual(demo.unpack(Buffer.from(known)), {
    ok: true,
    value: {
      mti: '0200',
      fields: {
        3: '000010',
        4: '000000001500',
        7: '1206041200',
        11: '000001',
        41: '12340001',
        49: '840',
      },
    },
  });
});

test('unpack() reads back what pack() wrote, in every dialect', () => {
  for (const codec of CODECS)
    fc.assert(
      fc.property(arbitraryMessage(codec.dialect), (message) => {
        const wanted =
          codec.dialect.header.kind === 'none'
            ? message
            : { mti: message.mti, header: message.header, fields: message.fields };
        assert.deepEqual(codec.unpack(bytesOf(codec, message)), { ok: true, value: wanted });
      }),
      { numRuns: 60 },
    );
});

test('unpack() of any bytes gives a message or an error with a path, and only what pack() gives back', () => {
  const random = seededRandom(8583);
  for (const codec of CODECS) {
    const good = bytesOf(codec, {
      mti: `${codec.dialect.version}200`,
      fields: {
        ...TRANSFER_FIELDS,
        11: codec === counted ? '101' : '000101',
        35: '6220=29',
        55: '9F36020001',
        102: '1001',
      },
    });
    for (let run = 0; run < 1_500; run++) {
      const bytes = run % 5 === 0 ? random.bytes(random.below(200)) : mutate(good, random.below);
      const result = codec.unpack(bytes);
      if (!result.ok) {
        assert.match(result.error.path, /^(mti|header|bitmap|end|DE\d+(\.length)?)$/);
        continue;
      }
      assert.equal(bytesOf(codec, result.value).toString('hex'), bytes.toString('hex'));
      for (const key of Object.keys(result.value.fields))
        readComposite(codec.dialect, {
          field: Number(key) as FieldNumber,
          fields: result.value.fields,
        });
      describe(codec.dialect, result.value);
    }
  }
});

test('unpack() names the field that is wrong', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'mti too_short'],
    ['02', 'mti too_short'],
    ['02x0', 'mti wrong_characters'],
    ['1200', 'mti not_supported'],
    ['0200A', 'bitmap too_short'],
    ['0200000000000000000g', 'bitmap wrong_characters'],
    // Lower-case hex would be a second spelling of the same message.
    ['0200000000000000000a', 'bitmap wrong_characters'],
    ['02008000000000000000', 'bitmap too_short'],
    ['020080000000000000000000000000000000', 'bitmap disagrees'],
    ['020080000000000000008000000000000000', 'DE65 not_supported'],
    ['02004000000000000000x6', 'DE2.length wrong_characters'],
    ['020040000000000000001', 'DE2.length too_short'],
    ['0200400000000000000020', 'DE2.length too_long'],
    ['0200400000000000000000', 'DE2.length wrong_length'],
    ['020040000000000000001062209900', 'DE2 too_short'],
    ['02004000000000000000046 09', 'DE2 wrong_characters'],
    ['0200200000000000000040100', 'DE3 too_short'],
    ['0200200000000000000040100x', 'DE3 wrong_characters'],
    ['02000000001000000000C0000000', 'DE28 too_short'],
    ['02000000001000000000X00000000', 'DE28 wrong_characters'],
    ['02000000001000000000C0000000x', 'DE28 wrong_characters'],
    ['020000000000000010000123D6FFFFFFFFE', 'DE52 too_short'],
    ['0200000000000000100004123D6FFFFFFFFe', 'DE52 wrong_characters'],
    ['02000000000000000200003ABC', 'DE55.length wrong_length'],
    ['02002000000000000000401000 ', 'end trailing_bytes'],
    ['0200000000000080000\u00ffATM00001', 'bitmap wrong_characters'],
    ['02000000000000800000ATM0\u00e90001', 'DE41 wrong_characters'],
    ['02000000000000800000ATM 0001', 'DE41 wrong_characters'],
  ];
  const wrong = cases
    .map(([bytes, error]) => [bytes, error, errorOf(demo, bytes)])
    .filter(([, error, found]) => error !== found);
  assert.deepEqual(wrong, []);
});

test('unpack() refuses packed digits that are none, filling that is none and headers that are none', () => {
  const of = (hex: string): Buffer => Buffer.from(hex, 'hex');
  assert.equal(errorOf(packed, of('60000100')), 'header too_short');
  assert.equal(errorOf(packed, of('6000010000 02a0'.replace(' ', ''))), 'mti wrong_characters');
  const head = '60000100000200';
  assert.equal(errorOf(packed, of(`${head}20000000000000004010af`)), 'DE3 wrong_characters');
  assert.equal(errorOf(packed, of(`${head}00000400000000001051`)), 'DE22 wrong_padding');
  assert.equal(errorOf(packed, of(`${head}40000000000000001a`)), 'DE2.length wrong_characters');
  assert.equal(errorOf(rightZero, of('020000000400000000000511')), 'DE22 wrong_padding');
  assert.equal(errorOf(headed, 'IS00160000550100'), 'header wrong_characters');
  assert.equal(errorOf(counted, of('1200400000000000000004622090ff')), 'DE2 wrong_characters');
  // 19 digits are the most of a PAN: ten bytes must end in F.
  assert.equal(
    errorOf(counted, of('120040000000000000000a62209900000000001234')),
    'DE2 wrong_length',
  );
  assert.equal(errorOf(counted, of('120040000000000000000b')), 'DE2.length too_long');
});

test('unpack() reads no more than the longest message of the link', () => {
  assert.equal(errorOf(demo, Buffer.alloc(4_097, 0x30)), 'end too_long');
});

test('unpack() reads a Uint8Array that is no Buffer and keeps nothing of it', () => {
  const bytes = new Uint8Array(Buffer.from(`xx${ECHO_BYTES}`)).subarray(2);
  const result = demo.unpack(bytes);
  bytes.fill(0);
  assert.deepEqual(result, { ok: true, value: ECHO });
});

test('pack() refuses what the link could not read back', () => {
  const cases: readonly (readonly [IsoMessage['fields'] | Record<string, unknown>, string])[] = [
    [{ 3: '40100' }, 'DE3 wrong_length'],
    [{ 3: '4010000' }, 'DE3 too_long'],
    [{ 3: '40100x' }, 'DE3 wrong_characters'],
    [{ 3: '40100\u0130' }, 'DE3 wrong_characters'],
    [{ 3: 401_000 }, 'DE3 wrong_type'],
    [{ 3: null }, 'DE3 wrong_type'],
    [{ 2: '' }, 'DE2 wrong_length'],
    [{ 2: '1'.repeat(20) }, 'DE2 too_long'],
    [{ 28: 'X00000000' }, 'DE28 wrong_characters'],
    [{ 41: 'ATM1 ' }, 'DE41 wrong_padding'],
    [{ 52: '04123d6fffffffff' }, 'DE52 wrong_characters'],
    [{ 55: '9F3' }, 'DE55 wrong_characters'],
    [{ 1: '0' }, 'DE1 not_supported'],
    [{ 65: '0' }, 'DE65 not_supported'],
    [{ 48: 'x'.repeat(1_000) }, 'DE48 too_long'],
  ];
  assert.deepEqual(
    cases.map(([fields]) => refusalOf(demo, { mti: '0200', fields })),
    cases.map(([, error]) => error),
  );
  assert.equal(refusalOf(demo, { mti: '200', fields: {} }), 'mti wrong_length');
  assert.equal(refusalOf(demo, { mti: '1200', fields: {} }), 'mti not_supported');
  assert.equal(refusalOf(demo, { mti: 200, fields: {} }), 'mti wrong_type');
  assert.equal(refusalOf(demo, { ...ECHO, header: 'x' }), 'header not_supported');
  assert.equal(refusalOf(headed, { ...ECHO, header: 'ISO1' }), 'header wrong_characters');
  assert.equal(refusalOf(packed, { mti: '0200', fields: { 102: '042' } }), 'DE102 wrong_padding');
  assert.equal(
    refusalOf(packed, { mti: '0200', fields: { 35: '6220D29' } }),
    'DE35 wrong_characters',
  );
});

test('pack() refuses a message that is longer than the frame takes, and goes on working', () => {
  const full = Object.fromEntries(
    [46, 47, 48, 56, 57].map((number) => [number, 'x'.repeat(999)]),
  ) as IsoMessage['fields'];
  assert.equal(refusalOf(demo, { mti: '0200', fields: full }), 'DE57 too_long');
  assert.equal(bytesOf(demo, ECHO).toString('latin1'), ECHO_BYTES);
});

test('compileCodec() refuses a dialect that makes no sense', () => {
  const wrong =
    (fields: Parameters<typeof deriveDialect>[1]['fields'], wire = {}): (() => unknown) =>
    () =>
      compileCodec(deriveDialect(BASE, { name: 'wrong', wire, ...(fields && { fields }) }));
  assert.throws(wrong({ 2: { length: 100 } }), /DE2 is longer than its length digits can say/);
  assert.throws(wrong({ 55: { length: 500 } }), /DE55 is longer/);
  assert.throws(wrong({ 41: { encoding: 'bcd' } }), /DE41 cannot be BCD/);
  assert.throws(wrong({ 52: { encoding: 'ascii' } }), /DE52 has a wrong encoding/);
  assert.throws(wrong({ 2: { padding: 'space_right' } }), /DE2 is padded and not fixed/);
  assert.throws(wrong({ 130: { content: 'n', prefix: 'fixed', length: 1 } }), /DE130 is no field/);
  assert.throws(wrong({}, { digits: 'bcd', counts: 'bytes' }), /spare half byte must be F/);
  assert.throws(
    () =>
      compileCodec(deriveDialect(BASE, { name: 'wrong', header: { kind: 'text', value: 'x' } })),
    /header has a wrong form/,
  );
});

test('an amount has the decimals of its link, and is never rounded', () => {
  assert.equal(writeAmount(DIALECTS.demo, sen(5_000_000n)), '000005000000');
  assert.equal(writeAmount(DIALECTS.packed, sen(5_000_000n)), '000000050000');
  assert.equal(readAmount(DIALECTS.packed, '000000050000'), 5_000_000n);
  assert.equal(readAmount(DIALECTS.demo, '000005000000'), 5_000_000n);
  assert.equal(writeAmount(DIALECTS.packed, sen(5_000_050n)), undefined);
  assert.equal(writeAmount(DIALECTS.demo, sen(-1n)), undefined);
  assert.equal(writeAmount(DIALECTS.demo, sen(1_000_000_000_000n)), undefined);
  for (const text of [undefined, '', '5000000', '00000500000x', '0000050000000'])
    assert.equal(readAmount(DIALECTS.demo, text), undefined);
});
