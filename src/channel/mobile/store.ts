/** All SQL of the mobile channel: its own consents and name checks, and reading what the customer owns. */
import { textArray } from '../../db/array.ts';
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

/** The accounts of a customer, by number. */
export async function selectAccountNumbers(
  db: Queryable,
  customerId: string,
): Promise<readonly string[]> {
  const rows = await db.query<{ number: string }>(
    sql`select number from account where customer_id = ${customerId} order by number limit 20`,
  );
  return rows.map((row) => row.number);
}

export interface CustomerRow {
  readonly id: string;
  readonly name: string;
  readonly language: 'id' | 'en';
  readonly is_staff: boolean;
  readonly cohort_bucket: number;
}

/** What the channel shows of a customer and what the gate looks at. */
export async function selectCustomer(
  db: Queryable,
  customerId: string,
): Promise<CustomerRow | undefined> {
  const rows = await db.query<CustomerRow>(
    sql`select id, name, language, is_staff, cohort_bucket from customer where id = ${customerId}`,
  );
  return rows[0];
}

export interface ParticipantRow {
  readonly bic: string;
  readonly name: string;
  readonly short_name: string;
  readonly bank_code: string;
  readonly state: 'open' | 'closed';
  readonly changed_at: Date;
}

/** The banks of BI-FAST, by name, with whether they are open. */
export async function selectParticipants(db: Queryable): Promise<readonly ParticipantRow[]> {
  return db.query<ParticipantRow>(
    sql`select bic, name, short_name, bank_code, state, changed_at from participant order by name limit 500`,
  );
}

export interface NameCheckRow {
  readonly id: string;
  readonly bank: string;
  readonly account: string;
  /** As the other side gave it; never shown in full where a proxy led to it. */
  readonly name: string;
  /** `01:62812…`: the proxy that led to this account. */
  readonly proxy: string | null;
}

/** Writes the name that was shown for an account. */
export async function insertNameCheck(
  db: Queryable,
  row: NameCheckRow & {
    readonly customerId: string;
    readonly madeAtMs: number;
    readonly expiresAtMs: number;
  },
): Promise<void> {
  await db.query(sql`insert into name_check (id, customer_id, bank, account, name, proxy, made_at, expires_at)
    values (${row.id}, ${row.customerId}, ${row.bank}, ${row.account}, ${row.name}, ${row.proxy}, ${new Date(row.madeAtMs)}, ${new Date(row.expiresAtMs)})`);
}

/** Only the customer's own and only while it lives. */
export async function selectNameCheck(
  db: Queryable,
  input: { readonly id: string; readonly customerId: string; readonly nowMs: number },
): Promise<NameCheckRow | undefined> {
  const rows =
    await db.query<NameCheckRow>(sql`select id, bank, account, name, proxy from name_check
    where id = ${input.id} and customer_id = ${input.customerId} and expires_at > ${new Date(input.nowMs)}`);
  return rows[0];
}

export interface ConsentRow {
  readonly id: string;
  readonly session_hash: Buffer;
  readonly debit_account: string;
  readonly amount_sen: bigint;
  readonly fee_sen: bigint;
  readonly payee_bank: string;
  readonly payee_account: string;
  readonly payee_name: string;
  /** Both or none: the proxy, and the name that its directory has. */
  readonly payee_proxy?: string | null;
  readonly payee_registered_name?: string | null;
  readonly remark: string;
  readonly expires_at: Date;
  readonly used_key: string | null;
  /** Null: for one transfer now. */
  readonly schedule: string | null;
  /** Null within our bank, and of consents from before there was a choice. */
  readonly route: 'bifast' | 'switch' | null;
  /** Null: for no QRIS code. */
  readonly qris_payload: string | null;
  /** The part of the amount that is a tip; null where there is no code. */
  readonly qris_tip_sen?: bigint | null;
  /** Not null: for a bill, with what was chosen of it. */
  readonly bill_inquiry_id?: string | null;
  readonly period_count?: number | null;
  readonly is_repeat_confirmed?: boolean | null;
  /** Questions that were put after a PIN; null where there were none. */
  readonly asked?: readonly string[] | null;
}

/** Writes what a customer agreed to, with the very words shown. */
export async function insertConsent(
  db: Queryable,
  row: Omit<ConsentRow, 'expires_at' | 'used_key' | 'asked'> & {
    readonly customerId: string;
    readonly device: string;
    readonly textShown: string;
    readonly language: string;
    readonly madeAtMs: number;
    readonly expiresAtMs: number;
  },
): Promise<void> {
  await db.query(sql`insert into consent (id, customer_id, session_hash, device, debit_account, amount_sen, fee_sen, payee_bank,
      payee_account, payee_name, payee_proxy, payee_registered_name, remark, schedule, route, qris_payload, qris_tip_sen, bill_inquiry_id, period_count,
      is_repeat_confirmed, text_shown, language, made_at, expires_at)
    values (${row.id}, ${row.customerId}, ${row.session_hash}, ${row.device}, ${row.debit_account}, ${row.amount_sen}, ${row.fee_sen},
      ${row.payee_bank}, ${row.payee_account}, ${row.payee_name}, ${row.payee_proxy ?? null}, ${row.payee_registered_name ?? null},
      ${row.remark}, ${row.schedule}, ${row.route}, ${row.qris_payload}, ${row.qris_tip_sen ?? null}, ${row.bill_inquiry_id ?? null},
      ${row.period_count ?? null}, ${row.is_repeat_confirmed ?? null}, ${row.textShown}, ${row.language},
      ${new Date(row.madeAtMs)}, ${new Date(row.expiresAtMs)})`);
}

