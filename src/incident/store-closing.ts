/** The statements of closing an incident. */
import { textArray } from '../db/array.ts';
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { ClosingReport } from './closing.ts';

/** An incident, locked. */
export async function lockIncident(
  tx: Tx,
  id: string,
): Promise<
  | {
      readonly closed_at: Date | null;
      readonly restriction_id: string | null;
      readonly facts: string;
    }
  | undefined
> {
  const rows = await tx.query<{
    closed_at: Date | null;
    restriction_id: string | null;
    facts: string;
  }>(sql`select closed_at, restriction_id, facts from incident where id = ${id} for update`);
  return rows[0];
}

/** Restrictions of these that stand or come back in stages. */
export async function countStanding(tx: Tx, ids: readonly string[]): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    sql`select count(*)::integer as n from restriction where id = any(${textArray(ids)}::text[]) and state <> 'lifted'`,
  );
  return rows[0]!.n;
}

/** Breaks of these messages that people have not ended. */
export async function countOpenBreaks(tx: Tx, bizMsgIdrs: readonly string[]): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    sql`select count(*)::integer as n from match_break where biz_msg_idr = any(${textArray(bizMsgIdrs)}::text[]) and closed_at is null`,
  );
  return rows[0]!.n;
}

/** Writes a report, or in place of one that nobody agreed to. */
export async function upsertClosing(
  tx: Tx,
  of: {
    readonly incidentId: string;
    readonly staffId: string;
    readonly report: ClosingReport;
    readonly nowMs: number;
  },
): Promise<void> {
  const { cause, remedy, reference } = of.report;
  await tx.query(sql`
    insert into incident_closing (incident_id, cause, remedy, reference, asked_by, asked_at)
    values (${of.incidentId}, ${cause}, ${remedy}, ${reference}, ${of.staffId}, ${new Date(of.nowMs)})
    on conflict (incident_id) do update set cause = excluded.cause, remedy = excluded.remedy, reference = excluded.reference,
      asked_by = excluded.asked_by, asked_at = excluded.asked_at
    where incident_closing.approved_by is null`);
}

/** The second person's word on the report of that moment. */
export async function approveClosing(
  tx: Tx,
  of: {
    readonly incidentId: string;
    readonly staffId: string;
    readonly askedAtMs: number;
    readonly nowMs: number;
  },
): Promise<
  | { readonly reason: 'not_asked' | 'same_person' }
  | { readonly reason?: undefined; readonly askedBy: string; readonly report: ClosingReport }
> {
  const [row] = await tx.query<ClosingReport & { asked_by: string; asked_at: Date }>(sql`
    select cause, remedy, reference, asked_by, asked_at from incident_closing
    where incident_id = ${of.incidentId} and approved_by is null for update`);
  if (row?.asked_at.getTime() !== of.askedAtMs) return { reason: 'not_asked' };
  const { asked_by: askedBy, cause, remedy, reference } = row!; // it has that moment
  if (askedBy === of.staffId) return { reason: 'same_person' };
  await tx.query(sql`
    update incident_closing set approved_by = ${of.staffId}, approved_at = ${new Date(of.nowMs)} where incident_id = ${of.incidentId}`);
  return { askedBy, report: { cause, remedy, reference } };
}

/** Closes it. */
export async function closeIncident(
  tx: Tx,
  of: { readonly id: string; readonly nowMs: number },
): Promise<void> {
  await tx.query(
    sql`update incident set closed_at = ${new Date(of.nowMs)} where id = ${of.id} and closed_at is null`,
  );
}
