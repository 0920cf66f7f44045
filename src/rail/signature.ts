/** The signature of every body to and from BI-FAST and the aggregator, both ways: Ed25519 over the exact bytes by the sender's message key.
 * Source: docs/rail/bifast.md section 1. */
import { sign, verify, type KeyObject } from 'node:crypto';

/** How a signed body is spelled. */
export type Encoding = 'json' | 'xml';

/** The header that carries it, lower case. */
export const SIGNATURE_HEADER = 'x-signature';

/** Headers for a body of ours. */
export function signedHeaders(
  key: KeyObject,
  body: Uint8Array,
  encoding: Encoding = 'json',
): Readonly<Record<string, string>> {
  return {
    'content-type': `application/${encoding}`,
    [SIGNATURE_HEADER]: sign(null, body, key).toString('base64'),
  };
}

/** True when the owner of `key` signed exactly these bytes. */
export function isSigned(input: {
  readonly key: KeyObject;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>> | undefined;
}): boolean {
  const signature = input.headers?.[SIGNATURE_HEADER];
  if (!signature || signature.length > 128) return false;
  return verify(null, input.body, input.key, Buffer.from(signature, 'base64'));
}
