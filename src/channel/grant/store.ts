/** Every statement of partners' accounts and customers' grants: `partner_account`, `partner_redirect`, `access_grant`,
 * `access_token_pair`. Who changes a grant locks its row first. */
import { textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

/** The live accounts that a partner may read as its own. */
export async function selectPartnerAccounts(
  db: Queryable,
  input: { readonly partnerId: string; readonly now: Date },
): Promise<readonly string[]> {
  const rows = await db.query<{ account: string }>(sql`
    select account from partner_account
    where partner_id = ${input.partnerId} and ended_at is null and valid_from <= ${input.now}
      and (valid_until is null or valid_until > ${input.now})
    order by account limit 200`);
  return rows.map((row) => row.account);
}

/** Binds an account to a partner; false when it is bound already. */
export async function insertPartnerAccount(
  db: Queryable,
  row: {
    readonly id: string;
    readonly partnerId: string;
    readonly account: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
    readonly validFrom: Date;
    readonly validUntil: Date | null;
  },
): Promise<boolean> {
  const rows = await db.query<{ id: string }>(sql`
    insert into partner_account (id, partner_id, account, proposed_by, approved_by, valid_from, valid_until)
    values (${row.id}, ${row.partnerId}, ${row.account}, ${row.proposedBy}, ${row.approvedBy}, ${row.validFrom}, ${row.validUntil})
    on conflict (partner_id, account) where ended_at is null do nothing returning id`);
  return rows.length > 0;
}

/** Ends a binding; its id. */
export async function endPartnerAccount(
  db: Queryable,
  input: { readonly partnerId: string; readonly account: string; readonly now: Date },
): Promise<string | undefined> {
  const rows = await db.query<{ id: string }>(sql`
    update partner_account set ended_at = ${input.now}
    where partner_id = ${input.partnerId} and account = ${input.account} and ended_at is null returning id`);
  return rows[0]?.id;
}

/** How an account stands with a partner: the live binding, else the last one. */
export async function selectPartnerAccount(
  db: Queryable,
  input: { readonly partnerId: string; readonly account: string },
): Promise<{ readonly valid_until: Date | null; readonly ended_at: Date | null } | undefined> {
  const rows = await db.query<{ valid_until: Date | null; ended_at: Date | null }>(sql`
    select valid_until, ended_at from partner_account
    where partner_id = ${input.partnerId} and account = ${input.account} order by ended_at desc nulls first limit 1`);
  return rows[0];
}

/** What is bound to a partner until when, and its addresses; at most 1,000 of each. */
export async function selectBound(
  db: Queryable,
  partnerId: string,
): Promise<{
  readonly accounts: readonly { readonly account: string; readonly valid_until: Date | null }[];
  readonly redirects: readonly string[];
}> {
  const accounts = await db.query<{ account: string; valid_until: Date | null }>(sql`
    select account, valid_until from partner_account
    where partner_id = ${partnerId} and ended_at is null order by account limit 1000`);
  const redirects = await db.query<{ url: string }>(sql`
    select url from partner_redirect where partner_id = ${partnerId} and ended_at is null order by url limit 1000`);
  return { accounts, redirects: redirects.map(({ url }) => url) };
}

/** An address of a partner, live or ended. */
export async function selectRedirect(
  db: Queryable,
  input: { readonly partnerId: string; readonly url: string },
): Promise<{ readonly ended_at: Date | null } | undefined> {
  const rows = await db.query<{ ended_at: Date | null }>(sql`
    select ended_at from partner_redirect where partner_id = ${input.partnerId} and url = ${input.url}`);
  return rows[0];
}

/** Ends a live address; false when there is none. */
export async function endRedirect(
  db: Queryable,
  input: { readonly partnerId: string; readonly url: string; readonly now: Date },
): Promise<boolean> {
  const rows = await db.query<{ url: string }>(sql`
    update partner_redirect set ended_at = ${input.now}
    where partner_id = ${input.partnerId} and url = ${input.url} and ended_at is null returning url`);
  return rows.length === 1;
}

/** Writes an address that a browser may be sent back to, also one that had ended; false when it is live already. */
export async function insertRedirect(
  db: Queryable,
  row: {
    readonly partnerId: string;
    readonly url: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await db.query<{ url: string }>(sql`
    insert into partner_redirect (partner_id, url, proposed_by, approved_by, made_at)
    values (${row.partnerId}, ${row.url}, ${row.proposedBy}, ${row.approvedBy}, ${row.now})
    on conflict (partner_id, url) do update set proposed_by = excluded.proposed_by, approved_by = excluded.approved_by,
      made_at = excluded.made_at, ended_at = null where partner_redirect.ended_at is not null
    returning url`);
  return rows.length > 0;
}

/** The partner that asks, when it is active and may be answered at this very address. */
export async function selectAsker(
  db: Queryable,
  input: { readonly partnerId: string; readonly redirectUrl: string },
): Promise<{ readonly name: string } | undefined> {
  const rows = await db.query<{ name: string }>(sql`
    select p.name from partner p join partner_redirect r on r.partner_id = p.id
    where p.id = ${input.partnerId} and p.state = 'active' and r.url = ${input.redirectUrl} and r.ended_at is null`);
  return rows[0];
}

/** Of these accounts those that are a customer's own now. */
export async function selectOwned(
  db: Queryable,
  input: { readonly customerId: string; readonly accounts: readonly string[] },
): Promise<readonly string[]> {
  const rows = await db.query<{ number: string }>(sql`
    select number from account
    where customer_id = ${input.customerId} and number = any(${textArray(input.accounts)}::text[]) order by number`);
  return rows.map((row) => row.number);
}

export interface GrantRow {
  readonly id: string;
  readonly partner_id: string;
  readonly partner_name: string;
  readonly customer_id: string;
  readonly scopes: readonly string[];
  readonly accounts: readonly string[];
  readonly redirect_url: string;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly code_expires_at: Date;
  readonly code_used_at: Date | null;
  readonly generation: number;
  readonly ended_at: Date | null;
  readonly ended_by: 'customer' | 'replaced' | 'reuse' | null;
  readonly limit_sen: bigint | null;
  readonly day_limit_sen: bigint | null;
}

/** Writes a grant. */
export async function insertGrant(
  tx: Tx,
  row: {
    readonly id: string;
    readonly partnerId: string;
    readonly customerId: string;
    readonly scopes: readonly string[];
    readonly accounts: readonly string[];
    readonly redirectUrl: string;
    readonly sessionHash: Buffer;
    readonly device: string;
    readonly textShown: string;
    readonly language: string;
    readonly madeAt: Date;
    readonly expiresAt: Date;
    readonly codeHash: Buffer;
    readonly codeExpiresAt: Date;
    readonly limitSen: bigint | null;
    readonly dayLimitSen: bigint | null;
  },
): Promise<void> {
  await tx.query(sql`
    insert into access_grant (id, partner_id, customer_id, scopes, accounts, redirect_url, session_hash, device, text_shown, language,
      made_at, expires_at, code_hash, code_expires_at, limit_sen, day_limit_sen)
    values (${row.id}, ${row.partnerId}, ${row.customerId}, ${row.scopes}, ${row.accounts}, ${row.redirectUrl}, ${row.sessionHash},
      ${row.device}, ${row.textShown}, ${row.language}, ${row.madeAt}, ${row.expiresAt}, ${row.codeHash}, ${row.codeExpiresAt},
      ${row.limitSen}, ${row.dayLimitSen})`);
}

/** The grants of a customer, newest first. */
export function selectGrants(db: Queryable, customerId: string): Promise<GrantRow[]> {
  return db.query<GrantRow>(sql`
    select g.id, g.partner_id, p.name as partner_name, g.customer_id, g.scopes, g.accounts, g.redirect_url, g.made_at, g.expires_at,
      g.code_expires_at, g.code_used_at, g.generation, g.ended_at, g.ended_by, g.limit_sen, g.day_limit_sen
    from access_grant g join partner p on p.id = g.partner_id
    where g.customer_id = ${customerId} order by g.made_at desc, g.id desc limit 50`);
}

/** A grant by its id, locked. */
export async function lockGrant(tx: Tx, id: string): Promise<GrantRow | undefined> {
  const rows = await tx.query<GrantRow>(sql`
    select g.id, g.partner_id, p.name as partner_name, g.customer_id, g.scopes, g.accounts, g.redirect_url, g.made_at, g.expires_at,
      g.code_expires_at, g.code_used_at, g.generation, g.ended_at, g.ended_by, g.limit_sen, g.day_limit_sen
    from access_grant g join partner p on p.id = g.partner_id where g.id = ${id} for update of g`);
  return rows[0];
}

/** Makes the consents of one customer wait for each other, so that a new one replaces exactly the one before. */
export async function lockCustomer(tx: Tx, customerId: string): Promise<void> {
  await tx.query(sql`select id from customer where id = ${customerId} for update`);
}

/** The live grant of a customer to a partner. */
export async function selectLiveGrant(
  tx: Tx,
  input: { readonly partnerId: string; readonly customerId: string },
): Promise<string | undefined> {
  const rows = await tx.query<{ id: string }>(sql`
    select id from access_grant
    where partner_id = ${input.partnerId} and customer_id = ${input.customerId} and ended_at is null`);
  return rows[0]?.id;
}

/** Which grant a code is for. */
export async function selectGrantOfCode(
  db: Queryable,
  codeHash: Buffer,
): Promise<string | undefined> {
  const rows = await db.query<{ id: string }>(
    sql`select id from access_grant where code_hash = ${codeHash}`,
  );
  return rows[0]?.id;
}

/** Which grant and generation a refresh token is of. */
export async function selectRefresh(
  db: Queryable,
  refreshHash: Buffer,
): Promise<{ readonly grant_id: string; readonly generation: number } | undefined> {
  const rows = await db.query<{ grant_id: string; generation: number }>(
    sql`select grant_id, generation from access_token_pair where refresh_hash = ${refreshHash}`,
  );
  return rows[0];
}

/** Ends a locked grant. */
export async function endGrant(
  tx: Tx,
  input: {
    readonly id: string;
    readonly by: 'customer' | 'replaced' | 'reuse';
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update access_grant set ended_at = ${input.now}, ended_by = ${input.by} where id = ${input.id} and ended_at is null returning id`);
  return rows.length === 1;
}

/** Writes the next pair of tokens of a locked grant; the pair before it is dead from then on. False when it is not the next. */
export async function insertPair(
  tx: Tx,
  row: {
    readonly grantId: string;
    readonly generation: number;
    readonly accessHash: Buffer;
    readonly accessExpiresAt: Date;
    readonly refreshHash: Buffer;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update access_grant set generation = ${row.generation}, code_used_at = coalesce(code_used_at, ${row.now})
    where id = ${row.grantId} and generation = ${row.generation - 1} and ended_at is null returning id`);
  if (rows.length === 0) return false;
  await tx.query(sql`
    insert into access_token_pair (grant_id, generation, access_hash, access_expires_at, refresh_hash, made_at)
    values (${row.grantId}, ${row.generation}, ${row.accessHash}, ${row.accessExpiresAt}, ${row.refreshHash}, ${row.now})`);
  return true;
}

export interface LiveAccessRow {
  readonly id: string;
  readonly limit_sen: bigint | null;
  readonly day_limit_sen: bigint | null;
  readonly customer_id: string;
  readonly scopes: readonly string[];
  readonly accounts: readonly string[];
}

/** The grant behind an access token, if token, grant and partner hold at this moment. Accounts only while they are the customer's. */
export async function selectLiveAccess(
  db: Queryable,
  input: { readonly accessHash: Buffer; readonly partnerId: string; readonly now: Date },
): Promise<LiveAccessRow | undefined> {
  const rows = await db.query<LiveAccessRow>(sql`
    select g.id, g.customer_id, g.limit_sen, g.day_limit_sen, g.scopes, coalesce((select array_agg(a.number order by a.number) from account a
      where a.number = any(g.accounts) and a.customer_id = g.customer_id), '{}') as accounts
    from access_token_pair t join access_grant g on g.id = t.grant_id
    where t.access_hash = ${input.accessHash} and t.generation = g.generation and t.access_expires_at > ${input.now}
      and g.partner_id = ${input.partnerId} and g.ended_at is null and g.expires_at > ${input.now}`);
  return rows[0];
}

/** Writes the notice of a change of a grant. */
export async function insertGrantMessage(
  tx: Tx,
  row: {
    readonly id: string;
    readonly customerId: string;
    readonly template: string;
    readonly params: string;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(sql`
    insert into customer_message (id, customer_id, template, params, made_at)
    values (${row.id}, ${row.customerId}, ${row.template}, ${row.params}, ${row.now})`);
}
