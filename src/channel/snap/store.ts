/** Statements of tokens and external ids: `partner_token`, `partner_external_id`; reads `participant`. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

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
