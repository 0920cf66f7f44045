/** The SQL of payments. Time is a parameter; every state change is a compare-and-set that leaves `previous_state`. */
import type { Queryable, Tx } from '../db/pool.ts';
import { sql, type Sql } from '../db/sql.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { MessageDraft, PaymentChange } from './change.ts';
import {
  PAYMENT_FIELDS,
  columnOf,
  decodePayment,
  encodePayment,
  type PaymentLine,
  type PaymentRow,
  type RawPayment,
} from './row.ts';
import type { SettingRow } from './settings.ts';

const COLUMNS = Object.keys(PAYMENT_FIELDS).map(columnOf);
const TYPED = Object.entries(PAYMENT_FIELDS).map(([field, type]) => `${columnOf(field)} ${type}`);
const LIST = COLUMNS.join(', ');
const LIST_OF_P = COLUMNS.map((column) => `p.${column}`).join(', ');

/** A statement whose text is assembled from the column list once, at start. */
function prepared(text: string): (...values: readonly unknown[]) => Sql {
  const name = `p_${sha256(text).toString('hex').slice(0, 24)}`;
  return (...values) => ({ name, text, values });
}

/** A statement that is applied already is no word about what leaves or comes now, whatever our clock says the date is (I2). */
const statementDate = (given: string, kept: string): string => `
    case when ${given} is null then ${kept} else greatest(${given},
      (select max(business_date) + 1 from payment_statement where rail = 'bifast')) end`;

const INSERT_PAYMENTS = prepared(`
  with made as (
    insert into payment (${LIST})
    select ${LIST.replace(' statement_date,', ` ${statementDate('statement_date', 'null')},`)} from json_to_recordset($1::json) as r(${TYPED.join(', ')})
  )
  insert into payment_line (payment_id, line, amount_sen, debit_account, credit_account, value_date, business_date)
  select payment_id, line, amount_sen, debit_account, credit_account, value_date, business_date
  from json_to_recordset($2::json) as l(payment_id text, line text, amount_sen bigint, debit_account text, credit_account text,
    value_date date, business_date date)`);

/** Inserts payments and their lines. */
export async function insertPayments(
  tx: Tx,
  inserts: readonly { readonly row: PaymentRow; readonly lines: readonly PaymentLine[] }[],
): Promise<void> {
  const lines = inserts.flatMap(({ row, lines: own }) =>
    own.map((line) => ({
      payment_id: row.id,
      line: line.line,
      amount_sen: String(line.amountSen),
      debit_account: line.debitAccount,
      credit_account: line.creditAccount,
      value_date: row.valueDate,
      business_date: row.businessDate,
    })),
  );
  await tx.query(
    INSERT_PAYMENTS(
      JSON.stringify(inserts.map(({ row }) => encodePayment(row))),
      JSON.stringify(lines),
    ),
  );
}

/** What a change may set; `due_at` and `leased_until` follow the change even when absent. */
const PATCHED = [
  'outcome_code',
  'outcome_source',
  'settled_at',
  'promise_at',
  'promise_renewals',
  'resolve_by',
  'inquire_at',
  'attempt_count',
  'inquiry_count',
];
const UPDATE_PAYMENTS = prepared(`
  with r as (
    select * from json_to_recordset($1::json) as c(id text, from_states text, to_state text, only_version bigint, at timestamptz,
      due_at timestamptz, leased_until timestamptz, outcome_code text, outcome_source text, settled_at timestamptz,
      promise_at timestamptz, promise_renewals integer, resolve_by timestamptz, statement_date date, inquire_at timestamptz,
      attempt_count integer, inquiry_count integer)
  ), locked as materialized (
    select id from payment where id in (select id from r) order by id for update
  )
  update payment p set
    previous_state = case when r.to_state is null then p.previous_state else p.state end,
    state = coalesce(r.to_state, p.state),
    changed_at = case when r.to_state is null then p.changed_at else r.at end,
    due_at = r.due_at, leased_until = r.leased_until, version = p.version + 1,
    statement_date = ${statementDate('r.statement_date', 'p.statement_date')},
    ${PATCHED.map((column) => `${column} = coalesce(r.${column}, p.${column})`).join(', ')}
  from r join locked using (id)
  where p.id = r.id and p.state = any(string_to_array(r.from_states, ','))
    and (r.only_version is null or p.version = r.only_version)
  returning ${LIST_OF_P}`);

/** Compare-and-sets many payments at once, locks taken in id order; the rows that moved, as they are now. */
export async function updatePayments(
  tx: Tx,
  changes: readonly PaymentChange[],
): Promise<readonly PaymentRow[]> {
  const rows = changes.map((change) => ({
    ...encodePayment(change.set as Partial<PaymentRow>),
    id: change.id,
    from_states: change.from.join(','),
    to_state: change.to ?? null,
    only_version: change.version === undefined ? null : String(change.version),
    at: new Date(change.atMs).toISOString(),
  }));
  return (await tx.query<RawPayment>(UPDATE_PAYMENTS(JSON.stringify(rows)))).map(decodePayment);
}

