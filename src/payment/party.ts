/** Who pays and who is paid, as the event stream may know it: a keyed hash in place of a bank and an account number. The key stays with
 * the cores, so that who reads events can follow a party and cannot find out which account it is. */
import { createHmac } from 'node:crypto';
import { assert } from '../kernel/assert.ts';

const KEY_BYTES = 32;
/** 96 bits: no two parties of a bank meet by chance. */
const SHOWN_BYTES = 12;
/** Channels whose last account is remembered. */
const CHANNEL_MAX = 20;
/** Keys that are remembered, some 10 MB: each payment asks for two parties, at its gate and for its event. A full memory starts anew. */
const KEPT_MAX = 50_000;

export interface Party {
  /** BIC. */
  readonly bank: string;
  readonly account: string;
}

export interface Parties {
  /** The same text for the same party for ever, over all cores and rails; 16 characters. */
  keyOf(party: Party): string;
  /** True when this payer's number is above the one before it in this channel and process: who walks a list of accounts pays in its
   * order (domain.md 7.5, D16). Remembers the number, and tells nothing else about it. */
  isAscending(channel: string, account: string): boolean;
}

/** Asserts a key of 32 bytes. */
export function openParties(key: Buffer): Parties {
  assert(key.length === KEY_BYTES, 'the key of parties has 32 bytes');
  const last = new Map<string, string>();
  const kept = new Map<string, string>();
  return {
    keyOf({ bank, account }) {
      const text = `pulih.party.v1:${bank}:${account}`;
      const known = kept.get(text);
      if (known !== undefined) return known;
      const digest = createHmac('sha256', key).update(text).digest();
      const shown = digest.subarray(0, SHOWN_BYTES).toString('base64url');
      if (kept.size >= KEPT_MAX) kept.clear();
      kept.set(text, shown);
      return shown;
    },
    isAscending(channel, account) {
      const before = last.get(channel);
      if (before !== undefined || last.size < CHANNEL_MAX) last.set(channel, account);
      return before !== undefined && isAbove(account, before);
    },
  };
}

/** Shorter numbers come first, as numbers do. */
function isAbove(account: string, before: string): boolean {
  return account.length === before.length ? account > before : account.length > before.length;
}
