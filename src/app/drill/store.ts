/** What a scorecard is counted from, after the fact. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

/** Ids of payments by which money leaves, that the ledger settled or may have, with their amounts. */
export async function settledOut(
  db: Queryable,
): Promise<{ biz_msg_idr: string; amount_sen: bigint }[]> {
  return db.query(sql`select biz_msg_idr, amount_sen from payment
    where kind in ('bifast_out', 'bifast_return', 'switch_out', 'qris_out', 'qris_presented', 'card_withdrawal')
      and biz_msg_idr is not null and state in ('settled', 'accepted', 'unknown', 'sending')`);
}

/** Payments whose consent begins so, and whose money has left or may have. */
export async function settledByConsent(
  db: Queryable,
  prefix: string,
): Promise<{ amount_sen: bigint }[]> {
  return db.query(sql`select amount_sen from payment where starts_with(consent_id, ${prefix})
    and kind = 'bifast_out' and state in ('settled', 'accepted', 'unknown', 'sending')`);
}

/** Every id that we sent or meant to send. */
export async function ownIds(db: Queryable): Promise<{ biz_msg_idr: string }[]> {
  return db.query(
    sql`select biz_msg_idr from payment where kind in ('bifast_out', 'bifast_return') and biz_msg_idr is not null`,
  );
}

/** Payments that broke their word: past the promise in silence, or past the last deadline without an outcome. */
export async function countPastDeadline(db: Queryable, nowMs: number): Promise<number> {
  const rows = await db.query<{ n: bigint }>(sql`select count(*) as n from payment
    where state not in ('settled', 'refunded', 'refused', 'cancelled', 'rejected', 'returned')
      and (promise_at < ${new Date(nowMs)} or resolve_by < ${new Date(nowMs)})`);
  return Number(rows[0]?.n ?? 0n);
}

/** First time that the gateway's journal, as the guard copied it, says one of these. */
export async function firstJournalMs(
  db: Queryable,
  input: { readonly kinds: readonly string[]; readonly sinceMs: number },
): Promise<number | undefined> {
  const rows = await db.query<{ at: Date | null }>(sql`select min(at) as at from journal_entry
    where kind = any(${input.kinds}) and at >= ${new Date(input.sinceMs)}`);
  return rows[0]?.at?.getTime();
}

/** When the hub confirmed what we asked of it. */
export async function hubControls(db: Queryable): Promise<{ at: Date; body: string }[]> {
  return db.query(sql`select at, body from journal_entry where kind = 'hub_control' order by at`);
}

/** The first alarm of the guard. */
export async function firstAlarmMs(db: Queryable, sinceMs: number): Promise<number | undefined> {
  const rows = await db.query<{ at: Date | null }>(
    sql`select min(at) as at from event where kind like 'alarm.%' and at >= ${new Date(sinceMs)}`,
  );
  return rows[0]?.at?.getTime();
}

/** The first alarm about one of these, by network id. */
export async function firstAlarmAboutMs(
  db: Queryable,
  ids: readonly string[],
): Promise<number | undefined> {
  const rows = await db.query<{ at: Date | null }>(
    sql`select min(at) as at from event where kind like 'alarm.%' and subject = any(${ids})`,
  );
  return rows[0]?.at?.getTime();
}

/** Restrictions placed since, oldest first. */
export async function restrictionsSince(
  db: Queryable,
  sinceMs: number,
): Promise<
  { id: string; body: string; level: number; made_at: Date; state: string; changed_at: Date }[]
> {
  return db.query(
    sql`select id, body, level, made_at, state, changed_at from restriction where made_at >= ${new Date(sinceMs)} order by made_at`,
  );
}

/** When the public was first told. */
export async function firstNoticeMs(db: Queryable, sinceMs: number): Promise<number | undefined> {
  const rows = await db.query<{ at: Date | null }>(
    sql`select min(published_at) as at from notice where published_at >= ${new Date(sinceMs)}`,
  );
  return rows[0]?.at?.getTime();
}

/** Every stage that ran, in order. */
export async function recoveryStages(
  db: Queryable,
): Promise<{ name: string; started_at: Date; ended_at: Date | null; verdict: string | null }[]> {
  return db.query(
    sql`select name, started_at, ended_at, verdict from recovery_stage order by started_at, stage`,
  );
}

/** Status inquiries: the most of one payment, and the most in one second of all. */
export async function inquiryPeaks(
  db: Queryable,
): Promise<{ readonly perPayment: number; readonly perSecond: number }> {
  const rows = await db.query<{ per_payment: bigint | null; per_second: bigint | null }>(sql`
    with asked as (select subject, at from event where kind = 'payment.inquired')
    select (select max(n) from (select count(*) as n from asked group by subject) one) as per_payment,
      (select max(n) from (select count(*) as n from asked group by date_trunc('second', at)) two) as per_second`);
  const { per_payment, per_second } = rows[0]!; // a select without a from gives one row
  return { perPayment: Number(per_payment ?? 0n), perSecond: Number(per_second ?? 0n) };
}

/** The incident records. */
export async function incidentFacts(db: Queryable): Promise<{ facts: string }[]> {
  return db.query(sql`select facts from incident order by opened_at`);
}

/** Keeps a scorecard where the console shows it. */
export async function insertResult(
  db: Queryable,
  row: {
    readonly id: string;
    readonly name: string;
    readonly seed: string;
    readonly scorecard: string;
    readonly ranAtMs: number;
  },
): Promise<void> {
  await db.query(sql`insert into drill_result (id, name, seed, scorecard, ran_at)
    values (${row.id}, ${row.name}, ${row.seed}, ${row.scorecard}, ${new Date(row.ranAtMs)})`);
}

/** Dwell times of a drill, as the two-person setting that a bank would have. */
export async function insertRecoveryNumbers(
  db: Queryable,
  row: { readonly value: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
    values ('recovery.numbers', 1, ${row.value}, ${new Date(row.nowMs)}, 'stf_operator1', 'stf_risk1', 'CHG-100 drill')`);
}

/** What stands now and is not in recovery. */
export async function restrictionsInForce(db: Queryable): Promise<{ id: string }[]> {
  return db.query(sql`select id from restriction where state = 'active' order by made_at`);
}

/** The newest authorisations that were used, for an attacker in a live drill who overheard them. */
export async function newestAuthorisations(
  db: Queryable,
): Promise<{ jti: string; instruction: string }[]> {
  return db.query(sql`select a.jti, a.instruction from authorisation a join payment p on p.id = a.payment_id
    where p.state in ('settled', 'accepted') order by a.made_at desc limit 20`);
}
