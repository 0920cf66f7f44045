import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { systemRandom } from '../../../kernel/random.ts';
import { wallTime } from '../../../kernel/time.ts';
import { liveAt, openCredentials, readPublicKey } from './credential.ts';
import { keyRow } from './partner.ts';
import { openSealer } from './seal.ts';

test('liveAt() gives the keys that hold at an instant: from their beginning, and not at their end any more', () => {
  const old = { id: 'old', key: 1, fromMs: 0, untilMs: 200 };
  const next = { id: 'next', key: 2, fromMs: 100, untilMs: undefined };
  const at = (nowMs: number, keys = [next, old]): string =>
    liveAt(keys, nowMs)
      .map(({ id }) => id)
      .join(' ');
  assert.deepEqual([at(99), at(100), at(199), at(200)], ['old', 'next old', 'next old', 'next']);
  assert.deepEqual([at(199, [old]), at(200, [old]), at(99, [next])], ['old', '', '']);
});

test('openCredentials() opens what was sealed, and nothing that was moved, prolonged, truncated or sealed under another key', () => {
  const random = systemRandom();
  const sealer = openSealer({ key: Buffer.alloc(32, 5), random });
  const writer = { random, sealer, time: wallTime() };
  const row = keyRow(writer, {
    partnerId: 'a',
    kind: 'secret',
    text: 'rahasia',
    fromMs: 1,
    untilMs: 9,
  });
  assert.deepEqual(openCredentials(sealer, [row]).secrets, [
    { id: row.id, key: 'rahasia', fromMs: 1, untilMs: 9 },
  ]);
  const other = openSealer({ key: Buffer.alloc(32, 6), random });
  assert.deepEqual(openCredentials(other, [row]).unreadable, [row.id]);
  for (const change of [
    { partner_id: 'b' },
    { id: 'pkey_2' },
    { kind: 'public' as const },
    { valid_until: null },
    { valid_until: new Date(10) },
    { valid_from: new Date(0) },
    { sealed: row.sealed!.slice(0, -1) },
    { sealed: 'rahasia' },
    { sealed: '' },
  ])
    assert.deepEqual(
      openCredentials(sealer, [{ ...row, ...change }]).secrets,
      [],
      JSON.stringify(change),
    );
  assert.throws(() => openSealer({ key: Buffer.alloc(16), random }), RangeError);
});

test('readPublicKey() takes RSA of 2048 bits or more, and nothing else', () => {
  const pem = (bits: number): string =>
    generateKeyPairSync('rsa', { modulusLength: bits })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
  assert.ok(readPublicKey(pem(2_048)));
  assert.equal(readPublicKey(pem(1_024)), undefined);
  const ed = generateKeyPairSync('ed25519').publicKey;
  assert.equal(readPublicKey(ed.export({ type: 'spki', format: 'pem' }).toString()), undefined);
  assert.equal(readPublicKey('rahasia'), undefined);
});
