/** What the flow tests read from and write to a database, as its administrator. */
import type { Queryable } from '../../src/db/pool.ts';
import { sql } from '../../src/db/sql.ts';

/** One payment as it is committed. */
export interface PlayedPayment {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly channel: string;
  readonly partner_reference_no: string | null;
  readonly outcome_code: string | null;
  readonly amount_sen: bigint;
  readonly is_synthetic: boolean;
  readonly made_at: Date;
}

/** Every payment there is, in the order of their making. */
export function selectPlayed(db: Queryable): Promise<PlayedPayment[]> {
  return db.query<PlayedPayment>(sql`select id, kind, state, channel, partner_reference_no, outcome_code, amount_sen, is_synthetic, made_at
    from payment order by made_at, id`);
}

/** Senders that the gateway quarantined: certificate and reason. */
export function selectQuarantined(db: Queryable): Promise<{ peer: string | null; body: string }[]> {
  return db.query(
    sql`select body::jsonb ->> 'peer' as peer, body from journal_entry where kind = 'quarantined' order by position`,
  );
}

/** A number of the bank as two people set it. */
export async function insertSetting(
  db: Queryable,
  row: { readonly key: string; readonly value: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
    values (${row.key}, 1, ${row.value}, ${new Date(row.nowMs)}, 'stf_operator1', 'stf_operator2', 'CHG-100 flow test')`);
}

/** What the console writes when a person presses stop. */
export async function insertStop(
  db: Queryable,
  row: { readonly id: string; readonly scope: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`insert into stop_request (id, scope, reason, asked_by, asked_at)
    values (${row.id}, ${row.scope}, 'containment: uji', 'stf_operator1', ${new Date(row.nowMs)})`);
}

/** Releases asked for, oldest first. */
export function selectReleases(
  db: Queryable,
): Promise<{ id: string; state: string; note: string }[]> {
  return db.query(sql`select id, state, note from release_request order by proposed_at`);
}

/** The first person's own signature as the second, written by who holds the database. */
export async function selfApprove(db: Queryable, releaseId: string): Promise<void> {
  await db.query(sql`update release_request set state = 'approved', approved_by = proposed_by,
    approved_signature = proposed_signature, approved_at = proposed_at where id = ${releaseId}`);
}

/** What became of a stop that staff asked for. */
export function selectStops(
  db: Queryable,
  id: string,
): Promise<{ restriction_id: string | null }[]> {
  return db.query(sql`select restriction_id from stop_request where id = ${id}`);
}

/** Restrictions that stand. */
export function selectRestrictions(db: Queryable): Promise<{ id: string; state: string }[]> {
  return db.query(sql`select id, state from restriction where state <> 'lifted' order by made_at`);
}

/** State of the payment with this reference, and how many there are. */
export async function selectByReference(
  db: Queryable,
  reference: string,
): Promise<
  {
    id: string;
    state: string;
    outcome_code: string | null;
    debit_account: string;
    amount_sen: bigint;
    fee_sen: bigint;
  }[]
> {
  return db.query(
    sql`select id, state, outcome_code, debit_account, amount_sen, fee_sen from payment where partner_reference_no = ${reference}`,
  );
}

/** Available balance of a customer's account. */
export async function selectAvailable(db: Queryable, account: string): Promise<bigint> {
  const rows = await db.query<{ available: bigint }>(
    sql`select posted_credit_sen - posted_debit_sen - pending_debit_sen as available from account where number = ${account}`,
  );
  return rows[0]!.available;
}

/** Events of a kind, newest last. */
export function selectEvents(
  db: Queryable,
  kind: string,
): Promise<{ subject: string; data: string }[]> {
  return db.query(
    sql`select subject, data::text as data from event where kind = ${kind} order by id`,
  );
}

/** Payments that passed a stage of the release, in its order. */
export function selectStages(db: Queryable): Promise<{ name: string; verdict: string | null }[]> {
  return db.query(sql`select name, verdict from recovery_stage order by started_at, stage`);
}

/** When the set with this version was made. */
export async function selectSetMadeAt(db: Queryable, version: number): Promise<number> {
  const rows = await db.query<{ made_at: Date }>(
    sql`select made_at from restriction_set where version = ${BigInt(version)}`,
  );
  return rows[0]!.made_at.getTime();
}

/** Body of a restriction as the table has it. */
export async function selectRestrictionBody(db: Queryable, id: string): Promise<string> {
  const rows = await db.query<{ body: string }>(sql`select body from restriction where id = ${id}`);
  return rows[0]!.body;
}

/** Everything that somebody with the database's password, and nobody's signature, could write to open what is closed: the rows
 * lifted, their scope moved elsewhere, the newest set emptied, a newer set that nobody signed, a restriction that admits everybody,
 * and a release as if two people had signed it. */
export async function forceOpen(
  db: Queryable,
  with_: {
    readonly mark: string;
    readonly id: string;
    readonly bank: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const at = new Date(with_.nowMs);
  const body = await selectRestrictionBody(db, with_.id);
  const admission = {
    releaseId: `rel_${with_.mark}`,
    stage: 4,
    bucketsBelow: 10_000,
    staffOnly: false,
    sinceMs: 0,
  };
  const opening = JSON.stringify({
    ...(JSON.parse(body) as object),
    id: `rst_${with_.mark}`,
    admission,
  });
  const plan = JSON.stringify({
    releaseId: admission.releaseId,
    restrictionId: with_.id,
    stages: [],
    madeAtMs: 0,
    startBeforeMs: with_.nowMs + 3_600_000,
  });
  await db.query(sql`insert into restriction (id, body, level, placed_by, is_automatic, state, made_at, review_at, changed_at)
    values (${`rst_${with_.mark}`}, ${opening}, 1, 'guard', true, 'active', ${at}, ${at}, ${at})`);
  await db.query(sql`insert into release_request (id, plan, plan_hash, restriction_id, state, proposed_by, proposed_signature,
      proposed_at, approved_by, approved_signature, approved_at)
    values (${admission.releaseId}, ${plan}, sha256(convert_to(${plan}, 'utf8')), ${with_.id}, 'completed', 'stf_operator1', 'AAAA',
      ${at}, 'stf_operator2', 'AAAA', ${at})`);
  await db.query(
    sql`update restriction set body = replace(body, ${with_.bank}, 'MUAMIDJA'), changed_at = ${at} where state <> 'lifted'`,
  );
  await db.query(
    sql`update restriction set state = 'lifted', changed_at = ${at} where id = ${with_.id}`,
  );
  await db.query(sql`insert into restriction_set (version, body, signature, made_at)
    select version + 1, regexp_replace(body, '"restrictions":\\[.*\\]', '"restrictions":[]'), signature, ${at}
    from restriction_set order by version desc limit 1`);
  await db.query(sql`update restriction_set set body = regexp_replace(body, '"restrictions":\\[.*\\]', '"restrictions":[]')
    where version = (select max(version) - 1 from restriction_set)`);
}

/** Moves the first date of every standing order, as if it had been made for then. */
export async function moveOrderTo(db: Queryable, date: string): Promise<void> {
  await db.query(
    sql`update standing_order set first_date = ${date}, next_date = ${date} where opened_count = 0`,
  );
}

/** Every event there is. */
export function selectAllEvents(
  db: Queryable,
): Promise<{ kind: string; subject: string; data: string }[]> {
  return db.query(sql`select kind, subject, data from event order by id`);
}

/** A settlement that a biller's network brought twice, as the guard writes it. */
export async function insertBreak(
  db: Queryable,
  row: { readonly id: string; readonly amountSen: bigint; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`insert into match_break (id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at)
    values (${row.id}, 'duplicate', 'biller', ${`B${row.id}`}, ${row.amountSen}, 'settled_twice out 00000001', ${new Date(row.nowMs)})`);
}

/** What an account holds, sen. */
export async function selectPosted(db: Queryable, number: string): Promise<bigint | undefined> {
  const rows = await db.query<{ sen: bigint }>(
    sql`select posted_credit_sen - posted_debit_sen as sen from account where number = ${number}`,
  );
  return rows[0]?.sen;
}

/** Alarms of the guard, in the order of their times. */
export function selectAlarms(
  db: Queryable,
): Promise<{ kind: string; subject: string; at: Date; data: string }[]> {
  return db.query(
    sql`select kind, subject, at, data from event where kind like 'alarm.%' order by at, id`,
  );
}
