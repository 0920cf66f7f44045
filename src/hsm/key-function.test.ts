/** Keys: who may form, exchange and use them, and what is refused. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { HsmFunction } from '../rail/hsm/port.ts';
import { encryptBlocks, setOddParity, xor } from './cipher.ts';
import { arpcOf, arqcOf, cardKey, sessionKey } from './cryptogram.ts';
import { checkValueOf } from './mac.ts';
import { selfTest } from './self-test.ts';
import fc from 'fast-check';
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

test('a ZMK is formed by two people from two components, and shows check values only', async () => {
  const [first, second] = [hsm.random.bytes(16), hsm.random.bytes(16)];
  const whole = checkValueOf('T', xor(first, second));
  const common = { name: ZMK, checkValue: whole } as const;
  assert.deepEqual(hsm.act('stf_rina', { ...common, component: upper(first) }), {
    ok: true,
    state: 'waiting',
    checkValue: checkValueOf('T', first),
  });
  await hsm.restart();
  assert.deepEqual(hsm.act('stf_agus', { ...common, component: upper(second) }), {
    ok: true,
    state: 'formed',
    version: 1,
    checkValue: whole,
  });
  const listed = await hsm.gateway.listKeys({});
  assert.deepEqual(listed.ok && listed.keys, [
    { name: ZMK, version: 1, algorithm: 'T', checkValue: whole, isCurrent: true },
  ]);
  const kept = ['keys.json', 'journal.jsonl'].map((name) =>
    readFileSync(join(hsm.folder, name), 'utf8'),
  );
  for (const secret of [first, second, xor(first, second)])
    for (const text of [...kept, hsm.said()])
      assert.equal(text.toUpperCase().includes(upper(secret)), false);
  assert.match(kept[1]!, /"by":\["stf_rina","stf_agus"\].*"event":"key_formed"/);
});

test('one person forms no key, nor under two ids with one key pair, nor does a stranger', () => {
  const act = (person: Parameters<TestHsm['act']>[0]) =>
    hsm.act(person, { name: 'pvk.cards', algorithm: 'A' });
  assert.equal(act('stf_rina').ok, true);
  assert.deepEqual(act('stf_rina'), { ok: true, state: 'waiting' }, 'only begins again');
  assert.deepEqual(act('stf_rina_again'), { ok: false, reason: 'same_person' });
  assert.deepEqual(act('stf_stranger'), { ok: false, reason: 'bad_signature' });
  assert.equal(hsm.running().module.store.list().length, 0);
  assert.equal(act('stf_agus').ok, true);
  assert.equal(hsm.running().module.store.list().length, 1);
});

test('a ceremony refuses what differs, is old, is repeated, or was not signed so', () => {
  const name = 'zpk.modern' as const;
  const facts = { name, algorithm: 'A' } as const;
  assert.equal(hsm.act('stf_rina', facts).ok, true);
  assert.deepEqual(hsm.act('stf_agus', { ...facts, allowsFormat0: true }), {
    ok: false,
    reason: 'differs',
  });
  const signed = hsm.signed('stf_agus', facts);
  const altered = { ...signed, act: { ...signed.act, allowsFormat0: true } };
  assert.deepEqual(hsm.send(altered), { ok: false, reason: 'bad_signature' });
  hsm.advance(121_000);
  assert.deepEqual(hsm.send(signed), { ok: false, reason: 'too_old' });
  const fresh = hsm.signed('stf_agus', facts);
  assert.equal(hsm.send(fresh).ok, true);
  assert.deepEqual(hsm.send(fresh), { ok: false, reason: 'repeated' });
  for (const wrong of [undefined, 7, {}, { act: {} }, { ...fresh, act: { ...fresh.act, more: 1 } }])
    assert.deepEqual(hsm.send(wrong), { ok: false, reason: 'malformed' });
});

test('the first half of a ceremony expires after a day', () => {
  hsm.act('stf_rina', { name: 'pvk.cards', algorithm: 'A' });
  hsm.advance(24 * 3_600_000);
  const answer = hsm.act('stf_agus', { name: 'pvk.cards', algorithm: 'A' });
  assert.deepEqual(answer, { ok: true, state: 'waiting' });
});

test('a wrong component is seen by the check value, and nothing is kept of it', () => {
  const key = hsm.random.bytes(16);
  const first = hsm.random.bytes(16);
  const common = { name: ZMK, checkValue: checkValueOf('T', key) } as const;
  hsm.act('stf_rina', { ...common, component: upper(first) });
  const wrong = xor(key, first);
  wrong[3]! ^= 0x10;
  assert.deepEqual(hsm.act('stf_agus', { ...common, component: upper(wrong) }), {
    ok: false,
    reason: 'wrong_check_value',
  });
  assert.equal(hsm.running().module.store.list().length, 0);
  assert.deepEqual(hsm.running().module.store.body().waiting, []);
});

test('two equal components, or halves that are equal but for parity, form no key', () => {
  const half = hsm.random.bytes(8);
  const flipped = Buffer.from(half.map((byte) => byte ^ 1));
  assert.deepEqual(hsm.form(ZMK, { algorithm: 'T', key: Buffer.concat([half, flipped]) }), {
    ok: false,
    reason: 'weak_key',
  });
  const component = upper(hsm.random.bytes(16));
  hsm.act('stf_rina', { name: ZMK, component });
  assert.deepEqual(hsm.act('stf_agus', { name: ZMK, component }), {
    ok: false,
    reason: 'weak_key',
  });
});

test('verifyCryptogram() answers a right ARQC with an ARPC and a wrong one with nothing', async () => {
  hsm.form('imk.nsiccs', {
    algorithm: 'T',
    key: Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'),
  });
  const input = {
    key: 'imk.nsiccs',
    pan: '9901234567890123',
    panSequence: '45',
    transactionCounter: '1234',
    data: Buffer.from('0123456789ABCDEF0123456789ABCDEF', 'hex').toString('base64'),
    responseCode: '3030',
  } as const;
  const card = cardKey(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'), input);
  const session = sessionKey(card, Buffer.from('1234000000000000', 'hex'));
  const arqc = arqcOf(session, Buffer.from(input.data, 'base64'));
  assert.deepEqual(await hsm.core.verifyCryptogram({ ...input, arqc: upper(arqc) }), {
    ok: true,
    isRight: true,
    arpc: upper(arpcOf(session, arqc, Buffer.from('00'))),
  });
  for (const changed of [
    { transactionCounter: '1235' },
    { panSequence: '46' },
    { data: Buffer.from('0123456789ABCDEF0123456789ABCDEE', 'hex').toString('base64') },
    { arqc: '4B46013359B7A58B' },
  ]) {
    const wrong = await hsm.core.verifyCryptogram({ ...input, arqc: upper(arqc), ...changed });
    assert.deepEqual(wrong, { ok: true, isRight: false });
  }
});

test('a key of one use is refused for every other', async () => {
  formZmk();
  hsm.form('pvk.cards', { algorithm: 'A' });
  hsm.form('imk.nsiccs', { algorithm: 'T' });
  hsm.form('cvk.cards', { algorithm: 'T' });
  await take(ZPK, exchanged());
  await take(ZAK, exchanged());
  const names = [ZMK, ZPK, ZAK, 'pvk.cards', 'imk.nsiccs', 'cvk.cards'] as const;
  const pan = '6220990000000011';
  const block = '0'.repeat(16);
  const wrong = { ok: false, reason: 'wrong_usage' };
  for (const name of names) {
    // The types forbid it; a caller in wrong hands does not ask them.
    const key = name as never;
    if (name !== ZAK)
      assert.deepEqual(await hsm.gateway.makeMac({ key, data: 'AAAA' }), wrong, name);
    if (name !== ZPK)
      assert.deepEqual(await hsm.gateway.translatePin({ key, to: ZPK, pan, block }), wrong, name);
    if (name !== ZPK && name !== ZAK)
      assert.deepEqual(await hsm.gateway.exportZoneKey({ name: key }), wrong, name);
    if (name !== 'pvk.cards')
      assert.deepEqual(await hsm.core.setPin({ key: ZPK, pvk: key, pan, block }), wrong, name);
  }
});

test('the block itself is bound to its use: a store that mixed up names would still refuse', () => {
  const kinds = ['zmk', 'zpk', 'tpk', 'zak', 'pvk', 'cvk', 'imk'] as const;
  for (const kind of kinds) hsm.form(`${kind}.x`, { algorithm: 'T' });
  const { store } = hsm.running().module;
  for (const kind of kinds)
    for (const use of kinds) {
      const open = () => store.withKey(store.find(`${kind}.x`)!, use, ({ key }) => key.length);
      if (kind === use) assert.equal(open(), 16);
      else assert.throws(open, /is of this HSM and for this use/, `${kind} as ${use}`);
    }
  const mixed = { ...store.find('zpk.x')!, name: 'zpk.y' };
  assert.throws(() => store.withKey(mixed, 'zpk', () => 0), /for this use/, 'another label');
});

test('each process may call what it needs and nothing else; strangers may call nothing', async () => {
  const functions: readonly HsmFunction[] = [
    'translatePin',
    'verifyPin',
    'setPin',
    'changePin',
    'makeMac',
    'verifyMac',
    'verifyCryptogram',
    'makeZoneKey',
    'exportZoneKey',
    'importZoneKey',
    'listKeys',
  ];
  const ofCore = ['verifyPin', 'setPin', 'changePin', 'verifyCryptogram'];
  for (const peer of ['core-1', 'gateway-1', 'guard', 'signer', 'status', 'hub', 'core-x', ''])
    for (const name of functions) {
      const { status } = await hsm.call(peer, `/hsm/${name}`, '{}');
      const mayCall = /^core-\d$/.test(peer)
        ? ofCore.includes(name)
        : peer === 'gateway-1' && !ofCore.includes(name);
      assert.equal(status, mayCall ? 200 : 403, `${peer} ${name}`);
    }
  assert.equal((await hsm.call('guard', '/hsm/toString', '{}')).status, 403);
  const refused = hsm.said().match(/hsm\.peer_refused/g)!.length;
  assert.equal(hsm.running().gauges()['hsm_peer_refused_count'], refused, 'each knock is counted');
  assert.equal((await hsm.call('core-1', '/hsm/toString', '{}')).status, 404);
});

test('what is not of the form is refused as a whole', async () => {
  formZmk();
  const ask = async (body: string) =>
    (await hsm.call('gateway-1', '/hsm/exportZoneKey', body)).text;
  for (const body of [
    '',
    '[]',
    'null',
    '{}',
    '{"name":7}',
    '{"name":"zpk.artajasa","more":"x"}',
    '{"name":"zpk.Artajasa"}',
    '{"name":"abc.artajasa"}',
    '{"__proto__":"zpk.artajasa"}',
  ])
    assert.equal(await ask(body), '{"ok":false,"reason":"malformed"}', body);
});

test('a restart keeps keys, versions and the journal', async () => {
  formZmk();
  const sent = exchanged();
  await take(ZPK, sent);
  const before = await hsm.gateway.listKeys({});
  await hsm.restart();
  assert.deepEqual(await hsm.gateway.listKeys({}), before);
  assert.equal((await hsm.gateway.exportZoneKey({ name: ZPK })).ok, true);
});

test('a crash between journal and key store costs nothing: the exchange is taken again', async () => {
  formZmk();
  const path = join(hsm.folder, 'keys.json');
  const before = readFileSync(path);
  const sent = exchanged();
  await take(ZPK, sent);
  writeFileSync(path, before, { mode: 0o600 });
  await hsm.restart();
  assert.deepEqual(await hsm.gateway.exportZoneKey({ name: ZPK }), { ok: false, reason: 'no_key' });
  assert.deepEqual(await take(ZPK, sent), { ok: true, version: 1, checkValue: sent.checkValue });
});

test('a key store that the disk does not take ends all changes until a new process has read it, however often', async () => {
  formZmk();
  const obstacle = join(hsm.folder, 'keys.json.next');
  for (let n = 0; n < 3; n++) {
    mkdirSync(obstacle);
    await assert.rejects(take(ZPK, exchanged()), /EISDIR/);
    assert.equal(hsm.running().isBroken(), true);
    rmdirSync(obstacle);
    await assert.rejects(take(ZPK, exchanged()), /earlier write failed/);
    await hsm.restart();
    assert.equal(hsm.running().isBroken(), false);
  }
  assert.equal((await take(ZPK, exchanged())).ok, true);
});

test('a key store that is put back to an older state is not taken', async () => {
  formZmk();
  await take(ZPK, exchanged());
  const path = join(hsm.folder, 'keys.json');
  const older = readFileSync(path);
  await take(ZPK, { ...exchanged(), checkValue: '00000F' });
  await take(ZPK, exchanged());
  await take(ZPK, exchanged());
  writeFileSync(path, older, { mode: 0o600 });
  await assert.rejects(hsm.restart(), /key store is older than its journal/);
});

test('whatever comes, a function answers with a refusal and does not throw', async () => {
  const valid = {
    translatePin: { key: ZPK, to: ZPK, pan: '6220990000000011', block: '0123456789ABCDEF' },
    verifyMac: { key: ZAK, data: 'AAAA', mac: '0123456789ABCDEF' },
    importZoneKey: {
      name: ZPK,
      cryptogram: 'D0144P0AB00N0000'.padEnd(144, '0'),
      checkValue: '000000',
    },
  } as const;
  const anyName = fc.constantFrom(...(['translatePin', 'verifyMac', 'importZoneKey'] as const));
  const anyText = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9A-F]{0,40}$/),
    fc.constantFrom(ZMK, ZPK, ZAK),
  );
  formZmk();
  hsm.form(ZAK, { algorithm: 'T' });
  await fc.assert(
    fc.asyncProperty(
      anyName,
      fc.nat(3),
      fc.oneof(anyText, fc.anything()),
      async (name, at, value) => {
        const field = Object.keys(valid[name])[at] ?? 'more';
        const body = JSON.stringify({ ...valid[name], [field]: value }) ?? '';
        const { status, text } = await hsm.call('gateway-1', `/hsm/${name}`, body);
        assert.equal(status, 200);
        assert.match(text, /^\{"ok":(false,"reason":"[a-z_]+"|true,"isRight":false)\}$/);
      },
    ),
    { numRuns: 300 },
  );
});

test('the HSM does not start with a key store, journal or master key that is not as it was left', async () => {
  formZmk();
  await take(ZPK, exchanged());
  const refuses = async (
    file: string,
    change: (path: string) => void,
    why: RegExp,
  ): Promise<void> => {
    const path = join(hsm.folder, file);
    const before = readFileSync(path);
    change(path);
    await assert.rejects(hsm.restart(), why);
    writeFileSync(path, before, { mode: 0o600 });
  };
  const edit = (from: string | RegExp, to: string) => (path: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to), { mode: 0o600 });
  await refuses('keys.json', edit('K0TB', 'P0TB'), /key store was changed/);
  await refuses('keys.json', (path) => rmSync(path), /key store is gone|master key/);
  await refuses('journal.jsonl', edit('stf_agus', 'stf_rina'), /journal was changed/);
  await refuses('journal.jsonl', edit(/[^\n]*\n$/, ''), /end of its journal is gone/);
  await refuses('lmk', (path) => writeFileSync(path, hsm.random.bytes(32)), /was changed/);
  await refuses('lmk', (path) => rmSync(path), /master key is gone/);
  assert.equal(statSync(join(hsm.folder, 'lmk')).mode & 0o777, 0o600);
  await hsm.restart();
  assert.equal((await hsm.gateway.exportZoneKey({ name: ZPK })).ok, true);
});

test('selfTest() passes, and names the function that does not give what it must', () => {
  selfTest();
  assert.throws(
    () => selfTest({ pvv: { make: () => '8522', is: '8523' } }),
    /self-test of pvv failed/,
  );
});
