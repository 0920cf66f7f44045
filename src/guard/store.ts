/** Statements of the guard: leadership, its own state, restrictions and sets, requests and processes. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { Restriction } from '../gate/restriction.ts';

/** Who leads and since when it last showed a sign of life. */
export async function selectLeader(
  db: Queryable,
): Promise<{ epoch: bigint; holder: string; takenMs: bigint }> {
  const rows = await db.query<{ epoch: bigint; holder: string; takenMs: bigint }>(
    sql`select epoch, holder, (extract(epoch from taken_at) * 1000)::bigint as "takenMs" from guard_leader`,
  );
  return rows[0]!;
}

/** Takes the lead with the next epoch, if it still stands as it was seen. The new epoch, or undefined. */
export async function takeLead(
  db: Queryable,
  input: {
    readonly seen: { readonly epoch: bigint; readonly takenMs: bigint };
    readonly holder: string;
    readonly nowMs: number;
  },
): Promise<bigint | undefined> {
  const rows = await db.query<{
    epoch: bigint;
  }>(sql`update guard_leader set epoch = epoch + 1, holder = ${input.holder}, taken_at = ${new Date(input.nowMs)}
    where epoch = ${input.seen.epoch} and (extract(epoch from taken_at) * 1000)::bigint = ${input.seen.takenMs} returning epoch`);
  return rows[0]?.epoch;
}

/** A sign of life; false when the lead is lost. */
export async function renewLead(
  db: Queryable,
  input: { readonly epoch: bigint; readonly nowMs: number },
): Promise<boolean> {
  const rows = await db.query(
    sql`update guard_leader set taken_at = ${new Date(input.nowMs)} where epoch = ${input.epoch} returning epoch`,
  );
  return rows.length === 1;
}

/** Gives the lead back, so that the next guard need not wait. */
export async function leaveLead(db: Queryable, epoch: bigint): Promise<void> {
  await db.query(sql`update guard_leader set holder = 'nobody' where epoch = ${epoch}`);
}

/** Locks the lead for a transaction: false when another guard has taken it. A taker waits for the transaction to end. */
export async function holdsLead(tx: Queryable, epoch: bigint): Promise<boolean> {
  const rows = await tx.query(sql`select epoch from guard_leader where epoch = ${epoch} for share`);
  return rows.length === 1;
}

/** One named part of the guard's state. */
export async function selectState(db: Queryable, name: string): Promise<string | undefined> {
  const rows = await db.query<{ body: string }>(
    sql`select body from guard_state where name = ${name}`,
  );
  return rows[0]?.body;
}

/** Writes one named part of the guard's state. */
export async function upsertState(
  tx: Queryable,
  row: { readonly name: string; readonly body: string; readonly nowMs: number },
): Promise<void> {
  await tx.query(sql`insert into guard_state (name, body, saved_at) values (${row.name}, ${row.body}, ${new Date(row.nowMs)})
    on conflict (name) do update set body = excluded.body, saved_at = excluded.saved_at`);
}

/** The newest row of a setting that two people set and that is in force. */
export async function selectSetting(
  db: Queryable,
  of: { readonly key: string; readonly nowMs: number },
): Promise<{ version: number; value: string } | undefined> {
  const rows = await db.query<{
    version: number;
    value: string;
  }>(sql`select version, value from setting
    where key = ${of.key} and approved_by is not null and effective_from <= ${new Date(of.nowMs)} order by version desc limit 1`);
  return rows[0];
}

/** Restrictions in force, oldest first. */
export function selectInForce(db: Queryable): Promise<{ id: string; body: string }[]> {
  return db.query(
    sql`select id, body from restriction where state <> 'lifted' order by made_at, id`,
  );
}

