/** The block ciphers under everything else: TDES and AES in ECB and CBC without padding, parity, wiping. Pure. Single DES is TDES
 * with equal keys, which is the same function (SP 800-67), since OpenSSL 3 keeps single DES in its legacy provider. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { assert } from '../kernel/assert.ts';
import type { KeyAlgorithm } from '../rail/hsm/port.ts';

/** Bytes of a TDES block. */
export const TDES_BLOCK = 8;
/** Bytes of an AES block. */
export const AES_BLOCK = 16;

/** Overwrites what must not stay in memory. */
export function wipe(...buffers: readonly Buffer[]): void {
  for (const buffer of buffers) buffer.fill(0);
}

/** Bytes of a block of the algorithm. */
export function blockBytes(algorithm: KeyAlgorithm): number {
  return algorithm === 'T' ? TDES_BLOCK : AES_BLOCK;
}

/** ECB over whole blocks. */
export function encryptBlocks(algorithm: KeyAlgorithm, key: Buffer, data: Buffer): Buffer {
  return run({ algorithm, key, data, mode: 'ecb', iv: null, isEncrypting: true });
}

/** The inverse of `encryptBlocks`. */
export function decryptBlocks(algorithm: KeyAlgorithm, key: Buffer, data: Buffer): Buffer {
  return run({ algorithm, key, data, mode: 'ecb', iv: null, isEncrypting: false });
}

/** CBC over whole blocks. */
export function cbc(input: {
  readonly algorithm: KeyAlgorithm;
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly data: Buffer;
  readonly isEncrypting: boolean;
}): Buffer {
  return run({ ...input, mode: 'cbc' });
}

function run(input: {
  readonly algorithm: KeyAlgorithm;
  readonly key: Buffer;
  readonly data: Buffer;
  readonly mode: 'ecb' | 'cbc';
  readonly iv: Buffer | null;
  readonly isEncrypting: boolean;
}): Buffer {
  const { algorithm, key, data, mode, iv } = input;
  assert(data.length % blockBytes(algorithm) === 0, 'data are whole blocks');
  const full = algorithm === 'T' ? tripled(key) : key;
  const name = algorithm === 'T' ? `des-ede3-${mode}` : `aes-${key.length * 8}-${mode}`;
  const cipher = input.isEncrypting
    ? createCipheriv(name, full, iv).setAutoPadding(false)
    : createDecipheriv(name, full, iv).setAutoPadding(false);
  const out = Buffer.concat([cipher.update(data), cipher.final()]);
  if (full !== key) wipe(full);
  return out;
}

/** Keys of one or two parts as three. */
function tripled(key: Buffer): Buffer {
  assert(key.length === 8 || key.length === 16, 'a TDES key has one or two parts');
  const first = key.subarray(0, 8);
  return Buffer.concat([first, key.length === 16 ? key.subarray(8, 16) : first, first]);
}

/** The exclusive or of two buffers of one length. */
export function xor(left: Buffer, right: Buffer): Buffer {
  assert(left.length === right.length, 'both have the same length');
  const out = Buffer.alloc(left.length);
  for (let at = 0; at < out.length; at++) out[at] = left[at]! ^ right[at]!;
  return out;
}

/** Sets the parity bits of a DES key in place: each byte odd. They take no part in the cipher. */
export function setOddParity(key: Buffer): Buffer {
  for (let at = 0; at < key.length; at++) {
    let ones = 0;
    for (let bits = key[at]! >> 1; bits > 0; bits >>= 1) ones += bits & 1;
    key[at] = (key[at]! & 0xfe) | (ones % 2 === 0 ? 1 : 0);
  }
  return key;
}

/** True when a double-length TDES key is in truth a single DES key, which a machine searches in days. Parity must be set. */
export function hasEqualHalves(key: Buffer): boolean {
  return key.subarray(0, 8).equals(key.subarray(8, 16));
}
