import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../kernel/random.ts';
import { compileCodec } from './codec.ts';
import { readComposite, writeComposite, type Composite } from './composite.ts';
import { DIALECTS } from './dialects.ts';
import { readEmv, writeEmv } from './emv.ts';
import { frame, frameReader } from './frame.ts';
import { macCovers, packForMac, withMac } from './mac.ts';
import type { FieldNumber, IsoFields } from './spec.ts';
import { TRANSFER_FIELDS } from './sample.ts';
import { mutate } from './test-message.ts';

const { demo, headed } = DIALECTS;

function read(field: FieldNumber, fields: IsoFields): Composite | string {
  const result = readComposite(demo, { field, fields });
  return result.ok ? result.value : `${result.error.path} ${result.error.problem}`;
}

function write(field: FieldNumber, value: Composite, fields: IsoFields = {}): string {
  const result = writeComposite(demo, { field, fields, value });
  return result.ok ? result.value : `${result.error.path} ${result.error.problem}`;
}

function emvError(hex: string): string {
  const result = readEmv(hex, { path: 'DE55', countMax: 64 });
  return result.ok ? 'none' : `${result.error.path} ${result.error.problem}`;
}

test('readComposite() reads DE48 of a transfer as names and reference, of other flows as tags', () => {
  const parts = {
    kind: 'parts',
    parts: {
      beneficiaryName: 'BUDI SANTOSO',
      reference: 'REF0000000000001',
      senderName: 'SITI AMINAH',
    },
  } as const;
  assert.deepEqual(read(48, TRANSFER_FIELDS), parts);
  assert.equal(write(48, parts, { 3: '401000' }), TRANSFER_FIELDS[48]);
  const tags = {
    kind: 'tags',
    tags: new Map([
      ['PI', '0101'],
      ['10', 'x'],
      ['CN', ''],
    ]),
  } as const;
  assert.deepEqual(read(48, { 3: '381000', 48: 'PI0401011001xCN00' }), tags);
  assert.equal(write(48, tags), 'PI0401011001xCN00');
});

test('readComposite() reads balances, original data, replacement amounts, name and place', () => {
  const balances = '1001360C0000050000001002360D000000000100';
  const blocks = {
    kind: 'blocks',
    blocks: [
      { accountType: '10', amountType: '01', currency: '360', signedAmount: 'C000005000000' },
      { accountType: '10', amountType: '02', currency: '360', signedAmount: 'D000000000100' },
    ],
  } as const;
  assert.deepEqual(read(54, { 54: balances }), blocks);
  assert.equal(write(54, blocks), balances);
  const original = '020000010108010300150009900000100000000000';
  const originalParts = {
    kind: 'parts',
    parts: {
      mti: '0200',
      stan: '000101',
      transmittedAt: '0801030015',
      acquirer: '99000001',
      forwarder: '0',
    },
  } as const;
  assert.deepEqual(read(90, { 90: original }), originalParts);
  assert.equal(write(90, originalParts), original);
  assert.deepEqual(read(95, { 95: '000002500000000000000000C00000000D00000000' }), {
    kind: 'parts',
    parts: {
      amount: '000002500000',
      settlementAmount: '000000000000',
      fee: 'C00000000',
      settlementFee: 'D00000000',
    },
  });
  const place = {
    kind: 'parts',
    parts: { name: 'WARUNG BU TINI', place: 'SURABAYA', country: '' },
  } as const;
  const text = 'WARUNG BU TINI           SURABAYA';
  assert.deepEqual(read(43, { 43: text }), place);
  assert.equal(write(43, place), text);
});

