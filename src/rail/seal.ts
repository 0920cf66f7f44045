/** A box that only core can open: what a network gives us for a customer (a prepaid token, a tax receipt number) passes journals,
 * copies and backups sealed. X25519 with a key of its own per box, HKDF-SHA-256, AES-256-GCM (node:crypto).
 * Source: RFC 7748, RFC 5869; docs/rail/biller.md section 6. */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

const VERSION = 'v1';
const TAG_BYTES = 16;
const SPKI_BYTES = 44;
/** Every box has a key of its own, so the nonce never meets the same key twice. */
const NONCE = Buffer.alloc(12);
/** What a box may hold. */
const TEXT_CHARS_MAX = 2_048;

/** Seals text to the owner of a public X25519 key; `purpose` is bound to it. Throws RangeError for a text that is too long. */
export function seal(
  text: string,
  to: { readonly key: KeyObject; readonly purpose: string },
): string {
  if (text.length > TEXT_CHARS_MAX) throw new RangeError('Cannot seal: the text is too long');
  const own = generateKeyPairSync('x25519');
  const sender = own.publicKey.export({ type: 'spki', format: 'der' });
  const key = keyOf({ privateKey: own.privateKey, publicKey: to.key, sender, purpose: to.purpose });
  const cipher = createCipheriv('aes-256-gcm', key, NONCE);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${VERSION}.${Buffer.concat([sender, body, cipher.getAuthTag()]).toString('base64url')}`;
}

/** Opens a box; undefined when it was not sealed to this key for this purpose, or was changed. */
export function unseal(
  box: string,
  by: { readonly key: KeyObject; readonly purpose: string },
): string | undefined {
  const [version, text] = box.split('.');
  if (version !== VERSION || text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < SPKI_BYTES + TAG_BYTES) return undefined;
  const sender = bytes.subarray(0, SPKI_BYTES);
  try {
    const publicKey = createPublicKey({ key: sender, type: 'spki', format: 'der' });
    const key = keyOf({ privateKey: by.key, publicKey, sender, purpose: by.purpose });
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(SPKI_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    // Another key, another purpose or changed bytes: all the same to whoever asks.
    return undefined;
  }
}

function keyOf(from: {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly sender: Uint8Array;
  readonly purpose: string;
}): Buffer {
  const { privateKey, publicKey, sender, purpose } = from;
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, sender, `pulih.seal.${VERSION}:${purpose}`, 32));
}
