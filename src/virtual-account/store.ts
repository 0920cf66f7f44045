/** Every statement of virtual accounts: `va_service`, `va_channel`, `virtual_account`, `va_payment`. */
import { byteaArray, instantArray, int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { VaKind, VirtualAccount } from './decide.ts';

interface RawVa {
  readonly number: string;
  readonly service_id: string;
  readonly customer_no: string;
  readonly name: string;
  readonly kind: VaKind;
  readonly amount_sen: bigint | null;
  readonly expires_at: Date | null;
  readonly bills: string;
  readonly trx_id: string;
  readonly paid_sen: bigint;
  readonly paid_count: bigint;
  readonly partner_id: string;
  readonly account: string;
}

/** A virtual account whose service is live. */
export async function selectVa(db: Queryable, number: string): Promise<VirtualAccount | undefined> {
  const [row] = await db.query<RawVa>(sql`
    select v.number, v.service_id, v.customer_no, v.name, v.kind, v.amount_sen, v.expires_at, v.bills, v.trx_id, v.paid_sen,
      v.paid_count, s.partner_id, s.account
    from virtual_account v join va_service s on s.service_id = v.service_id and s.ended_at is null
    where v.number = ${number}`);
  return (
    row && {
      number: row.number,
      serviceId: row.service_id,
      customerNo: row.customer_no,
      name: row.name,
      kind: row.kind,
      ...(row.amount_sen !== null && { amountSen: sen(row.amount_sen) }),
      ...(row.expires_at && { expiresAtMs: row.expires_at.getTime() }),
      bills: row.bills,
      trxId: row.trx_id,
      paidSen: sen(row.paid_sen),
      paidCount: row.paid_count,
      partnerId: row.partner_id,
      account: row.account,
    }
  );
}

/** Writes a virtual account; false when its number is taken. */
export async function insertVa(
  tx: Tx,
  va: Omit<VirtualAccount, 'paidSen' | 'paidCount' | 'partnerId' | 'account'> & {
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await tx.query<{ number: string }>(sql`
    insert into virtual_account (number, service_id, customer_no, name, kind, amount_sen, expires_at, bills, trx_id, made_at, changed_at)
    values (${va.number}, ${va.serviceId}, ${va.customerNo}, ${va.name}, ${va.kind}, ${va.amountSen ?? null},
      ${va.expiresAtMs === undefined ? null : new Date(va.expiresAtMs)}, ${va.bills}, ${va.trxId}, ${va.now}, ${va.now})
    on conflict (number) do nothing returning number`);
  return rows.length === 1;
}

/** The live service of a corporate. */
export async function selectService(
  db: Queryable,
  input: { readonly serviceId: string; readonly partnerId: string },
): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 as found from va_service
    where service_id = ${input.serviceId} and partner_id = ${input.partnerId} and ended_at is null`);
  return rows.length === 1;
}

interface TwoPeople {
  readonly partnerId: string;
  readonly account: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly now: Date;
}

/** Writes a corporate's service, also its own that had ended; false when the id is live or another's. */
export async function insertService(
  db: Queryable,
  row: TwoPeople & { readonly serviceId: string },
): Promise<boolean> {
  const rows = await db.query<{ service_id: string }>(sql`
    insert into va_service (service_id, partner_id, account, proposed_by, approved_by, made_at)
    values (${row.serviceId}, ${row.partnerId}, ${row.account}, ${row.proposedBy}, ${row.approvedBy}, ${row.now})
    on conflict (service_id) do update set account = excluded.account, proposed_by = excluded.proposed_by,
      approved_by = excluded.approved_by, made_at = excluded.made_at, ended_at = null
    where va_service.ended_at is not null and va_service.partner_id = excluded.partner_id
    returning service_id`);
  return rows.length === 1;
}

/** Writes a partner that pays bills, also one that had ended; false when it is live. */
export async function insertChannel(db: Queryable, row: TwoPeople): Promise<boolean> {
  const rows = await db.query<{ partner_id: string }>(sql`
    insert into va_channel (partner_id, settlement_account, proposed_by, approved_by, made_at)
    values (${row.partnerId}, ${row.account}, ${row.proposedBy}, ${row.approvedBy}, ${row.now})
    on conflict (partner_id) do update set settlement_account = excluded.settlement_account, proposed_by = excluded.proposed_by,
      approved_by = excluded.approved_by, made_at = excluded.made_at, ended_at = null where va_channel.ended_at is not null
    returning partner_id`);
  return rows.length === 1;
}

interface ServiceRow {
  readonly service_id: string;
  readonly partner_id: string;
  readonly account: string;
  readonly ended_at: Date | null;
}

/** A service id as it stands, live or ended, whosever it is. */
export async function selectServiceId(
  db: Queryable,
  serviceId: string,
): Promise<ServiceRow | undefined> {
  const rows = await db.query<ServiceRow>(
    sql`select service_id, partner_id, account, ended_at from va_service where service_id = ${serviceId}`,
  );
  return rows[0];
}

/** The live services of a corporate; at most 1,000. */
export function selectServices(db: Queryable, partnerId: string): Promise<ServiceRow[]> {
  return db.query<ServiceRow>(sql`
    select service_id, partner_id, account, ended_at from va_service
    where partner_id = ${partnerId} and ended_at is null order by service_id limit 1000`);
}

/** The channel of a partner that pays bills, live or ended. */
export async function selectChannel(
  db: Queryable,
  partnerId: string,
): Promise<{ readonly account: string; readonly ended_at: Date | null } | undefined> {
  const rows = await db.query<{ account: string; ended_at: Date | null }>(
    sql`select settlement_account as account, ended_at from va_channel where partner_id = ${partnerId}`,
  );
  return rows[0];
}

/** Ends a live service of a corporate; false when there is none. */
export async function updateServiceEnd(
  db: Queryable,
  input: { readonly serviceId: string; readonly partnerId: string; readonly now: Date },
): Promise<boolean> {
  const rows = await db.query<{ service_id: string }>(sql`
    update va_service set ended_at = ${input.now}
    where service_id = ${input.serviceId} and partner_id = ${input.partnerId} and ended_at is null returning service_id`);
  return rows.length === 1;
}

/** Ends the live channel of a partner; false when there is none. */
export async function updateChannelEnd(
  db: Queryable,
  input: { readonly partnerId: string; readonly now: Date },
): Promise<boolean> {
  const rows = await db.query<{ partner_id: string }>(sql`
    update va_channel set ended_at = ${input.now} where partner_id = ${input.partnerId} and ended_at is null returning partner_id`);
  return rows.length === 1;
}

/** A request to pay and what it came to. */
export interface VaPayment {
  readonly id: string;
  readonly partnerId: string;
  readonly requestId: string;
  readonly requestHash: Buffer;
  readonly number: string;
  /** `paid`, or why not. */
  readonly outcome: string;
  readonly amountSen: Sen;
  /** What was asked in all when it was paid. */
  readonly totalSen?: Sen;
  readonly echo: string;
  readonly madeAtMs: number;
}

interface RawPayment {
  readonly id: string;
  readonly partner_id: string;
  readonly request_id: string;
  readonly request_hash: Buffer;
  readonly number: string;
  readonly outcome: string;
  readonly amount_sen: bigint;
  readonly total_sen: bigint | null;
  readonly echo: string;
  readonly made_at: Date;
}

/** What became of a request to pay. */
export async function selectVaPayment(
  db: Queryable,
  input: { readonly partnerId: string; readonly requestId: string },
): Promise<VaPayment | undefined> {
  const [row] = await db.query<RawPayment>(sql`
    select id, partner_id, request_id, request_hash, number, outcome, amount_sen, total_sen, echo, made_at from va_payment
    where partner_id = ${input.partnerId} and request_id = ${input.requestId}`);
  return (
    row && {
      id: row.id,
      partnerId: row.partner_id,
      requestId: row.request_id,
      requestHash: row.request_hash,
      number: row.number,
      outcome: row.outcome,
      amountSen: sen(row.amount_sen),
      ...(row.total_sen !== null && { totalSen: sen(row.total_sen) }),
      echo: row.echo,
      madeAtMs: row.made_at.getTime(),
    }
  );
}

/** Writes requests to pay, set-based. */
export async function insertVaPayments(
  tx: Tx,
  rows: readonly (VaPayment & { readonly transferId: bigint | undefined })[],
): Promise<void> {
  await tx.query(sql`
    insert into va_payment (id, partner_id, request_id, request_hash, number, outcome, amount_sen, total_sen, transfer_id, echo, made_at)
    select * from unnest(${textArray(rows.map((row) => row.id))}::text[], ${textArray(rows.map((row) => row.partnerId))}::text[],
      ${textArray(rows.map((row) => row.requestId))}::text[], ${byteaArray(rows.map((row) => row.requestHash))}::bytea[],
      ${textArray(rows.map((row) => row.number))}::text[], ${textArray(rows.map((row) => row.outcome))}::text[],
      ${int8Array(rows.map((row) => row.amountSen))}::bigint[], ${int8Array(rows.map((row) => row.totalSen ?? null))}::bigint[],
      ${int8Array(rows.map((row) => row.transferId ?? null))}::bigint[], ${textArray(rows.map((row) => row.echo))}::text[],
      ${instantArray(rows.map((row) => row.madeAtMs))}::timestamptz[])`);
}

/** Adds what was paid to the virtual accounts, each once however many payments a batch has for it; in one order for all processes. */
export async function addPaid(
  tx: Tx,
  rows: readonly {
    readonly number: string;
    readonly amountSen: Sen;
    readonly atMs: number;
  }[],
): Promise<number> {
  const moved = await tx.query<{ number: string }>(sql`
    with paid as (
      select number, sum(amount_sen)::bigint as amount_sen, count(*) as n, max(at) as at
      from unnest(${textArray(rows.map((row) => row.number))}::text[], ${int8Array(rows.map((row) => row.amountSen))}::bigint[],
        ${instantArray(rows.map((row) => row.atMs))}::timestamptz[]) as p (number, amount_sen, at)
      group by number
    ), locked as (
      select v.number from virtual_account v join paid using (number) order by v.number for update of v
    )
    update virtual_account v set paid_sen = v.paid_sen + p.amount_sen, paid_count = v.paid_count + p.n, changed_at = p.at
    from paid p join locked using (number) where v.number = p.number returning v.number`);
  return moved.length;
}

/** Virtual accounts and payments that contradict each other or their transfers; none in good order. */
export function selectWrongVa(
  db: Queryable,
  limit: number,
): Promise<{ readonly id: string; readonly detail: string }[]> {
  return db.query(sql`
    select v.number as id, 'what was paid is not the sum of its payments' as detail
    from virtual_account v
    left join (select number, sum(amount_sen) as total, count(*) as n from va_payment where outcome = 'paid' group by number) p using (number)
    where v.paid_sen <> coalesce(p.total, 0) or v.paid_count <> coalesce(p.n, 0)
    union all
    select p.id, 'its transfer is not there, or moved something else'
    from va_payment p left join transfer t on t.id = p.transfer_id and t.payment_id = p.id
    where p.outcome = 'paid' and (t.id is null or t.amount_sen <> p.amount_sen or t.kind <> 'single')
      and p.made_at >= coalesce((select ((max(month) + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' from archive_month), '-infinity')
    order by 1 limit ${limit}`);
}
