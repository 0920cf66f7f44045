/** The SQL of what staff ask about merchants, and of codes that speak against themselves. Append-only, time is a parameter. */
import { textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** What staff may ask for. */
export type RequestKind = 'open' | 'close' | 'refund';

export interface RequestRow {
  readonly id: string;
  readonly kind: RequestKind;
  readonly merchant_id: string;
  readonly sale_id: string | null;
  readonly amount_sen: bigint;
  readonly draft: string | null;
  readonly reason: string;
  readonly asked_by: string;
  readonly asked_at: Date;
  readonly decision: 'approved' | 'withdrawn' | null;
  readonly decided_by: string | null;
  readonly payment_id: string | null;
  readonly refusal: string | null;
}

export interface RequestListRow extends RequestRow {
  readonly asked_name: string;
  readonly decided_name: string | null;
  /** Null: of one that is not opened yet. */
  readonly merchant_name: string | null;
}

/** As many as a screen holds. */
const LIST_MAX = 100;
/** One person's scans that are kept of a day: more say nothing new, and whoever tries codes fills no table. */
const WARNINGS_PER_DAY_MAX = 50;
/** Opening merchants one after the other: their serials are given in order. */
const OPEN_LOCK = 7_262_040;
/** What one person refunds alone, one refund after the other: the sum of a day is theirs. */
const ALONE_LOCK = 7_262_041;

/** Writes a request; false when its id is there. */
export async function insertRequest(
  tx: Tx,
  ask: {
    readonly id: string;
    readonly kind: RequestKind;
    readonly merchantId: string;
    readonly saleId?: string;
    readonly amountSen: bigint;
    readonly draft?: string;
    readonly reason: string;
    readonly staffId: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into merchant_request (id, kind, merchant_id, sale_id, amount_sen, draft, reason, asked_by, asked_at)
    values (${ask.id}, ${ask.kind}, ${ask.merchantId}, ${ask.saleId ?? null}, ${ask.amountSen}, ${ask.draft ?? null}, ${ask.reason},
      ${ask.staffId}, ${new Date(ask.nowMs)})
    on conflict (id) do nothing returning id`);
  return rows.length === 1;
}

/** One request as it stands. */
export async function selectRequest(db: Queryable, id: string): Promise<RequestRow | undefined> {
  const rows = await db.query<RequestRow>(sql`
    select r.id, r.kind, r.merchant_id, r.sale_id, r.amount_sen, r.draft, r.reason, r.asked_by, r.asked_at, d.decision, d.decided_by,
      e.payment_id, e.refusal
    from merchant_request r left join merchant_decision d on d.request_id = r.id left join merchant_request_end e on e.request_id = r.id
    where r.id = ${id}`);
  return rows[0];
}

/** The newest requests: those that wait for somebody first. */
export function listRequests(db: Queryable): Promise<readonly RequestListRow[]> {
  return db.query<RequestListRow>(sql`
    select r.id, r.kind, r.merchant_id, r.sale_id, r.amount_sen, r.draft, r.reason, r.asked_by, r.asked_at, d.decision, d.decided_by,
      e.payment_id, e.refusal, s.name as asked_name, t.name as decided_name, m.name as merchant_name
    from merchant_request r join staff s on s.id = r.asked_by left join merchant_decision d on d.request_id = r.id
      left join staff t on t.id = d.decided_by left join merchant_request_end e on e.request_id = r.id
      left join merchant m on m.id = r.merchant_id
    order by (d.decision is not null), r.asked_at desc, r.id limit ${LIST_MAX}::integer`);
}

/** Writes the word about a request; false when there is one. */
export async function insertDecision(
  tx: Tx,
  of: {
    readonly request: RequestRow;
    readonly decision: 'approved' | 'withdrawn';
    readonly staffId: string;
    readonly aloneMaxSen: bigint;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { request } = of;
  const rows = await tx.query(sql`
    insert into merchant_decision (request_id, kind, asked_by, amount_sen, alone_max_sen, decision, decided_by, decided_at)
    values (${request.id}, ${request.kind}, ${request.asked_by}, ${request.amount_sen}, ${of.aloneMaxSen}, ${of.decision},
      ${of.staffId}, ${new Date(of.nowMs)})
    on conflict (request_id) do nothing returning request_id`);
  return rows.length === 1;
}

/** What one person approved alone from an instant on, under that person's lock until the commit. Units: sen. */
export async function sumAlone(
  tx: Tx,
  of: { readonly staffId: string; readonly sinceMs: number },
): Promise<bigint> {
  await tx.query(
    sql`select pg_advisory_xact_lock(${ALONE_LOCK}::integer, hashtext(${of.staffId}))`,
  );
  const rows = await tx.query<{ sum: bigint }>(sql`
    select coalesce(sum(amount_sen), 0)::bigint as sum from merchant_decision
    where decided_by = ${of.staffId} and asked_by = decided_by and decision = 'approved' and decided_at > ${new Date(of.sinceMs)}`);
  return rows[0]!.sum; // an aggregate has its row
}

/** Writes what became of an approved refund; a second word about it changes nothing. */
export async function insertEnd(
  db: Queryable,
  of: {
    readonly requestId: string;
    readonly paymentId?: string;
    readonly refusal?: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await db.query(sql`
    insert into merchant_request_end (request_id, payment_id, refusal, ended_at)
    values (${of.requestId}, ${of.paymentId ?? null}, ${of.refusal ?? null}, ${new Date(of.nowMs)}) on conflict do nothing`);
}

/** The next serial, under a lock until the commit. */
export async function nextSerial(tx: Tx): Promise<bigint> {
  await tx.query(sql`select pg_advisory_xact_lock(${OPEN_LOCK}::bigint)`);
  const rows = await tx.query<{ n: bigint }>(
    sql`select coalesce(max(serial), 0) + 1 as n from merchant`,
  );
  return rows[0]!.n; // an aggregate has its row
}

/** Whether an NMID is a merchant's of ours, a closed one's too. */
export async function isNmidTaken(db: Queryable, nmid: string): Promise<boolean> {
  const rows = await db.query(sql`select id from merchant where nmid = ${nmid}`);
  return rows.length > 0;
}

/** Ends a merchant; false when it is not there or ended before. */
export async function closeMerchant(
  tx: Tx,
  of: { readonly id: string; readonly nowMs: number },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update merchant set closed_at = ${new Date(of.nowMs)} where id = ${of.id} and closed_at is null returning id`);
  return rows.length === 1;
}

/** Keeps that a code spoke against itself, once per reader, code and day. */
export async function insertWarning(
  db: Queryable,
  of: {
    readonly id: string;
    readonly merchantId: string | undefined;
    readonly nmid: string | undefined;
    readonly acquirer: string | undefined;
    readonly warnings: readonly string[];
    readonly channel: string;
    readonly scannedBy: string;
    readonly codeHash: Buffer;
    readonly onDate: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await db.query(sql`
    insert into merchant_code_warning (id, merchant_id, nmid, acquirer, warnings, channel, scanned_by, code_hash, on_date, seen_at)
    select ${of.id}, ${of.merchantId ?? null}, ${of.nmid ?? null}, ${of.acquirer ?? null}, ${textArray(of.warnings)}::text[],
      ${of.channel}, ${of.scannedBy}, ${of.codeHash}, ${of.onDate}::date, ${new Date(of.nowMs)}
    where (select count(*) from merchant_code_warning w where w.scanned_by = ${of.scannedBy} and w.on_date = ${of.onDate}::date)
      < ${WARNINGS_PER_DAY_MAX}::integer
    on conflict do nothing`);
}

export interface WarningRow {
  readonly merchant_id: string | null;
  readonly merchant_name: string | null;
  readonly nmid: string | null;
  readonly acquirer: string | null;
  readonly warnings: readonly string[];
  readonly channel: string;
  readonly scanned_by: string;
  readonly seen_at: Date;
}

/** The newest warnings, of one merchant or of all. */
export function listWarnings(
  db: Queryable,
  of: { readonly merchantId?: string },
): Promise<readonly WarningRow[]> {
  return db.query<WarningRow>(sql`
    select w.merchant_id, m.name as merchant_name, w.nmid, w.acquirer, w.warnings, w.channel, w.scanned_by, w.seen_at
    from merchant_code_warning w left join merchant m on m.id = w.merchant_id
    where ${of.merchantId ?? null}::text is null or w.merchant_id = ${of.merchantId ?? null}
    order by w.seen_at desc, w.id limit ${LIST_MAX}::integer`);
}
