/** Statements of the log of requests: `partner_request`, some hundreds of masked requests to a row. */
import { textArray } from '../../db/array.ts';
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

export interface SegmentRow {
  readonly id: string;
  readonly onDate: string;
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly partnerIds: readonly string[];
  readonly requestCount: number;
  readonly body: Buffer;
}

/** Appends a segment; one that is there already, because the answer to its commit was lost, stays as it is. */
export async function insertSegment(db: Queryable, row: SegmentRow): Promise<void> {
  await db.query(sql`
    insert into partner_request (id, on_date, from_at, to_at, partner_ids, request_count, body)
    values (${row.id}, ${row.onDate}::date, ${row.fromAt}, ${row.toAt}, ${textArray(row.partnerIds)}::text[], ${row.requestCount}::integer, ${row.body})
    on conflict do nothing`);
}

/** Segments with requests of a partner in a span of time, oldest first, after a cursor. `on_date` bounds the months that are read. */
export function selectSegments(
  db: Queryable,
  input: {
    readonly partnerId: string;
    readonly from: Date;
    readonly to: Date;
    readonly fromDate: string;
    readonly toDate: string;
    readonly after: { readonly at: Date; readonly id: string };
    readonly limit: number;
  },
): Promise<{ readonly id: string; readonly from_at: Date; readonly body: Buffer }[]> {
  return db.query(sql`
    select id, from_at, body from partner_request
    where on_date between ${input.fromDate}::date and ${input.toDate}::date and from_at <= ${input.to} and to_at >= ${input.from}
      and ${input.partnerId} = any(partner_ids) and (from_at, id) > (${input.after.at}, ${input.after.id})
    order by from_at, id limit ${input.limit}::integer`);
}
