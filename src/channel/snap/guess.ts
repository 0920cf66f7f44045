/** Bounds guesses: wrong signatures of token requests and of requests without a token, per address and per client. A client is never
 * locked out by what others send under its id: where it got in lately it gets in again. Per process. */
import type { Time } from '../../kernel/time.ts';

/** Failures that an address, and a client from all other addresses together, may make in a minute. */
export const GUESSES_PER_MINUTE = 30;
const MINUTE_MS = 60_000;
/** An address where the client got in counts as its own for so long: a token lives for 15 minutes, and a quiet day has fewer. */
const TRUSTED_MS = 24 * 3_600_000;
/** Addresses and clients that are remembered. When full all is forgotten: an attacker with so many addresses is not held by counting them. */
const KEPT_MAX = 20_000;

export interface GuessBound {
  /** False when the address, or everybody unknown that names this client, has failed too often in the last minute. */
  admits(input: Attempt): boolean;
  failed(input: Attempt): void;
  succeeded(input: Attempt): void;
}

interface Attempt {
  readonly address: string;
  readonly clientId: string;
}

/** Opens the counts. */
export function openGuessBound(time: Time): GuessBound {
  const failures = new Map<string, { left: number; atMs: number }>();
  const trusted = new Map<string, number>();
  const bucketOf = (key: string): { left: number; atMs: number } | undefined => {
    const bucket = failures.get(key);
    if (!bucket) return undefined;
    const passedMs = Math.max(0, time.now() - bucket.atMs);
    bucket.left = Math.min(
      GUESSES_PER_MINUTE,
      bucket.left + (passedMs * GUESSES_PER_MINUTE) / MINUTE_MS,
    );
    bucket.atMs = time.now();
    return bucket;
  };
  const isSpent = (key: string): boolean => (bucketOf(key)?.left ?? 1) < 1;
  const count = (key: string): void => {
    const bucket = bucketOf(key) ?? { left: GUESSES_PER_MINUTE, atMs: time.now() };
    bucket.left = Math.max(0, bucket.left - 1);
    keep(failures, key, bucket);
  };
  const pairOf = ({ address, clientId }: Attempt): string => `${clientId} ${address}`;
  const isTrusted = (attempt: Attempt): boolean => {
    const sinceMs = trusted.get(pairOf(attempt));
    return sinceMs !== undefined && Math.abs(time.now() - sinceMs) < TRUSTED_MS;
  };
  return {
    admits(attempt) {
      if (isTrusted(attempt)) return !isSpent(`pair ${pairOf(attempt)}`);
      return !isSpent(`address ${attempt.address}`) && !isSpent(`client ${attempt.clientId}`);
    },
    failed(attempt) {
      if (isTrusted(attempt)) return count(`pair ${pairOf(attempt)}`);
      count(`address ${attempt.address}`);
      count(`client ${attempt.clientId}`);
    },
    succeeded: (attempt) => keep(trusted, pairOf(attempt), time.now()),
  };
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= KEPT_MAX && !map.has(key)) map.clear();
  map.set(key, value);
}
