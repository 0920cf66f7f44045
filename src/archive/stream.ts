/** The whole stream for those who verify it: the files of archived months and the tables, merged in the order of the stream, because
 * events of two months interleave where the months meet. A file is opened when its first event is near, so that few are open at once. */
import { readTablePage, type ReadPage, type StreamPlace, type StreamRow } from '../audit/stream.ts';
import type { Queryable } from '../db/pool.ts';
import type { ArchivedMonth } from './facts.ts';
import { isBefore, openMonthReader, type MonthReader, type StreamKey } from './reader.ts';

/** Rows of the table that are read ahead. */
const TABLE_ROWS = 2_000;

export interface ArchiveStream {
  /** The page after a place: from one file or from the table. To be called in order, from the place where it was opened. */
  page(limit: number): Promise<ReadPage>;
  close(): Promise<void>;
}

/** Opens the stream behind a place. */
export function openArchiveStream(
  tx: Queryable,
  input: {
    readonly folder: string;
    readonly months: readonly ArchivedMonth[];
    readonly after: StreamPlace;
    readonly leafFloor: bigint;
  },
): ArchiveStream {
  const { folder, leafFloor } = input;
  let waiting = input.months.filter(({ firstPosition }) => firstPosition !== '');
  let readers: MonthReader[] = [];
  const table = tableReader(tx, input.after);

  /** Opens files until the next one begins behind everything that is open. */
  const openNear = async (position: bigint): Promise<void> => {
    for (const month of waiting) {
      const isNear = BigInt(month.firstPosition) <= position;
      if (!isNear) continue;
      waiting = waiting.filter((one) => one !== month);
      const reader = openMonthReader(folder, month);
      // What an earlier run had read is passed over.
      await skip(reader, input.after);
      readers.push(reader);
    }
  };
  let position = input.after.count;
  return {
    async page(limit) {
      await openNear(position);
      const heads: { readonly reader: MonthReader; readonly key: StreamKey }[] = [];
      for (const reader of readers) {
        const key = await reader.head();
        if (key) heads.push({ reader, key });
        else await reader.close();
      }
      readers = heads.map(({ reader }) => reader);
      heads.sort((a, b) => (isBefore(a.key, b.key) ? -1 : 1));
      const first = heads[0];
      const live = await table.head();
      // A file that is not open yet begins at a known position: no page may go past it.
      const room = waiting.reduce((least, month) => {
        const left = BigInt(month.firstPosition) - position;
        return left < least ? left : least;
      }, BigInt(limit));
      if (!first || (live && isBefore(live, first.key))) {
        const rows = await table.take(first?.key, Number(room));
        position += BigInt(rows.length);
        return { rows, isLast: rows.length === 0 };
      }
      const second = heads[1]?.key;
      const bound = second && (!live || isBefore(second, live)) ? second : live;
      // A row that stands in two places is shown twice, and found where the second one stands.
      const isTwin = bound !== undefined && !isBefore(first.key, bound);
      const { rows, marks, transfers } = isTwin
        ? await first.reader.take(undefined, 1)
        : await first.reader.take(bound, Number(room));
      position += BigInt(rows.length);
      const file = first.reader.month.eventFile;
      return { rows, isLast: false, archived: { file, marks, transfers, leafFloor } };
    },
    async close() {
      for (const reader of readers) await reader.close();
    },
  };
}

/** Rows passed over at once. */
const SKIP_ROWS = 5_000;

async function skip(reader: MonthReader, after: StreamKey): Promise<void> {
  for (;;) {
    const key = await reader.head();
    if (!key || isBefore(after, key)) return;
    const next = { xid: after.xid, id: String(BigInt(after.id) + 1n) };
    await reader.take(next, SKIP_ROWS);
  }
}

/** Reads the table ahead, and gives its rows up to a bound. */
export function tableReader(tx: Queryable, after: StreamKey) {
  let place = after;
  let rows: readonly StreamRow[] = [];
  let at = 0;
  let isEnded = false;
  const fill = async (): Promise<void> => {
    if (at < rows.length || isEnded) return;
    const page = await readTablePage(tx, { xid: place.xid, id: place.id, limit: TABLE_ROWS });
    rows = page.rows;
    at = 0;
    isEnded = rows.length === 0;
    place = rows.at(-1) ?? place;
  };
  return {
    async head(): Promise<StreamKey | undefined> {
      await fill();
      return rows[at];
    },
    async take(bound: StreamKey | undefined, limit: number): Promise<readonly StreamRow[]> {
      await fill();
      const from = at;
      const to = Math.min(rows.length, at + limit);
      if (!bound || (to > from && isBefore(rows[to - 1]!, bound))) at = to;
      else while (at < to && isBefore(rows[at]!, bound)) at++;
      return rows.slice(from, at);
    },
  };
}
