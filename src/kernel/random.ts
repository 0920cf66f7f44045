import { createHash, randomFillSync } from 'node:crypto';

/** Randomness as a port, so that a drill with a seed repeats itself. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Buffer;
  /** A whole number in [0, below). */
  below(below: number): number;
}

/** Asked for at once: a system call for every id costs more than the id. */
const POOL_BYTES = 4_096;
/** As long as the shortest key or token. */
const KEY_BYTES = 16;

/** The operating system's randomness. The only kind allowed for keys and tokens in production. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  const bytes = (length: number): Buffer => {
    // Keys and tokens get memory of their own; an id may share a page with other small buffers.
    const out = length < KEY_BYTES ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
    if (length > POOL_BYTES) return randomFillSync(out);
    if (used + length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    pool.copy(out, 0, used, used + length);
    // What was given out may be a key: it stays with its owner alone.
    pool.fill(0, used, used + length);
    used += length;
    return out;
  };
  return { bytes, below: (below) => Number(bytes(6).readUIntBE(0, 6) % below) };
}

/** A repeatable stream from a seed (SHA-256 in counter mode). For drills and tests only. */
export function seededRandom(seed: string | number): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  const bytes = (length: number): Buffer => {
    while (pool.length < length) {
      pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${counter++}`).digest()]);
    }
    const out = pool.subarray(0, length);
    pool = pool.subarray(length);
    return Buffer.from(out);
  };
  return { bytes, below: (below) => Number(bytes(6).readUIntBE(0, 6) % below) };
}