test('readComposite() names the part that is wrong', () => {
  const cases: readonly (readonly [FieldNumber, IsoFields, string])[] = [
    [48, {}, 'DE48 missing'],
    [60, { 60: 'x' }, 'DE60 not_supported'],
    [48, { 3: '401000', 48: 'short' }, 'DE48 wrong_length'],
    [48, { 48: 'P' }, 'DE48 too_short'],
    [48, { 48: '! 01x' }, 'DE48 wrong_characters'],
    [48, { 48: 'PI' }, 'DE48.PI.length too_short'],
    [48, { 48: 'PIxx' }, 'DE48.PI.length wrong_characters'],
    [48, { 48: 'PI05abc' }, 'DE48.PI too_short'],
    [48, { 48: 'PI01aPI01b' }, 'DE48.PI repeated'],
    [54, { 54: '1001360C00000500000' }, 'DE54 wrong_length'],
    [54, { 54: '1001360X000005000000' }, 'DE54[0].signedAmount wrong_characters'],
    [54, { 54: '1001360C000005000000'.repeat(7) }, 'DE54 wrong_length'],
    [90, { 90: `${'0'.repeat(41)}x` }, 'DE90.forwarder wrong_characters'],
    [95, { 95: '0'.repeat(42) }, 'DE95.fee wrong_characters'],
  ];
  assert.deepEqual(
    cases.map(([field, fields]) => read(field, fields)),
    cases.map(([, , error]) => error),
  );
});

test('writeComposite() refuses what could not be read back', () => {
  const parts = { beneficiaryName: 'A', reference: 'B', senderName: 'C' };
  const transfer = { 3: '401000' };
  const of = (change: Record<string, string>): Composite => ({
    kind: 'parts',
    parts: { ...parts, ...change },
  });
  assert.equal(write(48, of({ reference: 'x'.repeat(17) }), transfer), 'DE48.reference too_long');
  assert.equal(write(48, of({ senderName: 'C ' }), transfer), 'DE48.senderName wrong_padding');
  assert.equal(
    write(48, of({ senderName: '\u00e9' }), transfer),
    'DE48.senderName wrong_characters',
  );
  assert.equal(write(48, of({ amount: '1' }), transfer), 'DE48.amount not_supported');
  assert.equal(
    write(48, { kind: 'parts', parts: { reference: 'B' } }, transfer),
    'DE48.beneficiaryName missing',
  );
  assert.equal(write(48, of({})), 'DE48 not_supported');
  assert.equal(write(48, { kind: 'tags', tags: new Map() }), 'DE48 missing');
  assert.equal(write(48, { kind: 'tags', tags: new Map([['P', 'x']]) }), 'DE48 wrong_characters');
  assert.equal(
    write(48, { kind: 'tags', tags: new Map([['PI', 'x'.repeat(100)]]) }),
    'DE48.PI too_long',
  );
  assert.equal(write(54, { kind: 'blocks', blocks: [] }), 'DE54 wrong_length');
});

test('EMV data is read as its tags with one, two and three bytes and both long lengths, and written back', () => {
  const long = 'AB'.repeat(0x81);
  const longer = 'CD'.repeat(0x101);
  const hex = `9F2608${'11'.repeat(8)}820220009F028181${long}DF8101820101${longer}9500`;
  const tags = readEmv(hex, { path: 'DE55', countMax: 64 });
  assert.ok(tags.ok);
  assert.deepEqual([...tags.value.keys()], ['9F26', '82', '9F02', 'DF8101', '95']);
  assert.equal(tags.value.get('DF8101'), longer);
  assert.deepEqual(writeEmv(tags.value, { path: 'DE55', countMax: 64 }), { ok: true, value: hex });
});

test('EMV data that is cut, indefinite, longer than needed, filled or repeated is refused at its tag', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'DE55 missing'],
    ['9', 'DE55 wrong_characters'],
    ['9f26', 'DE55 wrong_characters'],
    ['9F', 'DE55 too_short'],
    ['9F26', 'DE55.9F26 too_short'],
    ['9F2602AA', 'DE55.9F26 too_short'],
    ['82028000009A0180', 'DE55 wrong_characters'],
    ['8280AA0000', 'DE55.82 wrong_length'],
    ['828101AA', 'DE55.82 wrong_length'],
    ['82820001AA', 'DE55.82 wrong_length'],
    ['8283000001AA', 'DE55.82 wrong_length'],
    ['8281', 'DE55.82 too_short'],
    ['820120820120', 'DE55.82 repeated'],
    ['9F8181810100', 'DE55 wrong_characters'],
    ['9F800100', 'DE55 wrong_characters'],
  ];
  assert.deepEqual(
    cases.map(([hex]) => emvError(hex)),
    cases.map(([, error]) => error),
  );
});