/** Places a restriction; false when its id is there already. */
export async function insertRestriction(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly body: string;
    readonly level: number;
    readonly by: string;
    readonly isAutomatic: boolean;
    readonly nowMs: number;
    readonly reviewAtMs: number;
  },
): Promise<boolean> {
  const rows =
    await tx.query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, review_at, changed_at)
    values (${row.id}, ${row.body}, ${row.level}, ${row.by}, ${row.isAutomatic}, 'active', ${new Date(row.nowMs)}, ${new Date(row.reviewAtMs)}, ${new Date(row.nowMs)})
    on conflict (id) do nothing returning id`);
  return rows.length === 1;
}

/** Writes a restriction as it stood before somebody changed its row. */
export async function restoreRestriction(
  tx: Queryable,
  row: { readonly restriction: Restriction; readonly body: string; readonly nowMs: number },
): Promise<void> {
  const { id, level, placedBy, isAutomatic, madeAtMs, admission } = row.restriction;
  await tx.query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, changed_at)
    values (${id}, ${row.body}, ${level}, ${placedBy}, ${isAutomatic}, ${admission ? 'recovering' : 'active'}, ${new Date(madeAtMs)}, ${new Date(row.nowMs)})
    on conflict (id) do update set body = excluded.body, state = excluded.state, changed_at = excluded.changed_at`);
}

/** Writes a restriction's body anew; one that was lifted stays as it was. */
export async function updateRestrictionBody(
  tx: Queryable,
  row: { readonly id: string; readonly body: string; readonly nowMs: number },
): Promise<void> {
  await tx.query(
    sql`update restriction set body = ${row.body}, changed_at = ${new Date(row.nowMs)} where id = ${row.id} and state <> 'lifted'`,
  );
}

/** Automatic restrictions whose time is over: they go to review, once, and stay in force (T10). */
export async function takeReviewDue(tx: Queryable, nowMs: number): Promise<readonly string[]> {
  const rows = await tx.query<{
    id: string;
  }>(sql`update restriction set review_at = null, changed_at = ${new Date(nowMs)}
    where is_automatic and state <> 'lifted' and review_at <= ${new Date(nowMs)} returning id`);
  return rows.map((row) => row.id);
}

/** The newest sets, newest first, whoever wrote them. */
export function selectNewestSets(
  db: Queryable,
  limit: number,
): Promise<{ version: bigint; body: string; signature: string }[]> {
  return db.query(
    sql`select version, body, signature from restriction_set order by version desc limit ${limit}`,
  );
}

/** Stores a signed set; its version is unique. */
export async function insertSet(
  tx: Queryable,
  row: {
    readonly version: number;
    readonly body: string;
    readonly signature: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`insert into restriction_set (version, body, signature, made_at)
    values (${row.version}, ${row.body}, ${row.signature}, ${new Date(row.nowMs)})`);
}

/** What staff asked for and nobody has acted on. */
export function selectStopRequests(
  db: Queryable,
  limit: number,
): Promise<{ id: string; scope: string; reason: string; asked_by: string }[]> {
  return db.query(
    sql`select id, scope, reason, asked_by from stop_request where done_at is null order by asked_at, id limit ${limit}`,
  );
}

/** Notes what became of a request; false when it was done already. */
export async function markStopDone(
  tx: Queryable,
  row: { readonly id: string; readonly restrictionId: string | null; readonly nowMs: number },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update stop_request set done_at = ${new Date(row.nowMs)}, restriction_id = ${row.restrictionId}
    where id = ${row.id} and done_at is null returning id`);
  return rows.length === 1;
}

export interface ProcessRow {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly heartbeat_at: Date;
}

/** Every core that was heard of since, the one heard of last first. */
export function selectProcesses(db: Queryable, sinceMs: number): Promise<ProcessRow[]> {
  return db.query<ProcessRow>(sql`select id, kind, target, heartbeat_at from process where kind = 'core'
    and heartbeat_at >= ${new Date(sinceMs)} order by heartbeat_at desc, id limit 200`);
}

/** A gateway has no database: the guard notes its signs of life and the set it holds. */
export async function upsertGateway(
  db: Queryable,
  row: { readonly id: string; readonly nowMs: number; readonly version: number },
): Promise<void> {
  await db.query(sql`insert into process (id, kind, target, heartbeat_at, restriction_version)
    values (${row.id}, 'gateway', ${row.id}, ${new Date(row.nowMs)}, ${row.version})
    on conflict (id) do update set heartbeat_at = excluded.heartbeat_at,
      restriction_version = greatest(process.restriction_version, excluded.restriction_version)`);
}

/** Marks a point to go back to inside the transaction. */
export async function savePoint(tx: Queryable): Promise<void> {
  await tx.query(sql`savepoint guard_report`);
}

/** Undoes what was written since the point; what came before it stands. */
export async function backToSavePoint(tx: Queryable): Promise<void> {
  await tx.query(sql`rollback to savepoint guard_report`);
}
