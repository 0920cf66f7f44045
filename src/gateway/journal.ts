/** The gateway journal (DESIGN.md 1.1): append-only, one owner, flushed before anything leaves. An entry is in the index the
 * moment it is appended, so deciding and burning are one step; it is visible to readers only once it is on disk. */
import { mkdir } from 'node:fs/promises';
import { assert } from '../kernel/assert.ts';
import type { Time } from '../kernel/time.ts';
import type { JournalBody, JournalEntry, JournalPage } from '../rail/journal-entry.ts';
import { takeFence } from './fence.ts';
import { makeIndex, type JournalIndex } from './journal-index.ts';
import { openSegments, SEGMENT_BYTES_MAX } from './segment.ts';

/** Readers that keep up never touch the disk. */
const RECENT_COUNT_MAX = 4_096;
/** Below the wire's body limit of 1 MiB, with room for the envelope. */
const PAGE_BYTES_MAX = 768 * 1_024;
/** A queue above this means that the disk does not keep up: callers are told `busy` before. */
export const JOURNAL_QUEUE_COUNT_MAX = 10_000;

export interface Journal {
  readonly partition: string;
  readonly epoch: number;
  readonly index: JournalIndex;
  /** The last position on disk. */
  head(): number;
  /** A failed write or a lost fence: nothing may leave any more. */
  isBroken(): boolean;
  queueLength(): number;
  /** Appends in order; resolves when all are on disk. Throws when the journal is broken: the effect is not allowed then. */
  append(...bodies: readonly JournalBody[]): Promise<readonly JournalEntry[]>;
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
  const recent: JournalEntry[] = [];
  const keep = (entry: JournalEntry): void => {
    recent.push(entry);
    if (recent.length > 2 * RECENT_COUNT_MAX) recent.splice(0, recent.length - RECENT_COUNT_MAX);
  };
  const segments = await time.track(
    openSegments({
      folder,
      segmentBytesMax: input.segmentBytesMax ?? SEGMENT_BYTES_MAX,
      visit: (entry) => {
        assert(entry.partition === partition, 'a journal holds entries of its own partition only');
        index.apply(entry);
        keep(entry);
        input.visit?.(entry);
      },
    }).catch(async (error: unknown) => {
      await fence.release();
      throw error;
    }),
  );

  let next = index.facts().head + 1;
  let durable = index.facts().head;
  let fault: Error | undefined;
  let queue: JournalEntry[] = [];
  let flushing: Promise<void> | undefined;

  const flushOnce = async (group: readonly JournalEntry[]): Promise<void> => {
    if (!(await fence.isHeld())) throw new Error(`Cannot write journal: epoch ${fence.epoch} was taken over`);
    await time.track(segments.write(group));
    for (const entry of group) keep(entry);
    durable = group.at(-1)!.position;
  };
  const flush = async (): Promise<void> => {
    while (queue.length > 0 && !fault) {
      const group = queue;
      queue = [];
      try {
        await flushOnce(group);
      } catch (error) {
        fault = error as Error;
      }
    }
    flushing = undefined;
  };

  const end = async (): Promise<void> => {
    while (flushing) await flushing;
    fault ??= new Error('Journal is closed');
    await time.track(segments.close());
    await fence.release();
  };

  return {
    partition,
    epoch: fence.epoch,
    index,
    head: () => durable,
    isBroken: () => fault !== undefined,
    queueLength: () => queue.length,
    async append(...bodies) {
      if (fault) throw new Error('Cannot write journal: it is broken', { cause: fault });
      const entries = bodies.map((body): JournalEntry => ({ partition, position: next++, atMs: time.now(), body }));
      for (const entry of entries) index.apply(entry);
      queue.push(...entries);
      const last = entries.at(-1)?.position ?? 0;
      while (durable < last) {
        if (fault) throw new Error('Cannot write journal: it is broken', { cause: fault });
        flushing ??= flush();
        await flushing;
      }
      return entries;
    },
    skipTo(position) {
      next = Math.max(next, position + 1);
    },
    async page(after, limit) {
      const head = durable;
      const first = recent[0];
      const isRecent = first !== undefined && first.position <= after + 1;
      const found = isRecent ? recent.filter(({ position }) => position > after).slice(0, limit) : await time.track(segments.read(after, limit));
      return { partition, head, entries: fit(found.filter(({ position }) => position <= head)) };
    },
    close: end,
    async abandon() {
      fault ??= new Error('Journal was abandoned');
      await end();
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
