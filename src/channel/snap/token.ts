/** Access tokens (B2B): random, of which only the hash is stored, valid for 900 s in every process. */
import type { Db } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import { openBatcher } from './batcher.ts';
import { deleteExpiredTokens, insertToken, selectTokens, type TokenRow } from './store.ts';

/** Source: domain.md 3.2. */
export const TOKEN_SECONDS = 900;
/** How far the clock of the process that issued a token may be ahead of ours. */
const CLOCK_SKEW_MS = 2_000;
const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;
const CACHED_MAX = 20_000;
const SWEEP_PAGE = 100;

export interface Tokens {
  /** A new token of a partner. Throws DbFault. */
  issue(partnerId: string): Promise<string>;
  /** Whose live token this is. Throws DbFault, BatcherFull. */
  owner(token: string): Promise<string | undefined>;
}

/** Opens the token store. Look-ups of tokens never seen here travel in batches, so a flood of guesses takes one connection. */
export function openTokens(input: {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}): Tokens {
  const { db, time, random } = input;
  const cache = new Map<string, { readonly partnerId: string; readonly expiresAtMs: number }>();
  const lookUp = openBatcher<Buffer, TokenRow | undefined>({
    batchMax: 500,
    waitingMax: 5_000,
    run: async (hashes) => {
      const found = new Map(
        (await selectTokens(db, hashes)).map((row) => [row.token_hash.toString('hex'), row]),
      );
      return hashes.map((hash) => found.get(hash.toString('hex')));
    },
  });
  const remember = (key: string, entry: { partnerId: string; expiresAtMs: number }): void => {
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(key, entry);
  };
  return {
    async issue(partnerId) {
      const token = random.bytes(TOKEN_BYTES).toString('base64url');
      const tokenHash = sha256(token);
      const expiresAtMs = time.now() + TOKEN_SECONDS * 1_000;
      await deleteExpiredTokens(db, { now: new Date(time.now()), limit: SWEEP_PAGE });
      await insertToken(db, { tokenHash, partnerId, expiresAt: new Date(expiresAtMs) });
      remember(tokenHash.toString('hex'), { partnerId, expiresAtMs });
      return token;
    },
    async owner(token) {
      if (!TOKEN_FORM.test(token)) return undefined;
      const hash = sha256(token);
      const key = hash.toString('hex');
      let known = cache.get(key);
      if (!known) {
        const row = await lookUp(hash);
        if (!row) return undefined;
        known = { partnerId: row.partner_id, expiresAtMs: row.expires_at.getTime() };
        remember(key, known);
      }
      // One that would live longer than any token does was issued before the clock jumped back.
      const leftMs = known.expiresAtMs - time.now();
      if (leftMs > 0 && leftMs <= TOKEN_SECONDS * 1_000 + CLOCK_SKEW_MS) return known.partnerId;
      cache.delete(key);
      return undefined;
    },
  };
}
