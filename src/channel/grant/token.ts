/** The tokens behind a grant: a code becomes the first pair, a refresh token the next, and only the newest pair is live. Whatever comes
 * a second time was copied: the grant ends (RFC 6749 10.5, RFC 9700 4.14). Only hashes are stored. */
import { recordEvents } from '../../audit/record.ts';
import type { Tx } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { endForReuse, limitsOf, type GrantContext } from './make.ts';
import { ACCESS_TOKEN_MS, isAccessScope, type AccessScope, type DebitLimits } from './port.ts';
import {
  insertPair,
  lockGrant,
  selectGrantOfCode,
  selectLiveAccess,
  selectRefresh,
  type GrantRow,
} from './store.ts';

/** A fresh pair. Times in UTC ms. */
export interface TokenPair {
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  readonly refreshToken: string;
  /** The grant's own end. */
  readonly refreshExpiresAtMs: number;
}

export type TokenResult =
  | { readonly ok: true; readonly pair: TokenPair }
  | {
      readonly ok: false;
      /** `unknown`: no such code or token of this partner. `expired`: it came too late. `ended`: the customer or we ended the grant.
       * `reused`: it came before, and the grant ends with this. `other_redirect`: not the address of the consent. */
      readonly reason: 'unknown' | 'expired' | 'ended' | 'reused' | 'other_redirect';
    };

const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

/** Turns a code into the first pair, once. Throws DbFault. */
export function exchangeCode(
  context: GrantContext,
  input: { readonly partnerId: string; readonly code: string; readonly redirectUrl: string },
): Promise<TokenResult> {
  return withGrant(context, input.partnerId, {
    find: async (tx) =>
      TOKEN_FORM.test(input.code) ? selectGrantOfCode(tx, sha256(input.code)) : undefined,
    decide: (row, nowMs) => {
      if (row.code_used_at !== null) return 'reused';
      if (row.ended_at !== null) return 'ended';
      if (row.code_expires_at.getTime() <= nowMs) return 'expired';
      return row.redirect_url === input.redirectUrl ? undefined : 'other_redirect';
    },
  });
}

/** Turns the live refresh token into the next pair; the pair before it is dead from this commit on. Throws DbFault. */
export function refreshPair(
  context: GrantContext,
  input: { readonly partnerId: string; readonly refreshToken: string },
): Promise<TokenResult> {
  let generation = 0;
  return withGrant(context, input.partnerId, {
    find: async (tx) => {
      if (!TOKEN_FORM.test(input.refreshToken)) return undefined;
      const found = await selectRefresh(tx, sha256(input.refreshToken));
      generation = found?.generation ?? 0;
      return found?.grant_id;
    },
    decide: (row, nowMs) => {
      if (generation !== row.generation) return 'reused';
      if (row.ended_at !== null) return 'ended';
      return row.expires_at.getTime() <= nowMs ? 'expired' : undefined;
    },
  });
}

/** What an access token lets a partner do at this moment; undefined for one that is not live. Asked anew for each request, so that an
 * end takes effect at once. Throws DbFault. */
export async function findAccess(
  context: Pick<GrantContext, 'db' | 'time'>,
  input: { readonly partnerId: string; readonly accessToken: string },
): Promise<
  | {
      readonly grantId: string;
      readonly customerId: string;
      readonly scopes: readonly AccessScope[];
      readonly accounts: readonly string[];
      readonly limits?: DebitLimits;
    }
  | undefined
> {
  if (!TOKEN_FORM.test(input.accessToken)) return undefined;
  const row = await selectLiveAccess(context.db, {
    accessHash: sha256(input.accessToken),
    partnerId: input.partnerId,
    now: new Date(context.time.now()),
  });
  return (
    row && {
      grantId: row.id,
      customerId: row.customer_id,
      scopes: row.scopes.filter(isAccessScope),
      accounts: row.accounts,
      ...limitsOf(row),
    }
  );
}

type Refusal = Extract<TokenResult, { ok: false }>['reason'];

function withGrant(
  context: GrantContext,
  partnerId: string,
  ask: {
    readonly find: (tx: Tx) => Promise<string | undefined>;
    readonly decide: (row: GrantRow, nowMs: number) => Refusal | undefined;
  },
): Promise<TokenResult> {
  return context.db.tx(async (tx): Promise<TokenResult> => {
    const id = await ask.find(tx);
    const row = id === undefined ? undefined : await lockGrant(tx, id);
    // A code or token in the hands of another partner is not proof that its own partner lost it to misuse: nothing is ended by it.
    if (!row || row.partner_id !== partnerId) return { ok: false, reason: 'unknown' };
    const reason = ask.decide(row, context.time.now());
    if (reason === 'reused') await endForReuse(tx, context, row);
    if (reason !== undefined) return { ok: false, reason };
    return { ok: true, pair: await nextPair(tx, context, row) };
  });
}

async function nextPair(tx: Tx, context: GrantContext, row: GrantRow): Promise<TokenPair> {
  const { random, time } = context;
  const nowMs = time.now();
  const accessToken = random.bytes(TOKEN_BYTES).toString('base64url');
  const refreshToken = random.bytes(TOKEN_BYTES).toString('base64url');
  const endMs = row.expires_at.getTime();
  const accessExpiresAtMs = Math.min(nowMs + ACCESS_TOKEN_MS, endMs);
  const generation = row.generation + 1;
  const isNext = await insertPair(tx, {
    grantId: row.id,
    generation,
    accessHash: sha256(accessToken),
    accessExpiresAt: new Date(accessExpiresAtMs),
    refreshHash: sha256(refreshToken),
    now: new Date(nowMs),
  });
  if (!isNext) throw new Error(`Cannot issue tokens: the grant moved under its lock (${row.id})`);
  await recordEvents(tx, [
    { atMs: nowMs, kind: 'access_grant.tokens_issued', subject: row.id, data: { generation } },
  ]);
  return { accessToken, accessExpiresAtMs, refreshToken, refreshExpiresAtMs: endMs };
}