/** Appends messages to customers: the outbox row is the fact. */
export async function insertMessages(
  tx: Tx,
  messages: readonly (MessageDraft & { readonly paymentId: string; readonly atMs: number })[],
): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map((message) => ({
    id: message.id,
    customer_id: message.customerId,
    payment_id: message.paymentId,
    template: message.template,
    params: JSON.stringify(message.params),
    made_at: new Date(message.atMs).toISOString(),
  }));
  await tx.query(sql`
    insert into customer_message (id, customer_id, payment_id, template, params, made_at)
    select id, customer_id, payment_id, template, params, made_at
    from json_to_recordset(${JSON.stringify(rows)}::json) as m(id text, customer_id text, payment_id text, template text, params text, made_at timestamptz)`);
}

const CLAIM_DUE = prepared(`
  with due as (
    select id from payment where due_at <= $1 and (leased_until is null or leased_until <= $1)
    order by due_at limit $3 for update skip locked
  )
  update payment p set leased_until = $2, version = p.version + 1 from due where p.id = due.id
  returning ${LIST_OF_P}`);

/** Claims due rows for this process until `leaseUntilMs`; peers pass them by. */
export async function claimDue(
  db: Queryable,
  input: { readonly nowMs: number; readonly leaseUntilMs: number; readonly limit: number },
): Promise<readonly PaymentRow[]> {
  const rows = await db.query<RawPayment>(
    CLAIM_DUE(new Date(input.nowMs), new Date(input.leaseUntilMs), input.limit),
  );
  return rows.map(decodePayment);
}

const CLAIM_HELD = prepared(`
  update payment p set leased_until = $2, version = p.version + 1 where p.id = $1 and p.state = 'held' returning ${LIST_OF_P}`);

/** Takes a held payment away from whoever advances it: their move to `sending` compares the version and fails. */
export async function claimHeld(
  db: Queryable,
  input: { readonly id: string; readonly leaseUntilMs: number },
): Promise<PaymentRow | undefined> {
  const rows = await db.query<RawPayment>(CLAIM_HELD(input.id, new Date(input.leaseUntilMs)));
  return rows[0] && decodePayment(rows[0]);
}

const FIND = prepared(`select ${LIST} from payment where id = $1`);
const FIND_BY_REFERENCE = prepared(
  `select ${LIST} from payment where partner_id = $1 and partner_reference_no = $2`,
);
const FIND_SENT = prepared(
  `select ${LIST} from payment where biz_msg_idr = any($1) and kind in ('bifast_out', 'bifast_return')`,
);
const FIND_RECEIVED = prepared(
  `select ${LIST} from payment where counterparty_bank = $1 and biz_msg_idr = any($2) and kind = 'bifast_in'`,
);
const LIST_OF_CUSTOMER = prepared(`
  select ${LIST} from payment where customer_id = $1 and made_at < $2 order by made_at desc, id desc limit 50`);

/** One payment. */
export async function findPayment(db: Queryable, id: string): Promise<PaymentRow | undefined> {
  const rows = await db.query<RawPayment>(FIND(id));
  return rows[0] && decodePayment(rows[0]);
}

/** The payment of a partner's reference. */
export async function findByReference(
  db: Queryable,
  partner: { readonly id: string; readonly reference: string },
): Promise<PaymentRow | undefined> {
  const rows = await db.query<RawPayment>(FIND_BY_REFERENCE(partner.id, partner.reference));
  return rows[0] && decodePayment(rows[0]);
}

/** What we sent under these ids. */
export async function findSent(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PaymentRow[]> {
  return (await db.query<RawPayment>(FIND_SENT(ids))).map(decodePayment);
}

/** What `bank` sent us under these ids. */
export async function findReceived(
  db: Queryable,
  from: { readonly bank: string; readonly ids: readonly string[] },
): Promise<readonly PaymentRow[]> {
  return (await db.query<RawPayment>(FIND_RECEIVED(from.bank, from.ids))).map(decodePayment);
}

/** A customer's payments before an instant, newest first. */
export async function listOfCustomer(
  db: Queryable,
  page: { readonly customerId: string; readonly beforeMs: number },
): Promise<readonly PaymentRow[]> {
  return (
    await db.query<RawPayment>(LIST_OF_CUSTOMER(page.customerId, new Date(page.beforeMs)))
  ).map(decodePayment);
}

/** The instruction that the ledger committed under a jti, as text. */
export async function readInstruction(db: Queryable, jti: string): Promise<string | undefined> {
  const rows = await db.query<{ instruction: string }>(
    sql`select instruction from authorisation where jti = ${jti}`,
  );
  return rows[0]?.instruction;
}

/** How many returns of a payment of ours, taken before an instant, were turned away after all: each frees one more. */
export async function countRejectedReturns(
  db: Queryable,
  input: { readonly paymentId: string; readonly beforeMs: number },
): Promise<number> {
  const rows = await db.query<{ n: number }>(sql`
    select count(*)::integer as n from payment
    where related_payment_id = ${input.paymentId} and kind = 'bifast_in' and state = 'rejected' and made_at < ${new Date(input.beforeMs)}`);
  return rows[0]!.n;
}

/** Setting rows in force at an instant, oldest version first. */
export async function readSettingRows(
  db: Queryable,
  nowMs: number,
): Promise<readonly SettingRow[]> {
  const rows = await db.query<{ key: string; value: string; approved_by: string | null }>(sql`
    select key, value, approved_by from setting where effective_from <= ${new Date(nowMs)} order by key, version`);
  return rows.map((row) => ({
    key: row.key,
    value: row.value,
    approvedBy: row.approved_by ?? undefined,
  }));
}
