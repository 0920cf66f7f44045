import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pack, unpack, type Message } from './codec.ts';
import { FIELDS, MESSAGE_TYPES, type FieldText } from './dialect.ts';
import {
  amountText,
  readNames,
  readOriginal,
  readReplacement,
  readTags,
  transmissionTime,
  writeBalances,
  writeEmv,
  writeNames,
  writeOriginal,
  writeReplacement,
  writeTags,
} from './private-data.ts';
import { frame, FRAME_BYTES_MAX, openSplitter } from './frame.ts';
import { anyMessage } from '../testing/any-message.ts';

/** domain.md 4.1, with the frame's two bytes. */
const ECHO = '0800822000000000000004000000000000000801030015000101301';
const ECHO_ANSWER = '081082200000020000000400000000000000080103001500010100301';

function read(text: string): ReturnType<typeof unpack> {
  return unpack(Buffer.from(text, 'latin1'));
}

test('pack() and unpack() agree with the golden 0800 and 0810 of domain.md 4.1', () => {
  const echo: Message = { mti: '0800', fields: { 7: '0801030015', 11: '000101', 70: '301' } };
  const answer: Message = { mti: '0810', fields: { ...echo.fields, 39: '00' } };
  assert.deepEqual(frame(pack(echo)), Buffer.from(`\x00\x37${ECHO}`, 'latin1'));
  assert.deepEqual(frame(pack(answer)), Buffer.from(`\x00\x39${ECHO_ANSWER}`, 'latin1'));
  assert.deepEqual(read(ECHO), { ok: true, message: echo });
  assert.deepEqual(read(ECHO_ANSWER), { ok: true, message: answer });
});

test('unpack() refuses what breaks the dialect, and names the field', () => {
  const cases: readonly (readonly [string, string, number?])[] = [
    ['', 'too_short'],
    [ECHO.slice(0, 19), 'too_short'],
    [`${ECHO}0`, 'trailing_bytes'],
    [ECHO.slice(0, -1), 'field_length', 70],
    [ECHO.replace('0800', '0900'), 'message_type'],
    [ECHO.replace('0800', '0822'), 'message_type'],
    [ECHO.replace('0800', '08A0'), 'message_type'],
    ['08000220000000000000080103001500010', 'field_length', 11],
    // A secondary bitmap that names nothing, one in lower case, one that is cut off.
    ['0800822000000000000000000000000000000801030015000101', 'bitmap'],
    ['080082200000000000000400000000000 000801030015000101301', 'bitmap'],
    [ECHO.replace('8220', '822g'), 'bitmap'],
    ['0800c220000000000000', 'bitmap'],
    ['08008220000000000000040000', 'bitmap'],
    // DE5 and DE65 are not part of this dialect.
    ['02000800000000000000000000000000', 'unknown_field', 5],
    ['080082200000000000008000000000000000080103001500010100', 'unknown_field', 65],
    [ECHO.replace('0801030015', '080103001x'), 'field_text', 7],
    // DE2: length digits that are none, a length of nothing, more than 19.
    ['02004000000000000000 6123456', 'field_length', 2],
    ['0200400000000000000000', 'field_length', 2],
    ['02004000000000000000201234567890123456789 0', 'field_length', 2],
    ['020040000000000000000612345', 'field_length', 2],
    ['0200400000000000000006123a56', 'field_text', 2],
    // DE37 has no room for spaces, DE38 at its end only; DE55 is whole bytes, DE120 a key and its check value.
    ['02000000000008000000RRN 00000001', 'field_text', 37],
    ['02000000000004000000 12345', 'field_text', 38],
    ['02000000000000000200003ABC', 'field_text', 55],
    [`08008000000000000000${'0'.repeat(13)}100036${'A'.repeat(36)}`, 'field_length', 120],
    // DE52 is hexadecimal in upper case.
    ['020000000000000010000123456789abcdef', 'field_text', 52],
  ];
  for (const [text, fault, field] of cases)
    assert.deepEqual(
      read(text),
      field === undefined ? { ok: false, fault } : { ok: false, fault, field },
      text,
    );
  for (const byte of [0x00, 0x0a, 0x7f, 0x80, 0xff])
    assert.deepEqual(unpack(Buffer.concat([Buffer.from(ECHO.slice(0, -1)), Buffer.from([byte])])), {
      ok: false,
      fault: 'not_ascii',
    });
});

test('pack() refuses a value that its field cannot hold', () => {
  const wrong: readonly Record<number, string>[] = [
    { 3: '01100' },
    { 3: '01100x' },
    { 2: '' },
    { 2: '1'.repeat(20) },
    { 5: '1' },
    { 48: 'é' },
    { 120: 'ab' },
  ];
  for (const fields of wrong) assert.throws(() => pack({ mti: '0200', fields }), RangeError);
  assert.throws(() => pack({ mti: '9999', fields: {} }), RangeError);
});

