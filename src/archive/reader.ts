/** Reads the files of one month side by side: events in the order of the stream, each with the transfers that it tells of. */
import type { StreamRow } from '../audit/stream.ts';
import type { ArchivedMonth } from './facts.ts';
import { ArchiveFault, readMonthFile } from './file.ts';
import { parseEventLine, positionOf, toldFields, type ArchivedEvent } from './line.ts';

/** Where a row stands in the order of the stream. */
export interface StreamKey {
  readonly xid: string;
  readonly id: string;
}

/** True when `a` comes before `b`. Both are decimal texts without a sign or leading zeros. */
export function isBefore(a: StreamKey, b: StreamKey): boolean {
  if (a.xid !== b.xid)
    return a.xid.length === b.xid.length ? a.xid < b.xid : a.xid.length < b.xid.length;
  return a.id.length === b.id.length ? a.id < b.id : a.id.length < b.id.length;
}

export interface MonthRows {
  readonly rows: readonly StreamRow[];
  readonly marks: readonly { readonly position: string; readonly check: string }[];
  readonly transfers: readonly string[];
}

export interface MonthReader {
  readonly month: ArchivedMonth;
  /** Where the next event stands; undefined at the end. Throws ArchiveFault. */
  head(): Promise<StreamKey | undefined>;
  /** The next events that come before `bound`, at most `limit`, and their transfers. */
  take(bound: StreamKey | undefined, limit: number): Promise<MonthRows>;
  close(): Promise<void>;
}

/** Opens the files of a month. */
export function openMonthReader(folder: string, month: ArchivedMonth): MonthReader {
  const events = readMonthFile(folder, { table: 'event', month: month.month });
  const transfers = readMonthFile(folder, { table: 'transfer', month: month.month });
  let lines: readonly string[] = [];
  let at = 0;
  let next: ArchivedEvent | undefined;
  let row = 0n;
  const advance = async (): Promise<void> => {
    while (at >= lines.length) {
      const block = await events.next();
      if (block.done) return void (next = undefined);
      lines = block.value;
      at = 0;
    }
    next = parseEventLine(lines[at++]!);
    row++;
    if (!next) throw new ArchiveFault('a row is no event', { file: month.eventFile, row });
  };
  let isOpened = false;
  const open = async (): Promise<void> => {
    if (isOpened) return;
    isOpened = true;
    await advance();
  };
  const takeTransfers = transferTaker(transfers);
  return {
    month,
    async head() {
      await open();
      return next?.row;
    },
    async take(bound, limit) {
      await open();
      const rows: StreamRow[] = [];
      const marks: { position: string; check: string }[] = [];
      while (next && rows.length < limit && (!bound || isBefore(next.row, bound))) {
        rows.push(next.row);
        marks.push({ position: next.position, check: next.check });
        await advance();
      }
      // At the end of the events the rest belongs to nobody, and is shown with the last of them.
      const until = next ? marks.at(-1)?.position : undefined;
      return { rows, marks, transfers: await takeTransfers(until) };
    },
    async close() {
      await events.return(undefined);
      await transfers.return(undefined);
    },
  };
}

/** Takes the transfers of events up to a position, that one included; all that are left without one. */
function transferTaker(
  blocks: AsyncGenerator<readonly string[]>,
): (until: string | undefined) => Promise<readonly string[]> {
  let lines: readonly string[] = [];
  let at = 0;
  return async (until) => {
    const taken: string[] = [];
    for (;;) {
      while (at < lines.length) {
        const line = lines[at]!;
        if (until !== undefined && isAbove(positionOf(line), until)) return taken;
        taken.push(toldFields(line));
        at++;
      }
      const block = await blocks.next();
      if (block.done) return taken;
      lines = block.value;
      at = 0;
    }
  };
}

function isAbove(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
