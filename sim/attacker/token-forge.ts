/** Tokens as an attacker writes them, from the published form alone and apart from `src/authorisation`. */
import { createHash, sign, type KeyObject } from 'node:crypto';

/** Keys in code-point order, no spaces, absent ones left out. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(',')}}`;
}

/** What a token claims. */
export interface ForgedClaims {
  readonly version: 1;
  readonly env: string;
  readonly kid: string;
  readonly jti: string;
  readonly aud: string;
  readonly paymentId: string;
  readonly attempt: number;
  readonly iatMs: number;
  readonly expMs: number;
  readonly instructionHash: string;
}

/** SHA-256 hex of the instruction's canonical text. */
export function hashOf(instruction: unknown): string {
  return createHash('sha256').update(sortedJson(instruction)).digest('hex');
}

/** base64url(claims) `.` base64url(signature by `key`). */
export function forgeToken(key: KeyObject, claims: ForgedClaims): string {
  const payload = Buffer.from(sortedJson(claims));
  return `${payload.toString('base64url')}.${sign(null, payload, key).toString('base64url')}`;
}

/** The claims of a token that was overheard; undefined when it is none. */
export function claimsOf(token: string): ForgedClaims | undefined {
  try {
    return JSON.parse(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'),
    ) as ForgedClaims;
  } catch {
    return undefined;
  }
}
