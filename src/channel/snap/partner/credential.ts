/** A partner's keys over time: several may hold at once, so that a new one works before the old one ends. Opens what the database
 * holds sealed; owns no table. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Sealer } from './seal.ts';
import type { PartnerKeyRow } from './store.ts';

/** Keys of one kind that may hold at the same time: the old, the new, and one of each by mistake. Each costs a bad signature a check. */
export const LIVE_KEYS_MAX = 4;
const RSA_BITS_MIN = 2_048;

/** A key and when it holds, UTC ms; `untilMs` undefined = until it is revoked. */
export interface Timed<Key> {
  readonly id: string;
  readonly key: Key;
  readonly fromMs: number;
  readonly untilMs: number | undefined;
}

/** The opened keys of a partner, newest first, and the ids of those that could not be opened. */
export interface Credentials {
  readonly publicKeys: readonly Timed<KeyObject>[];
  readonly secrets: readonly Timed<string>[];
  readonly unreadable: readonly string[];
}

/** Those that hold at an instant. */
export function liveAt<Key>(keys: readonly Timed<Key>[], nowMs: number): readonly Timed<Key>[] {
  const first = keys[0];
  // One key without an end is what nearly every partner has: no list is made for it.
  if (keys.length === 1 && isLive(first!, nowMs)) return keys;
  return keys.filter((key) => isLive(key, nowMs));
}

function isLive(key: Timed<unknown>, nowMs: number): boolean {
  return key.fromMs <= nowMs && (key.untilMs === undefined || nowMs < key.untilMs);
}

/** What the seal of a key covers besides its text. */
export function boundOf(
  row: Pick<PartnerKeyRow, 'id' | 'partner_id' | 'kind' | 'valid_from' | 'valid_until'>,
): string {
  const untilMs = row.valid_until?.getTime() ?? '';
  return `${row.partner_id}|${row.id}|${row.kind}|${row.valid_from.getTime()}|${untilMs}`;
}

/** Opens rows. One that was changed by hand, or is no RSA key of 2048 bits or more, is left out and named. */
export function openCredentials(sealer: Sealer, rows: readonly PartnerKeyRow[]): Credentials {
  const publicKeys: Timed<KeyObject>[] = [];
  const secrets: Timed<string>[] = [];
  const unreadable: string[] = [];
  for (const row of rows) {
    if (row.sealed === null) continue;
    const text = sealer.open({ sealed: row.sealed, bound: boundOf(row) });
    const publicKey = row.kind === 'public' && text !== undefined ? readPublicKey(text) : undefined;
    const dates = {
      id: row.id,
      fromMs: row.valid_from.getTime(),
      untilMs: row.valid_until?.getTime(),
    };
    if (publicKey) publicKeys.push({ ...dates, key: publicKey });
    else if (row.kind === 'secret' && text !== undefined && text !== '')
      secrets.push({ ...dates, key: text });
    else unreadable.push(row.id);
  }
  return { publicKeys, secrets, unreadable };
}

/** Reads a PEM public key; undefined unless it is RSA of 2048 bits or more. */
export function readPublicKey(pem: string): KeyObject | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return undefined;
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return key.asymmetricKeyType === 'rsa' && bits >= RSA_BITS_MIN ? key : undefined;
}
