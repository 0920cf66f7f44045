/** SNAP BI signatures: what is signed and how it is checked. Pure; knows no partner and no clock. Source: domain.md 3.2, 3.3. */
import { createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { sha256 } from '../../kernel/canonical.ts';
import { minify } from './minify.ts';

/** How a partner writes the signature of a transaction, of either kind: a setting, never guessed. */
export type HmacEncoding = 'base64' | 'hex';

/** Lower-case hex SHA-256 of the minified body; of the empty text when there is none. */
export function bodyHash(body: Buffer): string {
  return sha256(minify(body)).toString('hex');
}

/** What a transaction signature covers. `endpointUrl` is path and query as sent. */
export interface SignedParts {
  readonly method: string;
  readonly endpointUrl: string;
  readonly accessToken: string;
  readonly bodyHash: string;
  readonly timestamp: string;
}

/** HMAC-SHA512 of `METHOD:EndpointUrl:AccessToken:bodyHash:timestamp` in the partner's encoding. */
export function signSymmetric(
  input: SignedParts & { readonly secret: string; readonly encoding: HmacEncoding },
): string {
  const text = `${input.method}:${input.endpointUrl}:${input.accessToken}:${input.bodyHash}:${input.timestamp}`;
  return createHmac('sha512', input.secret).update(text).digest(input.encoding);
}

/** True when `signature` is the one of these parts, in exactly the partner's encoding; constant time. */
export function isSymmetricRight(
  input: SignedParts & {
    readonly secret: string;
    readonly encoding: HmacEncoding;
    readonly signature: string;
  },
): boolean {
  const right = Buffer.from(signSymmetric(input));
  const given = Buffer.from(input.signature);
  // Its length is the encoding's, which is no secret.
  return right.length === given.length && timingSafeEqual(right, given);
}

/** True when `signature` is SHA256withRSA over `METHOD:EndpointUrl:bodyHash:timestamp`, in exactly the partner's encoding.
 * Source: domain.md 3.3, the signature without token. */
export function isAsymmetricRight(
  input: Omit<SignedParts, 'accessToken'> & {
    readonly key: KeyObject;
    readonly encoding: HmacEncoding;
    readonly signature: string;
  },
): boolean {
  const text = `${input.method}:${input.endpointUrl}:${input.bodyHash}:${input.timestamp}`;
  return isRsaRight({ ...input, text });
}

/** True when `signature` is Base64 of SHA256withRSA over `clientId|timestamp`, for an access token. */
export function isTokenRequestRight(input: {
  readonly key: KeyObject;
  readonly clientId: string;
  readonly timestamp: string;
  readonly signature: string;
}): boolean {
  const text = `${input.clientId}|${input.timestamp}`;
  return isRsaRight({ ...input, text, encoding: 'base64' });
}

function isRsaRight(input: {
  readonly key: KeyObject;
  readonly text: string;
  readonly encoding: HmacEncoding;
  readonly signature: string;
}): boolean {
  const bytes = Buffer.from(input.signature, input.encoding);
  // The decoder skips what it does not know: one text per signature, so that no second spelling passes.
  if (bytes.toString(input.encoding) !== input.signature) return false;
  return verify('sha256', Buffer.from(input.text), input.key, bytes);
}
