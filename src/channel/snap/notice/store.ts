/** Every statement of delivering notices: `partner_notice` as a work queue, `partner_endpoint`. */
import type { Queryable, Tx } from '../../../db/pool.ts';
import { sql } from '../../../db/sql.ts';
import type { NoticeKind } from '../../../notify/partner-notice.ts';
import type { NoticeEndpoint } from './wire.ts';

export interface NoticeRow {
  readonly id: string;
  readonly partner_id: string;
  readonly subject: string;
  readonly external_id: string;
  readonly kind: NoticeKind;
  readonly facts: string;
  readonly attempt_count: number;
  readonly asked_at: Date;
}

/** Claims due notices, a few of each partner, so that one who does not answer keeps nobody waiting. The attempt is counted here, before
 * anything is sent: a crash in between has counted it. */
export function claimNotices(
  db: Queryable,
  input: {
    readonly now: Date;
    readonly leasedUntil: Date;
    readonly perPartner: number;
    readonly limit: number;
  },
): Promise<NoticeRow[]> {
  return db.query<NoticeRow>(sql`
    with due as (
      select n.id from partner p cross join lateral (
        select id from partner_notice
        where partner_id = p.id and due_at <= ${input.now} and (leased_until is null or leased_until <= ${input.now})
        order by due_at limit ${input.perPartner} for update skip locked
      ) n limit ${input.limit}
    )
    update partner_notice n set leased_until = ${input.leasedUntil}, attempt_count = n.attempt_count + 1
    from due where n.id = due.id
    returning n.id, n.partner_id, n.subject, n.external_id, n.kind, n.facts, n.attempt_count, n.asked_at`);
}

/** Ends an attempt: due again, or no longer. False when another attempt was begun meanwhile. */
export async function endAttempt(
  tx: Tx,
  input: {
    readonly id: string;
    readonly attempt: number;
    readonly state: 'waiting' | 'delivered' | 'stuck';
    readonly dueAt: Date | null;
    readonly answer: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update partner_notice set state = ${input.state}, due_at = ${input.dueAt}, leased_until = null, last_answer = ${input.answer},
      changed_at = ${input.now}
    where id = ${input.id} and attempt_count = ${input.attempt} and state = 'waiting' returning id`);
  return rows.length === 1;
}

/** The live endpoint of a partner. */
export async function selectEndpoint(
  db: Queryable,
  partnerId: string,
): Promise<NoticeEndpoint | undefined> {
  const rows = await db.query<NoticeEndpoint>(sql`
    select id, base_url, signature, client_id, channel_id, secret from partner_endpoint
    where partner_id = ${partnerId} and ended_at is null`);
  return rows[0];
}

/** Writes an endpoint; false when the partner has a live one. */
export async function insertEndpoint(
  db: Queryable,
  row: NoticeEndpoint & {
    readonly partnerId: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await db.query<{ id: string }>(sql`
    insert into partner_endpoint (id, partner_id, base_url, signature, client_id, channel_id, secret, proposed_by, approved_by, made_at)
    values (${row.id}, ${row.partnerId}, ${row.base_url}, ${row.signature}, ${row.client_id}, ${row.channel_id}, ${row.secret},
      ${row.proposedBy}, ${row.approvedBy}, ${row.now})
    on conflict (partner_id) where ended_at is null do nothing returning id`);
  return rows.length === 1;
}

/** The live endpoint of a partner, else its last one. */
export async function selectLastEndpoint(
  db: Queryable,
  partnerId: string,
): Promise<(NoticeEndpoint & { readonly ended_at: Date | null }) | undefined> {
  const rows = await db.query<NoticeEndpoint & { readonly ended_at: Date | null }>(sql`
    select id, base_url, signature, client_id, channel_id, secret, ended_at from partner_endpoint
    where partner_id = ${partnerId} order by ended_at desc nulls first limit 1`);
  return rows[0];
}

/** Ends the live endpoint of a partner; its id. */
export async function updateEndpointEnd(
  db: Queryable,
  input: { readonly partnerId: string; readonly now: Date },
): Promise<string | undefined> {
  const rows = await db.query<{ id: string }>(sql`
    update partner_endpoint set ended_at = ${input.now} where partner_id = ${input.partnerId} and ended_at is null returning id`);
  return rows[0]?.id;
}

/** How many notices wait and lie with a person, and since when the oldest has been due. */
export async function selectNoticeQueue(db: Queryable): Promise<{
  readonly waiting: bigint;
  readonly stuck: bigint;
  readonly oldest_asked_at: Date | null;
}> {
  const rows = await db.query<{ waiting: bigint; stuck: bigint; oldest_asked_at: Date | null }>(sql`
    select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'stuck') as stuck,
      min(asked_at) filter (where state = 'waiting') as oldest_asked_at
    from partner_notice where due_at is not null or state = 'stuck'`);
  return rows[0]!;
}

export interface StuckRow {
  readonly id: string;
  readonly partner_id: string;
  readonly subject: string;
  readonly attempt_count: number;
  readonly last_answer: string | null;
  readonly asked_at: Date;
}

/** What lies with a person, oldest first. */
export function selectStuck(db: Queryable): Promise<StuckRow[]> {
  return db.query<StuckRow>(sql`
    select id, partner_id, subject, attempt_count, last_answer, asked_at from partner_notice
    where state = 'stuck' order by changed_at limit 200`);
}

/** Lets a stuck notice be tried anew. */
export async function requeueStuck(
  tx: Tx,
  input: { readonly id: string; readonly now: Date },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update partner_notice set state = 'waiting', due_at = ${input.now}, asked_at = ${input.now}, attempt_count = 0,
      changed_at = ${input.now}
    where id = ${input.id} and state = 'stuck' returning id`);
  return rows.length === 1;
}
