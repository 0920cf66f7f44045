/** Archives one month: writes its files, reads them back against the tables, and only then drops its partitions and records what was
 * written, in one transaction. A crash leaves the month wholly in the tables or wholly in the files; running it again finishes. */
import { join } from 'node:path';
import { selectLastCheckpoint } from '../audit/store.ts';
import { recordEvents } from '../audit/record.ts';
import { DbFault, type Db, type Queryable } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import { assert } from '../kernel/assert.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import { FINAL_STATES } from '../payment/state.ts';
import { dueMonths, refusalOf } from './decide.ts';
import { ARCHIVED_KIND, subjectOf, sumsDigest, type ArchivedMonth } from './facts.ts';
import { ArchiveFault, digestFile, fileName, openMonthFile, readMonthFile } from './file.ts';
import { monthEndMs, rangeOf } from './month.ts';
import { ArchiveRefused, monthPages } from './page.ts';
import * as store from './store.ts';

/** The drop waits for the tables this long, and payments behind it; then it lets go and tries again. */
const LOCK_MS = 200;
const LOCK_TRIES = 10;
const LOCK_PAUSE_MS = 1_000;
/** Leaves per transaction. */
const LEAVES_MAX = 50_000n;
/** Roots are stored of every 256 leaves. */
const BLOCK_LEAVES = 256n;
const LOCK_NOT_AVAILABLE = '55P03';

export interface ArchiveProgress {
  readonly month: string;
  readonly part: 'write' | 'check' | 'drop';
  readonly done: number;
  readonly total: number;
}

export interface ArchiveInput {
  /** As the owner of the tables. */
  readonly db: Db;
  readonly time: Time;
  readonly folder: string;
  /** Who asked; it is written to the audit stream. */
  readonly by: string;
  readonly onProgress?: (progress: ArchiveProgress) => void;
}

/** The months that are due, oldest first, each with why it must stay. A month behind one that must stay stays too. */
export async function planArchive(
  input: Pick<ArchiveInput, 'db' | 'time'>,
  before: string,
): Promise<
  readonly {
    readonly month: string;
    readonly facts: store.MonthFacts;
    readonly refusal?: string;
  }[]
> {
  const today = wibDate(input.time.now()).slice(0, 7);
  const months = (await store.selectMonths(input.db)).map((date) => date.slice(0, 7));
  const planned = [];
  for (const month of dueMonths({ months, before, today })) {
    const facts = await factsOf(input.db, month);
    const refusal = refusalOf(facts);
    planned.push({ month, facts, ...(refusal !== undefined && { refusal }) });
  }
  return planned;
}

function factsOf(db: Queryable, month: string): Promise<store.MonthFacts> {
  const asked = { ...rangeOf(month), edgeMs: monthEndMs(month), finalStates: FINAL_STATES };
  return store.selectMonthFacts(db, asked);
}

/** Archives one month, which must be the oldest in the tables. Throws ArchiveRefused with what stands against it; nothing is dropped then. */
export async function archiveMonth(input: ArchiveInput, month: string): Promise<ArchivedMonth> {
  const facts = await withSnapshot(input.db, async (tx) => {
    const archived = await store.selectArchived(tx);
    if (archived.some((row) => row.month.slice(0, 7) === month))
      throw new ArchiveRefused(
        `Cannot archive ${month}: it was archived before, and a new partition of it has come`,
      );
    const [oldest] = await store.selectMonths(tx);
    if (oldest?.slice(0, 7) !== month)
      throw new ArchiveRefused(`Cannot archive ${month}: ${oldest?.slice(0, 7)} comes first`);
    const facts = await factsOf(tx, month);
    const refusal = refusalOf(facts);
    if (refusal !== undefined) throw new ArchiveRefused(`Cannot archive ${month}: ${refusal}`);
    return facts;
  });
  await writeFiles(input, { month, facts });
  faultPoint('archive.afterWrite');
  const read = await compareFiles(input, { month, facts });
  faultPoint('archive.afterCheck');
  const archived = await dropAgain(input, { month, facts, read });
  faultPoint('archive.afterDrop');
  await dropLeaves(input.db);
  return archived;
}

/** Deletes leaves whose events are in files, also what an interrupted run left of them. */
export async function dropLeaves(db: Db): Promise<void> {
  const { from, to } = await store.selectArchivedLeaves(db);
  for (let at = from; at < to; at += LEAVES_MAX) {
    const end = at + LEAVES_MAX;
    await store.deleteLeaves(db, { from: at, to: end < to ? end : to });
  }
}

interface Work {
  readonly month: string;
  readonly facts: store.MonthFacts;
}

/** Writes both files from one reading of the month. */
async function writeFiles(input: ArchiveInput, { month, facts }: Work): Promise<void> {
  const event = openMonthFile(input.folder, { table: 'event', month });
  const transfer = openMonthFile(input.folder, { table: 'transfer', month });
  try {
    await withSnapshot(input.db, async (tx) => {
      let done = 0;
      for await (const page of monthPages(tx, month)) {
        await event.write(page.events);
        await transfer.write(page.transfers);
        done += page.events.length;
        input.onProgress?.({ month, part: 'write', done, total: Number(facts.events) });
      }
    });
    await event.finish();
    await transfer.finish();
  } finally {
    event.close();
    transfer.close();
  }
}

interface FilesRead {
  readonly digests: Readonly<
    Record<'event' | 'transfer', { readonly bytes: bigint; readonly sha256: string }>
  >;
  readonly firstPosition: string;
  readonly lastPosition: string;
}

