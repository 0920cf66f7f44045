/** Opaque names of accounts: what sets, counters and events carry instead of a number. Pure. */
import { sha256 } from '../kernel/canonical.ts';

const KEY_CHARS = 32;

/** Names an account of ours; 32 hex digits. Hides a number from a reader of sets and logs, not from somebody who tries all numbers. */
export function accountKey(account: string): string {
  return sha256(`account:${account}`).toString('hex').slice(0, KEY_CHARS);
}

/** Names a payee's account at its bank; 32 hex digits. */
export function payeeKey(payee: { readonly bank: string; readonly account: string }): string {
  return sha256(`payee:${payee.bank}:${payee.account}`).toString('hex').slice(0, KEY_CHARS);
}
