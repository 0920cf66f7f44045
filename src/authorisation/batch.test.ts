import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../kernel/canonical.ts';
import { leafHash, nodeHash } from '../kernel/merkle.ts';
import { BATCH_COUNT_MAX, rootMemory } from './batch.ts';
import { signTokens, verifyToken, type KeyRing, type TokenClaims } from './token.ts';

const NOW = Date.UTC(2026, 7, 1, 3);
const own = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const DAY = 86_400_000;
const days = { notBeforeMs: NOW - DAY, notAfterMs: NOW + DAY };
const ring: KeyRing = {
  keys: { k1: { key: own.publicKey, ...days } },
  revokedKids: [],
  revokedJtis: [],
};

function claimsOf(number: number, over: Partial<TokenClaims> = {}): TokenClaims {
  return {
    version: 1,
    env: 'prod',
    kid: 'k1',
    jti: `jti_${number}`,
    aud: 'gateway-1',
    paymentId: `pay_${number}`,
    attempt: 1,
    iatMs: NOW,
    expMs: NOW + 120_000,
    instructionHash: number.toString(16).padStart(64, '0'),
    ...over,
  };
}

function batchOf(count: number, over: Partial<TokenClaims> = {}): readonly TokenClaims[] {
  return Array.from({ length: count }, (_, number) => claimsOf(number, over));
}

function verdictOf(token: string, over: Partial<Parameters<typeof verifyToken>[0]> = {}) {
  return verifyToken({ token, ring, nowMs: NOW, ...over });
}

const REFUSED = { ok: false, reason: 'bad_signature' };

/** A token with some of its parts put in the place of its own. */
function withParts(token: string, over: Readonly<Record<number, string>>): string {
  return token
    .split('.')
    .map((part, index) => over[index] ?? part)
    .join('.');
}

const text = (value: unknown): string => Buffer.from(canonicalJson(value)).toString('base64url');
const read = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

test('signTokens() makes a token for each of 1 to 256 that verifies to its own claims', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3, 5, 8, 13, 64, 255, BATCH_COUNT_MAX), (count) => {
      const claims = batchOf(count);
      const roots = rootMemory();
      for (const [index, token] of signTokens(own.privateKey, claims).entries())
        assert.deepEqual(verdictOf(token, { roots }), { ok: true, claims: claims[index] });
    }),
    { numRuns: 6 },
  );
});

test('signTokens() signs nothing together that differs in audience, env, kid or life, and not too many', () => {
  for (const over of [{ aud: 'gateway-2' }, { env: 'drill' as const }, { expMs: NOW + 1 }])
    assert.throws(
      () => signTokens(own.privateKey, [claimsOf(1), claimsOf(2, over)]),
      /they differ/,
    );
  assert.throws(() => signTokens(own.privateKey, batchOf(BATCH_COUNT_MAX + 1)), RangeError);
  assert.throws(() => signTokens(own.privateKey, batchOf(2, { expMs: NOW + 120_001 })), RangeError);
});

test('I1 verifyToken() refuses a path that is wrong, too short, too long, or of another token', () => {
  const [first = '', second = ''] = signTokens(own.privateKey, batchOf(5));
  const path = Buffer.from(first.split('.')[4]!, 'base64url');
  const flipped = Buffer.from(path);
  flipped[0]! ^= 1;
  const paths = [
    flipped,
    path.subarray(32),
    path.subarray(1),
    Buffer.concat([path, Buffer.alloc(32)]),
    Buffer.concat([path, Buffer.alloc(32 * 9)]),
    Buffer.alloc(0),
  ];
  for (const wrong of paths)
    assert.deepEqual(verdictOf(withParts(first, { 4: wrong.toString('base64url') })), REFUSED);
  assert.deepEqual(verdictOf(withParts(first, { 4: second.split('.')[4]! })), REFUSED);
  assert.deepEqual(verdictOf(withParts(first, { 3: second.split('.')[3]! })), REFUSED);
});

test('I1 verifyToken() refuses the root of another audience, life or count, and a leaf with other words', () => {
  const [token = ''] = signTokens(own.privateKey, batchOf(4));
  const [, root = '', , leaf = ''] = token.split('.');
  const roots = rootMemory();
  assert.equal(verdictOf(token, { roots }).ok, true);
  for (const over of [{ aud: 'gateway-2' }, { expMs: NOW + 119_999 }, { env: 'drill' }])
    assert.deepEqual(
      verdictOf(withParts(token, { 1: text({ ...read(root), ...over }) }), { roots }),
      REFUSED,
      JSON.stringify(over),
    );
  for (const over of [{ count: 3 }, { count: 1 }, { count: 257 }, { root: 'ab'.repeat(32) }])
    assert.deepEqual(verdictOf(withParts(token, { 1: text({ ...read(root), ...over }) })), REFUSED);
  for (const over of [{ jti: 'jti_9' }, { attempt: 2 }, { index: 1 }, { index: -1 }, { aud: 'x' }])
    assert.deepEqual(verdictOf(withParts(token, { 3: text({ ...read(leaf), ...over }) })), REFUSED);
});

