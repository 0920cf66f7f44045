/** Who a partner is and what its profile allows, read once and kept for a few seconds. A suspension, a new key or a revoked one
 * therefore counts after at most PARTNER_FRESH_MS in every process. */
import type { Db } from '../../../db/pool.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Random } from '../../../kernel/random.ts';
import { isFresh, type Time } from '../../../kernel/time.ts';
import type { TransferCommand } from '../../../payment/port.ts';
import { boundOf, openCredentials, readPublicKey, type Credentials } from './credential.ts';
import { readNetworks, type Networks } from './network.ts';
import type { Sealer } from './seal.ts';
import {
  insertPartner,
  insertPartnerKey,
  selectPartner,
  selectPartnerKeys,
  selectPartnerLimits,
  type PartnerKeyRow,
  type PartnerLimitRow,
  type PartnerRow,
} from './store.ts';

/** A profile may be this old. */
export const PARTNER_FRESH_MS = 5_000;
/** Partners that are kept, and ids that are nobody's, which are remembered too. */
const CACHED_MAX = 10_000;
/** Look-ups of ids never seen here that reach the database: somebody who guesses ids gets no more, and costs no partner anything. */
const STRANGERS_PER_SECOND = 50;
/** A prefix rule shorter than this would be a way of saying "every account". */
const PREFIX_LENGTH_MIN = 3;

export interface Partner extends Omit<PartnerRow, 'networks'>, Credentials {
  /** Undefined = from anywhere. */
  readonly networks: Networks | undefined;
  readonly limits: readonly PartnerLimitRow[];
}

/** Too many unknown ids are asked for: answer 429. */
export class StrangersFull extends Error {
  override name = 'StrangersFull';
}

/** Reads partners by id; undefined for an unknown one. An id that a token of ours vouches for is not counted among the unknown ones.
 * Throws DbFault, StrangersFull. */
export type PartnerReader = (id: string, isVouched?: boolean) => Promise<Partner | undefined>;

interface Kept {
  readonly at: number;
  readonly partner: Promise<Partner | undefined>;
}

/** Opens the cached reader. `onUnreadable` hears of keys that somebody changed in the database, or that are sealed under another key. */
export function openPartners(input: {
  readonly db: Db;
  readonly time: Time;
  readonly sealer: Sealer;
  readonly onUnreadable: (partnerId: string, keyIds: readonly string[]) => void;
}): PartnerReader {
  const { time } = input;
  const known = new Map<string, Kept>();
  const strangers = new Map<string, Kept>();
  let second = { at: 0, count: 0 };
  const admitStranger = (): void => {
    const at = Math.floor(time.now() / 1_000);
    if (second.at !== at) second = { at, count: 0 };
    if (++second.count > STRANGERS_PER_SECOND)
      throw new StrangersFull('Cannot look up partner: too many unknown ids');
  };
  const load = async (id: string): Promise<Partner | undefined> => {
    const partner = await readPartner(input, id);
    if (partner && partner.unreadable.length > 0) input.onUnreadable(id, partner.unreadable);
    return partner;
  };
  const fetch = async (id: string, isVouched: boolean): Promise<Partner | undefined> => {
    const home = isVouched || known.has(id) ? known : strangers;
    if (home === strangers) admitStranger();
    if (home.size >= CACHED_MAX) home.clear();
    const entry: Kept = { at: time.now(), partner: load(id) };
    home.set(id, entry);
    try {
      const partner = await entry.partner;
      if (partner && strangers.delete(id)) known.set(id, entry);
      return partner;
    } catch (error) {
      // A fault is not a fact about the partner: the next request asks again.
      if (home.get(id) === entry) home.delete(id);
      throw error;
    }
  };
  return (id, isVouched = false) => {
    const kept = known.get(id) ?? strangers.get(id);
    const isKept = kept && isFresh({ atMs: kept.at, nowMs: time.now(), maxMs: PARTNER_FRESH_MS });
    return isKept ? kept.partner : fetch(id, isVouched);
  };
}

/** A partner with its keys of now, read from the database; undefined for an unknown one. */
async function readPartner(
  context: { readonly db: Db; readonly time: Time; readonly sealer: Sealer },
  id: string,
): Promise<Partner | undefined> {
  const { db, time, sealer } = context;
  const [row, keys, limits] = await Promise.all([
    selectPartner(db, id),
    selectPartnerKeys(db, { partnerId: id, endedAfter: new Date(time.now()) }),
    selectPartnerLimits(db, id),
  ]);
  if (!row) return undefined;
  const networks = row.networks.length > 0 ? readNetworks(row.networks) : undefined;
  return { ...row, networks, limits, ...openCredentials(sealer, keys) };
}

/** True when the partner may debit or look at `account`: a full number, or a prefix of at least three characters and `*`. */
export function ownsAccount(partner: Pick<Partner, 'source_accounts'>, account: string): boolean {
  return partner.source_accounts.some((rule) => {
    if (!rule.endsWith('*')) return rule === account;
    const prefix = rule.slice(0, -1);
    return prefix.length >= PREFIX_LENGTH_MIN && account.startsWith(prefix);
  });
}

