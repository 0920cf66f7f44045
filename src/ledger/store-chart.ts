/** Statements that load the chart of accounts. */
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Notes a version of the chart; empty when it was noted before. Whoever loads the same version at the same time waits here. */
export function insertChart(
  tx: Tx,
  input: { readonly version: number; readonly checksum: Buffer; readonly atMs: number },
): Promise<{ version: number }[]> {
  return tx.query(sql`
    insert into chart (version, checksum, loaded_at)
    values (${input.version}, ${input.checksum}, to_timestamp(${input.atMs}::bigint / 1000.0))
    on conflict (version) do nothing returning version`);
}

/** Every version that was loaded, the newest first. */
export function selectCharts(tx: Tx): Promise<{ version: number; checksum: Buffer }[]> {
  return tx.query(sql`select version, checksum from chart order by version desc`);
}

/** Adds the books that do not exist. */
export async function insertBooks(
  tx: Tx,
  rows: readonly { readonly book: string; readonly description: string }[],
): Promise<void> {
  await tx.query(sql`
    insert into ledger_book (book, description)
    select b.book, b.description
    from unnest(${rows.map((row) => row.book)}::text[], ${rows.map((row) => row.description)}::text[]) as b (book, description)
    order by b.book
    on conflict (book) do nothing`);
}

/** Those of the given accounts that exist with another book, or may go negative where they should not or the other way. */
export function selectChartMisfits(
  tx: Tx,
  rows: readonly {
    readonly number: string;
    readonly book: string;
    readonly mayGoNegative: boolean;
  }[],
): Promise<{ number: string }[]> {
  return tx.query(sql`
    select a.number from account a
    join unnest(${rows.map((row) => row.number)}::text[], ${rows.map((row) => row.book)}::text[],
      ${rows.map((row) => row.mayGoNegative)}::boolean[]) as c (number, book, may_go_negative) on c.number = a.number
    where (a.book, a.may_go_negative) is distinct from (c.book, c.may_go_negative)
    order by a.number`);
}
