/** Keys of a link, as the two ends exchange them, and the attacks on that exchange that ADR 0015 lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { decryptBlocks, encryptBlocks, setOddParity } from './cipher.ts';
import { deriveBlockKeys, unwrapKey, wrapKey } from './key-block.ts';
import { checkValueOf, cmac, retailMac } from './mac.ts';
import { openTestHsm, type TestHsm } from './test-hsm.ts';

const ZMK = 'zmk.artajasa';
const ZPK = 'zpk.artajasa';
const ZAK = 'zak.artajasa';

let hsm: TestHsm;
let zmk: Buffer;

beforeEach(async () => {
  hsm = await openTestHsm();
  zmk = setOddParity(hsm.random.bytes(16));
});
afterEach(() => hsm.close());

const formZmk = () => hsm.form(ZMK, { algorithm: 'T', key: Buffer.from(zmk) });
const upper = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();
/** What the other side of the link sends in DE 120. */
function exchanged(key = setOddParity(hsm.random.bytes(16))) {
  return {
    cryptogram: upper(encryptBlocks('T', zmk, key)),
    checkValue: checkValueOf('T', key),
    key,
  };
}
const take = (name: typeof ZPK | typeof ZAK, sent: { cryptogram: string; checkValue: string }) =>
  hsm.gateway.importZoneKey({ name, cryptogram: sent.cryptogram, checkValue: sent.checkValue });

test('importZoneKey() takes 32 hex digits and a check value as DE 120 brings them, once', async () => {
  formZmk();
  const sent = exchanged();
  const taken = await take(ZPK, sent);
  assert.deepEqual(taken, { ok: true, version: 1, checkValue: sent.checkValue });
  assert.deepEqual(await take(ZPK, sent), taken, 'a repeat of the message changes nothing');
});

test('importZoneKey() refuses a wrong check value and keeps the former key; five shut the link for an hour', async () => {
  formZmk();
  const good = exchanged();
  await take(ZPK, good);
  for (let n = 0; n < 5; n++)
    assert.deepEqual(await take(ZPK, { ...exchanged(), checkValue: '00000F' }), {
      ok: false,
      reason: 'wrong_check_value',
    });
  const next = exchanged();
  assert.deepEqual(await take(ZPK, next), { ok: false, reason: 'rate_limited' });
  const exported = await hsm.gateway.exportZoneKey({ name: ZPK });
  assert.equal(exported.ok && exported.cryptogram, good.cryptogram);
  hsm.advance(3_600_000);
  assert.equal((await take(ZPK, next)).ok, true);
  assert.match(readFileSync(join(hsm.folder, 'journal.jsonl'), 'utf8'), /import_refused/);
});

test('a PIN key never becomes a MAC key: one value has one name, whatever its parity bits say', async () => {
  formZmk();
  const sent = exchanged();
  assert.equal((await take(ZPK, sent)).ok, true);
  assert.deepEqual(await take(ZAK, sent), { ok: false, reason: 'key_reused' });
  const otherParity = Buffer.from(sent.key.map((byte) => byte ^ 1));
  const disguised = { ...sent, cryptogram: upper(encryptBlocks('T', zmk, otherParity)) };
  assert.deepEqual(await take(ZAK, disguised), { ok: false, reason: 'key_reused' });
});

test('an old key exchange that is played again is refused', async () => {
  formZmk();
  const [old, current] = [exchanged(), exchanged()];
  await take(ZPK, old);
  await take(ZPK, current);
  hsm.advance(86_400_000);
  await take(ZPK, exchanged());
  for (const former of [old, current])
    assert.deepEqual(await take(ZPK, former), { ok: false, reason: 'key_reused' });
});

test('halves of two exchanges put together are refused as weak or by their check value', async () => {
  formZmk();
  const { cryptogram, key } = exchanged();
  const doubled = cryptogram.slice(0, 16).repeat(2);
  const weak = Buffer.concat([key.subarray(0, 8), key.subarray(0, 8)]);
  assert.deepEqual(await take(ZPK, { cryptogram: doubled, checkValue: checkValueOf('T', weak) }), {
    ok: false,
    reason: 'weak_key',
  });
});

test('makeZoneKey() gives a key that the other side reads under the ZMK; exportZoneKey() gives it again', async () => {
  formZmk();
  const made = await hsm.gateway.makeZoneKey({ name: ZPK, algorithm: 'T' });
  assert.ok(made.ok);
  const key = decryptBlocks('T', zmk, Buffer.from(made.cryptogram, 'hex'));
  assert.equal(checkValueOf('T', key), made.checkValue);
  assert.deepEqual(key, setOddParity(Buffer.from(key)), 'odd parity, as others ask for');
  assert.deepEqual(await hsm.gateway.exportZoneKey({ name: ZPK }), made);
  const aes = await hsm.gateway.makeZoneKey({ name: ZPK, algorithm: 'A' });
  assert.deepEqual(aes, { ok: false, reason: 'wrong_usage' }, 'an AES key under a TDES one');
});

test('under an AES ZMK keys travel as TR-31 blocks, and a block for another use is refused', async () => {
  const wrapping = hsm.random.bytes(32);
  hsm.form(ZMK, { algorithm: 'A', key: Buffer.from(wrapping) });
  const made = await hsm.gateway.makeZoneKey({ name: ZPK, algorithm: 'A' });
  assert.ok(made.ok);
  const opened = unwrapKey(deriveBlockKeys(wrapping), made.cryptogram)!;
  assert.deepEqual([opened.header.usage, opened.header.mode, opened.key.length], ['P0', 'B', 32]);
  const key = hsm.random.bytes(32);
  const checkValue = checkValueOf('A', key);
  const wrap = (usage: string, mode: string) =>
    wrapKey({
      keys: deriveBlockKeys(wrapping),
      header: { usage, algorithm: 'A', mode, exportability: 'N', optional: {} },
      key,
      random: hsm.random,
    });
  assert.deepEqual(await take(ZPK, { cryptogram: wrap('M6', 'C'), checkValue }), {
    ok: false,
    reason: 'wrong_usage',
  });
  assert.deepEqual(await take(ZAK, { cryptogram: wrap('M6', 'C'), checkValue }), {
    ok: true,
    version: 1,
    checkValue,
  });
  const mac = await hsm.gateway.makeMac({ key: ZAK, data: Buffer.from('0800').toString('base64') });
  assert.equal(mac.ok && mac.mac, upper(cmac(key, Buffer.from('0800'))).slice(0, 16));
});

test('makeMac() is X9.19 under a TDES key; verifyMac() refuses one changed digit, and takes the former key for ten minutes', async () => {
  formZmk();
  const sent = exchanged();
  await take(ZAK, sent);
  const message = Buffer.from('0200B238000102C0800403ISO message');
  const data = message.toString('base64');
  const made = await hsm.gateway.makeMac({ key: ZAK, data });
  assert.ok(made.ok);
  assert.equal(made.mac, upper(retailMac(sent.key, message, 1)));
  const verify = (mac: string) => hsm.gateway.verifyMac({ key: ZAK, data, mac });
  assert.deepEqual(await verify(made.mac), { ok: true, isRight: true });
  const changed = made.mac.slice(0, -1) + (made.mac.endsWith('0') ? '1' : '0');
  assert.deepEqual(await verify(changed), { ok: true, isRight: false });
  await take(ZAK, exchanged());
  assert.deepEqual(
    await verify(made.mac),
    { ok: true, isRight: true },
    'under way while keys change',
  );
  hsm.advance(600_000);
  assert.deepEqual(await verify(made.mac), { ok: true, isRight: false });
});
