/** Message authentication and key check values: ISO 9797-1 algorithm 3 (ANSI X9.19), AES-CMAC (NIST SP 800-38B, RFC 4493). Pure. */
import type { KeyAlgorithm } from '../rail/hsm/port.ts';
import { AES_BLOCK, cbc, decryptBlocks, encryptBlocks, TDES_BLOCK, wipe, xor } from './cipher.ts';

/** Bytes of a MAC in a message (DE 64 and DE 128). */
export const MAC_BYTES = 8;
const CHECK_VALUE_BYTES = 3;

/** ISO 9797-1 algorithm 3 with a double-length key. Padding method 1 fills with zeros up to a whole block (X9.19), so data that end in
 * zero bytes share their MAC with shorter ones: for messages of text. Method 2 adds 0x80 first (EMV). */
export function retailMac(key: Buffer, data: Buffer, padding: 1 | 2): Buffer {
  const marked = padding === 2 ? Buffer.concat([data, Buffer.from([0x80])]) : data;
  const padded = Buffer.alloc(Math.max(1, Math.ceil(marked.length / TDES_BLOCK)) * TDES_BLOCK);
  marked.copy(padded);
  const [first, second] = [key.subarray(0, 8), key.subarray(8, 16)];
  const chain = cbc({
    algorithm: 'T',
    key: first,
    iv: Buffer.alloc(TDES_BLOCK),
    data: padded,
    isEncrypting: true,
  });
  const inner = decryptBlocks('T', second, chain.subarray(-TDES_BLOCK));
  const mac = encryptBlocks('T', first, inner);
  wipe(chain, inner, padded);
  return mac;
}

/** AES-CMAC, 16 bytes. */
export function cmac(key: Buffer, data: Buffer): Buffer {
  const subkey = doubled(encryptBlocks('A', key, Buffer.alloc(AES_BLOCK)));
  const isWhole = data.length > 0 && data.length % AES_BLOCK === 0;
  const lastAt = isWhole
    ? data.length - AES_BLOCK
    : Math.floor(data.length / AES_BLOCK) * AES_BLOCK;
  const last = Buffer.alloc(AES_BLOCK);
  data.copy(last, 0, lastAt);
  if (!isWhole) last[data.length - lastAt] = 0x80;
  const mask = isWhole ? subkey : doubled(subkey);
  const masked = Buffer.concat([data.subarray(0, lastAt), xor(last, mask)]);
  const chain = cbc({
    algorithm: 'A',
    key,
    iv: Buffer.alloc(AES_BLOCK),
    data: masked,
    isEncrypting: true,
  });
  const mac = Buffer.from(chain.subarray(-AES_BLOCK));
  wipe(chain, masked, last, subkey, mask);
  return mac;
}

/** Doubling in GF(2^128). */
function doubled(block: Buffer): Buffer {
  const out = Buffer.alloc(AES_BLOCK);
  for (let at = 0; at < AES_BLOCK; at++)
    out[at] = ((block[at]! << 1) | ((block[at + 1] ?? 0) >> 7)) & 0xff;
  if (block[0]! & 0x80) out[AES_BLOCK - 1]! ^= 0x87;
  return out;
}

/** Six hex digits by which two sides see that they hold the same key: TDES the first three bytes of encrypted zeros, AES the first
 * three of the CMAC of a block of zeros (ANSI X9.24-1). */
export function checkValueOf(algorithm: KeyAlgorithm, key: Buffer): string {
  const whole =
    algorithm === 'T'
      ? encryptBlocks('T', key, Buffer.alloc(TDES_BLOCK))
      : cmac(key, Buffer.alloc(AES_BLOCK));
  return whole.subarray(0, CHECK_VALUE_BYTES).toString('hex').toUpperCase();
}
