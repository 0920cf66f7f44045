/** The SQL of what a decision needs to know: accounts, participants, what a customer sent, statements applied. */
import type { Queryable } from '../db/pool.ts';
import { textArray } from '../db/array.ts';
import { sql } from '../db/sql.ts';
import type { Tariff } from './tariff.ts';

/** A customer account as the engine sees it; books of the bank itself are not reachable from channels or networks. */
export interface AccountFacts {
  readonly number: string;
  readonly name: string;
  readonly accountType: string;
  readonly state: 'open' | 'closed' | 'frozen';
  readonly customerId: string | undefined;
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** An account of no customer is the last to be admitted by a recovery stage. */
const BUCKET_OF_NOBODY = 9_999;

/** Customer accounts by number; the bank's own accounts are left out. */
export async function readAccounts(
  db: Queryable,
  numbers: readonly string[],
): Promise<readonly AccountFacts[]> {
  const rows = await db.query<{
    number: string;
    name: string;
    account_type: string;
    state: 'open' | 'closed' | 'frozen';
    customer_id: string | null;
    cohort_bucket: number | null;
    is_staff: boolean | null;
  }>(sql`
    -- One look into each index, whatever the planner thinks of a list whose length it does not know.
    select a.number, a.name, a.account_type, a.state, a.customer_id, c.cohort_bucket, c.is_staff
    from unnest(${textArray(numbers)}::text[]) as w (number)
    cross join lateral (select * from account where number = w.number and book = 'customer' limit 1) a
    left join lateral (select cohort_bucket, is_staff from customer where id = a.customer_id limit 1) c on true`);
  return rows.map((row) => ({
    number: row.number,
    name: row.name,
    accountType: row.account_type,
    state: row.state,
    customerId: row.customer_id ?? undefined,
    cohortBucket: row.cohort_bucket ?? BUCKET_OF_NOBODY,
    isStaff: row.is_staff ?? false,
  }));
}

export interface ParticipantFacts {
  readonly bic: string;
  readonly name: string;
  readonly isOpen: boolean;
}

/** Every participant of the network. */
export async function readParticipants(db: Queryable): Promise<readonly ParticipantFacts[]> {
  const rows = await db.query<{ bic: string; name: string; state: string }>(
    sql`select bic, name, state from participant`,
  );
  return rows.map((row) => ({ bic: row.bic, name: row.name, isOpen: row.state === 'open' }));
}

/** Every tariff, those to come included: what begins later is known before it begins. */
export async function readTariffs(db: Queryable): Promise<readonly Tariff[]> {
  const rows = await db.query<{
    rail: Tariff['rail'];
    kind: 'credit_transfer' | 'bill' | 'top_up';
    version: number;
    channel: Tariff['channel'] | null;
    amount_from_sen: bigint;
    amount_to_sen: bigint | null;
    fee_sen: bigint;
    tax_basis_points: number | null;
    valid_from: Date;
  }>(sql`
    select rail, kind, version, channel, amount_from_sen, amount_to_sen, fee_sen, tax_basis_points, valid_from
    from fee_tariff`);
  return rows.map((row) => ({
    rail: row.rail,
    ...(row.kind !== 'credit_transfer' && { kind: row.kind }),
    version: row.version,
    channel: row.channel ?? undefined,
    amountFromSen: row.amount_from_sen,
    amountToSen: row.amount_to_sen ?? undefined,
    feeSen: row.fee_sen,
    taxBasisPoints: row.tax_basis_points ?? undefined,
    validFromMs: row.valid_from.getTime(),
  }));
}

/** Marks a statement's lines as posted. */
export async function insertStatement(
  db: Queryable,
  input: { readonly rail: string; readonly businessDate: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`
    insert into payment_statement (rail, business_date, applied_at)
    values (${input.rail}, ${input.businessDate}, ${new Date(input.nowMs)}) on conflict do nothing`);
}

/** How many of the dates from `from` to `to` have their statement applied. */
export async function countStatements(
  db: Queryable,
  input: { readonly rail: string; readonly from: string; readonly to: string },
): Promise<number> {
  const rows = await db.query<{ n: number }>(sql`
    select count(*)::integer as n from payment_statement
    where rail = ${input.rail} and business_date between ${input.from} and ${input.to}`);
  return rows[0]!.n;
}

/** Lets the workers look at once at what a statement decides. */
export async function wakeForStatement(
  db: Queryable,
  input: { readonly businessDate: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`
    update payment set due_at = ${new Date(input.nowMs)}
    where state not in ('settled', 'refunded', 'refused', 'cancelled', 'rejected', 'returned')
      and statement_date <= ${input.businessDate}`);
}
