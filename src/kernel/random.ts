import { createHash, randomBytes } from 'node:crypto';

/** Randomness as a port, so that a drill with a seed repeats itself. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Buffer;
  /** A whole number in [0, below). */
  below(below: number): number;
}

/** The operating system's randomness. The only kind allowed for keys and tokens in production. */
export function systemRandom(): Random {
  return {
    bytes: (length) => randomBytes(length),
    below: (below) => Number(randomBytes(6).readUIntBE(0, 6) % below),
  };
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
