/** The functions on PINs as callers meet them, and the attacks on PIN blocks that ADR 0015 lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { openPin } from './pin-block.ts';
import { openTestHsm, type TestHsm } from './test-hsm.ts';

const PVK = 'pvk.cards';
const TPK = 'tpk.atm-1';
const ZPK = 'zpk.artajasa';
const AES_ZPK = 'zpk.modern';
const AES_OPEN = 'zpk.bridge';
const PIN = '246813';

let hsm: TestHsm;
const keys = {
  tpk: Buffer.alloc(16),
  zpk: Buffer.alloc(16),
  aes: Buffer.alloc(32),
  open: Buffer.alloc(32),
};
let card = 0;

before(async () => {
  hsm = await openTestHsm();
  for (const key of Object.values(keys)) hsm.random.bytes(key.length).copy(key);
  hsm.form(TPK, { algorithm: 'T', key: Buffer.from(keys.tpk) });
  hsm.form(ZPK, { algorithm: 'T', key: Buffer.from(keys.zpk) });
  hsm.form(AES_ZPK, { algorithm: 'A', key: Buffer.from(keys.aes) });
  hsm.form(AES_OPEN, { algorithm: 'A', key: Buffer.from(keys.open), allowsFormat0: true });
  hsm.form(PVK, { algorithm: 'A' });
  hsm.form('pvk.old', { algorithm: 'T' });
});
// What a test counted in its hour is not the next one's.
beforeEach(() => hsm.advance(3_600_000));
after(() => hsm.close());

/** A card that no other test counted on. */
function newPan(): string {
  return `622099${String(++card).padStart(9, '0')}1`;
}

async function setPin(pan: string, pin = PIN): Promise<string> {
  const answer = await hsm.core.setPin({
    key: TPK,
    pvk: PVK,
    pan,
    block: hsm.block(keys.tpk, pin, pan),
  });
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.verificationValue;
}

test('translatePin() carries a PIN from a terminal to a network, from format 0 to 0 and to 4', async () => {
  const pan = newPan();
  const input = { key: TPK, pan, block: hsm.block(keys.tpk, PIN, pan) } as const;
  for (const [to, algorithm, key] of [
    [ZPK, 'T', keys.zpk],
    [AES_ZPK, 'A', keys.aes],
  ] as const) {
    const answer = await hsm.gateway.translatePin({ ...input, to });
    assert.ok(answer.ok);
    const pin = openPin({ algorithm, key }, { pan, block: Buffer.from(answer.block, 'hex') });
    assert.deepEqual([...pin!], [...PIN].map(Number));
  }
});

test('translatePin() brings format 4 down to format 0 only where the key block allows it', async () => {
  const pan = newPan();
  const ask = (key: `zpk.${string}`, clear: Buffer) =>
    hsm.gateway.translatePin({ key, to: ZPK, pan, block: hsm.block(clear, PIN, pan) });
  assert.deepEqual(await ask(AES_ZPK, keys.aes), { ok: false, reason: 'format_refused' });
  const allowed = await ask(AES_OPEN, keys.open);
  assert.ok(allowed.ok);
  const block = Buffer.from(allowed.block, 'hex');
  assert.deepEqual(
    openPin({ algorithm: 'T', key: keys.zpk }, { pan, block }),
    Buffer.from([...PIN].map(Number)),
  );
});

test('no PIN is translated to a terminal key, and none with a key of another use', async () => {
  const pan = newPan();
  const block = hsm.block(keys.tpk, PIN, pan);
  const ask = (key: string, to: string) =>
    hsm.gateway.translatePin({ key: key as typeof TPK, to: to as typeof ZPK, pan, block });
  for (const [key, to] of [
    [TPK, TPK],
    [TPK, PVK],
    [PVK, ZPK],
  ] as const)
    assert.deepEqual(await ask(key, to), { ok: false, reason: 'wrong_usage' }, `${key} ${to}`);
  assert.deepEqual(await ask('tpk.atm-2', ZPK), { ok: false, reason: 'no_key' });
});

test('verifyPin() is right for the PIN that was set, under any key that brings it', async () => {
  const pan = newPan();
  const verificationValue = await setPin(pan);
  for (const [key, clear] of [
    [TPK, keys.tpk],
    [ZPK, keys.zpk],
    [AES_ZPK, keys.aes],
  ] as const) {
    const ask = (pin: string) =>
      hsm.core.verifyPin({
        key,
        pvk: PVK,
        pan,
        verificationValue,
        block: hsm.block(clear, pin, pan),
      });
    assert.deepEqual(await ask(PIN), { ok: true, isRight: true });
    assert.deepEqual(await ask('246814'), { ok: true, isRight: false });
    assert.deepEqual(await ask('2468'), { ok: true, isRight: false });
  }
});

