/** The statements of alarms that others told us. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

export interface ExternalAlarmRow {
  readonly id: string;
  readonly source: string;
  readonly reference: string;
  readonly rail: string;
  readonly raised_at: Date;
  readonly raised_name: string;
}

/** Writes an alarm; false when the source's reference is known. */
export async function insertExternalAlarm(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly source: string;
    readonly reference: string;
    readonly rail: string;
    readonly staffId: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    insert into external_alarm (id, source, reference, rail, raised_by, raised_at)
    values (${row.id}, ${row.source}, ${row.reference}, ${row.rail}, ${row.staffId}, ${new Date(row.nowMs)})
    on conflict (source, reference) do nothing returning id`);
  return rows.length === 1;
}

/** The id under which a source's reference stands. */
export async function findExternalAlarm(
  db: Queryable,
  of: { readonly source: string; readonly reference: string },
): Promise<string | undefined> {
  const rows = await db.query<{ id: string }>(
    sql`select id from external_alarm where source = ${of.source} and reference = ${of.reference}`,
  );
  return rows[0]?.id;
}

/** Notes who read it; false when somebody did before, or there is no such alarm. */
export async function acknowledgeExternalAlarm(
  tx: Queryable,
  of: { readonly id: string; readonly staffId: string; readonly nowMs: number },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update external_alarm set acknowledged_by = ${of.staffId}, acknowledged_at = ${new Date(of.nowMs)}
    where id = ${of.id} and acknowledged_at is null returning id`);
  return rows.length === 1;
}

/** What nobody has acknowledged, oldest first. */
export async function listExternalAlarms(db: Queryable): Promise<readonly ExternalAlarmRow[]> {
  return db.query<ExternalAlarmRow>(sql`
    select a.id, a.source, a.reference, a.rail, a.raised_at, s.name as raised_name
    from external_alarm a join staff s on s.id = a.raised_by
    where a.acknowledged_at is null order by a.raised_at limit 100`);
}
