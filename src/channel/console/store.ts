/** What the console reads. All bounded, newest first; writes are only what staff ask for. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { Scope } from '../../gate/restriction.ts';

export interface TrafficRow {
  readonly kind: string;
  readonly state: string;
  readonly outcome_code: string | null;
  readonly n: bigint;
  readonly value_sen: bigint;
  readonly latency_p95_ms: number | null;
}

/** Payments since an instant, by kind, state and code. */
export async function traffic(db: Queryable, sinceMs: number): Promise<TrafficRow[]> {
  return db.query<TrafficRow>(sql`select kind, state, outcome_code, count(*) as n, sum(amount_sen)::bigint as value_sen,
      (percentile_cont(0.95) within group (order by extract(epoch from settled_at - made_at) * 1000))::float8 as latency_p95_ms
    from payment where made_at >= ${new Date(sinceMs)} group by 1, 2, 3`);
}

/** Payments per kind and minute, for the sparklines. */
export async function trafficByMinute(
  db: Queryable,
  sinceMs: number,
): Promise<{ kind: string; minute: Date; n: bigint }[]> {
  return db.query(sql`select kind, date_trunc('minute', made_at) as minute, count(*) as n
    from payment where made_at >= ${new Date(sinceMs)} group by 1, 2 order by 2`);
}

/** Sent payments without a definite outcome, by kind. */
export async function openOutcomes(
  db: Queryable,
): Promise<{ kind: string; state: string; n: bigint; value_sen: bigint }[]> {
  return db.query(sql`select kind, state, count(*) as n, sum(amount_sen)::bigint as value_sen from payment
    where state not in ('settled', 'refunded', 'refused', 'cancelled', 'rejected', 'returned') group by 1, 2`);
}

export interface RestrictionListRow {
  readonly id: string;
  readonly body: string;
  readonly state: string;
  readonly changed_at: Date;
  readonly placed_name: string | null;
  readonly stop_reason: string | null;
}

/** In force, and lifted within a day of the newest change; one of a person with who and why. The reason of a latch stands in the
 * gateway's journal, at the place that its evidence names (`partition#position`). */
export async function listRestrictions(db: Queryable): Promise<RestrictionListRow[]> {
  return db.query<RestrictionListRow>(sql`select r.id, r.body, r.state, r.changed_at, s.name as placed_name, coalesce(q.reason, l.reason) as stop_reason
    from restriction r left join staff s on s.id = r.placed_by
      left join lateral (select reason from stop_request where restriction_id = r.id order by asked_at limit 1) q on true
      left join lateral (select j.body::jsonb ->> 'reason' as reason from journal_entry j
        where r.id like 'latch\\_%' and j.kind = 'latched'
          and j.partition = split_part(r.body::jsonb -> 'evidence' ->> 0, '#', 1)
          and j.position::text = split_part(r.body::jsonb -> 'evidence' ->> 0, '#', 2)) l on true
    where r.state <> 'lifted' or r.changed_at > (select max(changed_at) - interval '1 day' from restriction)
    order by (r.state = 'lifted'), r.made_at desc limit 200`);
}

/** The harm meter as the guard wrote it last. */
export async function selectHarm(db: Queryable): Promise<string | undefined> {
  const rows = await db.query<{ body: string }>(
    sql`select body from guard_state where name = 'harm'`,
  );
  return rows[0]?.body;
}

/** Every bank of the network, with since when it stands as it does. */
export async function listParticipants(
  db: Queryable,
): Promise<{ bic: string; name: string; state: string; changed_at: Date }[]> {
  return db.query(
    sql`select bic, name, state, changed_at from participant order by name limit 2000`,
  );
}

