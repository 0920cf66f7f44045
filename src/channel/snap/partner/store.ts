/** Every statement of partners: `partner`, `partner_key`, `partner_limit`, `partner_change`. Core reads; the operator's command writes. */
import { textArray } from '../../../db/array.ts';
import type { Queryable } from '../../../db/pool.ts';
import { sql } from '../../../db/sql.ts';

/** What a service belongs to for its limits. */
export type ServiceGroup = 'token' | 'inquiry' | 'payment';

export interface PartnerRow {
  readonly id: string;
  readonly name: string;
  readonly signature_kind: 'symmetric' | 'asymmetric';
  /** How X-SIGNATURE of a transaction is written, whichever kind it is. */
  readonly hmac_encoding: 'base64' | 'hex';
  readonly duplicate_conflict: boolean;
  readonly amount_max_sen: bigint;
  readonly daily_amount_max_sen: bigint | null;
  readonly daily_count_max: bigint | null;
  readonly source_accounts: readonly string[];
  readonly channel_ids: readonly string[];
  readonly requests_per_second_max: number;
  /** CIDR texts, and SHA-256 of client certificates in lower-case hex. */
  readonly networks: readonly string[];
  readonly certificates: readonly string[];
  readonly state: 'active' | 'suspended';
  /** The way of its interbank transfers where a request names none. */
  readonly route: 'bifast' | 'switch';
}

/** One partner by its id (X-CLIENT-KEY and X-PARTNER-ID). */
export async function selectPartner(db: Queryable, id: string): Promise<PartnerRow | undefined> {
  const rows = await db.query<PartnerRow>(sql`
    select id, name, signature_kind, hmac_encoding, duplicate_conflict, amount_max_sen, daily_amount_max_sen, daily_count_max,
      source_accounts, channel_ids, requests_per_second_max, networks, certificates, state, route
    from partner where id = ${id}`);
  return rows[0];
}

/** The ids and states of all partners, at most `limit`, by id. */
export function selectPartnerIds(db: Queryable, limit: number): Promise<{ readonly id: string }[]> {
  return db.query(sql`select id from partner order by id limit ${limit}::integer`);
}

/** Locks a partner for a change; its row as it is now. */
export async function lockPartner(tx: Queryable, id: string): Promise<PartnerRow | undefined> {
  await tx.query(sql`select id from partner where id = ${id} for update`);
  return selectPartner(tx, id);
}

/** Writes a partner; true when it is new. */
export async function insertPartner(
  db: Queryable,
  input: { readonly row: PartnerRow; readonly now: Date },
): Promise<boolean> {
  const { row, now } = input;
  const rows = await db.query(sql`
    insert into partner (id, name, signature_kind, hmac_encoding, duplicate_conflict, amount_max_sen, daily_amount_max_sen,
      daily_count_max, source_accounts, channel_ids, requests_per_second_max, networks, certificates, state, route, made_at)
    values (${row.id}, ${row.name}, ${row.signature_kind}, ${row.hmac_encoding}, ${row.duplicate_conflict}, ${row.amount_max_sen},
      ${row.daily_amount_max_sen}, ${row.daily_count_max}, ${row.source_accounts}, ${row.channel_ids}, ${row.requests_per_second_max},
      ${row.networks}, ${row.certificates}, ${row.state}, ${row.route}, ${now})
    on conflict (id) do nothing returning id`);
  return rows.length > 0;
}

/** Writes what may change of a locked partner. */
export async function updatePartner(tx: Queryable, row: PartnerRow): Promise<void> {
  await tx.query(sql`
    update partner set amount_max_sen = ${row.amount_max_sen}, daily_amount_max_sen = ${row.daily_amount_max_sen},
      daily_count_max = ${row.daily_count_max}, requests_per_second_max = ${row.requests_per_second_max},
      networks = ${row.networks}, certificates = ${row.certificates}, state = ${row.state}
    where id = ${row.id}`);
}

export interface PartnerKeyRow {
  readonly id: string;
  readonly partner_id: string;
  readonly kind: 'public' | 'secret';
  readonly sealed: string | null;
  readonly valid_from: Date;
  readonly valid_until: Date | null;
  readonly revoked_at: Date | null;
}

