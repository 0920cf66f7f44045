/** The SQL of the blocked list as people keep it, and of what rules said lately. */
import { textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { BlockedKind } from '../../risk/rule.ts';

/** A block in force, for the console. */
export interface BlockRow {
  readonly id: string;
  readonly kind: BlockedKind;
  /** Last four digits of an account; a merchant's id. */
  readonly shown: string;
  readonly reason: string;
  readonly placed_by: string;
  readonly made_at: Date;
  readonly review_at: Date;
  readonly asked_by: string | null;
  readonly ask_reason: string | null;
}

/** A page of the list. */
const LIST_MAX = 200;

/** Blocks in force, those that are due for review first. */
export function listBlocks(db: Queryable): Promise<readonly BlockRow[]> {
  return db.query<BlockRow>(sql`
    select b.id, b.kind, b.shown, b.reason, s.name as placed_by, b.made_at, b.review_at, l.asked_by, l.reason as ask_reason
    from blocked_party b join staff s on s.id = b.placed_by left join blocked_party_lift l on l.block_id = b.id
    where l.approved_by is null order by b.review_at, b.id limit ${LIST_MAX}::integer`);
}

/** Writes a block; false when its subject is blocked already. */
export async function insertBlock(
  tx: Tx,
  block: {
    readonly id: string;
    readonly kind: BlockedKind;
    readonly subject: string;
    readonly shown: string;
    readonly reason: string;
    readonly placedBy: string;
    readonly nowMs: number;
    readonly reviewAtMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into blocked_party (id, kind, subject, shown, reason, placed_by, made_at, review_at)
    select ${block.id}, ${block.kind}, ${block.subject}, ${block.shown}, ${block.reason}, ${block.placedBy},
      ${new Date(block.nowMs)}, ${new Date(block.reviewAtMs)}
    where not exists (
      select 1 from blocked_party b left join blocked_party_lift l on l.block_id = b.id
      where b.kind = ${block.kind} and b.subject = ${block.subject} and l.approved_by is null)
    returning id`);
  return rows.length === 1;
}

/** Who asked for the lift of a block in force, if anybody did; undefined when none such is in force. */
export async function selectLift(
  tx: Tx,
  blockId: string,
): Promise<{ readonly asked_by: string | null } | undefined> {
  const rows = await tx.query<{ asked_by: string | null }>(sql`
    select l.asked_by from blocked_party b left join blocked_party_lift l on l.block_id = b.id
    where b.id = ${blockId} and l.approved_by is null`);
  return rows[0];
}

/** The first of two people; false when another was quicker. */
export async function insertLift(
  tx: Tx,
  ask: {
    readonly blockId: string;
    readonly staffId: string;
    readonly reason: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into blocked_party_lift (block_id, asked_by, reason, asked_at)
    values (${ask.blockId}, ${ask.staffId}, ${ask.reason}, ${new Date(ask.nowMs)}) on conflict do nothing returning block_id`);
  return rows.length === 1;
}

/** The second person; false when it is lifted already. */
export async function approveLift(
  tx: Tx,
  by: { readonly blockId: string; readonly staffId: string; readonly nowMs: number },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update blocked_party_lift set approved_by = ${by.staffId}, approved_at = ${new Date(by.nowMs)}
    where block_id = ${by.blockId} and approved_by is null and asked_by <> ${by.staffId} returning block_id`);
  return rows.length === 1;
}

/** How often each rule said what since an instant, by the subjects that its events have. */
export function countSaid(
  db: Queryable,
  of: { readonly subjects: readonly string[]; readonly since: string },
): Promise<readonly { readonly subject: string; readonly kind: string; readonly n: number }[]> {
  return db.query(sql`
    select subject, kind, count(*)::integer as n from event
    where subject = any(${textArray(of.subjects)}::text[]) and on_date >= ${of.since}::date and kind <> 'ledger.posted'
      and kind in ('risk.acted', 'risk.shadow', 'risk.unasked', 'risk.asked')
    group by subject, kind`);
}
