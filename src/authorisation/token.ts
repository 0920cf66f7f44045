/** The authorisation token: what the signer signs and the gateway verifies (DESIGN.md 1.1). Owns the text form, the
 * signature and the key ring; whether a token may still be used (burned, expired, for whom) is the gateway's to decide. */
import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../kernel/canonical.ts';
import { BATCH_PARTS, readBatchToken, writeBatchTokens, type RootMemory } from './batch.ts';

/** A token lives at most two minutes (domain.md 8.1: timestamp skew at most 120 s). */
export const TOKEN_LIFE_MS_MAX = 120_000;

/** Longer than any token we sign, short enough that nobody makes us parse megabytes before a signature check. */
export const TOKEN_CHARS_MAX = 2_048;

export interface TokenClaims {
  readonly version: 1;
  readonly env: 'prod' | 'drill';
  readonly kid: string;
  readonly jti: string;
  /** The gateway partition that may burn it. */
  readonly aud: string;
  readonly paymentId: string;
  readonly attempt: number;
  readonly iatMs: number;
  /** At most `iatMs` + 120 s. */
  readonly expMs: number;
  /** SHA-256 of the canonical instruction, lower-case hex. */
  readonly instructionHash: string;
}

/** One public key and the instants of `iatMs` it may sign for: two keys overlap while a rotation lasts. */
export interface TokenKey {
  readonly key: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What a gateway trusts. A revoked kid or jti is refused whatever its dates say. */
export interface KeyRing {
  readonly keys: Readonly<Record<string, TokenKey>>;
  readonly revokedKids: readonly string[];
  readonly revokedJtis: readonly string[];
}

export type TokenRefusal = 'no_token' | 'bad_signature' | 'unknown_key' | 'expired';

export type TokenVerdict =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly reason: TokenRefusal };

/** Signs claims: base64url(canonical JSON) + `.` + base64url(Ed25519 signature).
 * Throws RangeError when the life is not within 1–120,000 ms. */
export function signToken(key: KeyObject, claims: TokenClaims): string {
  if (!isLifeAllowed(claims))
    throw new RangeError('Cannot sign token: its life is not within 120 s');
  const payload = Buffer.from(canonicalJson(claims));
  return `${payload.toString('base64url')}.${sign(null, payload, key).toString('base64url')}`;
}

/** Signs claims of one env, kid, audience and life together: a token for each, under one signature over the root of a Merkle tree; by itself
 * where there is one. Throws RangeError for a life outside 1–120,000 ms and for claims that do not go together. Source: ADR 0032. */
export function signTokens(key: KeyObject, claims: readonly TokenClaims[]): readonly string[] {
  const [first] = claims;
  if (!first) return [];
  if (claims.length === 1) return [signToken(key, first)];
  if (!isLifeAllowed(first))
    throw new RangeError('Cannot sign token: its life is not within 120 s');
  return writeBatchTokens({ claims, sign: (root) => sign(null, root, key) });
}

/** What a token says and what was signed of it; only its form was looked at. */
interface ReadToken {
  readonly claims: TokenClaims;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The signed bytes and their signature as they came; undefined for a token that was signed by itself. */
  readonly root?: string;
}

/** Reads a token and checks its form, key and signature; times are checked against the key's own dates and the life limit only.
 * `roots` remembers signatures of batches, so that one is verified once; key, dates and revocation are looked at every time.
 * Never throws. Ed25519 verification does not branch on a secret; nothing secret is compared here. */
export function verifyToken(input: {
  readonly token: unknown;
  readonly ring: KeyRing;
  readonly nowMs: number;
  readonly roots?: RootMemory;
}): TokenVerdict {
  const { token, ring } = input;
  if (typeof token !== 'string' || token === '') return { ok: false, reason: 'no_token' };
  if (token.length > TOKEN_CHARS_MAX) return { ok: false, reason: 'bad_signature' };
  const read = readToken(token);
  if (!read) return { ok: false, reason: 'bad_signature' };
  const { claims } = read;
  const known = Object.hasOwn(ring.keys, claims.kid) ? ring.keys[claims.kid] : undefined;
  if (!known || ring.revokedKids.includes(claims.kid)) return { ok: false, reason: 'unknown_key' };
  if (!isSignedBy(known.key, read, input.roots)) return { ok: false, reason: 'bad_signature' };
  // A stolen retired key can write any iat: so both the claimed time and ours must lie in the key's days.
  if (
    claims.iatMs < known.notBeforeMs ||
    claims.iatMs > known.notAfterMs ||
    input.nowMs > known.notAfterMs + TOKEN_LIFE_MS_MAX
  ) {
    return { ok: false, reason: 'unknown_key' };
  }
  if (ring.revokedJtis.includes(claims.jti)) return { ok: false, reason: 'unknown_key' };
  if (!isLifeAllowed(claims)) return { ok: false, reason: 'expired' };
  return { ok: true, claims };
}

function readToken(token: string): ReadToken | undefined {
  const parts = token.split('.', BATCH_PARTS + 1);
  if (parts.length === BATCH_PARTS) return readBatched(parts);
  const [body, signature, rest] = parts;
  if (!body || !signature || rest !== undefined) return undefined;
  const payload = Buffer.from(body, 'base64url');
  const claims = readClaims(payload);
  return claims && { claims, payload, signature: Buffer.from(signature, 'base64url') };
}

/** A token of a batch: its path must lead to the root that was signed, and the root lends it what the batch has in common. */
function readBatched(parts: readonly string[]): ReadToken | undefined {
  const batched = readBatchToken(parts);
  const claims = batched && claimsOf({ ...batched.claims, version: 1 });
  return claims && { ...batched, claims };
}

function isSignedBy(key: KeyObject, read: ReadToken, roots: RootMemory | undefined): boolean {
  const { payload, signature, root } = read;
  if (root !== undefined && roots?.has(root, key)) return true;
  const isSigned = verify(null, payload, key, signature);
  if (isSigned && root !== undefined) roots?.keep(root, key);
  return isSigned;
}

function isLifeAllowed(claims: TokenClaims): boolean {
  return claims.expMs > claims.iatMs && claims.expMs - claims.iatMs <= TOKEN_LIFE_MS_MAX;
}

const CLAIM_NAMES = [
  'attempt',
  'aud',
  'env',
  'expMs',
  'iatMs',
  'instructionHash',
  'jti',
  'kid',
  'paymentId',
  'version',
].join();

/** Exactly the known claims in exactly their canonical bytes; undefined for anything else. */
function readClaims(payload: Buffer): TokenClaims | undefined {
  const text = payload.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const claims = claimsOf(value as Record<string, unknown>);
  return claims && canonicalJson(claims) === text ? claims : undefined;
}

function claimsOf(claims: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  if (Object.keys(claims).sort().join() !== CLAIM_NAMES) return undefined;
  const areTexts = ['kid', 'jti', 'aud', 'paymentId'].every(
    (name) => typeof claims[name] === 'string' && claims[name] !== '',
  );
  const areNumbers = ['attempt', 'iatMs', 'expMs'].every((name) =>
    Number.isSafeInteger(claims[name]),
  );
  const isHash =
    typeof claims['instructionHash'] === 'string' &&
    /^[0-9a-f]{64}$/.test(claims['instructionHash']);
  const isEnv = claims['env'] === 'prod' || claims['env'] === 'drill';
  if (!areTexts || !areNumbers || !isHash || !isEnv || claims['version'] !== 1) return undefined;
  return claims as unknown as TokenClaims;
}
