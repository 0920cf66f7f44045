/** Every statement of the SNAP channel: `partner`, `partner_token`, `partner_external_id`; reads `participant`. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

export interface PartnerRow {
  readonly id: string;
  readonly name: string;
  readonly public_key: string;
  readonly secret: string;
  readonly hmac_encoding: 'base64' | 'hex';
  readonly duplicate_conflict: boolean;
  readonly amount_max_sen: bigint;
  readonly source_accounts: readonly string[];
  readonly channel_ids: readonly string[];
  readonly requests_per_second_max: number;
  readonly state: 'active' | 'suspended';
  /** The way of its interbank transfers where a request names none. */
  readonly route: 'bifast' | 'switch';
}

/** One partner by its id (X-CLIENT-KEY and X-PARTNER-ID). */
export async function selectPartner(db: Queryable, id: string): Promise<PartnerRow | undefined> {
  const rows = await db.query<PartnerRow>(sql`
    select id, name, public_key, secret, hmac_encoding, duplicate_conflict, amount_max_sen, source_accounts, channel_ids,
      requests_per_second_max, state, route
    from partner where id = ${id}`);
  return rows[0];
}

/** Writes a partner. */
export async function insertPartner(
  db: Queryable,
  input: { readonly row: PartnerRow; readonly now: Date },
): Promise<void> {
  const { row, now } = input;
  await db.query(sql`
    insert into partner (id, name, public_key, secret, hmac_encoding, duplicate_conflict, amount_max_sen, source_accounts,
      channel_ids, requests_per_second_max, state, route, made_at)
    values (${row.id}, ${row.name}, ${row.public_key}, ${row.secret}, ${row.hmac_encoding}, ${row.duplicate_conflict},
      ${row.amount_max_sen}, ${row.source_accounts}, ${row.channel_ids}, ${row.requests_per_second_max}, ${row.state}, ${row.route}, ${now})
    on conflict (id) do nothing`);
}

/** Writes a token's hash. */
export async function insertToken(
  db: Queryable,
  input: { readonly tokenHash: Buffer; readonly partnerId: string; readonly expiresAt: Date },
): Promise<void> {
  await db.query(sql`
    insert into partner_token (token_hash, partner_id, expires_at) values (${input.tokenHash}, ${input.partnerId}, ${input.expiresAt})`);
}

export interface TokenRow {
  readonly token_hash: Buffer;
  readonly partner_id: string;
  readonly expires_at: Date;
}

/** The tokens among these hashes. */
export function selectTokens(db: Queryable, hashes: readonly Buffer[]): Promise<TokenRow[]> {
  return db.query<TokenRow>(
    sql`select token_hash, partner_id, expires_at from partner_token where token_hash = any(${hashes}::bytea[])`,
  );
}

/** Removes expired tokens, at most `limit`. */
export async function deleteExpiredTokens(
  db: Queryable,
  input: { readonly now: Date; readonly limit: number },
): Promise<void> {
  await db.query(sql`
    delete from partner_token where token_hash in (select token_hash from partner_token where expires_at < ${input.now} limit ${input.limit})`);
}

export interface ExternalIdRow {
  readonly partnerId: string;
  readonly day: string;
  readonly externalId: string;
}

/** Takes ids, set-based and in one order for all processes; returns those that were free. */
export function insertExternalIds(
  db: Queryable,
  rows: readonly ExternalIdRow[],
): Promise<ExternalIdRow[]> {
  return db.query<ExternalIdRow>(sql`
    insert into partner_external_id (partner_id, day, external_id)
    select e.partner_id, e.day, e.external_id
    from unnest(${rows.map((row) => row.partnerId)}::text[], ${rows.map((row) => row.day)}::date[],
      ${rows.map((row) => row.externalId)}::text[]) as e (partner_id, day, external_id)
    order by e.partner_id, e.day, e.external_id
    on conflict do nothing
    returning partner_id as "partnerId", day, external_id as "externalId"`);
}

/** Removes the ids of days before `day`, at most `limit`; how many. */
export async function deleteExternalIdsBefore(
  db: Queryable,
  input: { readonly day: string; readonly limit: number },
): Promise<number> {
  const rows = await db.query<{ n: bigint }>(sql`
    with gone as (
      delete from partner_external_id where ctid = any(array(
        select ctid from partner_external_id where day < ${input.day}::date limit ${input.limit}))
      returning 1)
    select count(*) as n from gone`);
  return Number(rows[0]!.n);
}

export interface BankRow {
  readonly bic: string;
  readonly name: string;
  readonly bank_code: string;
}

/** Every bank of the network, for its code and name. */
export function selectBanks(db: Queryable): Promise<BankRow[]> {
  return db.query<BankRow>(sql`select bic, name, bank_code from participant`);
}