test('changePin() needs the old PIN, and the new value is right for the new PIN only', async () => {
  const pan = newPan();
  const verificationValue = await setPin(pan);
  const common = { key: TPK, pvk: PVK, pan, verificationValue } as const;
  const newBlock = hsm.block(keys.tpk, '975310', pan);
  const refused = await hsm.core.changePin({
    ...common,
    newBlock,
    block: hsm.block(keys.tpk, '000000', pan),
  });
  assert.deepEqual(refused, { ok: true, isRight: false });
  const changed = await hsm.core.changePin({
    ...common,
    newBlock,
    block: hsm.block(keys.tpk, PIN, pan),
  });
  assert.ok(changed.ok && changed.isRight);
  const ask = (pin: string) =>
    hsm.core.verifyPin({
      ...common,
      verificationValue: changed.verificationValue,
      block: hsm.block(keys.tpk, pin, pan),
    });
  assert.deepEqual(await ask('975310'), { ok: true, isRight: true });
  assert.deepEqual(await ask(PIN), { ok: true, isRight: false });
});

test('a new PIN has six digits or more; a PVV key takes four only', async () => {
  const set = (pvk: `pvk.${string}`, pin: string) => {
    const pan = newPan();
    return hsm.core.setPin({ key: TPK, pvk, pan, block: hsm.block(keys.tpk, pin, pan) });
  };
  assert.deepEqual(await set(PVK, '1234'), { ok: false, reason: 'pin_length' });
  assert.deepEqual(await set('pvk.old', PIN), { ok: false, reason: 'pin_length' });
  const old = await set('pvk.old', '1234');
  assert.match(old.ok ? old.verificationValue : '', /^v1\.1\.\d{4}$/);
});

test('the tenth wrong PIN of a day is the last answer, right PINs included, also after a restart', async () => {
  const pan = newPan();
  const verificationValue = await setPin(pan);
  const ask = (pin: string) =>
    hsm.core.verifyPin({
      key: TPK,
      pvk: PVK,
      pan,
      verificationValue,
      block: hsm.block(keys.tpk, pin, pan),
    });
  const linesOnDisk = (): number =>
    readFileSync(join(hsm.folder, 'tries.jsonl'), 'utf8').split('\n').length;
  for (let n = 0; n < 10; n++) {
    const before = linesOnDisk();
    assert.deepEqual(await ask(String(100_000 + n)), { ok: true, isRight: false });
    assert.equal(linesOnDisk(), before + 1, 'counted on the disk before the answer');
  }
  assert.deepEqual(await ask(PIN), { ok: false, reason: 'rate_limited' });
  await hsm.restart();
  assert.deepEqual(await ask(PIN), { ok: false, reason: 'rate_limited' }, 'after a restart');
  hsm.advance(86_400_000 + 1);
  assert.deepEqual(await ask(PIN), { ok: true, isRight: true }, 'the next day');
});

test('a card does not get more tries by digits that the PIN block and the PVV do not look at', async () => {
  const pan = newPan();
  const block = (pin: string) => hsm.block(keys.tpk, pin, pan);
  const set = await hsm.core.setPin({ key: TPK, pvk: 'pvk.old', pan, block: block('4321') });
  assert.ok(set.ok);
  const ask = (otherPan: string, pin: string) =>
    hsm.core.verifyPin({
      key: TPK,
      pvk: 'pvk.old',
      pan: otherPan,
      verificationValue: set.verificationValue,
      block: hsm.block(keys.tpk, pin, otherPan),
    });
  for (let n = 0; n < 10; n++) await ask(`${n}${pan.slice(1)}`, String(1000 + n));
  const answer = await ask(`${pan.slice(0, -1)}9`, '4321');
  assert.deepEqual(answer, { ok: false, reason: 'rate_limited' });
});

test('an unreadable block counts as a try, so that nothing is learned for free', async () => {
  const pan = newPan();
  const verificationValue = await setPin(pan);
  const common = { key: ZPK, pvk: PVK, pan, verificationValue } as const;
  for (let n = 0; n < 10; n++) {
    const block = hsm.random.bytes(8).toString('hex').toUpperCase();
    assert.deepEqual(await hsm.core.verifyPin({ ...common, block }), {
      ok: false,
      reason: 'bad_pin_block',
    });
  }
  const right = { ...common, block: hsm.block(keys.zpk, PIN, pan) };
  assert.deepEqual(await hsm.core.verifyPin(right), { ok: false, reason: 'rate_limited' });
});

test('X9.8 attack: a block with another PAN than it first came with tells nothing about the digits', async () => {
  const pan = newPan();
  const block = hsm.block(keys.tpk, PIN, pan);
  const ask = (otherPan: string) =>
    hsm.gateway.translatePin({ key: TPK, to: ZPK, pan: otherPan, block });
  assert.equal((await ask(pan)).ok, true);
  // The third digit of the PIN becomes 6 XOR n: without the binding, five of these would be readable and tell which digit it is.
  const answers = [];
  for (let n = 1; n < 10; n++) {
    const digit = (Number(pan.at(-13)) + n) % 10;
    answers.push(await ask(`${pan.slice(0, -13)}${digit}${pan.slice(-12)}`));
  }
  assert.deepEqual(
    answers,
    answers.map(() => ({ ok: false, reason: 'bad_pin_block' })),
  );
  assert.equal((await ask(pan)).ok, true, 'a repeat with its own PAN is no attack');
  assert.ok(hsm.running().gauges()['hsm_block_of_other_card_count']! >= 9);
});

