/** A staff member's signing key, sealed with the person's own password: scrypt and AES-256-GCM. The database holds only the
 * sealed text, so neither its operator nor one colleague can sign a release as somebody else (I5). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { costText, parseCost, type Secrets } from './secret.ts';

const KIND = 'scrypt-aes256gcm';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a PEM private key. Text: `scrypt-aes256gcm$n$r$p$salt$iv$tag$ciphertext`, base64url parts; the head is authenticated. */
export async function sealStaffKey(
  secrets: Secrets,
  input: { readonly privateKeyPem: string; readonly password: string },
): Promise<string> {
  const salt = secrets.random.bytes(SALT_BYTES);
  const iv = secrets.random.bytes(IV_BYTES);
  const key = await secrets.derive({ secret: input.password, salt, cost: secrets.cost });
  const head = `${KIND}$${costText(secrets.cost)}`;
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(head),
  );
  const sealed = Buffer.concat([cipher.update(input.privateKeyPem, 'utf8'), cipher.final()]);
  return [
    head,
    ...[salt, iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')),
  ].join('$');
}

/** The PEM inside; undefined when the password is wrong or the text was changed. */
export async function unsealStaffKey(
  secrets: Secrets,
  input: { readonly sealed: string; readonly password: string },
): Promise<string | undefined> {
  const parts = input.sealed.split('$');
  const cost = parseCost(parts.slice(1, 4));
  if (parts.length !== 8 || parts[0] !== KIND || !cost) return undefined;
  const [salt, iv, tag, sealed] = parts.slice(4).map((part) => Buffer.from(part, 'base64url'));
  if (
    salt?.length !== SALT_BYTES ||
    iv?.length !== IV_BYTES ||
    tag?.length !== TAG_BYTES ||
    !sealed
  )
    return undefined;
  const key = await secrets.derive({ secret: input.password, salt, cost });
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(parts.slice(0, 4).join('$')))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
