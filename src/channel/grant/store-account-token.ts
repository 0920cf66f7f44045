/** Every statement of `account_token`. Who changes one locks its grant first. */
import type { Queryable, Tx } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { LiveAccessRow } from './store.ts';

/** Ends the token of an account that counts; its id. */
export async function endTokenOfAccount(
  tx: Tx,
  input: { readonly grantId: string; readonly account: string; readonly now: Date },
): Promise<string | undefined> {
  const rows = await tx.query<{ id: string }>(sql`
    update account_token set ended_at = ${input.now}
    where grant_id = ${input.grantId} and account = ${input.account} and ended_at is null returning id`);
  return rows[0]?.id;
}

/** Writes a token. */
export async function insertAccountToken(
  tx: Tx,
  row: {
    readonly id: string;
    readonly grantId: string;
    readonly account: string;
    readonly tokenHash: Buffer;
    readonly limitSen: bigint | null;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(sql`
    insert into account_token (id, grant_id, account, token_hash, limit_sen, made_at)
    values (${row.id}, ${row.grantId}, ${row.account}, ${row.tokenHash}, ${row.limitSen}, ${row.now})`);
}

/** What stands behind a token. `accounts` is empty when the account is not the customer's any more. */
export interface AccountTokenRow extends LiveAccessRow {
  readonly token_id: string;
  readonly account: string;
  readonly token_limit_sen: bigint | null;
  readonly expires_at: Date;
  /** Of the token or of its grant, whichever was first. */
  readonly is_ended: boolean;
}

/** A token of a partner, also one that has ended. */
export async function selectAccountToken(
  db: Queryable,
  input: { readonly tokenHash: Buffer; readonly partnerId: string; readonly now: Date },
): Promise<AccountTokenRow | undefined> {
  const rows = await db.query<AccountTokenRow>(sql`
    select t.id as token_id, t.account, t.limit_sen as token_limit_sen, g.id, g.customer_id, g.limit_sen, g.day_limit_sen, g.scopes, g.expires_at,
      t.ended_at is not null or g.ended_at is not null or g.expires_at <= ${input.now} as is_ended,
      coalesce((select array_agg(a.number) from account a where a.number = t.account and a.customer_id = g.customer_id), '{}') as accounts
    from account_token t join access_grant g on g.id = t.grant_id
    where t.token_hash = ${input.tokenHash} and g.partner_id = ${input.partnerId}`);
  return rows[0];
}