test('I1 a root of another batch under a good signature carries no token that is not in it', () => {
  const [token = ''] = signTokens(own.privateKey, batchOf(4));
  const [other = ''] = signTokens(own.privateKey, batchOf(4, { paymentId: 'pay_x' }));
  const [, root = '', signature = ''] = other.split('.');
  assert.deepEqual(verdictOf(withParts(token, { 1: root, 2: signature })), REFUSED);
});

test('I1 a node never passes as a leaf, nor a leaf of another tree as one of ours', () => {
  const signed = (root: Buffer, count: number): string => {
    const { aud, env, kid, iatMs, expMs } = claimsOf(1);
    const payload = Buffer.from(
      canonicalJson({ aud, env, kid, iatMs, expMs, count, root: root.toString('hex') }),
    );
    return `m1.${payload.toString('base64url')}.${sign(null, payload, own.privateKey).toString('base64url')}`;
  };
  const { jti, paymentId, attempt, instructionHash } = claimsOf(1);
  const body = canonicalJson({ jti, paymentId, attempt, instructionHash, index: 0 });
  const leaf = Buffer.from(body).toString('base64url');
  const beside = leafHash('beside');
  // Even under our own signature: the same words as a leaf without its word, as of the audit's tree, and as a node.
  for (const bare of [leafHash(body), nodeHash({ left: leafHash(body), right: beside })])
    assert.deepEqual(
      verdictOf(
        `${signed(nodeHash({ left: bare, right: beside }), 2)}.${leaf}.${beside.toString('base64url')}`,
      ),
      REFUSED,
    );
});

test('I1 a verified root is remembered for its key only: revocation, dates and another key bite at once', () => {
  const [token = ''] = signTokens(own.privateKey, batchOf(3));
  const roots = rootMemory();
  assert.equal(verdictOf(token, { roots }).ok, true);
  const unknown = { ok: false, reason: 'unknown_key' };
  assert.deepEqual(verdictOf(token, { roots, ring: { ...ring, revokedKids: ['k1'] } }), unknown);
  assert.deepEqual(verdictOf(token, { roots, ring: { ...ring, revokedJtis: ['jti_0'] } }), unknown);
  assert.deepEqual(verdictOf(token, { roots, nowMs: NOW + 2 * DAY }), unknown);
  const swapped = { ...ring, keys: { k1: { key: stranger.publicKey, ...days } } };
  assert.deepEqual(verdictOf(token, { roots, ring: swapped }), REFUSED);
});

test('I1 a root that a stranger signed is refused, and stays refused when it comes again', () => {
  const roots = rootMemory();
  for (const token of signTokens(stranger.privateKey, batchOf(3)))
    assert.deepEqual(verdictOf(token, { roots }), REFUSED);
});

test('rootMemory() lets go of the oldest root above its bound', () => {
  const roots = rootMemory(2);
  for (const root of ['a', 'b', 'c']) roots.keep(root, own.publicKey);
  assert.deepEqual(
    ['a', 'b', 'c'].map((root) => roots.has(root, own.publicKey)),
    [false, true, true],
  );
});

test('verifyToken() refuses every one-character change of a token of a batch', () => {
  const token = signTokens(own.privateKey, batchOf(7))[3]!;
  fc.assert(
    fc.property(
      fc.nat(token.length - 1),
      fc.constantFrom('A', 'b', '9', '.', '=', ' '),
      (at, char) => {
        if (token[at] === char) return;
        assert.equal(verdictOf(`${token.slice(0, at)}${char}${token.slice(at + 1)}`).ok, false);
      },
    ),
    { numRuns: 200 },
  );
});

test('verifyToken() takes one text for the same bytes: other spellings of the base64 are refused', () => {
  const token = signTokens(own.privateKey, batchOf(3))[0]!;
  const parts = token.split('.');
  let spellings = 0;
  for (const [index, part] of parts.entries()) {
    const bytes = Buffer.from(part, 'base64url');
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=') {
      const other = last === '=' ? `${part}=` : `${part.slice(0, -1)}${last}`;
      if (other === part || !Buffer.from(other, 'base64url').equals(bytes)) continue;
      spellings++;
      assert.equal(verdictOf(withParts(token, { [index]: other })).ok, false, `part ${index}`);
    }
  }
  assert.ok(spellings > 0);
});