test('EMV data that can be read is written as the same bytes', () => {
  const random = seededRandom(55);
  const good = Buffer.from(
    '9F2608112233445566778882022000950580800480009A032608019C01009F360200019F37040A0B0C0D',
    'hex',
  );
  for (let run = 0; run < 4_000; run++) {
    const hex = mutate(good, random.below).toString('hex').toUpperCase();
    const result = readEmv(hex, { path: 'DE55', countMax: 64 });
    if (result.ok)
      assert.deepEqual(writeEmv(result.value, { path: 'DE55', countMax: 64 }), {
        ok: true,
        value: hex,
      });
  }
});

test('a stream is cut into the same messages whatever its chunks are', () => {
  for (const form of [demo.frame, headed.frame])
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        (messages, sizes) => {
          const stream = Buffer.concat(messages.map((one) => frame(form, Buffer.from(one))));
          const reader = frameReader(form);
          const cut: string[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const end = at + sizes[turn % sizes.length]!;
            const got = reader.push(stream.subarray(at, end));
            assert.equal(got.problem, undefined);
            cut.push(...got.messages.map((one) => one.toString('hex')));
            at = end;
          }
          assert.deepEqual(
            cut,
            messages.map((one) => Buffer.from(one).toString('hex')),
          );
          assert.equal(reader.waitingBytes(), 0);
        },
      ),
      { numRuns: 40 },
    );
});

test('a length that is no length, nothing or out of bounds ends the stream for good', () => {
  const binary = frameReader(demo.frame);
  assert.deepEqual(binary.push(Buffer.from([0, 1, 0x41, 0x10, 0x01, 0])), {
    messages: [Buffer.from('A')],
    problem: 'too_long',
  });
  assert.deepEqual(binary.push(frame(demo.frame, Buffer.from('A'))), {
    messages: [],
    problem: 'too_long',
  });
  assert.equal(frameReader(demo.frame).push(Buffer.from([0, 0])).problem, 'wrong_length');
  assert.equal(frameReader(headed.frame).push(Buffer.from('00x5')).problem, 'wrong_characters');
  assert.equal(frameReader(headed.frame).push(Buffer.from('9999')).problem, 'too_long');
  assert.throws(() => frame(demo.frame, Buffer.alloc(0)), /out of bounds/);
  assert.throws(() => frame(demo.frame, Buffer.alloc(4_097)), /out of bounds/);
});

test('a MAC covers every byte before it and stands in DE128, or DE64 without a second bitmap', () => {
  const codec = compileCodec(demo);
  const long = packForMac(codec, { mti: '0200', fields: { 3: '401000', 103: '1' } });
  assert.ok(long.ok);
  const covered = macCovers(codec, long.value).toString('latin1');
  assert.equal(covered, '0200A0000000000000000000000002000001401000011');
  const sealed = withMac(codec, { bytes: long.value, mac: '0123456789ABCDEF' });
  assert.equal(sealed.toString('latin1'), `${covered}0123456789ABCDEF`);
  const read = codec.unpack(sealed);
  assert.equal(read.ok && read.value.fields[128], '0123456789ABCDEF');
  const short = packForMac(codec, { mti: '0200', fields: { 3: '401000' } });
  assert.equal(
    short.ok && short.value.toString('latin1'),
    '020020000000000000014010000000000000000000',
  );
  const packed = compileCodec(DIALECTS.packed);
  const binary = packForMac(packed, { mti: '0200', fields: { 3: '401000' } });
  assert.ok(binary.ok);
  const sealedBinary = packed.unpack(
    withMac(packed, { bytes: binary.value, mac: '0123456789ABCDEF' }),
  );
  assert.equal(sealedBinary.ok && sealedBinary.value.fields[64], '0123456789ABCDEF');
});