/** What staff ask; the guard acts on it. */
export async function insertStop(
  tx: Queryable,
  row: { id: string; scope: Scope; reason: string; staffId: string; nowMs: number },
): Promise<void> {
  await tx.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
    values (${row.id}, ${JSON.stringify(row.scope)}, ${row.reason}, ${row.staffId}, ${new Date(row.nowMs)})`);
}

/** What became of a stop that was asked. */
export async function findStop(
  db: Queryable,
  id: string,
): Promise<{ done_at: Date | null; restriction_id: string | null } | undefined> {
  const rows = await db.query<{ done_at: Date | null; restriction_id: string | null }>(
    sql`select done_at, restriction_id from stop_request where id = ${id}`,
  );
  return rows[0];
}

export interface ReleaseListRow {
  readonly id: string;
  readonly plan: string;
  readonly state: string;
  readonly target: string;
  readonly proposed_by: string;
  readonly proposed_name: string;
  readonly proposed_at: Date;
  readonly approved_by: string | null;
  readonly approved_name: string | null;
  readonly approved_at: Date | null;
  readonly note: string;
}

/** The newest releases with the names of both people. */
export async function listReleases(db: Queryable): Promise<ReleaseListRow[]> {
  return db.query<ReleaseListRow>(sql`select r.id, r.plan, r.state, coalesce(r.restriction_id, r.latch_id) as target, r.proposed_by,
      p.name as proposed_name, r.proposed_at, r.approved_by, a.name as approved_name, r.approved_at, r.note
    from release_request r join staff p on p.id = r.proposed_by left join staff a on a.id = r.approved_by
    order by r.proposed_at desc limit 50`);
}

/** The plan that both people sign. */
export async function findPlan(db: Queryable, releaseId: string): Promise<string | undefined> {
  const rows = await db.query<{ plan: string }>(
    sql`select plan from release_request where id = ${releaseId}`,
  );
  return rows[0]?.plan;
}

export interface StageListRow {
  readonly release_id: string;
  readonly stage: number;
  readonly name: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly verdict: string | null;
  readonly evidence: string;
}

/** The stages of these releases, in order. */
export async function listStages(
  db: Queryable,
  releaseIds: readonly string[],
): Promise<StageListRow[]> {
  return db.query<StageListRow>(sql`select release_id, stage, name, started_at, ended_at, verdict, evidence from recovery_stage
    where release_id = any(${releaseIds}) order by release_id, stage`);
}

/** The newest incidents. */
export async function listIncidents(db: Queryable): Promise<
  {
    id: string;
    kind: string;
    rail: string;
    restriction_id: string | null;
    opened_at: Date;
    contained_at: Date | null;
    closed_at: Date | null;
    facts: string;
    cause: string | null;
    remedy: string | null;
    reference: string | null;
    asked_by: string | null;
    asked_name: string | null;
    asked_at: Date | null;
  }[]
> {
  return db.query(sql`
    select i.id, i.kind, i.rail, i.restriction_id, i.opened_at, i.contained_at, i.closed_at, i.facts,
      c.cause, c.remedy, c.reference, c.asked_by, s.name as asked_name, c.asked_at
    from incident i left join incident_closing c on c.incident_id = i.id left join staff s on s.id = c.asked_by
    order by i.opened_at desc limit 50`);
}

/** Open breaks first; the sum is in the page head. */
export async function listBreaks(db: Queryable): Promise<
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
    order by (closed_at is null) desc, opened_at desc limit 200`);
}

/** Open breaks and their sum. */
export async function countBreaks(db: Queryable): Promise<{ n: bigint; value_sen: bigint }> {
  const rows = await db.query<{ n: bigint; value_sen: bigint }>(
    sql`select count(*) as n, coalesce(sum(amount_sen), 0)::bigint as value_sen from match_break where closed_at is null`,
  );
  return rows[0]!;
}

/** Alarms: P1 events of the stream, newest first. */
export async function listAlarms(
  db: Queryable,
  sinceMs: number,
): Promise<{ at: Date; kind: string; subject: string; data: string }[]> {
  return db.query(sql`select at, kind, subject, data from event
    where on_date >= ${new Date(sinceMs)}::date and at >= ${new Date(sinceMs)} and kind like 'alarm.%' order by id desc limit 50`);
}

/** Who reports, since when, with which set. */
export async function listProcesses(
  db: Queryable,
): Promise<{ id: string; kind: string; heartbeat_at: Date; restriction_version: bigint }[]> {
  return db.query(
    sql`select id, kind, heartbeat_at, restriction_version from process order by kind, id limit 50`,
  );
}

/** The newest version that the guard signed. */
export async function newestSetVersion(db: Queryable): Promise<bigint> {
  const rows = await db.query<{ version: bigint }>(
    sql`select coalesce(max(version), 0)::bigint as version from restriction_set`,
  );
  return rows[0]!.version;
}

/** The newest drill results. */
export async function listDrills(
  db: Queryable,
): Promise<{ id: string; name: string; seed: string; scorecard: string; ran_at: Date }[]> {
  return db.query(
    sql`select id, name, seed, scorecard, ran_at from drill_result order by ran_at desc limit 20`,
  );
}

/** Payments that wait for a person. */
export async function listReviews(db: Queryable): Promise<
  {
    id: string;
    kind: string;
    amount_sen: bigint;
    made_at: Date;
    resolve_by: Date | null;
    biz_msg_idr: string | null;
  }[]
> {
  return db.query(sql`select id, kind, amount_sen, made_at, resolve_by, biz_msg_idr from payment where state = 'review'
    order by made_at limit 100`);
}

/** Latest payments for the rail board's rows; names never travel, accounts are masked by the caller. */
export async function listPayments(
  db: Queryable,
  input: { readonly kind: string | null; readonly state: string | null; readonly beforeMs: number },
): Promise<
  {
    id: string;
    kind: string;
    channel: string;
    state: string;
    amount_sen: bigint;
    debit_account: string;
    counterparty_bank: string | null;
    outcome_code: string | null;
    biz_msg_idr: string | null;
    made_at: Date;
  }[]
> {
  return db.query(sql`select id, kind, channel, state, amount_sen, debit_account, counterparty_bank, outcome_code, biz_msg_idr, made_at
    from payment where made_at < ${new Date(input.beforeMs)}
      and (${input.kind}::text is null or kind = ${input.kind}) and (${input.state}::text is null or state = ${input.state})
    order by made_at desc limit 50`);
}
