/** The gateway journal (DESIGN.md 1.1): append-only, one owner, flushed before anything leaves. An entry is in the index the
 * moment it is appended, so deciding and burning are one step; it is visible to readers only once it is on disk. */
import { mkdir } from 'node:fs/promises';
import { assert } from '../kernel/assert.ts';
import type { Time } from '../kernel/time.ts';
import type { JournalBody, JournalEntry, JournalPage } from '../rail/journal-entry.ts';
import { takeFence, type Fence } from './fence.ts';
import { makeGroupCommit, type GroupCommit } from './group-commit.ts';
import { makeIndex, type JournalIndex } from './journal-index.ts';
import { openSegments, SEGMENT_BYTES_MAX, type SegmentStore } from './segment.ts';

/** Readers that keep up never touch the disk. */
const RECENT_COUNT_MAX = 4_096;
/** Below the wire's body limit of 1 MiB, with room for the envelope. */
const PAGE_BYTES_MAX = 768 * 1_024;

export interface Journal {
  readonly partition: string;
  readonly epoch: number;
  readonly index: JournalIndex;
  /** The last position on disk. */
  head(): number;
  /** A failed write or a lost fence: nothing may leave any more. */
  isBroken(): boolean;
  /** Appends in order; resolves when all are on disk. Throws when the journal is broken: the effect is not allowed then. */
  append(...bodies: readonly JournalBody[]): Promise<readonly JournalEntry[]>;
  /** Resolves when all that is in the index is on disk; throws when it may not be. */
  untilDurable(): Promise<void>;
  /** An older journal goes on after what the guard has already seen; the next entry must be `opened` as new. */
  skipTo(position: number): void;
  page(after: number, limit: number): Promise<JournalPage>;
  close(): Promise<void>;
  /** Lets go as a killed process would, without waiting for what is queued. For drills and tests. */
  abandon(): Promise<void>;
}

/** Opens (or makes) the journal of a partition. Throws when somebody else owns it or when it is damaged. */
export async function openJournal(input: {
  readonly folder: string;
  readonly partition: string;
  readonly time: Time;
  /** Sees every entry that the disk holds, before new ones. */
  readonly visit?: (entry: JournalEntry) => void;
  readonly segmentBytesMax?: number;
}): Promise<Journal> {
  const { folder, partition, time } = input;
  await time.track(mkdir(folder, { recursive: true, mode: 0o700 }));
  const fence = await takeFence(input);
  const index = makeIndex();
  const recent = makeRecent();
  const segmentBytesMax = input.segmentBytesMax ?? SEGMENT_BYTES_MAX;
  const visit = (entry: JournalEntry): void => {
    assert(entry.partition === partition, 'a journal holds entries of its own partition only');
    index.apply(entry);
    recent.keep(entry);
    input.visit?.(entry);
  };
  const segments = await time
    .track(openSegments({ folder, segmentBytesMax, visit }))
    .catch(async (error: unknown) => {
      await fence.release();
      throw error;
    });
  const commit = makeGroupCommit({
    durable: index.facts().head,
    async flushGroup(group) {
      const isHeld = await fence.isHeld();
      if (!isHeld) throw new Error(`Cannot write journal: epoch ${fence.epoch} was taken over`);
      await time.track(segments.write(group));
      for (const entry of group) recent.keep(entry);
    },
  });
  return journalOver({ partition, time, fence, index, recent, segments, commit });
}

function journalOver(parts: {
  readonly partition: string;
  readonly time: Time;
  readonly fence: Fence;
  readonly index: JournalIndex;
  readonly recent: Recent;
  readonly segments: SegmentStore;
  readonly commit: GroupCommit;
}): Journal {
  const { partition, time, fence, index, recent, segments, commit } = parts;
  let next = index.facts().head + 1;
  const end = async (why: string): Promise<void> => {
    await commit.settled();
    commit.fail(new Error(why));
    await time.track(segments.close());
    await fence.release();
  };
  return {
    partition,
    epoch: fence.epoch,
    index,
    head: () => commit.durable(),
    isBroken: () => commit.fault() !== undefined,
    async append(...bodies) {
      const fault = commit.fault();
      if (fault) throw new Error('Cannot write journal: it is broken', { cause: fault });
      const atMs = time.now();
      const entries = bodies.map((body): JournalEntry => ({
        partition,
        position: next++,
        atMs,
        body,
      }));
      for (const entry of entries) index.apply(entry);
      await commit.write(entries);
      return entries;
    },
    untilDurable: () => commit.untilDurable(index.facts().head),
    skipTo(position) {
      next = Math.max(next, position + 1);
    },
    async page(after, limit) {
      const head = commit.durable();
      const found = recent.after(after, limit) ?? (await time.track(segments.read(after, limit)));
      return { partition, head, entries: fit(found.filter(({ position }) => position <= head)) };
    },
    close: () => end('Journal is closed'),
    async abandon() {
      commit.fail(new Error('Journal was abandoned'));
      await end('Journal was abandoned');
    },
  };
}

/** The newest entries on disk, so that a reader who keeps up never touches it. */
interface Recent {
  keep(entry: JournalEntry): void;
  /** Undefined when the first entry asked for is no longer here. */
  after(position: number, limit: number): readonly JournalEntry[] | undefined;
}

function makeRecent(): Recent {
  const entries: JournalEntry[] = [];
  return {
    keep(entry) {
      entries.push(entry);
      const surplus = entries.length - RECENT_COUNT_MAX;
      if (surplus > RECENT_COUNT_MAX) entries.splice(0, surplus);
    },
    after(position, limit) {
      const [first] = entries;
      if (!first || first.position > position + 1) return undefined;
      return entries.filter((entry) => entry.position > position).slice(0, limit);
    },
  };
}

function fit(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  let bytes = 0;
  const fitting: JournalEntry[] = [];
  for (const entry of entries) {
    bytes += Buffer.byteLength(JSON.stringify(entry));
    if (bytes > PAGE_BYTES_MAX && fitting.length > 0) break;
    fitting.push(entry);
  }
  return fitting;
}
