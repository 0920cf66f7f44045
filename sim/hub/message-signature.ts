/** The signature of a hub message: base64 Ed25519 over the body bytes, in the header `x-signature`. */
import { sign, verify, type KeyObject } from 'node:crypto';

/** Header of every body that is not empty. */
export const SIGNATURE_HEADER = 'x-signature';

/** Signs the bytes that go on the wire. */
export function signBody(key: KeyObject, body: Buffer): string {
  return sign(null, body, key).toString('base64');
}

/** A bank acknowledges with the same few bytes each time, under the same signature: the last of each key needs no second look. */
const PLAIN_BYTES_MAX = 16;
const lastPlain = new WeakMap<KeyObject, string>();

/** True when `signature` is the key's over exactly these bytes; false for anything malformed. */
export function isSigned(input: {
  readonly key: KeyObject;
  readonly body: Buffer;
  readonly signature: string | undefined;
}): boolean {
  if (input.signature === undefined) return false;
  const isPlain = input.body.length <= PLAIN_BYTES_MAX;
  const plain = isPlain ? `${input.body.toString('latin1')} ${input.signature}` : '';
  if (isPlain && lastPlain.get(input.key) === plain) return true;
  if (!isKeysOwn(input.key, input.body, input.signature)) return false;
  if (isPlain) lastPlain.set(input.key, plain);
  return true;
}

function isKeysOwn(key: KeyObject, body: Buffer, signature: string): boolean {
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) return false;
  return verify(null, body, key, Buffer.from(signature, 'base64'));
}
