/** The whole stream once, page by page, for those who verify it. Several readers share one pass: each is asked as soon as a page is
 * known, so that its own questions travel while the page before is still being compared. */
import type { Queryable } from '../db/pool.ts';
import * as store from './store-verify.ts';

/** An event as text, column by column. */
export interface StreamRow {
  readonly id: string;
  readonly xid: string;
  readonly onDate: string;
  readonly atMs: string;
  readonly kind: string;
  readonly subject: string;
  readonly data: string;
}

export interface StreamPage {
  /** How many events come before. */
  readonly from: bigint;
  readonly rows: readonly StreamRow[];
  /** Set when all rows come from an archive file instead of the table. */
  readonly archived?: ArchivedPage;
}

/** What an archive file tells of the rows of a page. */
export interface ArchivedPage {
  readonly file: string;
  /** Of each row: its place in the stream, and the first bytes of its leaf, in hex. */
  readonly marks: readonly { readonly position: string; readonly check: string }[];
  /** The transfers that the rows tell of, as the ledger's checker reads them. */
  readonly transfers: readonly string[];
  /** Leaves from here on are in the table. */
  readonly leafFloor: bigint;
  /** Set when the file was not read: the kept leaves of the rows, which are then empty. */
  readonly unread?: readonly Buffer[];
}

/** A page before its place is known. */
export interface ReadPage {
  readonly rows: readonly StreamRow[];
  readonly archived?: ArchivedPage;
  readonly isLast: boolean;
}

/** Where a pass stands: after which event, and how many were read. */
export interface StreamPlace {
  readonly xid: string;
  readonly id: string;
  readonly count: bigint;
}

/** Before the first event. */
export const STREAM_BEGIN: StreamPlace = { xid: '0', id: '0', count: 0n };

/** Reads along. `ask` may send questions about a page and must not wait; what it gives back is run in page order. */
export interface StreamReader {
  ask(page: StreamPage): () => Promise<void>;
  /** True when the rest does not matter to this reader. */
  isDone?(): boolean;
}

/** Events per page: large enough that a round trip does not count, small enough that a few pages are little memory. */
const PAGE = 2_000;

/** Shows the stream of one snapshot to every reader. `onPlace` hears, between pages, how far all have compared; false stops the pass. */
export async function readThrough(
  tx: Queryable,
  input: {
    readonly from?: StreamPlace;
    readonly readers: readonly StreamReader[];
    readonly onPlace?: (place: StreamPlace) => Promise<boolean>;
    /** @default 2,000 events */
    readonly pageRows?: number;
    /** Reads the page after a place. @default from the table alone */
    readonly pages?: (place: StreamPlace, limit: number) => Promise<ReadPage>;
  },
): Promise<'read' | 'stopped'> {
  const limit = input.pageRows ?? PAGE;
  const readPage = input.pages ?? ((place) => readTablePage(tx, { ...place, limit }));
  let place = input.from ?? STREAM_BEGIN;
  let compare: (() => Promise<boolean>) | undefined;
  let next = readPage(place, limit);
  for (;;) {
    const { isLast, ...read } = await next;
    const known = place;
    const page: StreamPage = { from: known.count, ...read };
    const newest = page.rows.at(-1);
    if (newest)
      place = { xid: newest.xid, id: newest.id, count: known.count + BigInt(page.rows.length) };
    const here = place;
    const checks = input.readers.map((reader) => reader.ask(page));
    if (!isLast) {
      next = readPage(place, limit);
      // Awaited on the next turn; until then a failure of the page before is the one to tell.
      next.catch(() => {});
    }
    if (compare && !(await compare())) return stopAfter(next);
    compare = async () => {
      for (const check of checks) await check();
      const isWanted = !input.readers.every((reader) => reader.isDone?.() ?? false);
      return ((await input.onPlace?.(here)) ?? true) && isWanted;
    };
    if (isLast) return (await compare()) ? 'read' : 'stopped';
  }
}

async function stopAfter(next: Promise<unknown>): Promise<'stopped'> {
  await next;
  return 'stopped';
}

/** The next page of the table. */
export async function readTablePage(
  tx: Queryable,
  input: { readonly xid: string; readonly id: string; readonly limit: number },
): Promise<ReadPage> {
  const { xid, id, limit } = input;
  const rows = await readRows(tx, { xid, id, limit });
  return { rows, isLast: rows.length < limit };
}

async function readRows(tx: Queryable, asked: store.PageAsked): Promise<readonly StreamRow[]> {
  return parseRows(await store.selectEventPage(tx, asked)) ?? store.selectEventRows(tx, asked);
}

/** The rows of a page; undefined when a separator stands inside a text, as no honest event has it. */
function parseRows(page: store.PageText): StreamRow[] | undefined {
  if (page.count === 0) return [];
  const lines = page.text.split('\u001e');
  if (lines.length !== page.count) return undefined;
  const rows: StreamRow[] = [];
  for (const line of lines) {
    const fields = line.split('\u001f');
    if (fields.length !== 7) return undefined;
    const [id, xid, onDate, atMs, kind, subject, data] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    rows.push({ id, xid, onDate, atMs, kind, subject, data });
  }
  return rows;
}
