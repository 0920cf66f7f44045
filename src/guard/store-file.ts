/** The statement behind files that did not come. */
import type { RailName } from '../authorisation/instruction.ts';
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { SettledKind } from '../reconcile/store-figure.ts';

/** Rails and dates on which something settled or is waiting to, and whose statement is not here; oldest first. */
export function selectUnfiled(
  db: Queryable,
  of: { readonly dates: readonly string[]; readonly kinds: readonly SettledKind[] },
): Promise<{ rail: RailName; date: string }[]> {
  const { kinds } = of;
  return db.query(sql`
    with kind as (
      select * from unnest(${kinds.map((k) => k.kind)}::text[], ${kinds.map((k) => k.rail)}::text[]) as k (kind, rail)
    )
    select r.rail, d.date::text as date
    from unnest(${of.dates}::date[]) as d (date) cross join (select distinct rail from kind) r
    where not exists (select from settlement_statement s where s.rail = r.rail and s.business_date = d.date)
      and (exists (select from settlement_line l where l.rail = r.rail and l.business_date = d.date)
        or exists (select from payment p join kind k on k.kind = p.kind and k.rail = r.rail
          where p.business_date = d.date and p.state in ('settled', 'accepted', 'unknown', 'sending')))
    order by d.date, r.rail`);
}