test('a book of blocks cannot be made: a card is translated sixty times an hour', async () => {
  const pan = newPan();
  const answers = [];
  for (let n = 0; n < 61; n++) {
    const block = hsm.block(keys.tpk, String(100_000 + n), pan);
    answers.push((await hsm.gateway.translatePin({ key: TPK, to: ZPK, pan, block })).ok);
  }
  assert.deepEqual(answers, [...Array.from({ length: 60 }, () => true), false]);
  hsm.advance(3_600_000);
  const block = hsm.block(keys.tpk, PIN, pan);
  assert.equal((await hsm.gateway.translatePin({ key: TPK, to: ZPK, pan, block })).ok, true);
});

test('a key that brings unreadable blocks only is shut out by itself, and the others work on', async () => {
  const ask = (key: `zpk.${string}`, block: string, pan: string) =>
    hsm.gateway.translatePin({ key, to: AES_ZPK, pan, block });
  for (let n = 0; n < 30; n++) {
    const answer = await ask(AES_ZPK, hsm.random.bytes(16).toString('hex').toUpperCase(), newPan());
    assert.deepEqual(answer, { ok: false, reason: 'bad_pin_block' });
  }
  const pan = newPan();
  const shut = await hsm.gateway.translatePin({
    key: AES_ZPK,
    to: AES_OPEN,
    pan,
    block: hsm.block(keys.aes, PIN, pan),
  });
  assert.deepEqual(shut, { ok: false, reason: 'rate_limited' });
  assert.equal((await ask(AES_OPEN, hsm.block(keys.open, PIN, pan), pan)).ok, true);
});

test('values of one PIN differ, and those of one card can be made five times a day', async () => {
  const pan = newPan();
  const values = new Set<string>();
  for (let n = 0; n < 5; n++) values.add(await setPin(pan));
  assert.equal(values.size, 5);
  const sixth = await hsm.core.setPin({
    key: TPK,
    pvk: PVK,
    pan,
    block: hsm.block(keys.tpk, PIN, pan),
  });
  assert.deepEqual(sixth, { ok: false, reason: 'rate_limited' });
});

test('a value of another form, of another key version or of another card verifies nothing', async () => {
  const [pan, other] = [newPan(), newPan()];
  const value = await setPin(pan);
  const ask = (verificationValue: string, of = pan) =>
    hsm.core.verifyPin({
      key: TPK,
      pvk: PVK,
      pan: of,
      verificationValue,
      block: hsm.block(keys.tpk, PIN, of),
    });
  for (const wrong of ['x', 'v1.9.1234', value.replace('s1.1.', 's1.2.'), `${value}A`])
    assert.deepEqual(await ask(wrong), { ok: false, reason: 'bad_value' }, wrong);
  assert.deepEqual(await ask('v1.1.1234'), { ok: true, isRight: false }, 'a PVV under an AES key');
  assert.deepEqual(await ask(value, other), { ok: true, isRight: false });
});

test('no answer and no log line holds a PIN, a PAN or a key', async () => {
  const pan = newPan();
  const verificationValue = await setPin(pan);
  const common = { key: TPK, pvk: PVK, pan, verificationValue } as const;
  for (const pin of [PIN, '246814', '975310', '12']) {
    const block = hsm.block(keys.tpk, pin, pan);
    await hsm.core.verifyPin({ ...common, block });
    await hsm.core.changePin({ ...common, block, newBlock: hsm.block(keys.tpk, '975310', pan) });
    await hsm.gateway.translatePin({ key: TPK, to: ZPK, pan, block });
    await hsm.gateway.translatePin({ key: PVK as never, to: ZPK, pan, block });
    await hsm.call('core-1', '/hsm/verifyPin', JSON.stringify({ ...common, block, pin }));
    await hsm.call('core-1', '/hsm/verifyPin', `{"pan":"${pan}","pin":${pin}`);
  }
  const said = hsm.said();
  assert.ok(said.split('\n').length > 30);
  for (const [name, key] of Object.entries(keys)) {
    assert.equal(said.toUpperCase().includes(key.toString('hex').toUpperCase()), false, name);
    assert.equal(said.includes(key.toString('base64').slice(0, 20)), false, name);
  }
  for (let n = 1; n <= card; n++)
    assert.equal(said.includes(`622099${String(n).padStart(9, '0')}1`), false, 'a PAN');
  assert.doesNotMatch(said, /(?<![0-9A-Fa-z_-])(246813|975310|1000\d\d)(?![0-9A-Fa-f_-])/);
});
