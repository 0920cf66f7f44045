/** The SQL of payments that wait for a person: why, who asked, what was decided. All three tables only ever grow. */
import { instantArray, int8Array, textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { PaymentLine } from '../row.ts';

/** Why a payment waits. `draft`: its authorisation in the making, absent within the bank. */
export interface Review {
  readonly reasons: readonly string[];
  readonly restrictionId?: string | undefined;
  readonly draft?: string | undefined;
}

/** `ended`: nobody decided in time. `withdrawn`: its customer took it back. */
export type ReviewEnd = 'released' | 'refused' | 'ended' | 'withdrawn';

/** The one word about a payment that waited. Staff ids; a clock and a customer have none. */
export interface ReviewDecision {
  readonly decision: ReviewEnd;
  readonly decidedBy?: string | undefined;
  readonly askedBy?: string | undefined;
  readonly aloneMaxSen: bigint;
  readonly reason: string;
}

/** What a release puts in the place of the holds that the payment had: new ones, beside their authorisation. */
export interface Rehold {
  readonly paymentId: string;
  readonly principalHold: bigint;
  readonly feeHold: bigint | undefined;
  readonly taxHold: bigint | undefined;
  readonly jti: string;
  readonly bizMsgIdr: string | undefined;
  readonly msgId: string | undefined;
}

interface Written {
  readonly paymentId: string;
  readonly atMs: number;
}

/** Keeps why payments wait. */
export async function insertReviews(
  tx: Tx,
  reviews: readonly (Written & { readonly review: Review })[],
): Promise<void> {
  if (reviews.length === 0) return;
  await tx.query(sql`
    insert into payment_review (payment_id, reasons, restriction_id, draft, made_at)
    select id, string_to_array(reasons, ','), restriction_id, draft, at
    from unnest(${textArray(reviews.map((one) => one.paymentId))}::text[],
      ${textArray(reviews.map(({ review }) => review.reasons.join(',')))}::text[],
      ${textArray(reviews.map(({ review }) => review.restrictionId ?? null))}::text[],
      ${textArray(reviews.map(({ review }) => review.draft ?? null))}::text[],
      ${instantArray(reviews.map(({ atMs }) => atMs))}::timestamptz[]) as r (id, reasons, restriction_id, draft, at)`);
}

/** Keeps decisions; a second one about the same payment fails its whole transaction. */
export async function insertDecisions(
  tx: Tx,
  decisions: readonly (Written & {
    readonly amountSen: bigint;
    readonly decision: ReviewDecision;
  })[],
): Promise<void> {
  if (decisions.length === 0) return;
  const of = (pick: (one: ReviewDecision) => string | undefined): Buffer =>
    textArray(decisions.map(({ decision }) => pick(decision) ?? null));
  await tx.query(sql`
    insert into payment_review_decision (payment_id, decision, decided_by, asked_by, reason, amount_sen, alone_max_sen, decided_at)
    select * from unnest(${textArray(decisions.map((one) => one.paymentId))}::text[], ${of((one) => one.decision)}::text[],
      ${of((one) => one.decidedBy)}::text[], ${of((one) => one.askedBy)}::text[], ${of((one) => one.reason)}::text[],
      ${int8Array(decisions.map((one) => one.amountSen))}::bigint[],
      ${int8Array(decisions.map(({ decision }) => decision.aloneMaxSen))}::bigint[],
      ${instantArray(decisions.map((one) => one.atMs))}::timestamptz[])`);
}

/** Gives released payments the holds and ids of their authorisation. Before their move, in the same transaction: their accounts are
 * locked, so nobody else moves them. */
export async function updateReheld(tx: Tx, reholds: readonly Rehold[]): Promise<void> {
  if (reholds.length === 0) return;
  await tx.query(sql`
    update payment p set principal_hold = r.principal, fee_hold = r.fee, tax_hold = r.tax, jti = r.jti, biz_msg_idr = r.biz, msg_id = r.msg
    from unnest(${textArray(reholds.map((one) => one.paymentId))}::text[],
      ${int8Array(reholds.map((one) => one.principalHold))}::bigint[], ${int8Array(reholds.map((one) => one.feeHold ?? null))}::bigint[],
      ${int8Array(reholds.map((one) => one.taxHold ?? null))}::bigint[], ${textArray(reholds.map((one) => one.jti))}::text[],
      ${textArray(reholds.map((one) => one.bizMsgIdr ?? null))}::text[],
      ${textArray(reholds.map((one) => one.msgId ?? null))}::text[]) as r (id, principal, fee, tax, jti, biz, msg)
    where p.id = r.id and p.state = 'withheld'`);
}

/** The draft that a release authorises, and the first of two people, if one asked. */
export async function selectReview(
  db: Queryable,
  paymentId: string,
): Promise<
  | {
      readonly draft: string | undefined;
      readonly askedBy: string | undefined;
      readonly reason: string;
    }
  | undefined
> {
  const [row] = await db.query<{ draft: string | null; asked_by: string | null; reason: string }>(
    sql`select r.draft, a.asked_by, coalesce(a.reason, '') as reason from payment_review r
      left join payment_release a on a.payment_id = r.payment_id where r.payment_id = ${paymentId}`,
  );
  return (
    row && { draft: row.draft ?? undefined, askedBy: row.asked_by ?? undefined, reason: row.reason }
  );
}

/** The lines of a payment in the order in which they were held. */
export async function selectLines(
  db: Queryable,
  paymentId: string,
): Promise<readonly PaymentLine[]> {
  const rows = await db.query<{
    line: PaymentLine['line'];
    amount_sen: PaymentLine['amountSen'];
    debit_account: string;
    credit_account: string;
  }>(sql`select line, amount_sen, debit_account, credit_account from payment_line where payment_id = ${paymentId}
    order by array_position(array['principal', 'fee', 'tax'], line)`);
  return rows.map((row) => ({
    line: row.line,
    amountSen: row.amount_sen,
    debitAccount: row.debit_account,
    creditAccount: row.credit_account,
  }));
}

/** The first of two people; false when somebody had asked before. */
export async function insertAsk(
  tx: Tx,
  ask: {
    readonly paymentId: string;
    readonly staffId: string;
    readonly reason: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query<{ payment_id: string }>(sql`
    insert into payment_release (payment_id, asked_by, reason, asked_at)
    values (${ask.paymentId}, ${ask.staffId}, ${ask.reason}, ${new Date(ask.nowMs)})
    on conflict do nothing returning payment_id`);
  return rows.length === 1;
}

/** When a payment was released by people; undefined for all others. */
export async function selectReleasedAtMs(
  db: Queryable,
  paymentId: string,
): Promise<number | undefined> {
  const [row] = await db.query<{ at: Date }>(
    sql`select decided_at as at from payment_review_decision where payment_id = ${paymentId} and decision = 'released'`,
  );
  return row?.at.getTime();
}

/** One waiting payment as the queue shows it. No names; accounts are masked by the channel. */
export interface WaitingRow {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly amount_sen: bigint;
  readonly debit_account: string;
  readonly credit_account: string;
  readonly counterparty_bank: string | null;
  readonly made_at: Date;
  readonly resolve_by: Date;
  readonly reasons: readonly string[];
  readonly restriction_id: string | null;
  readonly asked_by: string | null;
  readonly ask_reason: string | null;
  /** Of the same account in the thirty days before. */
  readonly past_count: bigint;
  readonly past_max_sen: bigint | null;
  /** Of those, to the same payee. */
  readonly payee_count: bigint;
}

/** A page of the queue; the oldest come first. */
export const QUEUE_MAX = 100;
/** Payments of a customer that the queue looks back at. */
const HISTORY_MAX = 200;

/** The oldest waiting payments. */
export async function listWaiting(
  db: Queryable,
  filter: { readonly kind: string | undefined; readonly restrictionId: string | undefined },
): Promise<readonly WaitingRow[]> {
  return db.query<WaitingRow>(sql`
    select p.id, p.kind, p.channel, p.amount_sen, p.debit_account, p.credit_account, p.counterparty_bank, p.made_at, p.resolve_by,
      r.reasons, r.restriction_id, a.asked_by, a.reason as ask_reason, h.past_count, h.past_max_sen, h.payee_count
    from payment p join payment_review r on r.payment_id = p.id left join payment_release a on a.payment_id = p.id
    left join lateral (
      select count(*) as past_count, max(o.amount_sen) as past_max_sen,
        count(*) filter (where o.credit_account = p.credit_account and o.counterparty_bank is not distinct from p.counterparty_bank) as payee_count
      from (
        select amount_sen, credit_account, counterparty_bank from payment
        where customer_id = p.customer_id and made_at < p.made_at and made_at > p.made_at - interval '30 days' and state = 'settled'
          and debit_account = p.debit_account
        order by made_at desc limit ${HISTORY_MAX}::integer
      ) o
    ) h on true
    where p.state = 'withheld' and (${filter.kind ?? null}::text is null or p.kind = ${filter.kind ?? null})
      and (${filter.restrictionId ?? null}::text is null or r.restriction_id = ${filter.restrictionId ?? null})
    order by p.made_at, p.id limit ${QUEUE_MAX}::integer`);
}
