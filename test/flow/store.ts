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
    values (${row.key}, 1, ${row.value}, ${new Date(row.nowMs)}, 'stf_operator1', 'stf_operator2', 'flow test')`);
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

/** What somebody with the database's password, and nobody's signature, would write to open everything. */
export async function forceOpen(db: Queryable, nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  await db.query(sql`update restriction set state = 'lifted', changed_at = ${at}`);
  await db.query(
    sql`update restriction_set set body = regexp_replace(body, '"restrictions":\[.*\]', '"restrictions":[]')`,
  );
  await db.query(
    sql`update release_request set state = 'completed', approved_by = 'stf_operator2', approved_signature = proposed_signature, approved_at = ${at}`,
  );
}
