/** What is stored with a card instead of its PIN. Under an AES key our own value: a salted AES-CMAC over PAN and all digits. Under a
 * TDES key the Visa PVV, for four-digit PINs only, because it looks at no more than four. ADR 0015 says why not the IBM 3624 offset. Pure. */
import { equalSecret } from '../kernel/canonical.ts';
import type { Random } from '../kernel/random.ts';
import { encryptBlocks, wipe } from './cipher.ts';
import { cmac } from './mac.ts';
import type { ClearKey } from './pin-block.ts';

const SALT_BYTES = 16;
/** Domestic chip cards have six digits (domain.md 4.7); a new PIN is never shorter. */
const PIN_DIGITS_NEW_MIN = 6;
const PVV_PIN_DIGITS = 4;
const PVV_KEY_INDEX = '1';

interface PinFacts {
  readonly pin: Buffer;
  readonly pan: string;
}

/** A stored value, read. `salted`: `s1.<key version>.<salt>.<tag>`; `pvv`: `v1.<key version>.<pvv>`. */
export type PinValue =
  | {
      readonly kind: 'salted';
      readonly version: number;
      readonly salt: Buffer;
      readonly tag: Buffer;
    }
  | { readonly kind: 'pvv'; readonly version: number; readonly pvv: string };

/** Reads a stored value; undefined when it is none. */
export function readPinValue(text: string): PinValue | undefined {
  const salted = /^s1\.(\d{1,6})\.([\w-]{22})\.([\w-]{22})$/.exec(text);
  if (salted)
    return {
      kind: 'salted',
      version: Number(salted[1]),
      salt: Buffer.from(salted[2]!, 'base64url'),
      tag: Buffer.from(salted[3]!, 'base64url'),
    };
  const pvv = /^v1\.(\d{1,6})\.(\d{4})$/.exec(text);
  return pvv ? { kind: 'pvv', version: Number(pvv[1]), pvv: pvv[2]! } : undefined;
}

/** True when a PIN of so many digits may be set under a key of this algorithm. */
export function isSettable(algorithm: ClearKey['algorithm'], digits: number): boolean {
  return algorithm === 'T' ? digits === PVV_PIN_DIGITS : digits >= PIN_DIGITS_NEW_MIN;
}

/** The value of a PIN, as text. The length must be settable. */
export function makePinValue(
  pvk: ClearKey,
  input: PinFacts & { readonly version: number; readonly random: Random },
): string {
  if (pvk.algorithm === 'T') return `v1.${input.version}.${pvvOf(pvk.key, input, PVV_KEY_INDEX)}`;
  const salt = input.random.bytes(SALT_BYTES);
  const tag = tagOf(pvk.key, { ...input, salt });
  return `s1.${input.version}.${salt.toString('base64url')}.${tag.toString('base64url')}`;
}

/** True when the PIN is the one of the value. */
export function isPinOf(pvk: ClearKey, value: PinValue, facts: PinFacts): boolean {
  if (value.kind === 'salted')
    return (
      pvk.algorithm === 'A' &&
      equalSecret(tagOf(pvk.key, { ...facts, salt: value.salt }), value.tag)
    );
  return (
    pvk.algorithm === 'T' &&
    facts.pin.length === PVV_PIN_DIGITS &&
    equalSecret(pvvOf(pvk.key, facts, PVV_KEY_INDEX), value.pvv)
  );
}

function tagOf(key: Buffer, { pin, pan, salt }: PinFacts & { readonly salt: Buffer }): Buffer {
  const text = Buffer.concat([
    Buffer.from('pulih.pin.v1', 'ascii'),
    salt,
    Buffer.from([pan.length]),
    Buffer.from(pan, 'ascii'),
    Buffer.from([pin.length]),
    pin,
  ]);
  const tag = cmac(key, text);
  wipe(text);
  return tag;
}

/** Visa PVV: eleven PAN digits without the check digit, key index and four PIN digits, encrypted; then the first four decimal digits,
 * and after them letters less ten. */
export function pvvOf(key: Buffer, { pin, pan }: PinFacts, keyIndex: string): string {
  const parameter = Buffer.from(`${pan.slice(-12, -1)}${keyIndex}0000`, 'hex');
  parameter[6] = (pin[0]! << 4) | pin[1]!;
  parameter[7] = (pin[2]! << 4) | pin[3]!;
  const cipher = encryptBlocks('T', key, parameter);
  const hex = cipher.toString('hex');
  wipe(parameter, cipher);
  const digits = hex.replace(/[a-f]/g, '');
  const letters = hex
    .replace(/\d/g, '')
    .replace(/./g, (letter) => String(parseInt(letter, 16) - 10));
  return `${digits}${letters}`.slice(0, 4);
}
