import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { Scope } from '../gate/restriction.ts';

/** A release request as stored. */
export interface ReleaseRow {
  readonly id: string;
  readonly plan: string;
  readonly state:
    | 'proposed'
    | 'approved'
    | 'running'
    | 'completed'
    | 'rolled_back'
    | 'withdrawn'
    | 'refused';
  readonly restriction_id: string | null;
  readonly latch_id: string | null;
  readonly proposed_by: string;
  readonly proposed_signature: string;
  readonly proposed_at: Date;
  readonly approved_by: string | null;
  readonly approved_signature: string | null;
  readonly note: string;
}

export interface StageRow {
  readonly stage: number;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly verdict: string | null;
  readonly evidence: string;
}

/** Writes a proposal. */
export async function insertRelease(
  tx: Queryable,
  row: {
    id: string;
    plan: string;
    planHash: Buffer;
    restrictionId: string | null;
    latchId: string | null;
    staffId: string;
    signature: string;
    nowMs: number;
    note: string;
  },
): Promise<void> {
  await tx.query(sql`insert into release_request
    (id, plan, plan_hash, restriction_id, latch_id, state, proposed_by, proposed_signature, proposed_at, note)
    values (${row.id}, ${row.plan}, ${row.planHash}, ${row.restrictionId}, ${row.latchId}, 'proposed', ${row.staffId},
      ${row.signature}, ${new Date(row.nowMs)}, ${row.note})`);
}

/** One release, locked until the transaction ends. */
export async function findRelease(tx: Queryable, id: string): Promise<ReleaseRow | undefined> {
  const rows =
    await tx.query<ReleaseRow>(sql`select id, plan, state, restriction_id, latch_id, proposed_by, proposed_signature,
    proposed_at, approved_by, approved_signature, note from release_request where id = ${id} for update`);
  return rows[0];
}

/** Compare-and-set: only a proposed one can be approved. */
export async function markApproved(
  tx: Queryable,
  row: { id: string; staffId: string; signature: string; nowMs: number },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update release_request set state = 'approved', approved_by = ${row.staffId},
    approved_signature = ${row.signature}, approved_at = ${new Date(row.nowMs)} where id = ${row.id} and state = 'proposed' returning id`);
  return rows.length === 1;
}

/** Compare-and-set of the state; false when it was another. */
export async function moveRelease(
  tx: Queryable,
  move: { id: string; from: ReleaseRow['state']; to: ReleaseRow['state']; note?: string },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update release_request set state = ${move.to}, note = coalesce(${move.note ?? null}, note)
    where id = ${move.id} and state = ${move.from} returning id`);
  return rows.length === 1;
}

/** Says why a release waits. */
export async function noteRelease(tx: Queryable, row: { id: string; note: string }): Promise<void> {
  await tx.query(
    sql`update release_request set note = ${row.note} where id = ${row.id} and note <> ${row.note}`,
  );
}

/** Approved and running ones, oldest first: what `stepRecovery` works on. */
export async function listOpenReleases(tx: Queryable): Promise<ReleaseRow[]> {
  return tx.query<ReleaseRow>(sql`select id, plan, state, restriction_id, latch_id, proposed_by, proposed_signature, proposed_at,
    approved_by, approved_signature, note from release_request where state in ('approved', 'running') order by proposed_at limit 100`);
}

/** What people asked for since `sinceMs`, in whatever state, newest first. */
export async function listRequestsSince(db: Queryable, sinceMs: number): Promise<ReleaseRow[]> {
  return db.query<ReleaseRow>(sql`select id, plan, state, restriction_id, latch_id, proposed_by, proposed_signature, proposed_at,
    approved_by, approved_signature, note from release_request
    where proposed_at >= ${new Date(sinceMs)} order by proposed_at desc limit 200`);
}

/** Every release that a process may still need to judge a set: approved since `sinceMs`. */
export async function listReleasesSince(tx: Queryable, sinceMs: number): Promise<ReleaseRow[]> {
  return tx.query<ReleaseRow>(sql`select id, plan, state, restriction_id, latch_id, proposed_by, proposed_signature, proposed_at,
    approved_by, approved_signature, note from release_request
    where approved_by is not null and proposed_at >= ${new Date(sinceMs)} order by proposed_at limit 500`);
}

/** True when another release of the same target is still under way. */
export async function hasOpenRelease(tx: Queryable, target: string): Promise<boolean> {
  const rows = await tx.query(sql`select id from release_request
    where coalesce(restriction_id, latch_id) = ${target} and state in ('proposed', 'approved', 'running') limit 1`);
  return rows.length > 0;
}

/** The body of a restriction that is not lifted. */
export async function readRestriction(
  tx: Queryable,
  id: string,
): Promise<{ body: string; state: string } | undefined> {
  const rows = await tx.query<{ body: string; state: string }>(
    sql`select body, state from restriction where id = ${id} and state <> 'lifted'`,
  );
  return rows[0];
}

/** Writes what two people or a verdict decided. */
export async function writeRestriction(
  tx: Queryable,
  row: { id: string; body: string; state: 'active' | 'recovering' | 'lifted'; nowMs: number },
): Promise<void> {
  await tx.query(
    sql`update restriction set body = ${row.body}, state = ${row.state}, changed_at = ${new Date(row.nowMs)} where id = ${row.id}`,
  );
}

