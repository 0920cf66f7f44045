/** What one step sees: new journal entries, new events, the match of open lines, late settlements, requests of staff. Reads only. */
import type { StreamEvent } from '../audit/event.ts';
import { readEvents } from '../audit/tail.ts';
import type { Queryable } from '../db/pool.ts';
import { railOfEntry, type JournalEntry } from '../rail/journal-entry.ts';
import { matchedAtMs, type Break, type MatchClock } from '../reconcile/match.ts';
import { findMissing, matchIntents, matchOpenLines, type LineResult } from '../reconcile/run.ts';
import { eventCursor, journalReadAtMs, type Memory, type Reign } from './context.ts';
import type { Observation } from './detector/observation.ts';
import { foldRailMatches, railMatchAges } from './rail-match.ts';
import { selectEntries } from './store-journal.ts';
import { selectStopRequests } from './store.ts';

const ENTRY_LIMIT = 1_000;
const EVENT_LIMIT = 5_000;
/** Kinds that no detector reads: what the ledger posted is told again, as an outcome, by the payment that asked for it. */
export const UNTELLING_KINDS = ['ledger.posted'];
const REQUEST_LIMIT = 50;

export interface Seen {
  readonly nowMs: number;
  readonly entries: readonly JournalEntry[];
  readonly events: readonly StreamEvent[];
  readonly breaks: readonly Break[];
  readonly lines: readonly LineResult[];
  readonly requests: readonly {
    readonly id: string;
    readonly scope: string;
    readonly reason: string;
    readonly asked_by: string;
  }[];
  /** The memory with its positions moved past what was seen. */
  readonly moved: Memory;
  /** True when a page was full and more waits. */
  readonly hasMore: boolean;
}

/** Reads everything new since the memory's positions. Throws DbFault; then nothing was seen and nothing moves. */
export async function see(reign: Reign, db: Queryable): Promise<Seen> {
  const { memory, numbers, input } = reign;
  const nowMs = input.time.now();
  const readAtMs = journalReadAtMs(reign);
  const entries: JournalEntry[] = [];
  for (const partition of input.gateways) {
    entries.push(
      ...(await selectEntries(db, {
        partition,
        after: memory.cursors[partition] ?? 0,
        limit: ENTRY_LIMIT,
      })),
    );
  }
  // A gateway's clock may run ahead; what it will write tomorrow proves nothing today.
  const feedAliveAtMs = Math.min(nowMs, newestFeedMs(entries, memory.feedAliveAtMs));
  const stream = await readEvents(db, {
    after: eventCursor(memory),
    limit: EVENT_LIMIT,
    without: UNTELLING_KINDS,
  });
  const clock: MatchClock = { nowMs, journalReadAtMs: readAtMs, ...numbers.match };
  const intentBreaks = await matchIntents(db, entries);
  const run = await matchOpenLines(db, { clock, connectors: input.connectors });
  const late = await seeMissing(reign, db, { nowMs, feedAliveAtMs });
  const matched = matchedAtMs({
    nowMs,
    journalReadAtMs: readAtMs,
    feedAliveAtMs,
    ...numbers.match,
  });
  return {
    nowMs,
    entries,
    events: stream.events,
    breaks: [...intentBreaks, ...run.breaks, ...late.breaks],
    lines: run.lines,
    requests: await selectStopRequests(db, REQUEST_LIMIT),
    hasMore: entries.length >= ENTRY_LIMIT || stream.isFull,
    moved: {
      ...memory,
      cursors: { ...memory.cursors, ...positions(entries) },
      settledCursors: { ...memory.settledCursors, ...late.cursors },
      eventXid: stream.cursor.xid.toString(),
      eventId: stream.cursor.id.toString(),
      feedAliveAtMs,
      feedLagMs: feedLag(entries, memory.feedLagMs),
      matchedAtMs: matched ?? memory.matchedAtMs,
      rails: foldRailMatches(memory.rails ?? {}, {
        entries,
        nowMs,
        journalReadAtMs: readAtMs,
        ...numbers.match,
      }),
    },
  };
}

/** Settled messages whose line is overdue. While the feed is silent nothing can be called missing; D9 answers for that. */
async function seeMissing(
  reign: Reign,
  db: Queryable,
  at: { readonly nowMs: number; readonly feedAliveAtMs: number },
): Promise<{
  readonly breaks: readonly Break[];
  readonly cursors: Readonly<Record<string, number>>;
}> {
  const { memory, numbers, input } = reign;
  const notAfterMs = Math.min(at.nowMs, at.feedAliveAtMs) - numbers.match.settledGraceMs;
  const entries: JournalEntry[] = [];
  for (const partition of input.gateways) {
    entries.push(
      ...(await selectEntries(db, {
        partition,
        after: memory.settledCursors[partition] ?? 0,
        notAfterMs,
        limit: ENTRY_LIMIT,
      })),
    );
  }
  return { breaks: await findMissing(db, entries), cursors: positions(entries) };
}

function positions(entries: readonly JournalEntry[]): Readonly<Record<string, number>> {
  return Object.fromEntries(entries.map(({ partition, position }) => [partition, position]));
}

function newestFeedMs(entries: readonly JournalEntry[], before: number): number {
  return entries.reduce(
    (latest, { body, atMs }) => (isOfBifast(body) ? Math.max(latest, atMs) : latest),
    before,
  );
}

/** D9 watches the rail that it stops; the others stand in rail-match.ts. */
function isOfBifast(body: JournalEntry['body']): boolean {
  return (body.kind === 'feed' || body.kind === 'feed_alive') && railOfEntry(body) === 'bifast';
}

function feedLag(entries: readonly JournalEntry[], before: number): number {
  const last = entries.findLast(({ body }) => body.kind === 'feed' && isOfBifast(body));
  return last?.body.kind === 'feed' ? Math.max(0, last.atMs - last.body.line.settledAtMs) : before;
}

/** What the detectors fold, in a fixed order. `opened` = breaks that are news. */
export function observations(input: {
  readonly seen: Seen;
  readonly opened: readonly Break[];
  readonly older: readonly string[];
  readonly isTried: boolean;
}): readonly Observation[] {
  const { seen } = input;
  const atMs = seen.nowMs;
  return [
    ...input.older.map((partition): Observation => ({
      kind: 'journal_suspect',
      atMs,
      partition,
      why: 'older',
    })),
    ...seen.entries.map(({ partition, position, atMs: at, body }): Observation => ({
      kind: 'journal',
      atMs: at,
      partition,
      position,
      body,
    })),
    ...seen.events.map((event): Observation => ({ kind: 'event', atMs: event.atMs, event })),
    ...input.opened.map((found): Observation => ({ kind: 'break', atMs, found })),
    ...(input.isTried
      ? [
          {
            kind: 'tick',
            atMs,
            matchAgeMs: Math.max(0, atMs - seen.moved.matchedAtMs),
            rails: railMatchAges(seen.moved.rails ?? {}, atMs),
          } as const,
        ]
      : []),
  ];
}
