import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { openSecrets, SecretBusy } from './secret.ts';
import { sealStaffKey, unsealStaffKey } from './staff-key.ts';

const cost = { n: 1024, r: 8, p: 1 };
const secrets = openSecrets({ time: wallTime(), random: systemRandom(), cost });

test('hash() stores the cost and verify() uses the stored one', async () => {
  const stored = await secrets.hash('rahasia-besar');
  assert.match(stored, /^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  const dearer = openSecrets({
    time: wallTime(),
    random: systemRandom(),
    cost: { n: 2048, r: 8, p: 1 },
  });
  assert.equal(await dearer.verify({ secret: 'rahasia-besar', stored }), true);
  assert.equal(await dearer.verify({ secret: 'rahasia-besaR', stored }), false);
  assert.notEqual(await secrets.hash('rahasia-besar'), stored, 'a salt of its own each time');
});

test('verify() is false for an unknown user, a malformed or a too costly hash', async () => {
  const key = Buffer.alloc(32).toString('base64url');
  for (const stored of [
    undefined,
    '',
    'scrypt$1024$8$1$AAAA',
    `scrypt$1000$8$1$AAAA$${key}`,
    `scrypt$1048576$64$1$AAAA$${key}`,
    'x',
  ]) {
    assert.equal(await secrets.verify({ secret: 'a', stored }), false, String(stored));
  }
});

test('verify() refuses when too many wait, and works again afterwards', async () => {
  const stored = await secrets.hash('a');
  const all = await Promise.allSettled(
    Array.from({ length: 100 }, () => secrets.verify({ secret: 'a', stored })),
  );
  const refused = all.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 34, '2 run, 64 wait');
  assert.ok(refused.every((one) => one.status === 'rejected' && one.reason instanceof SecretBusy));
  assert.equal(await secrets.verify({ secret: 'a', stored }), true);
});

test('unsealStaffKey() opens only with the password and an unchanged text', async () => {
  const seeded = openSecrets({ time: wallTime(), random: seededRandom('seal'), cost });
  const sealed = await sealStaffKey(seeded, {
    privateKeyPem: '-----BEGIN PRIVATE KEY-----\nx\n',
    password: 'ani',
  });
  assert.equal(
    await unsealStaffKey(secrets, { sealed, password: 'ani' }),
    '-----BEGIN PRIVATE KEY-----\nx\n',
  );
  assert.equal(await unsealStaffKey(secrets, { sealed, password: 'budi' }), undefined);
  const parts = sealed.split('$');
  for (let i = 0; i < parts.length; i++) {
    const changed = parts
      .with(i, i < 4 ? `${parts[i]}0` : parts[i]!.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')))
      .join('$');
    assert.equal(
      await unsealStaffKey(secrets, { sealed: changed, password: 'ani' }),
      undefined,
      `part ${i}`,
    );
  }
});
