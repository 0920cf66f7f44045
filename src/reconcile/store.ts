/** Every statement of the reconcile slice. Reads facts for the three-way match; writes verdicts and breaks, set-based. */
import type { RailName } from '../authorisation/instruction.ts';
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { SettlementLine } from '../rail/notice.ts';
import type { Break } from './match.ts';

export interface OpenLineRow {
  readonly line_id: string;
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly biz_msg_idr: string;
  readonly amount_sen: bigint;
  readonly counterparty_bank: string;
  readonly connector: string;
  readonly settled_ms: bigint;
  readonly seen_ms: bigint;
  readonly is_issued: boolean;
  readonly has_earlier: boolean;
  readonly is_further: boolean;
  readonly payment_id: string | null;
  readonly payment_kind: string | null;
  readonly payment_state: string | null;
  readonly payment_amount: bigint | null;
  readonly payment_bank: string | null;
  readonly intent: string | null;
}

/** Copies feed lines as they were seen; a line seen before is left alone. */
export async function insertLines(
  tx: Queryable,
  input: {
    readonly rail: string;
    readonly lines: readonly SettlementLine[];
    readonly seenAtMs: number;
  },
): Promise<void> {
  const { lines } = input;
  if (lines.length === 0) return;
  await tx.query(sql`insert into settlement_line (line_id, rail, direction, biz_msg_idr, amount_sen, counterparty_bank, connector,
      settled_at, business_date, seen_at, match_state)
    select l.line_id, ${input.rail}, l.direction, l.biz_msg_idr, l.amount_sen, l.bank, l.connector,
      to_timestamp(l.settled_ms / 1000.0), l.business_date, ${new Date(input.seenAtMs)}, 'open'
    from unnest(${lines.map((l) => l.lineId)}::text[], ${lines.map((l) => l.direction)}::text[], ${lines.map((l) => l.bizMsgIdr)}::text[],
      ${lines.map((l) => l.amountSen)}::bigint[], ${lines.map((l) => l.counterpartyBank)}::text[], ${lines.map((l) => l.connector)}::text[],
      ${lines.map((l) => l.settledAtMs)}::bigint[], ${lines.map((l) => l.businessDate)}::date[])
      as l (line_id, direction, biz_msg_idr, amount_sen, bank, connector, settled_ms, business_date)
    on conflict (line_id) do nothing`);
}

/** Notes that the hub's statement of a business date arrived. */
export async function insertStatement(
  tx: Queryable,
  row: {
    readonly rail: string;
    readonly businessDate: string;
    readonly atMs: number;
    readonly lineCount: number;
    readonly bodyHash: string;
  },
): Promise<void> {
  await tx.query(sql`insert into settlement_statement (rail, business_date, received_at, line_count, body_hash)
    values (${row.rail}, ${row.businessDate}, ${new Date(row.atMs)}, ${row.lineCount}, decode(${row.bodyHash}, 'hex'))
    on conflict (rail, business_date) do nothing`);
}

