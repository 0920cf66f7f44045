/** The SQL that hands inside the bank type in a drill, and what is looked at afterwards. Only on the throw-away database of a drill. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

/** An account of an invented person, with nothing on it. */
export async function plantCanary(
  db: Queryable,
  of: { readonly account: string; readonly now: Date },
): Promise<void> {
  await db.query(
    sql`insert into customer (id, name, cohort_bucket, made_at) values ('cus_canary', 'Sri Umpan', 9999, ${of.now})`,
  );
  await db.query(sql`insert into account (number, book, name, customer_id, may_go_negative, opened_at)
    values (${of.account}, 'customer', 'Sri Umpan', 'cus_canary', false, ${of.now})`);
  await db.query(
    sql`insert into canary_account (id, account, source) values ('cnr_drill', ${of.account}, 'drill')`,
  );
}

/** Reads the table that looks worth stealing. */
export async function readCanaryTable(db: Queryable): Promise<void> {
  await db.query(sql`select card_number, holder, expiry from customer_card_backup`);
}

/** Statistics reach others when a session has been idle for a moment; a drill has no such moment. */
export async function flushStatistics(db: Queryable): Promise<void> {
  await db.query(sql`select pg_stat_force_next_flush()`);
}

/** A transfer becomes larger. */
export async function editTransfer(db: Queryable): Promise<void> {
  await db.query(sql`update transfer set amount_sen = amount_sen * 2
    where id = (select max(id) from transfer)`);
}

/** A difference that the guard would have opened, so that there is something to hide. */
export async function plantBreak(
  db: Queryable,
  of: { readonly id: string; readonly now: Date },
): Promise<void> {
  await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    values (${of.id}, 'duplicate', 'bifast', ${of.id}, 2500000000, 'planted', ${of.now})`);
}

interface Forgery {
  readonly id: string;
  readonly breakId: string;
  readonly by: readonly [string, string];
  readonly now: Date;
}

const FORGED_REASON = 'the network has confirmed by telephone that it owes us';

/** One hand writes what two people would have. */
export async function writeForTwo(db: Queryable, of: Forgery): Promise<void> {
  await db.query(sql`insert into break_proposal (id, break_id, break_amount_sen, reason, state, proposed_by, proposed_at, proposed_signature,
      approved_by, approved_at, approved_signature)
    values (${of.id}, ${of.breakId}, 2500000000, ${FORGED_REASON}, 'done', ${of.by[0]}, ${of.now}, 'forged', ${of.by[1]}, ${of.now}, 'forged')`);
}

/** The same in two steps, each of which core may take, and the break with it. */
export async function forgeBreakEnd(db: Queryable, of: Forgery): Promise<void> {
  await db.query(sql`insert into break_proposal (id, break_id, break_amount_sen, reason, proposed_by, proposed_at, proposed_signature)
    values (${of.id}, ${of.breakId}, 2500000000, ${FORGED_REASON}, ${of.by[0]}, ${of.now}, 'forged')`);
  await db.query(sql`update break_proposal set state = 'done', approved_by = ${of.by[1]}, approved_at = ${of.now}, approved_signature = 'forged'
    where id = ${of.id}`);
  await db.query(
    sql`update match_break set closed_at = ${of.now}, explained_by = ${of.id} where id = ${of.breakId}`,
  );
}

/** Whether a break counts as ended. */
export async function isBreakEnded(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query(
    sql`select id from match_break where id = ${id} and closed_at is not null`,
  );
  return rows.length > 0;
}

/** A request that one person made becomes approved by another. */
export async function forgeApproval(
  db: Queryable,
  of: { readonly releaseId: string; readonly by: string; readonly now: Date },
): Promise<void> {
  await db.query(sql`update release_request set state = 'approved', approved_by = ${of.by}, approved_at = ${of.now}, approved_signature = 'forged'
    where id = ${of.releaseId}`);
}

/** Whether a release went through. */
export async function isReleased(db: Queryable, releaseId: string): Promise<boolean> {
  const rows = await db.query(
    sql`select id from release_request where id = ${releaseId} and state in ('running', 'completed')`,
  );
  return rows.length > 0;
}

/** A restriction is lifted in the table. */
export async function editRestriction(db: Queryable, id: string): Promise<void> {
  await db.query(sql`update restriction set state = 'lifted' where id = ${id}`);
}

/** Whether the table says that a restriction is lifted. */
export async function isLifted(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query(
    sql`select id from restriction where id = ${id} and state = 'lifted'`,
  );
  return rows.length > 0;
}

/** What a person stopped by this request. */
export async function restrictionOf(db: Queryable, stopId: string): Promise<string | undefined> {
  const rows = await db.query<{ id: string | null }>(
    sql`select restriction_id as id from stop_request where id = ${stopId}`,
  );
  return rows[0]?.id ?? undefined;
}

/** The trigger that tells of changed settings stops or goes on. */
export async function setTrigger(db: Queryable, isOn: boolean): Promise<void> {
  await db.query(
    isOn
      ? sql`alter table setting enable trigger setting_told`
      : sql`alter table setting disable trigger setting_told`,
  );
}

/** Whether it does not fire. */
export async function isTriggerOff(db: Queryable): Promise<boolean> {
  const rows = await db.query(
    sql`select tgname from pg_trigger where tgname = 'setting_told' and tgenabled = 'D'`,
  );
  return rows.length > 0;
}

/** Detectors of flow look on from now on, by a row in which one hand writes two names. */
export async function disarmDetector(
  db: Queryable,
  of: { readonly by: readonly [string, string]; readonly now: Date },
): Promise<void> {
  const value = JSON.stringify({
    flow: Object.fromEntries(['D5', 'D6', 'D12', 'D16'].map((id) => [id, { mode: 'shadow' }])),
  });
  await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
    values ('guard.numbers', 1, ${value}, ${of.now}, ${of.by[0]}, ${of.by[1]}, 'tuning')`);
}

