/** Passwords and PINs: scrypt with its parameters stored in the hash, so that they can be raised without asking anybody to
 * change a password. Also the key that seals staff signing keys. Owns no table. */
import { scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';

/** OWASP's 32 MiB row: about 200 ms on one core. */
const DEFAULT_COST: ScryptCost = { n: 32_768, r: 8, p: 3 };
/** A stored hash may not ask for more than this: 256 MiB, p 16. */
const MEMORY_BYTES_MAX = 268_435_456;
const PARALLEL_MAX = 16;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** At once: leaves half of libuv's four threads to files and names; 64 MiB. */
const RUNNING_COUNT_MAX = 2;
/** Waiting longer than this queue takes (about 6 s) helps nobody. */
const WAITING_COUNT_MAX = 64;
/** Longest secret that is looked at, in UTF-16 units. */
export const SECRET_LENGTH_MAX = 256;

/** scrypt's cost: `n` iterations (power of two), `r` block size, `p` parallel. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** Too many sign-ins wait: answer 503 and change nothing. */
export class SecretBusy extends Error {
  override name = 'SecretBusy';
}

/** Slow hashing with a bound on what runs and waits. All functions throw SecretBusy when the queue is full. */
export interface Secrets {
  /** `scrypt$<n>$<r>$<p>$<salt>$<key>`, base64url parts. */
  hash(secret: string): Promise<string>;
  /** Constant time in the key; takes as long when `stored` is undefined (unknown user), and is false then. */
  verify(input: { readonly secret: string; readonly stored: string | undefined }): Promise<boolean>;
  /** A 32-byte key from a password, for sealing. */
  derive(input: {
    readonly secret: string;
    readonly salt: Buffer;
    readonly cost: ScryptCost;
  }): Promise<Buffer>;
  readonly random: Random;
  readonly cost: ScryptCost;
}

/** Opens the hasher. `cost` is lowered in tests and drills only. */
export function openSecrets(input: {
  readonly time: Time;
  readonly random: Random;
  readonly cost?: ScryptCost;
}): Secrets {
  const { time, random } = input;
  const cost = input.cost ?? DEFAULT_COST;
  const limit = slots();
  const derive: Secrets['derive'] = async ({ secret, salt, cost: own }) => {
    const release = await time.track(limit.take());
    try {
      return await time.track(
        runScrypt({ secret: secret.slice(0, SECRET_LENGTH_MAX), salt, cost: own }),
      );
    } finally {
      release();
    }
  };
  return {
    random,
    cost,
    derive,
    async hash(secret) {
      if (secret.length > SECRET_LENGTH_MAX) throw new RangeError('Cannot hash secret: too long');
      const salt = random.bytes(SALT_BYTES);
      const key = await derive({ secret, salt, cost });
      return `scrypt$${costText(cost)}$${salt.toString('base64url')}$${key.toString('base64url')}`;
    },
    async verify({ secret, stored }) {
      const known = stored === undefined ? undefined : parseStored(stored);
      const salt = known?.salt ?? Buffer.alloc(SALT_BYTES);
      const key = await derive({ secret, salt, cost: known?.cost ?? cost });
      const isSame = timingSafeEqual(key, known?.key ?? Buffer.alloc(KEY_BYTES));
      return isSame && known !== undefined && secret.length <= SECRET_LENGTH_MAX;
    },
  };
}

/** `n$r$p` as it stands in stored texts. */
export function costText(cost: ScryptCost): string {
  return `${cost.n}$${cost.r}$${cost.p}`;
}

/** Reads a cost from its three texts; undefined when malformed or above the bound. */
export function parseCost(texts: readonly (string | undefined)[]): ScryptCost | undefined {
  const [n, r, p] = texts.map((text) =>
    text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0,
  );
  if (!n || !r || !p || n < 2 || (n & (n - 1)) !== 0) return undefined;
  if (128 * n * r > MEMORY_BYTES_MAX || p > PARALLEL_MAX) return undefined;
  return { n, r, p };
}

function parseStored(stored: string): { cost: ScryptCost; salt: Buffer; key: Buffer } | undefined {
  const [kind, n, r, p, saltText, keyText, ...rest] = stored.split('$');
  const cost = parseCost([n, r, p]);
  if (
    kind !== 'scrypt' ||
    !cost ||
    saltText === undefined ||
    keyText === undefined ||
    rest.length > 0
  )
    return undefined;
  const salt = Buffer.from(saltText, 'base64url');
  const key = Buffer.from(keyText, 'base64url');
  return salt.length > 0 && key.length === KEY_BYTES ? { cost, salt, key } : undefined;
}

function runScrypt({
  secret,
  salt,
  cost,
}: {
  secret: string;
  salt: Buffer;
  cost: ScryptCost;
}): Promise<Buffer> {
  const options: ScryptOptions = {
    N: cost.n,
    r: cost.r,
    p: cost.p,
    maxmem: MEMORY_BYTES_MAX + 1_048_576,
  };
  return new Promise((resolve, reject) => {
    // NFC, so that the same letters typed on another keyboard are the same password.
    scrypt(secret.normalize('NFC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function slots(): { take(): Promise<() => void> } {
  let running = 0;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };
  return {
    async take() {
      if (running < RUNNING_COUNT_MAX) {
        running++;
        return release;
      }
      if (waiting.length >= WAITING_COUNT_MAX)
        throw new SecretBusy('Cannot check secret: too many wait');
      await new Promise<void>((resolve) => waiting.push(resolve));
      return release;
    },
  };
}