/** Open lines after (seen, id), with all that our side knows of each. */
export function selectOpenLines(
  db: Queryable,
  input: { readonly afterSeenMs: number; readonly afterLineId: string; readonly limit: number },
): Promise<OpenLineRow[]> {
  return db.query<OpenLineRow>(sql`
    select l.line_id, l.rail, l.direction, l.biz_msg_idr, l.amount_sen, l.counterparty_bank, l.connector,
      (extract(epoch from l.settled_at) * 1000)::bigint as settled_ms, (extract(epoch from l.seen_at) * 1000)::bigint as seen_ms,
      r.id is not null as is_issued,
      -- One that was judged came first, whatever the clocks of two guards say of it.
      exists (select from settlement_line o where o.rail = l.rail and o.biz_msg_idr = l.biz_msg_idr and o.direction = l.direction
        and o.counterparty_bank = l.counterparty_bank and o.match_state <> 'orphan'
        and (o.match_state <> 'open' or (o.seen_at, o.line_id) < (l.seen_at, l.line_id))) as has_earlier,
      exists (select from settlement_line o where o.rail = l.rail and o.biz_msg_idr = l.biz_msg_idr and o.direction = l.direction
        and (o.match_state <> 'open' or (o.seen_at, o.line_id) < (l.seen_at, l.line_id))) as is_further,
      p.id as payment_id, p.kind as payment_kind, p.state as payment_state, p.amount_sen as payment_amount,
      p.counterparty_bank as payment_bank, j.body as intent
    from settlement_line l
    left join id_registry r on l.direction = 'out' and r.id = l.biz_msg_idr and r.rail = l.rail
    left join lateral (
      select id, kind, state, amount_sen, counterparty_bank from payment
        where l.direction = 'out' and id = r.payment_id
      union all
      select id, kind, state, amount_sen, counterparty_bank from payment
        where l.direction = 'in' and kind in ('bifast_in', 'switch_in', 'qris_in', 'qris_refund_in', 'qris_transfer_in')
          and (kind = l.rail || '_in' or (kind in ('qris_refund_in', 'qris_transfer_in') and l.rail = 'qris'))
          and counterparty_bank = l.counterparty_bank and biz_msg_idr = l.biz_msg_idr
      union all
      select id, kind, state, amount_sen, counterparty_bank from payment
        where l.direction = 'in' and l.rail = 'switch' and kind in ('card_withdrawal', 'atm_acquired')
          and counterparty_bank = l.counterparty_bank and biz_msg_idr = l.biz_msg_idr
      union all
      select id, kind, state, amount_sen, counterparty_bank from payment
        where l.direction = 'in' and l.rail = 'qris' and kind in ('qris_presented', 'qris_scanned')
          and counterparty_bank = l.counterparty_bank and biz_msg_idr = l.biz_msg_idr
    ) p on true
    left join lateral (
      select body from journal_entry where l.direction = 'out' and message_id = l.biz_msg_idr and kind = 'intent' order by at limit 1
    ) j on true
    where l.match_state = 'open'
      and (l.seen_at, l.line_id) > (to_timestamp(${input.afterSeenMs}::bigint / 1000.0), ${input.afterLineId}::text)
    order by l.seen_at, l.line_id
    limit ${input.limit}`);
}

