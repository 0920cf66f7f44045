import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { minify } from './minify.ts';
import {
  bodyHash,
  isAsymmetricRight,
  isSymmetricRight,
  isTokenRequestRight,
  signSymmetric,
} from './signature.ts';

// domain.md 3.3, the whole vector.
const BODY =
  '{"partnerReferenceNo":"2026080100000001","amount":{"value":"125000.00","currency":"IDR"},"beneficiaryAccountNo":"1002003004","sourceAccountNo":"2003004005","transactionDate":"2026-08-01T10:00:00+07:00"}';
const HASH = '8827607dd5ac3afe5d8063f9b5a6a908f97a876dce2fe1ff79e259db3243b730';
const SIGNATURE =
  'du/HwZd10a0ld0O9wzZXkIjAko6ibIUa4APv7vw+MvMNmRasJSssHlR4BigBQ3lyZs7N4sMWo7OsTMrCKARb2A==';
const parts = {
  method: 'POST',
  endpointUrl: '/v1.0/transfer-intrabank',
  accessToken: 'TOKEN123',
  bodyHash: HASH,
  timestamp: '2026-08-01T10:00:05+07:00',
  secret: 'contoh-client-secret',
};

test('bodyHash() gives the vector of domain.md 3.3, whatever white space the partner sends', () => {
  assert.equal(bodyHash(Buffer.from(BODY)), HASH);
  assert.equal(bodyHash(Buffer.from(JSON.stringify(JSON.parse(BODY), undefined, 2))), HASH);
  assert.equal(
    bodyHash(Buffer.alloc(0)),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

test('signSymmetric() gives the vector of domain.md 3.3 in both encodings', () => {
  assert.equal(signSymmetric({ ...parts, encoding: 'base64' }), SIGNATURE);
  assert.equal(
    signSymmetric({ ...parts, encoding: 'hex' }),
    Buffer.from(SIGNATURE, 'base64').toString('hex'),
  );
});

test("isSymmetricRight() accepts the partner's encoding only, and no other spelling of it", () => {
  const hex = Buffer.from(SIGNATURE, 'base64').toString('hex');
  assert.equal(isSymmetricRight({ ...parts, encoding: 'base64', signature: SIGNATURE }), true);
  assert.equal(isSymmetricRight({ ...parts, encoding: 'hex', signature: hex }), true);
  for (const [encoding, signature] of [
    ['base64', hex],
    ['hex', SIGNATURE],
    ['hex', hex.toUpperCase()],
    ['base64', SIGNATURE.replace('==', '')],
    ['base64', SIGNATURE.replaceAll('/', '_').replaceAll('+', '-')],
    ['base64', ''],
  ] as const) {
    assert.equal(isSymmetricRight({ ...parts, encoding, signature }), false, signature);
  }
});

test('isSymmetricRight() depends on every part', () => {
  for (const [name, value] of Object.entries({
    method: 'GET',
    endpointUrl: '/v1.0/transfer-intrabank?a=1',
    accessToken: 'TOKEN124',
    bodyHash: 'e3',
    timestamp: '2026-08-01T10:00:06+07:00',
    secret: 'x',
  })) {
    assert.equal(
      isSymmetricRight({ ...parts, [name]: value, encoding: 'base64', signature: SIGNATURE }),
      false,
      name,
    );
  }
});

test('isTokenRequestRight() checks SHA256withRSA over clientId|timestamp', () => {
  const { privateKey, publicKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const timestamp = '2026-08-01T10:00:00+07:00';
  const signature = sign('sha256', Buffer.from(`partner-a|${timestamp}`), privateKey).toString(
    'base64',
  );
  assert.equal(isTokenRequestRight({ key, clientId: 'partner-a', timestamp, signature }), true);
  assert.equal(isTokenRequestRight({ key, clientId: 'partner-b', timestamp, signature }), false);
  assert.equal(
    isTokenRequestRight({
      key,
      clientId: 'partner-a',
      timestamp: '2026-08-01T10:00:01+07:00',
      signature,
    }),
    false,
  );
  assert.equal(
    isTokenRequestRight({ key, clientId: 'partner-a', timestamp, signature: '*' }),
    false,
  );
});

test('isAsymmetricRight() checks SHA256withRSA over method, path, body hash and time, in the agreed spelling only', () => {
  const { privateKey, publicKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = sign(
    'sha256',
    Buffer.from(`POST:/v1.0/transfer-intrabank:${HASH}:2026-08-01T10:00:05+07:00`),
    privateKey,
  );
  const base64 = {
    ...parts,
    key,
    encoding: 'base64',
    signature: signed.toString('base64'),
  } as const;
  const hex = { ...parts, key, encoding: 'hex', signature: signed.toString('hex') } as const;
  assert.equal(isAsymmetricRight(base64), true);
  assert.equal(isAsymmetricRight(hex), true);
  for (const change of [
    { method: 'PUT' },
    { endpointUrl: '/v1.0/transfer-intrabank?a=1' },
    { bodyHash: 'e3' },
    { timestamp: '2026-08-01T10:00:06+07:00' },
    { signature: hex.signature },
    { signature: base64.signature.replaceAll('=', '') },
    { signature: ` ${base64.signature}` },
    { signature: '' },
  ])
    assert.equal(isAsymmetricRight({ ...base64, ...change }), false, JSON.stringify(change));
  assert.equal(isAsymmetricRight({ ...hex, signature: hex.signature.toUpperCase() }), false);
});

/** JSON text whose white space we control: tokens with `gap` between them. */
const jsonTokens: fc.Arbitrary<string[]> = fc.letrec<{ value: string[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .constantFrom('1', '10000.00', '1e5', '1E+05', '-0', '0.10', 'true', 'null')
      .map((text) => [text]),
    fc.string({ unit: 'binary' }).map((text) => [JSON.stringify(text)]),
    fc
      .constantFrom('"a \\" b"', '"\\\\"', '"\\u0041 \\/ \\t"', '" "', '"\\\\\\""')
      .map((text) => [text]),
    fc
      .array(tie('value'), { maxLength: 3 })
      .map((items) => ['[', ...items.flatMap((item, i) => (i ? [',', ...item] : item)), ']']),
    fc
      .array(fc.tuple(fc.string({ unit: 'grapheme' }), tie('value')), { maxLength: 3 })
      .map((fields) => [
        '{',
        ...fields.flatMap(([key, item], i) => [
          ...(i ? [','] : []),
          JSON.stringify(key),
          ':',
          ...item,
        ]),
        '}',
      ]),
  ),
})).value;

test('minify() takes out the white space between tokens and not a byte more', () => {
  fc.assert(
    fc.property(
      jsonTokens,
      fc.array(fc.constantFrom('', ' ', '\n', '\r\n', '\t', '  '), { minLength: 1 }),
      (tokens, gaps) => {
        const spaced = tokens.map((token, i) => gaps[i % gaps.length] + token).join('') + gaps[0];
        const tight = tokens.join('');
        const out = minify(Buffer.from(spaced)).toString();
        assert.equal(out, tight);
        assert.deepEqual(JSON.parse(out), JSON.parse(spaced));
        assert.equal(minify(Buffer.from(out)).toString(), out);
      },
    ),
  );
});

test('minify() takes any bytes without a throw and never makes them longer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const input = Buffer.from(bytes);
      const before = Buffer.from(input);
      assert.ok(minify(input).length <= input.length);
      assert.deepEqual(input, before, 'the input is left as it was');
    }),
  );
});
