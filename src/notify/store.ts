/** The SQL of notices to partners that writes them; the SNAP channel reads and works them off. */
import { instantArray, textArray } from '../db/array.ts';
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { NoticeKind } from './partner-notice.ts';

export interface NewNotice {
  readonly id: string;
  readonly partnerId: string;
  readonly kind: NoticeKind;
  readonly subject: string;
  readonly externalId: string;
  readonly facts: string;
  readonly atMs: number;
}

/** Those of some partners that take notices now. */
export async function selectNoticeTakers(
  tx: Tx,
  partnerIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ partner_id: string }>(sql`
    select partner_id from partner_endpoint where partner_id = any(${textArray(partnerIds)}::text[]) and ended_at is null`);
  return new Set(rows.map((row) => row.partner_id));
}

/** Appends notices of partners that take them, set-based; one that stands already stays as it is. */
export async function insertNotices(tx: Tx, rows: readonly NewNotice[]): Promise<void> {
  await tx.query(sql`
    insert into partner_notice (id, partner_id, kind, subject, external_id, facts, asked_at, due_at, changed_at)
    select n.id, n.partner_id, n.kind, n.subject, n.external_id, n.facts, n.at, n.at, n.at
    from unnest(${textArray(rows.map((row) => row.id))}::text[], ${textArray(rows.map((row) => row.partnerId))}::text[],
      ${textArray(rows.map((row) => row.kind))}::text[], ${textArray(rows.map((row) => row.subject))}::text[],
      ${textArray(rows.map((row) => row.externalId))}::text[], ${textArray(rows.map((row) => row.facts))}::text[],
      ${instantArray(rows.map((row) => row.atMs))}::timestamptz[])
      as n (id, partner_id, kind, subject, external_id, facts, at)
    join partner_endpoint e on e.partner_id = n.partner_id and e.ended_at is null
    on conflict (kind, subject) do nothing`);
}