/** The bounds of the partner's day, for a command that moves money: every service that submits one must hand them on. */
export function dayOf(
  partner: Pick<Partner, 'daily_amount_max_sen' | 'daily_count_max'>,
): Pick<TransferCommand, 'partnerDay'> {
  const { daily_amount_max_sen: amountMaxSen, daily_count_max: countMax } = partner;
  if (amountMaxSen === null && countMax === null) return {};
  return {
    partnerDay: {
      ...(amountMaxSen !== null && { amountMaxSen }),
      ...(countMax !== null && { countMax }),
    },
  };
}

/** What writes a partner's keys. */
export interface KeyWriter {
  readonly time: Time;
  readonly random: Random;
  readonly sealer: Sealer;
}

/** A key that holds at once holds since yesterday: a process whose clock is behind knows it too. */
export const HOLDS_BACK_MS = 86_400_000;

/** A key as the database keeps it. `untilMs` undefined = until it is revoked. */
export function keyRow(
  writer: Pick<KeyWriter, 'random' | 'sealer' | 'time'>,
  input: {
    readonly partnerId: string;
    readonly kind: PartnerKeyRow['kind'];
    readonly text: string;
    readonly fromMs: number;
    readonly untilMs?: number | undefined;
  },
): PartnerKeyRow {
  const row = {
    id: newId('pkey', writer.time.now(), writer.random),
    partner_id: input.partnerId,
    kind: input.kind,
    valid_from: new Date(input.fromMs),
    valid_until: input.untilMs === undefined ? null : new Date(input.untilMs),
    revoked_at: null,
  };
  return { ...row, sealed: writer.sealer.seal({ text: input.text, bound: boundOf(row) }) };
}

/** What onboarding says of a partner. `secret` may be left out where it signs with its private key. */
export interface PartnerDraft {
  readonly id: string;
  readonly name: string;
  readonly publicKeyPem: string;
  readonly secret?: string;
  readonly signatureKind?: PartnerRow['signature_kind'];
  /** How X-SIGNATURE of a transaction is written. */
  readonly hmacEncoding: 'base64' | 'hex';
  readonly amountMaxSen: bigint;
  readonly dailyAmountMaxSen?: bigint;
  readonly dailyCountMax?: bigint;
  readonly sourceAccounts: readonly string[];
  readonly duplicateConflict?: boolean;
  readonly channelIds?: readonly string[];
  readonly requestsPerSecondMax?: number;
  readonly networks?: readonly string[];
  readonly certificates?: readonly string[];
  readonly route?: PartnerRow['route'];
}

/** Writes a partner with its first keys; false when it exists, which then stays as it is. Throws for a key that is not RSA of 2048
 * bits or more, and where a symmetric partner has no secret. */
export async function createPartner(
  context: KeyWriter & { readonly db: Db },
  draft: PartnerDraft,
): Promise<boolean> {
  return context.db.tx((tx) => writePartner(context, { tx, draft }));
}

/** The same within a transaction. */
export async function writePartner(
  writer: KeyWriter,
  input: { readonly tx: Parameters<Parameters<Db['tx']>[0]>[0]; readonly draft: PartnerDraft },
): Promise<boolean> {
  const { tx, draft } = input;
  const nowMs = writer.time.now();
  if (!readPublicKey(draft.publicKeyPem))
    throw new Error('Cannot use partner: key is not RSA of 2048 bits or more');
  const row = rowOf(draft);
  if (row.signature_kind === 'symmetric' && !draft.secret)
    throw new Error('Cannot use partner: it has no client secret');
  readNetworks(row.networks);
  if (!(await insertPartner(tx, { row, now: new Date(nowMs) }))) return false;
  const texts = [
    { kind: 'public', text: draft.publicKeyPem },
    ...(draft.secret ? [{ kind: 'secret', text: draft.secret } as const] : []),
  ] as const;
  for (const one of texts) {
    const key = keyRow(writer, { partnerId: draft.id, fromMs: nowMs - HOLDS_BACK_MS, ...one });
    await insertPartnerKey(tx, { row: key, now: new Date(nowMs) });
  }
  return true;
}

function rowOf(draft: PartnerDraft): PartnerRow {
  return {
    id: draft.id,
    name: draft.name,
    signature_kind: draft.signatureKind ?? 'symmetric',
    hmac_encoding: draft.hmacEncoding,
    duplicate_conflict: draft.duplicateConflict ?? false,
    amount_max_sen: draft.amountMaxSen,
    daily_amount_max_sen: draft.dailyAmountMaxSen ?? null,
    daily_count_max: draft.dailyCountMax ?? null,
    source_accounts: draft.sourceAccounts,
    channel_ids: draft.channelIds ?? [],
    requests_per_second_max: draft.requestsPerSecondMax ?? 1_000,
    networks: draft.networks ?? [],
    certificates: draft.certificates ?? [],
    state: 'active',
    route: draft.route ?? 'bifast',
  };
}
