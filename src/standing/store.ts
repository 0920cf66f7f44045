/** The SQL of standing orders. Locks go order first, then its runs; time is a parameter. */
import { dateArray, instantArray, int4Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import type { MessageParams, MessageTemplate } from '../notify/template.ts';
import type { OpenedRun } from './decide-open.ts';
import type { StandingOrder, StandingQueue, StandingRun } from './port.ts';
import { decodeOrder, decodeRun, type RawOrder, type RawRun } from './row.ts';
import type { RunState, StandingState } from './state.ts';

const ORDER = `id, customer_id, consent_id, state, reason, debit_account, payee_bank, payee_account, payee_name, amount_sen, fee_max_sen, remark,
  repetition, first_date, until_date, times_max, opened_count, next_date, made_at, changed_at`;
const RUN =
  'r.order_id, r.date, r.number, r.state, r.attempt, r.reason, r.payment_id, r.due_at, r.changed_at, r.version';

const BY_CONSENT = prepared(`select ${ORDER} from standing_order where consent_id = $1`);
const BY_ID = prepared(`select ${ORDER} from standing_order where id = $1`);
const LOCK = prepared(`select ${ORDER} from standing_order where id = $1 for update`);
const OF_CUSTOMER = prepared(`
  select ${ORDER} from standing_order where customer_id = $1 order by made_at desc, id desc limit 50`);
const LOCK_OPENING = prepared(`
  select ${ORDER} from standing_order
  where next_date is not null and state in ('active', 'paused') and next_date <= $1::date
    and (state = 'active' or next_date < $1::date)
  order by next_date, id limit $2 for update skip locked`);
const CLAIM = prepared(`
  with due as (
    select r.order_id, r.date from standing_order_run r
    where r.due_at <= $1 and (r.leased_until is null or r.leased_until <= $1)
      and not exists (select from standing_order_run e where e.order_id = r.order_id and e.date < r.date and e.due_at is not null)
    order by r.due_at, r.order_id limit $3 for update of r skip locked
  )
  update standing_order_run r set leased_until = $2, version = r.version + 1
  from due where r.order_id = due.order_id and r.date = due.date
  returning ${RUN}`);
const CHANGE = prepared(`
  update standing_order_run r set state = $4, attempt = $5, reason = $6, payment_id = $7, due_at = $8, leased_until = $9,
    changed_at = $10, version = r.version + 1
  where r.order_id = $1 and r.date = $2::date and r.version = $3 and r.due_at is not null
  returning ${RUN}`);
const MISS_WAITING = prepared(`
  update standing_order_run r set state = 'missed', reason = $2, due_at = null, leased_until = null, changed_at = $3,
    version = r.version + 1
  where r.order_id = $1 and r.state = 'waiting'
  returning ${RUN}`);
const RUNS_OF_ORDER = prepared(`
  select ${RUN} from standing_order_run r where r.order_id = $1 order by r.date desc limit 60`);

/** Makes the orders of one customer wait for each other, so that a count of them holds. */
export async function lockCustomer(tx: Tx, customerId: string): Promise<void> {
  await tx.query(sql`select id from customer where id = ${customerId} for update`);
}

/** Orders of a customer that are not over. */
export async function countOpenOrders(tx: Tx, customerId: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(sql`
    select count(*)::integer as n from standing_order where customer_id = ${customerId} and state in ('active', 'paused')`);
  return row!.n;
}

/** Writes a new order. */
export async function insertOrder(tx: Tx, order: StandingOrder): Promise<void> {
  const { schedule } = order;
  const { end } = schedule;
  await tx.query(sql`
    insert into standing_order (id, customer_id, consent_id, state, previous_state, debit_account, payee_bank, payee_account, payee_name,
      amount_sen, fee_max_sen, remark, repetition, first_date, until_date, times_max, next_date, made_at, changed_at)
    values (${order.id}, ${order.customerId}, ${order.consentId}, ${order.state}, 'new', ${order.debitAccount}, ${order.payeeBank},
      ${order.payeeAccount}, ${order.payeeName}, ${order.amountSen}, ${order.feeMaxSen}, ${order.remark}, ${schedule.repetition},
      ${schedule.firstDate}, ${end.kind === 'until' ? end.date : null}, ${end.kind === 'times' ? end.count : null},
      ${order.nextDate ?? null}, ${new Date(order.madeAtMs)}, ${new Date(order.changedAtMs)})`);
}

/** The order that a consent made. */
export async function selectByConsent(
  db: Queryable,
  consentId: string,
): Promise<StandingOrder | undefined> {
  const rows = await db.query<RawOrder>(BY_CONSENT(consentId));
  return rows[0] && decodeOrder(rows[0]);
}

/** One order, whoever asks. */
export async function selectOrder(db: Queryable, id: string): Promise<StandingOrder | undefined> {
  const rows = await db.query<RawOrder>(BY_ID(id));
  return rows[0] && decodeOrder(rows[0]);
}

/** One order, locked until the transaction ends. */
export async function lockOrder(tx: Tx, id: string): Promise<StandingOrder | undefined> {
  const rows = await tx.query<RawOrder>(LOCK(id));
  return rows[0] && decodeOrder(rows[0]);
}

/** The orders of a customer, newest first. */
export async function selectOrders(
  db: Queryable,
  customerId: string,
): Promise<readonly StandingOrder[]> {
  const rows = await db.query<RawOrder>(OF_CUSTOMER(customerId));
  return rows.map(decodeOrder);
}

/** Locks orders with a date that has come; peers pass them by. A paused one loses only dates before `today`. */
export async function lockOpening(
  tx: Tx,
  input: { readonly today: string; readonly limit: number },
): Promise<readonly StandingOrder[]> {
  const rows = await tx.query<RawOrder>(LOCK_OPENING(input.today, input.limit));
  return rows.map(decodeOrder);
}

/** Moves a locked order to another state. */
export async function moveOrder(
  tx: Tx,
  input: {
    readonly id: string;
    readonly from: StandingState;
    readonly to: StandingState;
    readonly reason: string | undefined;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update standing_order set previous_state = state, state = ${input.to}, reason = ${input.reason ?? null},
      changed_at = ${new Date(input.nowMs)},
      next_date = case when ${input.to}::text = 'ended' then null else next_date end
    where id = ${input.id} and state = ${input.from} returning id`);
  return rows.length === 1;
}

/** Moves a locked order on in its schedule: compare-and-set, so that no date is opened twice. */
export async function advanceOrder(
  tx: Tx,
  input: {
    readonly id: string;
    readonly from: number;
    readonly to: number;
    readonly nextDate: string | undefined;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update standing_order set opened_count = ${input.to}, next_date = ${input.nextDate ?? null}
    where id = ${input.id} and opened_count = ${input.from} returning id`);
  return rows.length === 1;
}

/** Writes dates that have come. */
export async function insertRuns(
  tx: Tx,
  input: { readonly orderId: string; readonly runs: readonly OpenedRun[]; readonly nowMs: number },
): Promise<void> {
  const { runs, nowMs } = input;
  await tx.query(sql`
    insert into standing_order_run (order_id, date, number, state, reason, due_at, made_at, changed_at)
    select ${input.orderId}, r.date, r.number, r.state, r.reason, r.due_at, ${new Date(nowMs)}::timestamptz, ${new Date(nowMs)}::timestamptz
    from unnest(${dateArray(runs.map((run) => run.date))}::date[], ${int4Array(runs.map((run) => run.number))}::integer[],
      ${textArray(runs.map((run) => run.start.state))}::text[],
      ${textArray(runs.map(({ start }) => (start.state === 'missed' ? start.reason : null)))}::text[],
      ${instantArray(runs.map(({ start }) => (start.state === 'waiting' ? start.dueAtMs : null)))}::timestamptz[])
      as r (date, number, state, reason, due_at)`);
}

/** Claims due runs for this process until `leaseUntilMs`, the longest due first; peers pass them by. Of one order only the oldest. */
export async function claimRuns(
  db: Queryable,
  input: { readonly nowMs: number; readonly leaseUntilMs: number; readonly limit: number },
): Promise<readonly StandingRun[]> {
  const rows = await db.query<RawRun>(
    CLAIM(new Date(input.nowMs), new Date(input.leaseUntilMs), input.limit),
  );
  return rows.map(decodeRun);
}

export interface RunChange {
  readonly orderId: string;
  readonly date: string;
  /** Only when nobody claimed or changed it in between. */
  readonly version: bigint;
  readonly state: RunState;
  readonly attempt: number;
  readonly reason: string | undefined;
  readonly paymentId: string | undefined;
  readonly dueAtMs: number | undefined;
  readonly leasedUntilMs: number | undefined;
  readonly nowMs: number;
}

/** Compare-and-sets a run; undefined when somebody else was first. */
export async function changeRun(tx: Tx, change: RunChange): Promise<StandingRun | undefined> {
  const at = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
  const rows = await tx.query<RawRun>(
    CHANGE(
      change.orderId,
      change.date,
      change.version,
      change.state,
      change.attempt,
      change.reason ?? null,
      change.paymentId ?? null,
      at(change.dueAtMs),
      at(change.leasedUntilMs),
      new Date(change.nowMs),
    ),
  );
  return rows[0] && decodeRun(rows[0]);
}

/** Lets go of runs of a locked order for which no payment was asked yet; those runs. */
export async function missWaiting(
  tx: Tx,
  input: { readonly orderId: string; readonly reason: string; readonly nowMs: number },
): Promise<readonly StandingRun[]> {
  const rows = await tx.query<RawRun>(
    MISS_WAITING(input.orderId, input.reason, new Date(input.nowMs)),
  );
  return rows.map(decodeRun);
}

/** Whether a run of an order is still open. */
export async function hasOpenRun(tx: Tx, orderId: string): Promise<boolean> {
  const rows = await tx.query(
    sql`select 1 from standing_order_run where order_id = ${orderId} and due_at is not null limit 1`,
  );
  return rows.length > 0;
}

/** The dates of an order that have come, newest first. */
export async function selectRuns(db: Queryable, orderId: string): Promise<readonly StandingRun[]> {
  const rows = await db.query<RawRun>(RUNS_OF_ORDER(orderId));
  return rows.map(decodeRun);
}

/** Whether the ledger has an answer under a key: then a payment, or its refusal, is for ever. */
export async function hasAnswer(db: Queryable, key: string): Promise<boolean> {
  const rows = await db.query(sql`select 1 from ledger_request where key = ${key}`);
  return rows.length > 0;
}

/** What is due at an instant of WIB date `today`, runs and dates that nobody has opened. Counting stops at ten thousand. */
export async function selectQueue(
  db: Queryable,
  at: { readonly nowMs: number; readonly today: string },
): Promise<StandingQueue> {
  const [row] = await db.query<{ n: number; oldest: Date | null }>(sql`
    with due as (
      (select due_at from standing_order_run where due_at <= ${new Date(at.nowMs)} order by due_at limit 10000)
      union all
      (select next_date::timestamp at time zone 'Asia/Jakarta' from standing_order
        where next_date is not null and state = 'active' and next_date <= ${at.today}::date order by next_date limit 10000)
    )
    select count(*)::integer as n, min(due_at) as oldest from due`);
  const oldest = row!.oldest;
  return { dueCount: row!.n, oldestDueMs: oldest === null ? 0 : at.nowMs - oldest.getTime() };
}

/** Appends a message to a customer: the outbox row is the fact. */
export async function insertMessage(
  tx: Tx,
  message: {
    readonly id: string;
    readonly customerId: string;
    readonly paymentId: string | undefined;
    readonly template: MessageTemplate;
    readonly params: MessageParams;
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into customer_message (id, customer_id, payment_id, template, params, made_at)
    values (${message.id}, ${message.customerId}, ${message.paymentId ?? null}, ${message.template}, ${JSON.stringify(message.params)},
      ${new Date(message.nowMs)})`);
}
