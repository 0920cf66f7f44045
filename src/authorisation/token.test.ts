import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { signToken, verifyToken, type KeyRing, type TokenClaims } from './token.ts';

const NOW = Date.UTC(2026, 7, 1, 3);
const old = generateKeyPairSync('ed25519');
const current = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const DAY = 86_400_000;

const ring: KeyRing = {
  keys: {
    k1: { key: old.publicKey, notBeforeMs: NOW - 30 * DAY, notAfterMs: NOW + 3_600_000 },
    k2: { key: current.publicKey, notBeforeMs: NOW - 3_600_000, notAfterMs: NOW + 30 * DAY },
  },
  revokedKids: [],
  revokedJtis: [],
};
const claims: TokenClaims = {
  version: 1,
  env: 'prod',
  kid: 'k2',
  jti: 'jti_1',
  aud: 'gateway-1',
  paymentId: 'pay_1',
  attempt: 1,
  iatMs: NOW,
  expMs: NOW + 120_000,
  instructionHash: 'ab'.repeat(32),
};

test('verifyToken() returns the claims that signToken() signed', () => {
  const verdict = verifyToken({ token: signToken(current.privateKey, claims), ring, nowMs: NOW });
  assert.deepEqual(verdict, { ok: true, claims });
});

test('verifyToken() accepts both keys while a rotation overlaps and neither outside its days', () => {
  const byOld = signToken(old.privateKey, { ...claims, kid: 'k1' });
  assert.equal(verifyToken({ token: byOld, ring, nowMs: NOW }).ok, true);
  const late = signToken(old.privateKey, {
    ...claims,
    kid: 'k1',
    iatMs: NOW + 2 * 3_600_000,
    expMs: NOW + 2 * 3_600_000 + 1,
  });
  assert.deepEqual(verifyToken({ token: late, ring, nowMs: NOW + 2 * 3_600_000 }), {
    ok: false,
    reason: 'unknown_key',
  });
  // A retired key that is stolen cannot write yesterday's time.
  assert.deepEqual(verifyToken({ token: byOld, ring, nowMs: NOW + 2 * 3_600_000 }), {
    ok: false,
    reason: 'unknown_key',
  });
});

test('verifyToken() refuses revoked kids and jtis', () => {
  const token = signToken(current.privateKey, claims);
  assert.deepEqual(verifyToken({ token, ring: { ...ring, revokedKids: ['k2'] }, nowMs: NOW }), {
    ok: false,
    reason: 'unknown_key',
  });
  assert.deepEqual(verifyToken({ token, ring: { ...ring, revokedJtis: ['jti_1'] }, nowMs: NOW }), {
    ok: false,
    reason: 'unknown_key',
  });
});

test('verifyToken() refuses no token, a stranger key, a changed claim and an unknown kid', () => {
  assert.deepEqual(verifyToken({ token: undefined, ring, nowMs: NOW }), {
    ok: false,
    reason: 'no_token',
  });
  assert.deepEqual(verifyToken({ token: '', ring, nowMs: NOW }), { ok: false, reason: 'no_token' });
  assert.deepEqual(
    verifyToken({ token: signToken(stranger.privateKey, claims), ring, nowMs: NOW }),
    { ok: false, reason: 'bad_signature' },
  );
  assert.deepEqual(
    verifyToken({
      token: signToken(current.privateKey, { ...claims, kid: 'k9' }),
      ring,
      nowMs: NOW,
    }),
    { ok: false, reason: 'unknown_key' },
  );
  assert.deepEqual(
    verifyToken({
      token: signToken(current.privateKey, { ...claims, kid: '__proto__' }),
      ring,
      nowMs: NOW,
    }),
    { ok: false, reason: 'unknown_key' },
  );
  const [, signature] = signToken(current.privateKey, claims).split('.');
  const other = signToken(stranger.privateKey, { ...claims, attempt: 2 }).split('.')[0];
  assert.deepEqual(verifyToken({ token: `${other}.${signature}`, ring, nowMs: NOW }), {
    ok: false,
    reason: 'bad_signature',
  });
});

test('signToken() refuses a life above 120 s', () => {
  assert.throws(
    () => signToken(current.privateKey, { ...claims, expMs: NOW + 120_001 }),
    RangeError,
  );
});

test('verifyToken() answers any text with a verdict, never a throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.anything()), (token) => {
      assert.equal(verifyToken({ token, ring, nowMs: NOW }).ok, false);
    }),
  );
});

test('verifyToken() refuses every one-character change of a good token', () => {
  const token = signToken(current.privateKey, claims);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, letter) => {
      fc.pre(token[at] !== letter);
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      const verdict = verifyToken({ token: changed, ring, nowMs: NOW });
      // The last character of a base64 group carries unused bits: another text, the same bytes, the same claims.
      if (verdict.ok) assert.deepEqual(verdict.claims, claims);
      if (verdict.ok) assert.ok(at === token.length - 1 || token[at + 1] === '.');
    }),
    { numRuns: 500 },
  );
});
