/** What the network does with keys: retail MAC, PIN blocks, key exchange. Test keys only: they follow from a seed, and the switch
 * holds clear PINs in memory, which no real one may. Source: domain.md 4.7. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { equalSecret, sha256 } from '../../src/kernel/canonical.ts';

const BLOCK = 8;
const KEY_BYTES = 16;
const PIN = /^\d{4,12}$/;

/** A two-key TDES test key that follows from seed and name, with odd parity. */
export function testKey(seed: string, name: string): Buffer {
  return withOddParity(sha256(`switch-test-key:${seed}:${name}`).subarray(0, KEY_BYTES));
}

/** Keys of one link; clear, and therefore test keys. */
export interface LinkKeys {
  /** Key that keys travel under. */
  readonly zmk: Buffer;
  /** PIN key at the start. */
  readonly zpk: Buffer;
  /** MAC key. */
  readonly mac: Buffer;
}

/** The keys of the link `name` that follow from `seed`; both sides make the same. */
export function testLinkKeys(seed: string, name: string): LinkKeys {
  const key = (kind: string): Buffer => testKey(seed, `${name}:${kind}`);
  return { zmk: key('zmk'), zpk: key('zpk'), mac: key('mac') };
}

/** The same bytes with the lowest bit of each set so that the number of ones is odd. */
export function withOddParity(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => (isOdd(byte >> 1) ? byte & 0xfe : byte | 1)));
}

function isOdd(value: number): boolean {
  let ones = 0;
  for (let rest = value; rest > 0; rest >>= 1) ones += rest & 1;
  return ones % 2 === 1;
}

/** TDES with two keys, ECB, whole blocks. */
export function encipher(key: Uint8Array, data: Uint8Array): Buffer {
  const cipher = createCipheriv('des-ede', key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** The other way. */
export function decipher(key: Uint8Array, data: Uint8Array): Buffer {
  const cipher = createDecipheriv('des-ede', key, null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** Key check value: the first three bytes of eight zeros under the key, 6 hex characters. */
export function checkValue(key: Uint8Array): string {
  return hex(encipher(key, Buffer.alloc(BLOCK)).subarray(0, 3));
}

/** DE120: a key under the ZMK, then its check value. */
export function wrapKey(zmk: Uint8Array, key: Uint8Array): string {
  return `${hex(encipher(zmk, key))}${checkValue(key)}`;
}

/** The key that DE120 carries; undefined when its check value does not fit. */
export function unwrapKey(zmk: Uint8Array, text: string): Buffer | undefined {
  if (!/^[0-9A-F]{38}$/.test(text)) return undefined;
  const key = decipher(zmk, Buffer.from(text.slice(0, 32), 'hex'));
  return equalSecret(checkValue(key), text.slice(32)) ? key : undefined;
}

/** ISO 9797-1 MAC algorithm 3 (ANSI X9.19) with padding method 1: CBC with the left half, the last block with both. 16 hex. */
export function retailMac(key: Uint8Array, data: Uint8Array): string {
  const padded = Buffer.alloc(Math.max(1, Math.ceil(data.length / BLOCK)) * BLOCK);
  padded.set(data);
  const left = key.subarray(0, BLOCK);
  // Two equal halves make two-key TDES the single DES that the chaining asks for.
  const chain = createCipheriv('des-ede-cbc', Buffer.concat([left, left]), Buffer.alloc(BLOCK));
  chain.setAutoPadding(false);
  const chained = chain.update(padded.subarray(0, -BLOCK));
  const last = Buffer.from(padded.subarray(-BLOCK));
  if (chained.length > 0)
    for (let i = 0; i < BLOCK; i++) last[i]! ^= chained[chained.length - BLOCK + i]!;
  return hex(encipher(key, last));
}

/** ISO-0 PIN block under `key`, 16 hex characters. */
export function sealPin(
  key: Uint8Array,
  input: { readonly pin: string; readonly pan: string },
): string {
  return hex(encipher(key, clearPinBlock(input)));
}

/** The clear ISO-0 block. */
export function clearPinBlock(input: { readonly pin: string; readonly pan: string }): Buffer {
  if (!PIN.test(input.pin)) throw new RangeError('Cannot make PIN block: not 4 to 12 digits');
  const pin = `0${input.pin.length.toString(16)}${input.pin}`.padEnd(16, 'F');
  return exclusiveOr(Buffer.from(pin, 'hex'), panBlock(input.pan));
}

/** The PIN in a block; undefined when no PIN can be in it: another key, another PAN, or no ISO-0. */
export function openPin(
  key: Uint8Array,
  input: { readonly block: string; readonly pan: string },
): string | undefined {
  const clear = hex(
    exclusiveOr(decipher(key, Buffer.from(input.block, 'hex')), panBlock(input.pan)),
  );
  const length = Number.parseInt(clear[1]!, 16);
  const pin = clear.slice(2, 2 + length);
  const isBlock = clear[0] === '0' && PIN.test(pin) && /^F*$/.test(clear.slice(2 + length));
  return isBlock ? pin : undefined;
}

function panBlock(pan: string): Buffer {
  return Buffer.from(`0000${pan.slice(-13, -1).padStart(12, '0')}`, 'hex');
}

function exclusiveOr(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]!));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
