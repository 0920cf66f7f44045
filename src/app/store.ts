/** The few statements of composition itself: is the database there, is it seeded. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** True when the database takes a statement. */
export async function answers(db: Queryable): Promise<boolean> {
  return db.query(sql`select 1 as n`).then(
    () => true,
    () => false,
  );
}

/** True when the server has a database of this name. */
export async function hasDatabase(db: Queryable, name: string): Promise<boolean> {
  const rows = await db.query(sql`select 1 as n from pg_database where datname = ${name}`);
  return rows.length > 0;
}

/** Writes the banks of the network; those that exist stay as they are. */
export async function insertParticipants(
  db: Queryable,
  input: {
    readonly banks: readonly {
      readonly bic: string;
      readonly name: string;
      readonly shortName: string;
      readonly bankCode: string;
    }[];
    readonly now: Date;
  },
): Promise<void> {
  for (const { bic, name, shortName, bankCode } of input.banks) {
    await db.query(sql`
      insert into participant (bic, name, short_name, bank_code, changed_at) values (${bic}, ${name}, ${shortName}, ${bankCode}, ${input.now})
      on conflict (bic) do nothing`);
  }
}

/** Writes contacts that the bank has proved; those that exist stay as they are. */
export async function insertContacts(
  db: Queryable,
  input: {
    readonly contacts: readonly {
      readonly index: number;
      readonly kind: '01' | '02';
      readonly value: string;
    }[];
    readonly customerIds: readonly string[];
    readonly now: Date;
  },
): Promise<void> {
  for (const { index, kind, value } of input.contacts) {
    await db.query(sql`
      insert into customer_contact (customer_id, kind, value, proved_at)
      values (${input.customerIds[index]}, ${kind}, ${value}, ${input.now}) on conflict do nothing`);
  }
}

/** The staff who exist, by sign-in name. */
export async function selectStaffNames(
  db: Queryable,
): Promise<
  readonly { readonly id: string; readonly username: string; readonly publicKey: string }[]
> {
  const rows = await db.query<{ id: string; username: string; public_key: string }>(
    sql`select id, username, public_key from staff`,
  );
  return rows.map(({ id, username, public_key: publicKey }) => ({ id, username, publicKey }));
}

/** The sealed signing key of one member of staff, for the copy that two people open a gateway with. */
export async function selectSealedStaffKey(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ sealed_key: string }>(
    sql`select sealed_key from staff where id = ${id}`,
  );
  return rows[0]?.sealed_key;
}

/** Says that a process lives and which restriction set it holds; the guard pushes to every row. */
export async function upsertProcess(
  db: Queryable,
  row: {
    readonly id: string;
    readonly kind: 'core' | 'gateway';
    readonly target: string;
    readonly now: Date;
    readonly restrictionVersion: number;
  },
): Promise<void> {
  await db.query(sql`
    insert into process (id, kind, target, heartbeat_at, restriction_version)
    values (${row.id}, ${row.kind}, ${row.target}, ${row.now}, ${row.restrictionVersion})
    on conflict (id) do update set target = excluded.target, heartbeat_at = excluded.heartbeat_at, restriction_version = excluded.restriction_version`);
}

/** How long ago the last successful three-way match was, ms; undefined before the first. */
export async function selectMatchAgeMs(db: Queryable, nowMs: number): Promise<number | undefined> {
  const rows = await db.query<{ body: string }>(
    sql`select body from guard_state where name = 'match'`,
  );
  const at = rows[0] && Number((JSON.parse(rows[0].body) as { atMs?: unknown }).atMs);
  return at === undefined || Number.isNaN(at) ? undefined : Math.max(0, nowMs - at);
}

/** What a restriction of this shape would have touched since an instant. Undefined dimensions mean all. */
export interface FlowFilter {
  readonly kinds: readonly string[];
  readonly channel: string | undefined;
  readonly bank: string | undefined;
  readonly account: string | undefined;
  readonly amountFromSen: bigint;
}

/** Payments, customers and value that match, and what is still open among them. */
export async function selectTouched(
  db: Queryable,
  input: { readonly filter: FlowFilter; readonly since: Date },
): Promise<{
  readonly payments: number;
  readonly customers: number;
  readonly valueSen: bigint;
  readonly heldSen: bigint;
}> {
  const { kinds, channel, bank, account, amountFromSen } = input.filter;
  const rows = await db.query<{
    n: bigint;
    customers: bigint;
    value_sen: bigint;
    held_sen: bigint;
  }>(sql`
    select count(*) as n, count(distinct customer_id) as customers, coalesce(sum(amount_sen), 0)::bigint as value_sen,
      coalesce(sum(amount_sen) filter (where state in ('held', 'sending', 'accepted', 'unknown', 'review', 'pending_credit')), 0)::bigint as held_sen
    from payment
    where made_at >= ${input.since} and kind = any(${kinds}::text[]) and amount_sen >= ${amountFromSen}
      and (${channel ?? null}::text is null or channel = ${channel ?? null})
      and (${bank ?? null}::text is null or counterparty_bank = ${bank ?? null})
      and (${account ?? null}::text is null or debit_account = ${account ?? null} or credit_account = ${account ?? null})`);
  const row = rows[0]!;
  return {
    payments: Number(row.n),
    customers: Number(row.customers),
    valueSen: row.value_sen,
    heldSen: row.held_sen,
  };
}

/** Ends the live endpoint of a partner that stands at another address: the demo's follows the public port. */
export async function endMovedEndpoint(
  db: Queryable,
  input: { readonly partnerId: string; readonly baseUrl: string; readonly now: Date },
): Promise<void> {
  await db.query(sql`
    update partner_endpoint set ended_at = ${input.now}
    where partner_id = ${input.partnerId} and base_url <> ${input.baseUrl} and ended_at is null`);
}
