/** The few statements of composition itself: is the database there, is it seeded. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { idFloor } from '../kernel/ids.ts';
import type { PaymentKind } from '../payment/kind.ts';

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

/** The same of each rail beside BI-FAST whose feed was ever heard. */
export async function selectRailMatchAges(
  db: Queryable,
  nowMs: number,
): Promise<Readonly<Record<string, number>>> {
  const rows = await db.query<{ body: string }>(
    sql`select body from guard_state where name = 'match'`,
  );
  const word = rows[0] && (JSON.parse(rows[0].body) as MatchWord);
  return Object.fromEntries(
    Object.entries(word?.rails ?? {}).map(([rail, { matchedAtMs }]) => [
      rail,
      Math.max(0, nowMs - matchedAtMs),
    ]),
  );
}

/** What the guard wrote of its match last; without rails before they were watched. */
interface MatchWord {
  readonly rails?: Readonly<Record<string, { readonly matchedAtMs: number }>>;
}

/** One payment as a preview sees it. */
export interface FlowRow {
  readonly kind: PaymentKind;
  readonly state: string;
  readonly channel: string;
  readonly counterparty_bank: string | null;
  readonly customer_id: string | null;
  readonly debit_account: string;
  readonly credit_account: string;
  readonly amount_sen: bigint;
  readonly cohort_bucket: number;
  readonly is_staff: boolean;
  /** Of a bill. */
  readonly product: string | null;
  /** Of the merchant of ours that was paid. */
  readonly nmid: string | null;
}

/** Payments of some kinds made in a stretch of time, the newest `limit` of them, and how many there are. */
export async function selectFlows(
  db: Queryable,
  input: {
    readonly kinds: readonly PaymentKind[];
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  },
): Promise<{ readonly rows: readonly FlowRow[]; readonly total: number }> {
  const { kinds, fromMs, toMs, limit } = input;
  const rows = await db.query<FlowRow & { readonly total: bigint }>(sql`
    select p.kind, p.state, p.channel, p.counterparty_bank, p.customer_id, p.debit_account, p.credit_account, p.amount_sen,
      p.cohort_bucket, p.is_staff, b.product, m.nmid, count(*) over () as total
    from payment p left join bill_payment b on b.payment_id = p.id
    left join merchant_sale s on s.payment_id = p.id left join merchant m on m.id = s.merchant_id
    where p.id >= ${idFloor('pay', fromMs)} and p.id < ${idFloor('pay', toMs)} and p.kind = any(${kinds}::text[])
    order by p.id desc limit ${limit}::integer`);
  return { rows, total: Number(rows[0]?.total ?? 0n) };
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
