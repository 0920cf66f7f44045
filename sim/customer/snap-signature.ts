/** How a SNAP partner signs (domain.md 3.2, 3.3), written apart from the bank's own verifier. Pure. */
import { createHash, createHmac, sign, type KeyObject } from 'node:crypto';

/** `X-SIGNATURE` of a token request: SHA256withRSA over `clientId|timestamp`, Base64. */
export function signTokenRequest(input: {
  readonly key: KeyObject;
  readonly clientId: string;
  readonly timestamp: string;
}): string {
  return sign('sha256', Buffer.from(`${input.clientId}|${input.timestamp}`), input.key).toString(
    'base64',
  );
}

/** Takes the spaces between JSON tokens away and leaves everything inside strings as it is. */
export function minify(body: string): string {
  return body.replace(
    /("(?:[^"\\]|\\.)*")|\s+/g,
    (_all, quoted: string | undefined) => quoted ?? '',
  );
}

/** Lower-case hex SHA-256 of the minified body; an empty body hashes the empty string. */
export function bodyHash(body: string): string {
  return createHash('sha256').update(minify(body)).digest('hex');
}

/** `X-SIGNATURE` of a transaction, symmetric: HMAC-SHA512 over `METHOD:path:token:bodyHash:timestamp`. */
export function signTransaction(input: {
  readonly secret: string;
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: string;
  readonly timestamp: string;
  readonly encoding: 'base64' | 'hex';
}): string {
  const text = `${input.method}:${input.path}:${input.token}:${bodyHash(input.body)}:${input.timestamp}`;
  return createHmac('sha512', input.secret).update(text).digest(input.encoding);
}

/** `X-SIGNATURE` of a transaction, asymmetric: SHA256withRSA over `METHOD:path:bodyHash:timestamp`; no token is part of it. */
export function signWithoutToken(input: {
  readonly key: KeyObject;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly timestamp: string;
  readonly encoding: 'base64' | 'hex';
}): string {
  const text = `${input.method}:${input.path}:${bodyHash(input.body)}:${input.timestamp}`;
  return sign('sha256', Buffer.from(text), input.key).toString(input.encoding);
}