/** A consent, only the customer's own. */
export async function selectConsent(
  db: Queryable,
  input: { readonly id: string; readonly customerId: string },
): Promise<ConsentRow | undefined> {
  const rows =
    await db.query<ConsentRow>(sql`select id, session_hash, debit_account, amount_sen, fee_sen, payee_bank, payee_account,
      payee_name, payee_proxy, payee_registered_name, remark, expires_at, used_key, schedule, route, qris_payload, qris_tip_sen, bill_inquiry_id, period_count, is_repeat_confirmed, asked from consent where id = ${input.id} and customer_id = ${input.customerId}`);
  return rows[0];
}

/** Uses a consent for one Idempotency-Key: compare-and-set, so that two keys can never both pay. The key that used it may come
 * again. False when another key was first or it has expired unused. */
export async function claimConsent(
  db: Queryable,
  input: { readonly id: string; readonly key: string; readonly nowMs: number },
): Promise<boolean> {
  const rows = await db.query<{
    id: string;
  }>(sql`update consent set used_key = ${input.key}, used_at = coalesce(used_at, ${new Date(input.nowMs)})
    where id = ${input.id} and (used_key = ${input.key} or (used_key is null and expires_at > ${new Date(input.nowMs)})) returning id`);
  return rows.length === 1;
}

/** Keeps what the payer was asked about the payment of this key. */
export async function updateAsked(
  db: Queryable,
  input: { readonly id: string; readonly key: string; readonly asked: readonly string[] },
): Promise<void> {
  await db.query(sql`update consent set asked = array(select distinct unnest(coalesce(asked, '{}') || ${textArray(input.asked)}::text[]))
    where id = ${input.id} and used_key = ${input.key}`);
}

/** What became of an Idempotency-Key: the consent that it used and the payment made from it, if any. */
export async function selectByKey(
  db: Queryable,
  input: { readonly customerId: string; readonly key: string },
): Promise<{ readonly consentId: string; readonly paymentId: string | null } | undefined> {
  const rows = await db.query<{
    consent_id: string;
    payment_id: string | null;
  }>(sql`select c.id as consent_id,
      (select p.id from payment p where p.consent_id = c.id order by p.made_at limit 1) as payment_id
    from consent c where c.customer_id = ${input.customerId} and c.used_key = ${input.key}`);
  return rows[0] && { consentId: rows[0].consent_id, paymentId: rows[0].payment_id };
}

/** When each event of a payment happened, oldest first. */
export async function selectPaymentTimes(
  db: Queryable,
  paymentId: string,
): Promise<readonly { readonly kind: string; readonly at: Date }[]> {
  return db.query<{ kind: string; at: Date }>(
    sql`select kind, at from event where subject = ${paymentId} and kind <> 'ledger.posted' order by id limit 100`,
  );
}

export interface MessageRow {
  readonly id: string;
  readonly payment_id: string | null;
  readonly template: string;
  readonly params: string;
  readonly made_at: Date;
  readonly read_at: Date | null;
}

/** A page of messages, newest first. */
export async function selectMessages(
  db: Queryable,
  input: { readonly customerId: string; readonly before: Date },
): Promise<readonly MessageRow[]> {
  return db.query<MessageRow>(sql`select id, payment_id, template, params, made_at, read_at from customer_message
    where customer_id = ${input.customerId} and made_at < ${input.before} order by made_at desc limit 30`);
}

/** How many messages are unread; counting stops at a hundred. */
export async function countUnread(db: Queryable, customerId: string): Promise<number> {
  const rows = await db.query<{ count: bigint }>(sql`select count(*) as count from
    (select 1 from customer_message where customer_id = ${customerId} and read_at is null limit 100) as unread`);
  return Number(rows[0]?.count ?? 0n);
}

/** Marks all messages of a customer read. */
export async function markRead(
  db: Queryable,
  input: { readonly customerId: string; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`update customer_message set read_at = ${new Date(input.nowMs)}
    where customer_id = ${input.customerId} and read_at is null`);
}

/** The states of payments, by id. */
export async function selectPaymentStates(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly kind: string; readonly state: string }[]> {
  return db.query<{ id: string; kind: string; state: string }>(
    sql`select id, kind, state from payment where id = any(${textArray(ids)}::text[])`,
  );
}