/** Writes the verdicts of a run; only lines that are still open. */
export async function closeLines(
  tx: Queryable,
  rows: readonly {
    readonly lineId: string;
    readonly state: string;
    readonly paymentId: string | null;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(sql`update settlement_line l set match_state = v.state, payment_id = v.payment_id
    from unnest(${rows.map((r) => r.lineId)}::text[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.paymentId)}::text[])
      as v (line_id, state, payment_id)
    where l.line_id = v.line_id and l.match_state = 'open'`);
}

/** What the ledger knows of each id that a gateway sent. */
export function selectAuthorised(
  db: Queryable,
  input: { readonly ids: readonly string[]; readonly jtis: readonly string[] },
): Promise<
  {
    id: string;
    jti: string;
    is_issued: boolean;
    payment_id: string | null;
    amount_sen: bigint | null;
    hash: string | null;
  }[]
> {
  return db.query(sql`
    select q.id, q.jti, r.id is not null as is_issued, a.payment_id, a.amount_sen, encode(a.instruction_hash, 'hex') as hash
    from unnest(${input.ids}::text[], ${input.jtis}::text[]) as q (id, jti)
    left join id_registry r on r.id = q.id
    left join authorisation a on a.jti = q.jti and a.payment_id = r.payment_id`);
}

/** Those of these messages that have no settlement line by now, with what our ledger knows of them. */
export async function selectUnsettled(
  db: Queryable,
  ids: readonly string[],
): Promise<
  { id: string; rail: RailName | null; amount_sen: bigint | null; bank: string | null }[]
> {
  if (ids.length === 0) return [];
  return db.query(sql`select q.id, r.rail, p.amount_sen, p.counterparty_bank as bank
    from unnest(${ids}::text[]) as q (id)
    left join id_registry r on r.id = q.id
    left join payment p on p.id = r.payment_id
    -- What we sent over one rail is not settled by another's feed. What came in has an id of its sender's, whichever the rail.
    where not exists (select from settlement_line l where l.biz_msg_idr = q.id and (r.rail is null or l.rail = r.rail))`);
}

export interface BreakRow {
  readonly id: string;
  readonly rail: RailName;
  readonly kind: Break['kind'];
  readonly bizMsgIdr: string;
  readonly amountSen: bigint;
  readonly detail: string;
}

/** A break's name. */
export interface BreakKey {
  readonly rail: RailName;
  readonly kind: Break['kind'];
  readonly bizMsgIdr: string;
}

/** Lines that belong to a break that stands: their value is added, and one that people have explained opens again, as of now.
 * Returns the breaks that were there. */
export async function addToBreaks(
  tx: Queryable,
  input: {
    readonly atMs: number;
    readonly rows: readonly (BreakKey & { readonly furtherSen: bigint })[];
  },
): Promise<readonly BreakKey[]> {
  const { rows } = input;
  if (rows.length === 0) return [];
  return tx.query<BreakKey>(sql`update match_break m
    set amount_sen = m.amount_sen + l.further_sen, opened_at = ${new Date(input.atMs)}, closed_at = null, explained_by = null, proven_end = null
    from unnest(${rows.map((r) => r.rail)}::text[], ${rows.map((r) => r.kind)}::text[], ${rows.map((r) => r.bizMsgIdr)}::text[],
      ${rows.map((r) => r.furtherSen)}::bigint[]) as l (rail, kind, biz_msg_idr, further_sen)
    where m.rail = l.rail and m.kind = l.kind and m.biz_msg_idr = l.biz_msg_idr
    returning m.rail, m.kind, m.biz_msg_idr as "bizMsgIdr"`);
}

/** Opens breaks; those that were new. */
export async function insertBreaks(
  tx: Queryable,
  input: { readonly atMs: number; readonly rows: readonly BreakRow[] },
): Promise<readonly BreakKey[]> {
  const { rows } = input;
  if (rows.length === 0) return [];
  return tx.query<BreakKey>(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    select b.id, b.kind, b.rail, b.biz_msg_idr, b.amount_sen, b.detail, ${new Date(input.atMs)}
    from unnest(${rows.map((r) => r.id)}::text[], ${rows.map((r) => r.rail)}::text[], ${rows.map((r) => r.kind)}::text[],
      ${rows.map((r) => r.bizMsgIdr)}::text[], ${rows.map((r) => r.amountSen)}::bigint[], ${rows.map((r) => r.detail)}::text[]) as b (id, rail, kind, biz_msg_idr, amount_sen, detail)
    on conflict (rail, kind, biz_msg_idr) do nothing
    returning rail, kind, biz_msg_idr as "bizMsgIdr"`);
}

/** A missing settlement that arrived after all, over its own rail. Returns the messages whose break closed. */
export async function closeMissing(
  tx: Queryable,
  input: { readonly lineIds: readonly string[]; readonly atMs: number },
): Promise<readonly string[]> {
  if (input.lineIds.length === 0) return [];
  const rows = await tx.query<{ biz_msg_idr: string }>(sql`
    update match_break m set closed_at = ${new Date(input.atMs)}
    from settlement_line l
    where l.line_id = any(${input.lineIds}::text[]) and m.rail = l.rail and m.biz_msg_idr = l.biz_msg_idr
      and m.kind = 'missing' and m.closed_at is null
    returning m.biz_msg_idr`);
  return rows.map((row) => row.biz_msg_idr);
}

/** Open breaks by kind, with value and the age of the oldest. */
export function countOpenBreaks(
  db: Queryable,
): Promise<{ kind: string; n: bigint; amount_sen: bigint; oldest_ms: bigint }[]> {
  return db.query(sql`select kind, count(*) as n, sum(amount_sen)::bigint as amount_sen,
    (extract(epoch from min(opened_at)) * 1000)::bigint as oldest_ms from match_break where closed_at is null group by kind order by kind`);
}

/** The newest breaks, for the console. */
export function listBreaks(
  db: Queryable,
  limit: number,
): Promise<
  {
    id: string;
    kind: string;
    rail: string;
    biz_msg_idr: string;
    amount_sen: bigint;
    detail: string;
    opened_at: Date;
    closed_at: Date | null;
  }[]
> {
  return db.query(sql`select id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at, closed_at from match_break
    order by opened_at desc, id desc limit ${limit}`);
}
