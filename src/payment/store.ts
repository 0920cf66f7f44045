/** The SQL of payments. Time is a parameter; every state change is a compare-and-set that leaves `previous_state`. */
import { dateArray, instantArray, int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import type { MessageDraft, PaymentChange } from './change.ts';
import { NETWORK_KINDS, railOf, RECEIVED_KINDS } from './kind.ts';
import {
  PAYMENT_FIELDS,
  columnOf,
  decodePayment,
  encodePayments,
  type PaymentLine,
  type PaymentRow,
  type RawPayment,
} from './row.ts';
import type { SettingRow } from './settings.ts';
import { FINAL_STATES } from './state.ts';

const COLUMNS = Object.keys(PAYMENT_FIELDS).map(columnOf);
const LIST = COLUMNS.join(', ');
const LIST_OF_P = COLUMNS.map((column) => `p.${column}`).join(', ');

/** A statement that is applied already is no word about what leaves or comes now, whatever our clock says the date is (I2). */
const statementDate = (given: string, kept: string, kind: string): string => `
    case when ${given} is null then ${kept} else greatest(${given},
      (select max(business_date) + 1 from payment_statement where rail = ${RAIL_OF(kind)})) end`;

/** The network of a kind, from the table that code reads. */
const RAIL_OF = (kind: string): string =>
  `case ${kind} ${NETWORK_KINDS.map((name) => `when '${name}' then '${railOf(name)}'`).join(' ')} end`;

const FIELDS = Object.keys(PAYMENT_FIELDS) as (keyof PaymentRow)[];

/** `$from::text[], …`: one array for each of some types. */
function arrays(from: number, types: readonly string[]): string {
  return types.map((type, i) => `$${from + i}::${type}[]`).join(', ');
}

const LINE_TYPES = ['text', 'text', 'bigint', 'text', 'text', 'date', 'date'];
const INSERT_PAYMENTS = prepared(`
  with made as (
    insert into payment (${LIST})
    select ${LIST.replace(' statement_date,', ` ${statementDate('statement_date', 'null', 'kind')},`)}
    from unnest(${arrays(1, Object.values(PAYMENT_FIELDS))}) as r (${LIST})
  )
  insert into payment_line (payment_id, line, amount_sen, debit_account, credit_account, value_date, business_date)
  select * from unnest(${arrays(FIELDS.length + 1, LINE_TYPES)})`);

/** Inserts payments and their lines. */
export async function insertPayments(
  tx: Tx,
  inserts: readonly { readonly row: PaymentRow; readonly lines: readonly PaymentLine[] }[],
): Promise<void> {
  const rows = inserts.map(({ row }) => row);
  const lines = inserts.flatMap(({ row, lines: own }) => own.map((line) => ({ row, line })));
  await tx.query(
    INSERT_PAYMENTS(
      ...encodePayments(rows, FIELDS),
      textArray(lines.map(({ row }) => row.id)),
      textArray(lines.map(({ line }) => line.line)),
      int8Array(lines.map(({ line }) => line.amountSen)),
      textArray(lines.map(({ line }) => line.debitAccount)),
      textArray(lines.map(({ line }) => line.creditAccount)),
      dateArray(lines.map(({ row }) => row.valueDate)),
      dateArray(lines.map(({ row }) => row.businessDate)),
    ),
  );
}

/** What a change may set and leave; `due_at` and `leased_until` follow the change even when absent. */
const KEPT = [
  'outcomeCode',
  'outcomeSource',
  'settledAtMs',
  'promiseAtMs',
  'promiseRenewals',
  'resolveByMs',
  'inquireAtMs',
  'attemptCount',
  'inquiryCount',
] as const satisfies readonly (keyof PaymentRow)[];
const PATCHED = [...KEPT, 'statementDate', 'dueAtMs', 'leasedUntilMs'] as const;
const CHANGE_TYPES = ['text', 'text', 'text', 'bigint', 'timestamptz'];
const UPDATE_PAYMENTS = prepared(`
  with locked as materialized (
    select id from payment where id = any($1::text[]) order by id for update
  )
  update payment p set
    previous_state = case when r.to_state is null then p.previous_state else p.state end,
    state = coalesce(r.to_state, p.state),
    changed_at = case when r.to_state is null then p.changed_at else r.at end,
    due_at = r.due_at, leased_until = r.leased_until, version = p.version + 1,
    statement_date = ${statementDate('r.statement_date', 'p.statement_date', 'p.kind')},
    ${KEPT.map(columnOf)
      .map((column) => `${column} = coalesce(r.${column}, p.${column})`)
      .join(', ')}
  from unnest(${arrays(1, [...CHANGE_TYPES, ...PATCHED.map((field) => PAYMENT_FIELDS[field])])})
    as r (id, from_states, to_state, only_version, at, ${PATCHED.map(columnOf).join(', ')})
    join locked using (id)
  where p.id = r.id and p.id = any($1::text[]) and p.state = any(string_to_array(r.from_states, ','))
    and (r.only_version is null or p.version = r.only_version)
  returning ${LIST_OF_P}`);

/** Compare-and-sets many payments at once, locks taken in id order; the rows that moved, as they are now. */
export async function updatePayments(
  tx: Tx,
  changes: readonly PaymentChange[],
): Promise<readonly PaymentRow[]> {
  const moved = await tx.query<RawPayment>(
    UPDATE_PAYMENTS(
      textArray(changes.map((change) => change.id)),
      textArray(changes.map((change) => change.from.join(','))),
      textArray(changes.map((change) => change.to ?? null)),
      int8Array(changes.map((change) => change.version ?? null)),
      instantArray(changes.map((change) => change.atMs)),
      ...encodePayments(
        changes.map((change) => change.set as Partial<PaymentRow>),
        PATCHED,
      ),
    ),
  );
  return moved.map(decodePayment);
}

/** Appends messages to customers: the outbox row is the fact. */
export async function insertMessages(
  tx: Tx,
  messages: readonly (MessageDraft & { readonly paymentId: string; readonly atMs: number })[],
): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(sql`
    insert into customer_message (id, customer_id, payment_id, template, params, made_at)
    select * from unnest(${textArray(messages.map((message) => message.id))}::text[], ${textArray(messages.map((message) => message.customerId))}::text[],
      ${textArray(messages.map((message) => message.paymentId))}::text[], ${textArray(messages.map((message) => message.template))}::text[],
      ${textArray(messages.map((message) => JSON.stringify(message.params)))}::text[],
      ${instantArray(messages.map((message) => message.atMs))}::timestamptz[])`);
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
const FIND_ALL = prepared(`select ${LIST} from payment where id = any($1::text[])`);
const FIND_ENDED = prepared(
  `select ${LIST} from payment where id = any($1::text[]) and (state = any($2::text[]) or (state = 'accepted' and kind = 'qris_scanned'))`,
);
const FIND_BY_REFERENCE = prepared(
  `select ${LIST} from payment where partner_id = $1 and partner_reference_no = $2`,
);
const FIND_SENT = prepared(
  `select ${LIST} from payment where biz_msg_idr = any($1::text[]) and jti is not null`,
);
// What we asked for has an index of its own.
const RECEIVED = RECEIVED_KINDS.filter((kind) => kind !== 'qris_scanned')
  .map((kind) => `'${kind}'`)
  .join(', ');
// A branch for each index: where a list of kinds covers two of them, PostgreSQL takes neither and reads the whole table.
const FIND_RECEIVED = prepared(`
  select f.* from unnest($1::text[], $2::text[]) as w (bank, id) cross join lateral (
    select ${LIST} from payment where counterparty_bank = w.bank and biz_msg_idr = w.id and kind in (${RECEIVED})
    union all
    select ${LIST} from payment where counterparty_bank = w.bank and biz_msg_idr = w.id and kind in ('card_withdrawal', 'atm_acquired')
    union all
    select ${LIST} from payment where counterparty_bank = w.bank and biz_msg_idr = w.id and kind in ('qris_presented', 'qris_scanned')
  ) f`);
// One look into the index for each, whatever the planner thinks of a table that has just begun to grow.
const FIND_CARD = prepared(`
  select f.* from unnest($1::text[], $2::text[]) as w (bank, id) cross join lateral (
    select ${LIST} from payment where counterparty_bank = w.bank and biz_msg_idr = w.id and kind in ('card_withdrawal', 'atm_withdrawal', 'atm_deposit', 'atm_acquired') limit 1
  ) f`);
const FIND_PRESENTED = prepared(
  `select ${LIST} from payment where counterparty_bank = $1 and biz_msg_idr = $2 and kind = 'qris_presented'`,
);
const FIND_PRESENTED_RRN = prepared(
  `select ${LIST} from payment where counterparty_bank = $1 and msg_id = $2 and kind = 'qris_presented' order by made_at desc limit 10`,
);
const FIND_RETURN = prepared(
  `select id from payment where related_payment_id = $1 and kind in ('card_return', 'atm_deposit_back') limit 1`,
);
const LIST_OF_CUSTOMER = prepared(`
  select ${LIST} from payment where customer_id = $1 and made_at < $2 order by made_at desc, id desc limit 50`);

/** One payment. */
export async function findPayment(db: Queryable, id: string): Promise<PaymentRow | undefined> {
  const rows = await db.query<RawPayment>(FIND(id));
  return rows[0] && decodePayment(rows[0]);
}

/** Payments, as they are now. */
export async function findPayments(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PaymentRow[]> {
  return (await db.query<RawPayment>(FIND_ALL(textArray(ids)))).map(decodePayment);
}

/** Those of them that have reached a final state, or are as good as that to who waits. */
export async function findEnded(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PaymentRow[]> {
  return (await db.query<RawPayment>(FIND_ENDED(textArray(ids), textArray(FINAL_STATES)))).map(
    decodePayment,
  );
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
  return (await db.query<RawPayment>(FIND_SENT(textArray(ids)))).map(decodePayment);
}

/** What a bank named, and by which id of its own. */
export interface NamedByBank {
  /** Eight characters. */
  readonly bank: string;
  readonly id: string;
}

/** What banks sent us, or asked of us, under these ids. */
export async function findReceived(
  db: Queryable,
  named: readonly NamedByBank[],
): Promise<readonly PaymentRow[]> {
  const banks = textArray(named.map(({ bank }) => bank));
  const ids = textArray(named.map(({ id }) => id));
  return (await db.query<RawPayment>(FIND_RECEIVED(banks, ids))).map(decodePayment);
}

/** The cash that cards drew or paid in under these ids, refusals too. */
export async function findWithdrawals(
  db: Queryable,
  asked: readonly NamedByBank[],
): Promise<readonly PaymentRow[]> {
  const banks = textArray(asked.map(({ bank }) => bank));
  const ids = textArray(asked.map(({ id }) => id));
  return (await db.query<RawPayment>(FIND_CARD(banks, ids))).map(decodePayment);
}

/** The payment with a shown code that a message asked for, a refusal too. */
export async function findPresented(
  db: Queryable,
  asked: { readonly bank: string; readonly id: string },
): Promise<PaymentRow | undefined> {
  const rows = await db.query<RawPayment>(FIND_PRESENTED(asked.bank, asked.id));
  return rows[0] && decodePayment(rows[0]);
}

/** Those that a bank named by this RRN, newest first; numbers come again after some time. */
export async function findPresentedByRrn(
  db: Queryable,
  asked: { readonly bank: string; readonly rrn: string },
): Promise<readonly PaymentRow[]> {
  return (await db.query<RawPayment>(FIND_PRESENTED_RRN(asked.bank, asked.rrn))).map(decodePayment);
}

/** True when money of a payment went back by a payment of its own. */
export async function hasReturn(db: Queryable, id: string): Promise<boolean> {
  return (await db.query(FIND_RETURN(id))).length > 0;
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