/** Every name of a customer becomes noise. */
export async function encryptRows(db: Queryable): Promise<void> {
  await db.query(sql`update customer set name = md5(name)`);
}

/** How many customers do not have the name that the bank's own copy has. */
export async function countEncrypted(
  db: Queryable,
  copy: readonly { readonly id: string; readonly name: string }[],
): Promise<number> {
  const rows = await db.query<{ n: bigint }>(sql`select count(*) as n from customer c
    join unnest(${copy.map(({ id }) => id)}::text[], ${copy.map(({ name }) => name)}::text[]) as k (id, name) on k.id = c.id where k.name <> c.name`);
  return Number(rows[0]?.n ?? 0n);
}

/** The names come back from the bank's own copy. */
export async function restoreRows(
  db: Queryable,
  copy: readonly { readonly id: string; readonly name: string }[],
): Promise<void> {
  await db.query(sql`update customer c set name = k.name
    from unnest(${copy.map(({ id }) => id)}::text[], ${copy.map(({ name }) => name)}::text[]) as k (id, name) where k.id = c.id`);
}

/** The first event of these kinds since, whose data hold a word. */
export async function firstEventMs(
  db: Queryable,
  of: { readonly kind: string; readonly word: string; readonly sinceMs: number },
): Promise<number | undefined> {
  const rows = await db.query<{ at: Date | null }>(sql`select min(at) as at from event
    where kind = ${of.kind} and at >= ${new Date(of.sinceMs)} and position(${of.word} in subject || ' ' || data) > 0`);
  return rows[0]?.at?.getTime();
}

/** How many entries of a gateway's journal the guard has kept, and the last position of them: as many, when none is missing. */
export async function copiedEntries(
  db: Queryable,
  partition: string,
): Promise<{ readonly count: number; readonly last: number }> {
  const rows = await db.query<{ n: bigint; last: bigint | null }>(
    sql`select count(*) as n, max(position) as last from journal_entry where partition = ${partition}`,
  );
  return { count: Number(rows[0]?.n ?? 0n), last: Number(rows[0]?.last ?? 0n) };
}
