/** Every statement of a posting batch. Set-based: the number of round trips does not depend on the number of requests.
 * Statements that do not depend on each other are issued together and travel together (db/pool.ts). */
import { byteaArray, dateArray, instantArray, int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface AccountRow {
  readonly id: bigint;
  readonly number: string;
  readonly state: 'open' | 'closed' | 'frozen';
  readonly mayGoNegative: boolean;
  readonly postedDebit: bigint;
  readonly postedCredit: bigint;
  readonly pendingDebit: bigint;
  readonly pendingCredit: bigint;
  /** No new money before this instant; null when it is not closed for a time. */
  readonly closedUntilMs: bigint | null;
}

/** A transfer that a request wants to reverse, with what was given back of it so far. */
export interface ReversibleRow {
  readonly id: bigint;
  readonly debitAccount: bigint;
  readonly creditAccount: bigint;
  readonly amount: bigint;
  readonly reversed: bigint;
}

export interface HoldRow {
  readonly id: bigint;
  readonly debitAccount: bigint;
  readonly creditAccount: bigint;
  readonly amount: bigint;
  readonly state: 'held' | 'posted' | 'voided';
  readonly expiresAtMs: bigint | null;
}

export interface KnownRequest {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly result: string;
}

/** Ids of account numbers. Immutable: an account is never renumbered or deleted, so they may be kept. */
export function selectAccountIds(
  db: Queryable,
  numbers: readonly string[],
): Promise<{ id: bigint; number: string }[]> {
  return db.query(
    sql`select id, number from account where number = any(${textArray(numbers)}::text[])`,
  );
}

/** The two accounts of holds. Immutable as well. */
export function selectHoldAccounts(
  db: Queryable,
  ids: readonly bigint[],
): Promise<{ id: bigint; debitAccount: bigint; creditAccount: bigint }[]> {
  return db.query(sql`
    select id, debit_account as "debitAccount", credit_account as "creditAccount" from hold where id = any(${int8Array(ids)}::bigint[])`);
}

/** Locks accounts once, in ascending id order, whoever asks: no two batches can deadlock on accounts. Whoever holds an account's lock
 * also owns the state of its holds. `no key update` lets foreign key checks pass. The rows come as one text, fields parted by U+001F and
 * rows by U+001E: a thousand rows of nine cells each would cost the driver more than the database. */
export async function lockAccounts(tx: Tx, ids: readonly bigint[]): Promise<readonly AccountRow[]> {
  const [page] = await tx.query<{ text: string | null }>(sql`
    with locked as materialized (
      select id, number, state, may_go_negative, posted_debit_sen, posted_credit_sen, pending_debit_sen, pending_credit_sen, closed_until
      from account where id = any(${int8Array(ids)}::bigint[]) order by id for no key update
    )
    select string_agg(concat(id, E'\\x1f', translate(number, E'\\x1e\\x1f', '\ufffd\ufffd'), E'\\x1f', state, E'\\x1f', may_go_negative, E'\\x1f', posted_debit_sen, E'\\x1f',
      posted_credit_sen, E'\\x1f', pending_debit_sen, E'\\x1f', pending_credit_sen, E'\\x1f',
      ceil(extract(epoch from closed_until) * 1000)::bigint), E'\\x1e') as text from locked`);
  return page?.text ? page.text.split('\u001e').map(toAccount) : [];
}

function toAccount(line: string): AccountRow {
  const [id, number, state, mayGoNegative, postedDebit, postedCredit, ...rest] =
    line.split('\u001f');
  const [pendingDebit, pendingCredit, closedUntil] = rest;
  return {
    id: BigInt(id!),
    number: number!,
    state: state as AccountRow['state'],
    mayGoNegative: mayGoNegative === 't',
    postedDebit: BigInt(postedDebit!),
    postedCredit: BigInt(postedCredit!),
    pendingDebit: BigInt(pendingDebit!),
    pendingCredit: BigInt(pendingCredit!),
    closedUntilMs: closedUntil === '' ? null : BigInt(closedUntil!),
  };
}

/** Those accounts that nobody has locked. */
export async function selectUnlocked(tx: Tx, ids: readonly bigint[]): Promise<readonly bigint[]> {
  const rows = await tx.query<{ id: bigint }>(sql`
    select id from account where id = any(${int8Array(ids)}::bigint[]) order by id for no key update skip locked`);
  return rows.map(({ id }) => id);
}

/** Holds as they are now; read after their accounts are locked. */
export function selectHolds(tx: Tx, ids: readonly bigint[]): Promise<HoldRow[]> {
  return tx.query(sql`
    select id, debit_account as "debitAccount", credit_account as "creditAccount", amount_sen as amount, state,
      ceil(extract(epoch from expires_at) * 1000)::bigint as "expiresAtMs"
    from hold where id = any(${int8Array(ids)}::bigint[])`);
}

/** Money that moved and may be given back: not holds, not voids, and no reversals. Read after the accounts are locked, whose owner
 * also owns how much of the transfer was reversed. */
export function selectReversibles(db: Queryable, ids: readonly bigint[]): Promise<ReversibleRow[]> {
  return db.query(sql`
    select t.id, t.debit_account as "debitAccount", t.credit_account as "creditAccount", t.amount_sen as amount,
      coalesce(r.reversed_sen, 0) as reversed
    from transfer t left join reversal r on r.transfer_id = t.id
    where t.id = any(${int8Array(ids)}::bigint[]) and t.kind in ('single', 'post') and t.reverses is null`);
}

/** What was answered before under these keys. */
export function selectKnownRequests(tx: Tx, keys: readonly string[]): Promise<KnownRequest[]> {
  return tx.query(sql`
    select key, request_hash as "requestHash", result from ledger_request where key = any(${textArray(keys)}::text[])`);
}

/** The completed instructions of earlier authorisations. */
export function selectInstructions(
  tx: Queryable,
  jtis: readonly string[],
): Promise<{ jti: string; instruction: string }[]> {
  return tx.query(
    sql`select jti, instruction from authorisation where jti = any(${textArray(jtis)}::text[])`,
  );
}

/** Fresh transfer ids, ascending. Taken after the locks, so that ids rise on each account in the order of posting. */
export async function takeTransferIds(tx: Tx, count: number): Promise<readonly bigint[]> {
  const rows = await tx.query<{ ids: bigint[] }>(sql`
    select array_agg(id) as ids from (select nextval('transfer_id_seq') as id from generate_series(1, ${count}::integer)) taken`);
  return rows[0]?.ids ?? [];
}

/** Draws `count` numbers of each series for one day; the last number drawn of each. Series are taken in ascending order. */
export function drawSequence(
  tx: Tx,
  input: {
    readonly day: string;
    readonly series: readonly string[];
    readonly counts: readonly number[];
  },
): Promise<{ series: string; last: bigint }[]> {
  return tx.query(sql`
    insert into id_sequence as s (series, day, last)
    select d.series, ${input.day}::date, d.count from unnest(${textArray(input.series)}::text[], ${int8Array(input.counts)}::bigint[]) as d (series, count)
    order by d.series
    on conflict (series, day) do update set last = s.last + excluded.last
    returning series, last`);
}

export interface TransferRow {
  readonly id: bigint;
  readonly kind: 'single' | 'hold' | 'post' | 'void';
  readonly debitAccount: bigint;
  readonly creditAccount: bigint;
  readonly amount: bigint;
  readonly holdId: bigint | null;
  /** The transfer that this one gives back, in whole or in part. */
  readonly reverses: bigint | null;
  readonly paymentId: string | null;
  readonly line: string;
  readonly valueDate: string;
  readonly businessDate: string;
  /** Posted balances of the two accounts right after it; null when it posts nothing. */
  readonly debitBalance: bigint | null;
  readonly creditBalance: bigint | null;
}

/** Appends transfers, booked at one instant. */
export async function insertTransfers(
  tx: Tx,
  input: { readonly atMs: number; readonly onDate: string; readonly rows: readonly TransferRow[] },
): Promise<void> {
  const rows = input.rows;
  await tx.query(sql`
    insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, hold_id, payment_id, line,
      booked_at, value_date, business_date, debit_balance_sen, credit_balance_sen, reverses)
    select t.id, ${input.onDate}::date, t.kind, t.debit_account, t.credit_account, t.amount_sen, t.hold_id, t.payment_id, t.line,
      ${new Date(input.atMs)}::timestamptz, t.value_date, t.business_date, t.debit_balance_sen, t.credit_balance_sen, t.reverses
    from unnest(${int8Array(rows.map((row) => row.id))}::bigint[], ${textArray(rows.map((row) => row.kind))}::text[],
      ${int8Array(rows.map((row) => row.debitAccount))}::bigint[], ${int8Array(rows.map((row) => row.creditAccount))}::bigint[],
      ${int8Array(rows.map((row) => row.amount))}::bigint[], ${int8Array(rows.map((row) => row.holdId))}::bigint[],
      ${textArray(rows.map((row) => row.paymentId))}::text[], ${textArray(rows.map((row) => row.line))}::text[],
      ${dateArray(rows.map((row) => row.valueDate))}::date[], ${dateArray(rows.map((row) => row.businessDate))}::date[],
      ${int8Array(rows.map((row) => row.debitBalance))}::bigint[], ${int8Array(rows.map((row) => row.creditBalance))}::bigint[],
      ${int8Array(rows.map((row) => row.reverses))}::bigint[])
      as t (id, kind, debit_account, credit_account, amount_sen, hold_id, payment_id, line, value_date, business_date,
        debit_balance_sen, credit_balance_sen, reverses)`);
}

/** The transfer that reserves, and until when it does. */
export interface NewHold extends TransferRow {
  readonly expiresAtMs: number | null;
}

/** Inserts new holds; their ids are their transfers' ids. */
export async function insertHolds(
  tx: Tx,
  input: { readonly atMs: number; readonly rows: readonly NewHold[] },
): Promise<void> {
  const rows = input.rows;
  await tx.query(sql`
    insert into hold (id, debit_account, credit_account, amount_sen, state, payment_id, line, made_at, expires_at)
    select h.id, h.debit_account, h.credit_account, h.amount_sen, 'held', h.payment_id, h.line, ${new Date(input.atMs)}::timestamptz,
      h.expires_at
    from unnest(${int8Array(rows.map((row) => row.id))}::bigint[], ${int8Array(rows.map((row) => row.debitAccount))}::bigint[],
      ${int8Array(rows.map((row) => row.creditAccount))}::bigint[], ${int8Array(rows.map((row) => row.amount))}::bigint[],
      ${textArray(rows.map((row) => row.paymentId))}::text[], ${textArray(rows.map((row) => row.line))}::text[],
      ${instantArray(rows.map((row) => row.expiresAtMs))}::timestamptz[])
      as h (id, debit_account, credit_account, amount_sen, payment_id, line, expires_at)`);
}

export interface HoldEnd {
  readonly id: bigint;
  readonly state: 'posted' | 'voided';
  readonly posted: bigint;
}

/** Ends holds by compare-and-set (T9); the ids that were still held. The caller asserts that none is missing. */
export function endHolds(
  tx: Tx,
  input: { readonly atMs: number; readonly rows: readonly HoldEnd[] },
): Promise<{ id: bigint }[]> {
  return tx.query(sql`
    update hold as h set state = e.state, posted_sen = e.posted_sen, ended_at = ${new Date(input.atMs)}::timestamptz
    from unnest(${int8Array(input.rows.map((row) => row.id))}::bigint[], ${textArray(input.rows.map((row) => row.state))}::text[],
      ${int8Array(input.rows.map((row) => row.posted))}::bigint[]) as e (id, state, posted_sen)
    where h.id = e.id and h.state = 'held'
    returning h.id`);
}

export interface ReversalRow {
  readonly transferId: bigint;
  readonly amount: bigint;
  /** Given back in all, this batch included. */
  readonly reversed: bigint;
}

/** Keeps how much of each transfer was given back. `reversal_at_most_once_over` checks the result once more (T7). */
export async function upsertReversals(tx: Tx, rows: readonly ReversalRow[]): Promise<void> {
  await tx.query(sql`
    insert into reversal (transfer_id, amount_sen, reversed_sen)
    select r.id, r.amount, r.reversed
    from unnest(${int8Array(rows.map((row) => row.transferId))}::bigint[], ${int8Array(rows.map((row) => row.amount))}::bigint[],
      ${int8Array(rows.map((row) => row.reversed))}::bigint[]) as r (id, amount, reversed)
    order by r.id
    on conflict (transfer_id) do update set reversed_sen = excluded.reversed_sen`);
}

export interface AccountChange {
  readonly id: bigint;
  readonly postedDebit: bigint;
  readonly postedCredit: bigint;
  readonly pendingDebit: bigint;
  readonly pendingCredit: bigint;
}

/** Nets a whole batch to one update per account; how many changed. `account_not_overdrawn` checks the result once more. */
export async function changeAccounts(tx: Tx, rows: readonly AccountChange[]): Promise<number> {
  const [changed] = await tx.query<{ n: number }>(sql`
    with changed as (update account as a set posted_debit_sen = a.posted_debit_sen + c.posted_debit, posted_credit_sen = a.posted_credit_sen + c.posted_credit,
      pending_debit_sen = a.pending_debit_sen + c.pending_debit, pending_credit_sen = a.pending_credit_sen + c.pending_credit,
      version = a.version + 1
    from unnest(${int8Array(rows.map((row) => row.id))}::bigint[], ${int8Array(rows.map((row) => row.postedDebit))}::bigint[],
      ${int8Array(rows.map((row) => row.postedCredit))}::bigint[], ${int8Array(rows.map((row) => row.pendingDebit))}::bigint[],
      ${int8Array(rows.map((row) => row.pendingCredit))}::bigint[]) as c (id, posted_debit, posted_credit, pending_debit, pending_credit)
    where a.id = c.id
    returning 1)
    select count(*)::integer as n from changed`);
  return changed!.n;
}

/** Keeps the answers for ever (T6), in ascending key order, so that two processes cannot deadlock on them. */
export async function insertRequests(
  tx: Tx,
  input: { readonly atMs: number; readonly rows: readonly KnownRequest[] },
): Promise<void> {
  await tx.query(sql`
    insert into ledger_request (key, request_hash, result, made_at)
    select r.key, r.request_hash, r.result, ${new Date(input.atMs)}::timestamptz
    from unnest(${textArray(input.rows.map((row) => row.key))}::text[], ${byteaArray(input.rows.map((row) => row.requestHash))}::bytea[],
      ${textArray(input.rows.map((row) => row.result))}::text[]) as r (key, request_hash, result)
    order by r.key`);
}

export interface RegisteredId {
  readonly id: string;
  readonly rail: string;
  readonly paymentId: string;
}

/** Registers ids for the networks. An id that is not here was never issued. */
export async function insertRegisteredIds(
  tx: Tx,
  input: { readonly atMs: number; readonly onDate: string; readonly rows: readonly RegisteredId[] },
): Promise<void> {
  await tx.query(sql`
    insert into id_registry (id, rail, payment_id, allocated_on, allocated_at)
    select r.id, r.rail, r.payment_id, ${input.onDate}::date, ${new Date(input.atMs)}::timestamptz
    from unnest(${textArray(input.rows.map((row) => row.id))}::text[], ${textArray(input.rows.map((row) => row.rail))}::text[],
      ${textArray(input.rows.map((row) => row.paymentId))}::text[]) as r (id, rail, payment_id)`);
}

export interface AuthorisationRow {
  readonly jti: string;
  readonly paymentId: string;
  readonly attempt: number;
  readonly holdId: bigint;
  readonly rail: string;
  readonly audience: string;
  readonly env: string;
  readonly instruction: string;
  readonly instructionHash: Buffer;
  readonly amount: bigint;
}

/** Commits authorisations: from here on the signer may sign them (DESIGN.md 1.1). */
export async function insertAuthorisations(
  tx: Tx,
  input: { readonly atMs: number; readonly rows: readonly AuthorisationRow[] },
): Promise<void> {
  const rows = input.rows;
  await tx.query(sql`
    insert into authorisation (jti, payment_id, attempt, hold_id, rail, audience, env, instruction, instruction_hash, amount_sen, made_at)
    select a.jti, a.payment_id, a.attempt, a.hold_id, a.rail, a.audience, a.env, a.instruction, a.instruction_hash, a.amount_sen,
      ${new Date(input.atMs)}::timestamptz
    from unnest(${textArray(rows.map((row) => row.jti))}::text[], ${textArray(rows.map((row) => row.paymentId))}::text[],
      ${rows.map((row) => row.attempt)}::integer[], ${int8Array(rows.map((row) => row.holdId))}::bigint[], ${textArray(rows.map((row) => row.rail))}::text[],
      ${textArray(rows.map((row) => row.audience))}::text[], ${textArray(rows.map((row) => row.env))}::text[], ${textArray(rows.map((row) => row.instruction))}::text[],
      ${byteaArray(rows.map((row) => row.instructionHash))}::bytea[], ${int8Array(rows.map((row) => row.amount))}::bigint[])
      as a (jti, payment_id, attempt, hold_id, rail, audience, env, instruction, instruction_hash, amount_sen)`);
}
