/** The signature of a hub message: base64 Ed25519 over the body bytes, in the header `x-signature`. */
import { sign, verify, type KeyObject } from 'node:crypto';

/** Header of every body that is not empty. */
export const SIGNATURE_HEADER = 'x-signature';

/** Signs the bytes that go on the wire. */
export function signBody(key: KeyObject, body: Buffer): string {
  return sign(null, body, key).toString('base64');
}

/** True when `signature` is the key's over exactly these bytes; false for anything malformed. */
export function isSigned(input: {
  readonly key: KeyObject;
  readonly body: Buffer;
  readonly signature: string | undefined;
}): boolean {
  if (input.signature === undefined || !/^[A-Za-z0-9+/]{86}==$/.test(input.signature)) return false;
  return verify(null, input.body, input.key, Buffer.from(input.signature, 'base64'));
}
