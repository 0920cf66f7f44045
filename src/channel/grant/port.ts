/** What a customer lets a partner do, as data. Types and limits only. */
import type { Sen } from '../../kernel/money.ts';

/** What a grant may hold. `balance`: balance and state of the account. `history`: entries and statements. `debit`: payments to the
 * partner, `qris`: payments to merchants through it, both within the limits that the customer set. */
export const ACCESS_SCOPES = ['balance', 'history', 'debit', 'qris'] as const;
export type AccessScope = (typeof ACCESS_SCOPES)[number];

/** True where a grant lets money be moved: then, and only then, it has limits. */
export function movesMoney(scopes: readonly AccessScope[]): boolean {
  return scopes.includes('debit') || scopes.includes('qris');
}

/** How long a customer may choose, in days. */
export const GRANT_DAYS = [30, 90, 180] as const;
/** A code waits this long for the partner. Source: OAuth 2.0 (RFC 6749 4.1.2): ten minutes at most. */
export const CODE_MS = 5 * 60_000;
/** An access token of a customer lives this long at most. Source: domain.md 3.2 (15 days). */
export const ACCESS_TOKEN_MS = 15 * 24 * 3_600_000;

/** What a partner may move, over all that a grant allows: at once, and in a WIB day. */
export interface DebitLimits {
  readonly perPaymentSen: Sen;
  readonly perDaySen: Sen;
}

/** A grant as the app shows it. */
export interface AccessGrant {
  readonly id: string;
  readonly partnerId: string;
  readonly partnerName: string;
  readonly scopes: readonly AccessScope[];
  readonly accounts: readonly string[];
  readonly limits?: DebitLimits;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly isUsed: boolean;
  readonly endedAtMs?: number;
  readonly endedBy?: 'customer' | 'replaced' | 'reuse';
}

/** True for a name of a scope. */
export function isAccessScope(text: string): text is AccessScope {
  return (ACCESS_SCOPES as readonly string[]).includes(text);
}