/** Reads the files as they lie on the disk and compares every line with the tables, whose events are compared with their leaves. */
async function compareFiles(input: ArchiveInput, { month, facts }: Work): Promise<FilesRead> {
  const { folder } = input;
  const counts = { event: 0n, transfer: 0n };
  const places: bigint[] = [];
  await withSnapshot(input.db, async (tx) => {
    const files = {
      event: lineReader(readMonthFile(folder, { table: 'event', month })),
      transfer: lineReader(readMonthFile(folder, { table: 'transfer', month })),
    };
    for await (const page of monthPages(tx, month)) {
      places.push(page.firstPosition, page.lastPosition);
      if (places.length > 2) places.splice(1, places.length - 2);
      for (const table of ['event', 'transfer'] as const) {
        const wanted = table === 'event' ? page.events : page.transfers;
        for (const line of wanted) {
          counts[table]++;
          if ((await files[table].next()) !== line) throw differs({ table, month, counts });
        }
      }
      const total = Number(facts.events);
      input.onProgress?.({ month, part: 'check', done: Number(counts.event), total });
    }
    for (const table of ['event', 'transfer'] as const)
      if ((await files[table].next()) !== undefined) throw differs({ table, month, counts });
  });
  if (counts.event !== facts.events || counts.transfer !== facts.transfers)
    throw new ArchiveRefused(
      `Cannot archive ${month}: ${facts.events} events and ${facts.transfers} transfers are in the tables, and the events tell of ${counts.transfer}; nothing was dropped`,
    );
  const [event, transfer] = await Promise.all(
    (['event', 'transfer'] as const).map((table) =>
      digestFile(join(folder, fileName(table, month))),
    ),
  );
  assert(event && transfer, 'a file that was read is there');
  const [first, last] = places;
  return {
    digests: { event, transfer },
    firstPosition: String(first ?? ''),
    lastPosition: String(last ?? ''),
  };
}

function differs(at: {
  readonly table: 'event' | 'transfer';
  readonly month: string;
  readonly counts: Readonly<Record<'event' | 'transfer', bigint>>;
}): ArchiveRefused {
  const { table, month, counts } = at;
  return new ArchiveRefused(
    `Cannot archive ${month}: row ${counts[table]} of ${fileName(table, month)} is not what the table holds; nothing was dropped`,
  );
}

function lineReader(blocks: AsyncGenerator<readonly string[]>): {
  next(): Promise<string | undefined>;
} {
  let lines: readonly string[] = [];
  let at = 0;
  return {
    async next() {
      while (at >= lines.length) {
        let block: IteratorResult<readonly string[]>;
        try {
          block = await blocks.next();
        } catch (error) {
          if (!(error instanceof ArchiveFault)) throw error;
          throw new ArchiveRefused(
            `Cannot archive: ${error.file} after row ${error.row}: ${error.message}; nothing was dropped`,
            { cause: error },
          );
        }
        if (block.done) return undefined;
        lines = block.value;
        at = 0;
      }
      return lines[at++];
    },
  };
}

/** Drops, and lets payments pass between tries when somebody else holds the tables. */
async function dropAgain(
  input: ArchiveInput,
  work: Work & { readonly read: FilesRead },
): Promise<ArchivedMonth> {
  const { month, facts } = work;
  for (let tries = 1; ; tries++) {
    try {
      return await dropAndRecord(input, work);
    } catch (error) {
      if (!(error instanceof DbFault)) throw error;
      if (error.code === '23514')
        throw new ArchiveRefused(`Cannot archive ${month}: ${error.message}`, { cause: error });
      if (error.code !== LOCK_NOT_AVAILABLE) throw error;
      if (tries >= LOCK_TRIES)
        throw new ArchiveRefused(
          `Cannot archive ${month} now: the tables are in use, and payments must not wait; its files are written, run it again`,
          { cause: error },
        );
      input.onProgress?.({ month, part: 'drop', done: 0, total: Number(facts.events) });
      await input.time.sleep(LOCK_PAUSE_MS);
    }
  }
}

function dropAndRecord(
  input: ArchiveInput,
  { month, facts, read }: Work & { readonly read: FilesRead },
): Promise<ArchivedMonth> {
  const range = rangeOf(month);
  const { digests, firstPosition, lastPosition } = read;
  return input.db.tx(async (tx) => {
    await store.setLockTimeout(tx, LOCK_MS);
    const liveFrom = await store.selectLiveFrom(tx, range.untilDate);
    const [last] = await selectLastCheckpoint(tx);
    const edge = liveFrom < (last?.size ?? 0n) ? liveFrom : (last?.size ?? 0n);
    const leafFloor = edge - (edge % BLOCK_LEAVES);
    await store.insertAccountMonth(tx, { ...range, month: range.fromDate });
    const archived: ArchivedMonth = {
      month,
      by: input.by,
      eventFile: fileName('event', month),
      eventSha256: digests.event.sha256,
      eventBytes: String(digests.event.bytes),
      eventCount: String(facts.events),
      transferFile: fileName('transfer', month),
      transferSha256: digests.transfer.sha256,
      transferBytes: String(digests.transfer.bytes),
      transferCount: String(facts.transfers),
      firstPosition,
      lastPosition,
      leafFloor: String(leafFloor),
      sumsSha256: await sumsDigest(tx, range.fromDate),
    };
    await store.insertArchived(tx, {
      month: range.fromDate,
      leafFloor,
      facts: canonicalJson(archived),
    });
    await store.dropMonth(tx, {
      month: range.fromDate,
      events: facts.events,
      transfers: facts.transfers,
    });
    const data = { ...archived };
    await recordEvents(tx, [
      { atMs: input.time.now(), kind: ARCHIVED_KIND, subject: subjectOf(month), data },
    ]);
    return archived;
  });
}
