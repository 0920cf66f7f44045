/** The statements of alarms that others told us. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { AlarmRail } from './external-alarm.ts';

export interface ExternalAlarmRow {
  readonly id: string;
  readonly source: string;
  readonly reference: string;
  readonly rail: string;
  readonly raised_at: Date;
  readonly raised_name: string;
  /** Signed by a partner that runs no network: it slows and never stops. */
  readonly is_partners: boolean;
}

/** Writes an alarm; false when the source's reference is known. */
export async function insertExternalAlarm(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly source: string;
    readonly reference: string;
    readonly rail: string;
    readonly staffId: string | undefined;
    readonly partnerId: string | undefined;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    insert into external_alarm (id, source, reference, rail, raised_by, raised_partner, raised_at)
    values (${row.id}, ${row.source}, ${row.reference}, ${row.rail}, ${row.staffId ?? null}, ${row.partnerId ?? null}, ${new Date(row.nowMs)})
    on conflict (source, reference) do nothing returning id`);
  return rows.length === 1;
}

/** What stands under a source's reference. */
export async function findExternalAlarm(
  db: Queryable,
  of: { readonly source: string; readonly reference: string },
): Promise<{ readonly id: string; readonly rail: AlarmRail } | undefined> {
  const rows = await db.query<{ id: string; rail: AlarmRail }>(
    sql`select id, rail from external_alarm where source = ${of.source} and reference = ${of.reference}`,
  );
  return rows[0];
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
    select a.id, a.source, a.reference, a.rail, a.raised_at, coalesce(s.name, p.name) as raised_name,
      a.source = 'partner' and a.raised_partner is not null as is_partners
    from external_alarm a left join staff s on s.id = a.raised_by left join partner p on p.id = a.raised_partner
    where a.acknowledged_at is null order by a.raised_at limit 100`);
}

/** Alarms of a partner that nobody has read, in this transaction too. Others of the same partner wait for it. */
export async function countOpenOf(tx: Queryable, partnerId: string): Promise<number> {
  await tx.query(
    sql`select pg_advisory_xact_lock(hashtext('external_alarm'), hashtext(${partnerId}))`,
  );
  const rows = await tx.query<{ n: number }>(
    sql`select count(*)::integer as n from external_alarm where raised_partner = ${partnerId} and acknowledged_at is null`,
  );
  return rows[0]!.n;
}

/** The newest text of `external.sources` that two people set and that holds now. */
export async function selectSources(db: Queryable, nowMs: number): Promise<string | undefined> {
  const rows = await db.query<{ value: string }>(sql`
    select value from setting
    where key = 'external.sources' and approved_by is not null and effective_from <= ${new Date(nowMs)}
    order by version desc limit 1`);
  return rows[0]?.value;
}
