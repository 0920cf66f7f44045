/** The SQL of lists. Locks go list first, then its rows; time is a parameter. */
import { instantArray, int4Array, int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import { sen } from '../kernel/money.ts';
import type { MessageParams, MessageTemplate } from '../notify/template.ts';
import type { Agreement, Bulk, BulkLimits, BulkRow, BulkSum, UploadCommand } from './port.ts';
import type { ReadRow } from './read-file.ts';
import { decodeBulk, decodeRow, type RawBulk, type RawRow } from './row.ts';
import type { BulkState, RowState } from './state.ts';

const BULK = `id, customer_id, name, debit_account, row_count, state, reason, agreed_at, agreed_count, agreed_sen, agreed_fee_sen, agreed_key,
  ends_at, due_at, made_at, changed_at, version`;
const ROW =
  'position, bank, account, name, amount_sen, remark, state, reason, fee_sen, attempt, payment_id';

const BY_ID = prepared(`select ${BULK} from bulk where id = $1`);
const LOCK = prepared(`select ${BULK} from bulk where id = $1 for update`);
const OF_CUSTOMER = prepared(
  `select ${BULK} from bulk where customer_id = $1 order by made_at desc, id desc limit 50`,
);
const CLAIM = prepared(`
  with due as (
    select id from bulk where due_at <= $1 and (leased_until is null or leased_until <= $1)
    order by due_at, id limit 1 for update skip locked
  )
  update bulk b set leased_until = $2, version = b.version + 1 from due where b.id = due.id
  returning ${BULK.split(', ')
    .map((name) => `b.${name.trim()}`)
    .join(', ')}`);
const UNCHECKED = prepared(`
  select ${ROW} from bulk_row where bulk_id = $1 and state = 'unchecked' order by position limit $2`);
const SUBMITTING = prepared(`
  select ${ROW} from bulk_row where bulk_id = $1 and state = 'submitting' order by position limit $2`);
const BEGIN = prepared(`
  with next as (
    select position from bulk_row where bulk_id = $1 and state = 'checked' and (due_at is null or due_at <= $2)
    order by position limit $3
  )
  update bulk_row r set state = 'submitting', due_at = null from next
  where r.bulk_id = $1 and r.position = next.position
  returning ${ROW.split(', ')
    .map((name) => `r.${name}`)
    .join(', ')}`);

/** What a company agreed with the bank about lists. */
export async function selectLimits(
  db: Queryable,
  customerId: string,
): Promise<BulkLimits | undefined> {
  const [row] = await db.query<{ row_max: number; day_max_sen: bigint }>(sql`
    select row_max, day_max_sen from bulk_agreement where customer_id = ${customerId} and ended_at is null`);
  return row && { rowMax: row.row_max, dayMaxSen: sen(row.day_max_sen) };
}

/** Whether a company ever had an agreement, also one that has ended. */
export async function hasAgreement(db: Queryable, customerId: string): Promise<boolean> {
  const rows = await db.query(
    sql`select 1 from bulk_agreement where customer_id = ${customerId} limit 1`,
  );
  return rows.length > 0;
}

/** Writes an agreement; SQL wants two people. */
export async function insertAgreement(
  tx: Tx,
  row: BulkLimits & {
    readonly id: string;
    readonly customerId: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into bulk_agreement (id, customer_id, row_max, day_max_sen, proposed_by, approved_by, made_at)
    values (${row.id}, ${row.customerId}, ${row.rowMax}, ${row.dayMaxSen}, ${row.proposedBy}, ${row.approvedBy}, ${new Date(row.nowMs)})`);
}

/** What lists may call a bank: its BIC, and the digits of its code. */
export async function selectBankNames(
  db: Queryable,
): Promise<readonly { readonly bic: string; readonly code: string }[]> {
  return db.query<{ bic: string; code: string }>(
    sql`select bic, bank_code as code from participant order by bic limit 500`,
  );
}

/** Makes the lists of one customer wait for each other, so that a count of them holds. */
export async function lockCustomer(tx: Tx, customerId: string): Promise<void> {
  await tx.query(sql`select id from customer where id = ${customerId} for update`);
}

/** The list that a key made, with the hash of what was asked. */
export async function selectUploaded(
  tx: Tx,
  command: Pick<UploadCommand, 'customerId' | 'key'>,
): Promise<{ readonly bulk: Bulk; readonly fileHash: Buffer } | undefined> {
  const [row] = await tx.query<{ id: string; file_hash: Buffer }>(sql`
    select id, file_hash from bulk where customer_id = ${command.customerId} and upload_key = ${command.key}`);
  const bulk = row && (await selectBulk(tx, row.id));
  return row && bulk && { bulk, fileHash: row.file_hash };
}

/** Lists of a customer that are not over. */
export async function countOpen(tx: Tx, customerId: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(sql`
    select count(*)::integer as n from bulk
    where customer_id = ${customerId} and state in ('checking', 'ready', 'running', 'paused')`);
  return row!.n;
}

/** Writes a new list. */
export async function insertBulk(
  tx: Tx,
  bulk: Bulk & { readonly uploadKey: string; readonly fileHash: Buffer },
): Promise<void> {
  const at = new Date(bulk.madeAtMs);
  await tx.query(sql`
    insert into bulk (id, customer_id, upload_key, file_hash, name, debit_account, row_count, state, previous_state, ends_at, due_at, made_at,
      changed_at)
    values (${bulk.id}, ${bulk.customerId}, ${bulk.uploadKey}, ${bulk.fileHash}, ${bulk.name}, ${bulk.debitAccount}, ${bulk.rowCount},
      ${bulk.state}, 'new', ${new Date(bulk.endsAtMs)}, ${at}, ${at}, ${at})`);
}

/** Writes the rows of a new list, by the set. */
export async function insertRows(
  tx: Tx,
  { bulkId, rows }: { readonly bulkId: string; readonly rows: readonly ReadRow[] },
): Promise<void> {
  await tx.query(sql`
    insert into bulk_row (bulk_id, position, bank, account, name, amount_sen, remark, state, reason)
    select ${bulkId}, r.position, r.bank, r.account, r.name, r.amount_sen, r.remark, case when r.fault is null then 'unchecked' else 'faulty' end, r.fault
    from unnest(${int4Array(rows.map((row) => row.position))}::integer[], ${textArray(rows.map((row) => row.bank))}::text[],
      ${textArray(rows.map((row) => row.account))}::text[], ${textArray(rows.map((row) => row.name))}::text[],
      ${int8Array(rows.map((row) => row.amountSen ?? null))}::bigint[], ${textArray(rows.map((row) => row.remark))}::text[],
      ${textArray(rows.map((row) => row.fault ?? null))}::text[]) as r (position, bank, account, name, amount_sen, remark, fault)`);
}

/** One list, whoever asks. */
export async function selectBulk(db: Queryable, id: string): Promise<Bulk | undefined> {
  const [row] = await db.query<RawBulk>(BY_ID(id));
  return row && decodeBulk(row);
}

/** One list, locked until the transaction ends. */
export async function lockBulk(tx: Tx, id: string): Promise<Bulk | undefined> {
  const [row] = await tx.query<RawBulk>(LOCK(id));
  return row && decodeBulk(row);
}

/** The lists of a customer, newest first. */
export async function selectBulks(db: Queryable, customerId: string): Promise<readonly Bulk[]> {
  return (await db.query<RawBulk>(OF_CUSTOMER(customerId))).map(decodeBulk);
}

/** Claims the list that has been due longest for this process until `leaseUntilMs`; peers pass it by. */
export async function claimBulk(
  db: Queryable,
  input: { readonly nowMs: number; readonly leaseUntilMs: number },
): Promise<Bulk | undefined> {
  const [row] = await db.query<RawBulk>(CLAIM(new Date(input.nowMs), new Date(input.leaseUntilMs)));
  return row && decodeBulk(row);
}

/** Moves a locked list: its state, and when it is due next (undefined: not by itself). The worker that holds the lease gives it back; an
 * owner's change leaves it, so that who has a round in hand still finishes it. */
export async function moveBulk(
  tx: Tx,
  input: {
    readonly bulk: Bulk;
    readonly to: BulkState;
    readonly reason?: string | undefined;
    readonly dueAtMs: number | undefined;
    readonly nowMs: number;
    readonly isByOwner?: boolean;
  },
): Promise<void> {
  const { bulk, to, isByOwner = false } = input;
  await tx.query(sql`
    update bulk set previous_state = case when state = ${to} then previous_state else state end, state = ${to}, reason = ${input.reason ?? null},
      due_at = ${input.dueAtMs === undefined ? null : new Date(input.dueAtMs)}, leased_until = case when ${isByOwner} then leased_until end,
      changed_at = case when state = ${to} then changed_at else ${new Date(input.nowMs)} end
    where id = ${bulk.id}`);
}

/** Writes what was agreed to on a locked list. */
export async function agreeBulk(
  tx: Tx,
  input: {
    readonly bulk: Bulk;
    readonly agreement: Agreement;
    readonly total: Pick<BulkSum, 'count' | 'amountSen' | 'feeSen'>;
    readonly endsAtMs: number;
    readonly nowMs: number;
  },
): Promise<void> {
  const { agreement, total } = input;
  await tx.query(sql`
    update bulk set agreed_at = ${new Date(input.nowMs)}, agreed_count = ${total.count}, agreed_sen = ${total.amountSen},
      agreed_fee_sen = ${total.feeSen}, agreed_key = ${agreement.key}, text_shown = ${agreement.text}, language = ${agreement.language},
      session_hash = ${agreement.sessionHash}, device = ${agreement.device}, ends_at = ${new Date(input.endsAtMs)}
    where id = ${input.bulk.id}`);
}

/** The next rows that nobody has checked. */
export async function selectUnchecked(
  db: Queryable,
  input: { readonly bulkId: string; readonly limit: number },
): Promise<readonly BulkRow[]> {
  return (await db.query<RawRow>(UNCHECKED(input.bulkId, input.limit))).map(decodeRow);
}

/** Rows that were asked for and whose answer nobody has written. */
export async function selectSubmitting(
  db: Queryable,
  input: { readonly bulkId: string; readonly limit: number },
): Promise<readonly BulkRow[]> {
  return (await db.query<RawRow>(SUBMITTING(input.bulkId, input.limit))).map(decodeRow);
}

/** Marks the next rows of a locked list as asked for. */
export async function beginRows(
  tx: Tx,
  input: { readonly bulkId: string; readonly nowMs: number; readonly limit: number },
): Promise<readonly BulkRow[]> {
  const rows = await tx.query<RawRow>(BEGIN(input.bulkId, new Date(input.nowMs), input.limit));
  return rows.map(decodeRow).toSorted((a, b) => a.position - b.position);
}

/** What becomes of a row, from the state and attempt in which it was read. */
export interface RowChange {
  readonly position: number;
  readonly attempt: number;
  readonly to: Exclude<RowState, 'submitting'>;
  readonly nextAttempt: number;
  readonly reason?: string | undefined;
  readonly feeSen?: bigint | undefined;
  readonly paymentId?: string | undefined;
  readonly dueAtMs?: number | undefined;
}

/** Writes changes of rows of a locked list by the set, only where nobody was first; the positions that moved. */
export async function changeRows(
  tx: Tx,
  input: {
    readonly bulkId: string;
    readonly from: 'unchecked' | 'submitting';
    readonly changes: readonly RowChange[];
  },
): Promise<ReadonlySet<number>> {
  const { changes } = input;
  if (changes.length === 0) return new Set();
  const rows = await tx.query<{ position: number }>(sql`
    update bulk_row r set state = c.to_state, attempt = c.next_attempt, reason = c.reason, fee_sen = coalesce(c.fee_sen, r.fee_sen),
      payment_id = c.payment_id, due_at = c.due_at
    from unnest(${int4Array(changes.map((one) => one.position))}::integer[], ${int4Array(changes.map((one) => one.attempt))}::integer[],
      ${textArray(changes.map((one) => one.to))}::text[], ${int4Array(changes.map((one) => one.nextAttempt))}::integer[],
      ${textArray(changes.map((one) => one.reason ?? null))}::text[], ${int8Array(changes.map((one) => one.feeSen ?? null))}::bigint[],
      ${textArray(changes.map((one) => one.paymentId ?? null))}::text[],
      ${instantArray(changes.map((one) => one.dueAtMs ?? null))}::timestamptz[])
      as c (position, attempt, to_state, next_attempt, reason, fee_sen, payment_id, due_at)
    where r.bulk_id = ${input.bulkId} and r.position = c.position and r.state = ${input.from} and r.attempt = c.attempt
    returning r.position`);
  return new Set(rows.map((row) => row.position));
}

/** When the next row of a list that waits is due; undefined when none waits. */
export async function selectNextDue(tx: Tx, bulkId: string): Promise<number | undefined> {
  const [row] = await tx.query<{ due: Date | null; n: number }>(sql`
    select min(coalesce(due_at, 'epoch')) as due, count(*)::integer as n from bulk_row
    where bulk_id = ${bulkId} and state in ('checked', 'submitting')`);
  return row!.n === 0 ? undefined : row!.due!.getTime();
}

/** Counts and totals by state; of submitted rows by the state of their payments. */
export async function selectSums(db: Queryable, bulkId: string): Promise<readonly BulkSum[]> {
  const rows = await db.query<{
    state: BulkSum['state'];
    n: number;
    sent: string;
    fee: string;
  }>(sql`
    select case when r.state = 'submitted' then 'payment.' || coalesce(p.state, 'unknown') else r.state end as state, count(*)::integer as n,
      coalesce(sum(r.amount_sen), 0)::text as sent, coalesce(sum(r.fee_sen), 0)::text as fee
    from bulk_row r left join payment p on p.id = r.payment_id where r.bulk_id = ${bulkId} group by 1 order by 1`);
  return rows.map((row) => ({
    state: row.state,
    count: row.n,
    amountSen: BigInt(row.sent),
    feeSen: BigInt(row.fee),
  }));
}

/** A page of rows in order. */
export async function selectRows(
  db: Queryable,
  page: {
    readonly bulkId: string;
    readonly after: number;
    readonly isUnpaidOnly: boolean;
    readonly limit: number;
  },
): Promise<readonly BulkRow[]> {
  const rows = await db.query<RawRow>(sql`
    select position, bank, account, name, amount_sen, remark, state, reason, fee_sen, attempt, payment_id from bulk_row
    where bulk_id = ${page.bulkId} and position > ${page.after} and (not ${page.isUnpaidOnly} or state in ('faulty', 'refused'))
    order by position limit ${page.limit}`);
  return rows.map(decodeRow);
}

/** How long the list that has been due longest has been; 0 when none is. */
export async function selectOldestDueMs(db: Queryable, nowMs: number): Promise<number> {
  const [row] = await db.query<{ oldest: Date | null }>(
    sql`select min(due_at) as oldest from bulk where due_at <= ${new Date(nowMs)}`,
  );
  return row?.oldest ? nowMs - row.oldest.getTime() : 0;
}

/** Appends a message to the list's owner. */
export async function insertMessage(
  tx: Tx,
  message: {
    readonly id: string;
    readonly customerId: string;
    readonly template: MessageTemplate;
    readonly params: MessageParams;
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into customer_message (id, customer_id, template, params, made_at)
    values (${message.id}, ${message.customerId}, ${message.template}, ${JSON.stringify(message.params)}, ${new Date(message.nowMs)})`);
}