/** The keys of a partner, newest first, those that ended before `endedAfter` left out. */
export function selectPartnerKeys(
  db: Queryable,
  input: { readonly partnerId: string; readonly endedAfter: Date },
): Promise<PartnerKeyRow[]> {
  return db.query(sql`
    select id, partner_id, kind, sealed, valid_from, valid_until, revoked_at from partner_key
    where partner_id = ${input.partnerId} and (valid_until is null or valid_until > ${input.endedAfter})
      and (revoked_at is null or revoked_at > ${input.endedAfter})
    order by valid_from desc, id desc`);
}

/** Writes a key. */
export async function insertPartnerKey(
  tx: Queryable,
  input: { readonly row: PartnerKeyRow; readonly now: Date },
): Promise<void> {
  const { row, now } = input;
  await tx.query(sql`
    insert into partner_key (id, partner_id, kind, sealed, valid_from, valid_until, made_at)
    values (${row.id}, ${row.partner_id}, ${row.kind}, ${row.sealed}, ${row.valid_from}, ${row.valid_until}, ${now})`);
}

/** Ends a key at an instant; its text is sealed anew over its dates. */
export async function updateKeyEnd(
  tx: Queryable,
  input: { readonly id: string; readonly sealed: string; readonly validUntil: Date },
): Promise<void> {
  await tx.query(sql`
    update partner_key set sealed = ${input.sealed}, valid_until = ${input.validUntil} where id = ${input.id} and revoked_at is null`);
}

/** Revokes a key for good: its text goes. */
export async function revokeKey(
  tx: Queryable,
  input: { readonly id: string; readonly now: Date },
): Promise<void> {
  await tx.query(sql`
    update partner_key set sealed = null, revoked_at = ${input.now} where id = ${input.id} and revoked_at is null`);
}

export interface PartnerLimitRow {
  readonly service_group: ServiceGroup;
  readonly per_second_max: number | null;
  readonly per_minute_max: number | null;
  readonly concurrent_max: number | null;
}

/** The limits of a partner per group of services. */
export function selectPartnerLimits(db: Queryable, partnerId: string): Promise<PartnerLimitRow[]> {
  return db.query(sql`
    select service_group, per_second_max, per_minute_max, concurrent_max from partner_limit
    where partner_id = ${partnerId} order by service_group`);
}

/** Writes the limit of a group. */
export async function upsertPartnerLimit(
  tx: Queryable,
  input: { readonly partnerId: string; readonly row: PartnerLimitRow },
): Promise<void> {
  const { partnerId, row } = input;
  await tx.query(sql`
    insert into partner_limit (partner_id, service_group, per_second_max, per_minute_max, concurrent_max)
    values (${partnerId}, ${row.service_group}, ${row.per_second_max}, ${row.per_minute_max}, ${row.concurrent_max})
    on conflict (partner_id, service_group) do update set per_second_max = excluded.per_second_max,
      per_minute_max = excluded.per_minute_max, concurrent_max = excluded.concurrent_max`);
}

/** Appends a change with the signatures of its people. */
export async function insertPartnerChange(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly partnerId: string;
    readonly body: string;
    readonly loosens: boolean;
    readonly madeBy: string;
    readonly madeSignature: string;
    readonly approvedBy: string | null;
    readonly approvedSignature: string | null;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(sql`
    insert into partner_change (id, partner_id, body, loosens, made_by, made_signature, approved_by, approved_signature, made_at)
    values (${row.id}, ${row.partnerId}, ${row.body}, ${row.loosens}, ${row.madeBy}, ${row.madeSignature}, ${row.approvedBy},
      ${row.approvedSignature}, ${row.now})`);
}

export interface LegacyKeys {
  readonly id: string;
  readonly public_key: string | null;
  readonly secret: string | null;
}

/** Partners of a former version whose keys stand in the row itself; locked. At most `limit`. */
export function lockLegacyPartners(tx: Queryable, limit: number): Promise<LegacyKeys[]> {
  return tx.query(sql`
    select id, public_key, secret from partner where public_key is not null or secret is not null
    order by id limit ${limit}::integer for update`);
}

/** Takes the keys out of rows. */
export async function clearLegacyKeys(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query(
    sql`update partner set public_key = null, secret = null where id = any(${textArray(ids)}::text[])`,
  );
}