/** The newest stage of a release. */
export async function currentStage(
  tx: Queryable,
  releaseId: string,
): Promise<StageRow | undefined> {
  const rows =
    await tx.query<StageRow>(sql`select stage, started_at, ended_at, verdict, evidence from recovery_stage
    where release_id = ${releaseId} order by stage desc limit 1`);
  return rows[0];
}

/** Begins a stage. */
export async function insertStage(
  tx: Queryable,
  row: {
    releaseId: string;
    stage: number;
    name: string;
    percent: number;
    staffOnly: boolean;
    capSen: bigint | null;
    nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`insert into recovery_stage (release_id, stage, name, percent, staff_only, cap_sen, started_at)
    values (${row.releaseId}, ${row.stage}, ${row.name}, ${row.percent}, ${row.staffOnly}, ${row.capSen}, ${new Date(row.nowMs)})`);
}

/** The evidence is kept current while a stage runs, so that the console shows the numbers behind a verdict. */
export async function writeEvidence(
  tx: Queryable,
  row: {
    releaseId: string;
    stage: number;
    evidence: string;
    verdict: string | null;
    endedAtMs: number | null;
  },
): Promise<void> {
  await tx.query(sql`update recovery_stage set evidence = ${row.evidence}, verdict = ${row.verdict},
    ended_at = ${row.endedAtMs === null ? null : new Date(row.endedAtMs)} where release_id = ${row.releaseId} and stage = ${row.stage}`);
}

/** Breaks are unexplained while open, or ended by what the guard has not proven. Two signers explain those from before their request; a later one stops the ramp. */
export async function countOpenBreaks(tx: Queryable, rail: string): Promise<number> {
  const rows = await tx.query<{ n: bigint }>(
    sql`select count(*) as n from match_break
    where rail = ${rail} and (closed_at is null or explained_by is distinct from proven_end)`,
  );
  return Number(rows[0]?.n ?? 0n);
}

/** Closes the breaks that the two signers explained, whose signatures were verified. */
export async function explainBreaks(
  tx: Queryable,
  row: { rail: string; before: Date; nowMs: number; explanation: string; releaseId: string },
): Promise<void> {
  await tx.query(sql`update match_break set closed_at = ${new Date(row.nowMs)}, explained_by = ${row.releaseId}, proven_end = ${row.releaseId},
      detail = detail || ${` | explained: ${row.explanation}`}
    where rail = ${row.rail} and closed_at is null and opened_at <= ${row.before}`);
}

/** What says how a rail is doing. */
const KIND = {
  bifast: 'bifast_out',
  onus: 'onus',
  switch: 'switch_out',
  qris: 'qris_out',
  biller: 'bill',
} as const;
/** The same of cash: a transfer that arrives says nothing of machines. */
const CASH = { ...KIND, onus: 'atm_withdrawal', switch: 'card_withdrawal' } as const;

/** Payments in the scope since the stage began, by what became of them. `open` = sent and without outcome past the grace. */
export async function countPayments(
  tx: Queryable,
  of: { scope: Scope; sinceMs: number; graceBeforeMs: number },
): Promise<
  {
    state: string;
    outcome_code: string | null;
    is_synthetic: boolean;
    is_overdue: boolean;
    n: bigint;
  }[]
> {
  const { scope } = of;
  const kind =
    scope.product === 'cash' ? CASH[scope.rail ?? 'switch'] : KIND[scope.rail ?? 'bifast'];
  // Cash in the hand is done; its settlement is between the banks.
  return tx.query(sql`select case when kind = 'card_withdrawal' and state = 'accepted' then 'settled' else state end as state, outcome_code,
      is_synthetic, coalesce(made_at < ${new Date(of.graceBeforeMs)}, false) as is_overdue, count(*) as n
    from payment where made_at >= ${new Date(of.sinceMs)} and kind = ${kind}
      and (${scope.channel ?? null}::text is null or channel = ${scope.channel ?? null})
      and (${scope.bank ?? null}::text is null or counterparty_bank = ${scope.bank ?? null})
      and (${scope.account ?? null}::text is null or debit_account = ${scope.account ?? null})
    group by 1, 2, 3, 4`);
}

/** The versioned numbers in force, as JSON. */
export async function readNumbers(tx: Queryable, nowMs: number): Promise<string | undefined> {
  const rows = await tx.query<{
    value: string;
  }>(sql`select value from setting where key = 'recovery.numbers'
    and effective_from <= ${new Date(nowMs)} order by version desc limit 1`);
  return rows[0]?.value;
}

/** The stage that runs now, for the synthetic payments of core and for the console. */
export async function runningStage(tx: Queryable): Promise<
  | {
      release_id: string;
      stage: number;
      evidence: string;
      started_at: Date;
      cap_sen: bigint | null;
      /** Of the restriction that comes back; a stop button has none. */
      body: string | null;
    }
  | undefined
> {
  const rows = await tx.query<{
    release_id: string;
    stage: number;
    evidence: string;
    started_at: Date;
    cap_sen: bigint | null;
    body: string | null;
  }>(
    sql`select s.release_id, s.stage, s.evidence, s.started_at, s.cap_sen, x.body from recovery_stage s join release_request r on r.id = s.release_id
      left join restriction x on x.id = r.restriction_id
      where r.state = 'running' and s.ended_at is null order by s.started_at desc limit 1`,
  );
  return rows[0];
}
