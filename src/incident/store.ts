/** Every statement of the incident slice. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface IncidentRow {
  readonly id: string;
  readonly kind: string;
  readonly rail: string;
  readonly opened_at: Date;
  readonly contained_at: Date | null;
  readonly facts: string;
}

/** Opens an incident. */
export async function insertIncident(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly kind: string;
    readonly rail: string;
    readonly restrictionId: string | null;
    readonly nowMs: number;
    readonly facts: string;
  },
): Promise<void> {
  await tx.query(sql`insert into incident (id, kind, rail, restriction_id, opened_at, facts)
    values (${row.id}, ${row.kind}, ${row.rail}, ${row.restrictionId}, ${new Date(row.nowMs)}, ${row.facts})`);
}

/** The newest incidents that are not closed, oldest first. */
export function selectOpenIncidents(db: Queryable): Promise<IncidentRow[]> {
  return db.query<IncidentRow>(sql`select id, kind, rail, opened_at, contained_at, facts from (
      select id, kind, rail, opened_at, contained_at, facts from incident
      where closed_at is null order by opened_at desc, id desc limit 100) newest
    order by opened_at, id`);
}

/** Writes the facts anew; `containedAtMs` is set once and stays. */
export async function updateIncident(
  tx: Queryable,
  row: { readonly id: string; readonly facts: string; readonly containedAtMs: number | null },
): Promise<void> {
  const containedAt = row.containedAtMs === null ? null : new Date(row.containedAtMs);
  await tx.query(
    sql`update incident set facts = ${row.facts}, contained_at = coalesce(contained_at, ${containedAt}) where id = ${row.id}`,
  );
}

/** Publishes a notice; the status file shows it from its next writing on. */
export async function insertNotice(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly incidentId: string | null;
    readonly service: string;
    readonly template: string;
    readonly params: string;
    readonly nowMs: number;
    readonly nextUpdateAtMs: number | null;
  },
): Promise<void> {
  const next = row.nextUpdateAtMs === null ? null : new Date(row.nextUpdateAtMs);
  await tx.query(sql`insert into notice (id, incident_id, service, template, params, published_at, next_update_at)
    values (${row.id}, ${row.incidentId}, ${row.service}, ${row.template}, ${row.params}, ${new Date(row.nowMs)}, ${next})`);
}

/** The newest notices, for the status file. */
export function selectNotices(
  db: Queryable,
  limit: number,
): Promise<
  {
    id: string;
    service: string;
    template: string;
    params: string;
    published_at: Date;
    next_update_at: Date | null;
  }[]
> {
  return db.query(sql`select id, service, template, params, published_at, next_update_at from notice
    order by published_at desc, id desc limit ${limit}`);
}