test('anyMessage() has fields in it: a property of empty messages would hold for any codec', () => {
  const counts = fc.sample(anyMessage(), 50).map((message) => Object.keys(message.fields).length);
  assert.ok(counts.reduce((sum, count) => sum + count, 0) > 50 * 15);
});

test('unpack() gives back what pack() wrote, for any message', () => {
  fc.assert(
    fc.property(anyMessage(), (message) => {
      const bytes = pack(message);
      assert.deepEqual(unpack(bytes), { ok: true, message });
    }),
    { numRuns: 300 },
  );
});

test('unpack() answers any bytes with a message or a fault, and what it takes packs to the same bytes', () => {
  const check = (bytes: Uint8Array): void => {
    const unpacked = unpack(bytes);
    if (unpacked.ok) assert.deepEqual(pack(unpacked.message), Buffer.from(bytes));
    else assert.equal(typeof unpacked.fault, 'string');
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), check), { numRuns: 300 });
  const mutated = fc
    .tuple(anyMessage(), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }))
    .map(([message, at, byte]) => {
      const bytes = pack(message);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(fc.property(mutated, check), { numRuns: 500 });
});

test('every field of the dialect can be the only one', () => {
  const sample: Readonly<Record<FieldText, string>> = {
    n: '7',
    an: 'Z',
    anf: 'z',
    ans: '~',
    z: '=',
    h: 'F',
  };
  for (const [field, shape] of Object.entries(FIELDS)) {
    const value = sample[shape.text].repeat(shape.length);
    const message = { mti: '0200', fields: { [field]: value } };
    assert.deepEqual(unpack(pack(message)), { ok: true, message }, `DE${field}`);
  }
  assert.equal(MESSAGE_TYPES.size, 19);
});

test('openSplitter() finds the same frames however the stream is cut', () => {
  const stream = Buffer.concat([
    frame(Buffer.from(ECHO)),
    frame(Buffer.alloc(0)),
    frame(Buffer.from('x')),
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (sizes) => {
      const splitter = openSplitter();
      const frames: Buffer[] = [];
      let at = 0;
      for (const size of [...sizes, stream.length]) {
        frames.push(...splitter.push(stream.subarray(at, at + size)).frames);
        at += size;
      }
      assert.deepEqual(
        frames.map((one) => one.toString()),
        [ECHO, '', 'x'],
      );
    }),
    { numRuns: 100 },
  );
  const tooLong = Buffer.alloc(2);
  tooLong.writeUInt16BE(FRAME_BYTES_MAX + 1);
  assert.deepEqual(openSplitter().push(tooLong), { frames: [], isLost: true });
});

test('the composite fields are read as they are written', () => {
  assert.equal(amountText(5_000_000n), '000005000000');
  assert.equal(transmissionTime(Date.parse('2026-08-01T10:00:15+07:00')), '0801030015');
  const names = { beneficiary: 'SITI SANTOSO', reference: 'REF 1', sender: 'BUDI WIJAYA' };
  assert.equal(writeNames(names).length, 76);
  assert.deepEqual(readNames(writeNames(names)), names);
  assert.equal(readNames('short'), undefined);
  const original = {
    mti: '0200',
    stan: '000102',
    transmittedAt: '0801030015',
    acquirer: '199',
    forwarder: '360001',
  };
  assert.equal(writeOriginal(original), '020000010208010300150000000019900000360001');
  assert.deepEqual(readOriginal(writeOriginal(original)), original);
  assert.equal(writeReplacement(20_000_000n), `000020000000${'0'.repeat(12)}C00000000C00000000`);
  assert.equal(readReplacement(`000020000000${'0'.repeat(30)}`), 20_000_000n);
  assert.equal(readReplacement(writeReplacement(20_000_000n)), 20_000_000n);
  assert.equal(readReplacement(`${'0'.repeat(41)}1`), undefined);
  assert.equal(
    writeBalances({ accountType: '10', ledgerSen: 500_000_000n, availableSen: -100n }),
    '1001360C0005000000001002360D000000000100',
  );
  assert.deepEqual(
    [...readTags(writeTags({ BC: '014', '08': 'KOPI' }))!],
    [
      ['BC', '014'],
      ['08', 'KOPI'],
    ],
  );
  for (const bad of ['BC', 'BC3014', 'BC05014', 'BC03014BC03014'])
    assert.equal(readTags(bad), undefined, bad);
  assert.equal(
    writeEmv({ '9F26': '0102030405060708', '95': '00' }),
    '9501009F26080102030405060708',
  );
});
