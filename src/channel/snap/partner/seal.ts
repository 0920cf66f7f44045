/** Seals partners' keys for the database: AES-256-GCM under a key that stands in a file of core. A client secret must be readable to
 * check an HMAC, so it cannot be hashed; a public key is no secret, but sealed it cannot be slipped in by who can only write the
 * database. What a text belongs to is part of the seal. Source: docs/adr/0017. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../../kernel/random.ts';

const KIND = 'aes256gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const TEXT = /^aes256gcm\$([\w-]{16})\$([\w-]{22})\$([\w-]+)$/;

/** Seals and opens. `bound` names what the text belongs to; opened under another name it is unreadable. */
export interface Sealer {
  /** `aes256gcm$iv$tag$text`, base64url parts. */
  seal(input: { readonly text: string; readonly bound: string }): string;
  /** Undefined when it was changed, moved, or sealed under another key. */
  open(input: { readonly sealed: string; readonly bound: string }): string | undefined;
}

/** Opens the sealer. Throws RangeError for a key that is not 32 bytes. */
export function openSealer(input: { readonly key: Buffer; readonly random: Random }): Sealer {
  const { key, random } = input;
  if (key.length !== KEY_BYTES) throw new RangeError('Cannot seal: the key is not 32 bytes');
  const head = (bound: string): Buffer => Buffer.from(`${KIND}|${bound}`);
  return {
    seal({ text, bound }) {
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(head(bound));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const parts = [iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'));
      return [KIND, ...parts].join('$');
    },
    open({ sealed, bound }) {
      const match = TEXT.exec(sealed);
      if (!match) return undefined;
      const [iv, tag, text] = match.slice(1).map((part) => Buffer.from(part, 'base64url'));
      const decipher = createDecipheriv('aes-256-gcm', key, iv!, { authTagLength: TAG_BYTES });
      decipher.setAAD(head(bound)).setAuthTag(tag!);
      try {
        return Buffer.concat([decipher.update(text!), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
