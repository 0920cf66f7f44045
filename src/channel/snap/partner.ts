/** Who a partner is and what its profile allows, read once and kept for a few seconds. A suspension, a new key or a new secret
 * therefore counts after at most PARTNER_FRESH_MS in every process. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Db } from '../../db/pool.ts';
import { isFresh, type Time } from '../../kernel/time.ts';
import { insertPartner, selectPartner, type PartnerRow } from './store.ts';

/** A profile may be this old. */
export const PARTNER_FRESH_MS = 5_000;
/** Unknown ids are remembered too, so that somebody who guesses them does not reach the database each time. */
const CACHED_MAX = 10_000;
const RSA_BITS_MIN = 2_048;
/** A prefix rule shorter than this would be a way of saying "every account". */
const PREFIX_LENGTH_MIN = 3;

export interface Partner extends Omit<PartnerRow, 'public_key'> {
  readonly publicKey: KeyObject;
}

/** Reads partners by id; undefined for an unknown one. Throws DbFault. */
export type PartnerReader = (id: string) => Promise<Partner | undefined>;

/** Opens the cached reader. */
export function openPartners(db: Db, time: Time): PartnerReader {
  const cache = new Map<
    string,
    { readonly at: number; readonly partner: Promise<Partner | undefined> }
  >();
  return (id) => {
    const known = cache.get(id);
    if (known && isFresh({ atMs: known.at, nowMs: time.now(), maxMs: PARTNER_FRESH_MS }))
      return known.partner;
    if (cache.size >= CACHED_MAX) cache.clear();
    const partner = selectPartner(db, id).then((row) => row && readPartner(row));
    const entry = { at: time.now(), partner };
    cache.set(id, entry);
    // A fault is not a fact about the partner: the next request asks again.
    partner.catch(() => cache.get(id) === entry && cache.delete(id));
    return partner;
  };
}

function readPartner(row: PartnerRow): Partner {
  const { public_key: pem, ...rest } = row;
  const publicKey = createPublicKey(pem);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < RSA_BITS_MIN)
    throw new Error(`Cannot use partner: key is not RSA of ${RSA_BITS_MIN} bits or more`);
  return { ...rest, publicKey };
}

/** True when the partner may debit or look at `account`: a full number, or a prefix of at least three characters and `*`. */
export function ownsAccount(partner: Pick<Partner, 'source_accounts'>, account: string): boolean {
  return partner.source_accounts.some((rule) => {
    if (!rule.endsWith('*')) return rule === account;
    const prefix = rule.slice(0, -1);
    return prefix.length >= PREFIX_LENGTH_MIN && account.startsWith(prefix);
  });
}

/** Writes a partner for seeding or onboarding; one that exists stays as it is. `publicKeyPem` is RSA, 2048 bits or more. */
export async function createPartner(
  context: { readonly db: Db; readonly time: Time },
  input: {
    readonly id: string;
    readonly name: string;
    readonly publicKeyPem: string;
    readonly secret: string;
    readonly hmacEncoding: 'base64' | 'hex';
    readonly amountMaxSen: bigint;
    readonly sourceAccounts: readonly string[];
    readonly duplicateConflict?: boolean;
    readonly channelIds?: readonly string[];
    readonly requestsPerSecondMax?: number;
    readonly route?: PartnerRow['route'];
  },
): Promise<void> {
  const row: PartnerRow = {
    id: input.id,
    name: input.name,
    public_key: input.publicKeyPem,
    secret: input.secret,
    hmac_encoding: input.hmacEncoding,
    duplicate_conflict: input.duplicateConflict ?? false,
    amount_max_sen: input.amountMaxSen,
    source_accounts: input.sourceAccounts,
    channel_ids: input.channelIds ?? [],
    requests_per_second_max: input.requestsPerSecondMax ?? 1_000,
    state: 'active',
    route: input.route ?? 'bifast',
  };
  readPartner(row);
  await insertPartner(context.db, { row, now: new Date(context.time.now()) });
}
