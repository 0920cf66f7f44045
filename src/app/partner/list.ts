/** `pulih partner list`: what each partner may do and which keys it has; never a key itself. */
import { createHash } from 'node:crypto';
import { readArrangements } from '../../channel/snap/partner/arrange.ts';
import { boundOf, readPublicKey } from '../../channel/snap/partner/credential.ts';
import type { Sealer } from '../../channel/snap/partner/seal.ts';
import {
  selectPartner,
  selectPartnerIds,
  selectPartnerKeys,
  selectPartnerLimits,
  type PartnerKeyRow,
} from '../../channel/snap/partner/store.ts';
import type { Db } from '../../db/pool.ts';
import { formatRupiah } from '../../kernel/money.ts';
import type { Time } from '../../kernel/time.ts';
import type { Config } from '../config.ts';
import { readSealer } from './seal.ts';

const LIST_MAX = 10_000;
/** Keys that ended are shown for so long. */
const ENDED_MS = 90 * 86_400_000;

interface ListedKey {
  readonly id: string;
  readonly kind: string;
  readonly from: string;
  readonly until: string;
  readonly state: 'live' | 'later' | 'ended' | 'revoked' | 'unreadable';
  /** SHA-256 of the public key (SPKI), as the partner can compute it too. */
  readonly fingerprint?: string;
}

/** Prints all partners, or one. */
export async function listPartners(input: {
  readonly config: Config;
  readonly db: Db;
  readonly time: Time;
  readonly id: string | undefined;
  readonly asJson: boolean;
}): Promise<number> {
  const { db, time, asJson } = input;
  const sealer = readSealer(input.config.folder);
  const ids =
    input.id === undefined
      ? (await selectPartnerIds(db, LIST_MAX)).map(({ id }) => id)
      : [input.id];
  const all = [];
  for (const id of ids) {
    const row = await selectPartner(db, id);
    if (!row) continue;
    const nowMs = time.now();
    const keys = await selectPartnerKeys(db, {
      partnerId: id,
      endedAfter: new Date(nowMs - ENDED_MS),
    });
    const limits = await selectPartnerLimits(db, id);
    const arranged = await readArrangements(db, id);
    all.push({ ...row, limits, arranged, keys: keys.map((key) => keyOf(sealer, { key, nowMs })) });
  }
  if (asJson)
    process.stdout.write(
      `${JSON.stringify(all, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`,
    );
  else for (const one of all) process.stdout.write(`${describe(one)}\n`);
  if (input.id !== undefined && all.length === 0) {
    process.stderr.write(`There is no partner ${input.id}\n`);
    return 1;
  }
  return 0;
}

function keyOf(
  sealer: Sealer,
  { key, nowMs }: { readonly key: PartnerKeyRow; readonly nowMs: number },
): ListedKey {
  const opened =
    key.sealed === null ? undefined : sealer.open({ sealed: key.sealed, bound: boundOf(key) });
  const der = opened !== undefined && key.kind === 'public' ? readPublicKey(opened) : undefined;
  const fingerprint =
    der &&
    createHash('sha256')
      .update(der.export({ type: 'spki', format: 'der' }))
      .digest('hex');
  const state =
    key.revoked_at !== null
      ? 'revoked'
      : opened === undefined
        ? 'unreadable'
        : nowMs < key.valid_from.getTime()
          ? 'later'
          : key.valid_until !== null && nowMs >= key.valid_until.getTime()
            ? 'ended'
            : 'live';
  return {
    id: key.id,
    kind: key.kind,
    from: key.valid_from.toISOString(),
    until: key.valid_until?.toISOString() ?? '',
    state,
    ...(fingerprint !== undefined && { fingerprint }),
  };
}

function describe(one: {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly signature_kind: string;
  readonly hmac_encoding: string;
  readonly amount_max_sen: bigint;
  readonly daily_amount_max_sen: bigint | null;
  readonly daily_count_max: bigint | null;
  readonly requests_per_second_max: number;
  readonly source_accounts: readonly string[];
  readonly networks: readonly string[];
  readonly certificates: readonly string[];
  readonly limits: readonly {
    readonly service_group: string;
    readonly per_second_max: number | null;
    readonly per_minute_max: number | null;
    readonly concurrent_max: number | null;
  }[];
  readonly arranged: Arranged;
  readonly keys: readonly ListedKey[];
}): string {
  const isBound = one.networks.length > 0 || one.certificates.length > 0;
  const money = (sen: bigint | null): string => (sen === null ? 'none' : formatRupiah(sen));
  const lines = [
    `${one.id}  ${one.name}  ${one.state}`,
    `  signs ${one.signature_kind}, ${one.hmac_encoding}; debits ${one.source_accounts.join(', ')}`,
    `  from ${isBound ? [...one.networks, ...one.certificates.map((cert) => `certificate ${cert.slice(0, 16)}…`)].join(', ') : 'ANYWHERE'}`,
    `  at most ${money(one.amount_max_sen)} a payment, ${money(one.daily_amount_max_sen)} a day, ${one.daily_count_max ?? 'any number of'} payments a day, ${one.requests_per_second_max} requests a second`,
    ...one.limits.map(
      (limit) =>
        `  ${limit.service_group}: ${limit.per_second_max ?? '-'} a second, ${limit.per_minute_max ?? '-'} a minute, ${limit.concurrent_max ?? '-'} at a time`,
    ),
    ...describeArranged(one.arranged),
    ...one.keys.map(
      (key) =>
        `  ${key.id}  ${key.kind.padEnd(6)}  ${key.state.padEnd(10)}  ${key.from} … ${key.until}  ${key.fingerprint?.slice(0, 16) ?? ''}`,
    ),
  ];
  return lines.join('\n');
}

type Arranged = Awaited<ReturnType<typeof readArrangements>>;

function describeArranged(one: Arranged): readonly string[] {
  const { endpoint } = one;
  return [
    ...one.accounts.map(
      ({ account, until }) => `  reads ${account}${until === '' ? '' : ` until ${until}`}`,
    ),
    ...one.redirects.map((url) => `  sends browsers back to ${url}`),
    ...(endpoint
      ? [
          `  takes notices under ${endpoint.url}, ${endpoint.signature}, where we are ${endpoint.clientId} on channel ${endpoint.channelId}`,
        ]
      : []),
    ...one.vaServices.map(
      ({ serviceId, account }) => `  virtual accounts ${serviceId}…, money to ${account}`,
    ),
    ...(one.vaChannel === null ? [] : [`  pays virtual accounts from ${one.vaChannel}`]),
    ...(one.debit === null ? [] : [`  takes direct debits into ${one.debit}`]),
    ...one.merchants.map((id) => `  makes codes for ${id}`),
  ];
}
