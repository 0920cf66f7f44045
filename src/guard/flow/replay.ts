/** The stored stream and journals through the detectors that protect (I10): what they would have said, with the numbers in force or with
 * others. Reads only; nothing is placed and nobody is alarmed. */
import { readEvents, STREAM_START } from '../../audit/tail.ts';
import type { StreamEvent } from '../../audit/event.ts';
import type { Queryable } from '../../db/pool.ts';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import { foldDetectors, type DetectorStates } from '../detector/fold.ts';
import type { Observation, Signal } from '../detector/observation.ts';
import { UNTELLING_KINDS } from '../see.ts';
import type { GuardNumbers } from '../setting.ts';
import { selectEntries, selectPartitions } from '../store-journal.ts';
import { foldBatch } from './batch.ts';
import type { CalendarTable } from './calendar.ts';
import { openFlow, type Flow } from './fold.ts';
import { FLOW_DETECTORS } from './list.ts';

const EVENT_PAGE = 5_000;
const ENTRY_PAGE = 1_000;

/** The detectors of single proofs and those of flow, side by side. */
export interface Backtest {
  /** Folds what was stored, in the order of its times. */
  fold(batch: {
    readonly events: readonly StreamEvent[];
    readonly entries: readonly JournalEntry[];
  }): readonly Signal[];
}

/** Opens detectors that have seen nothing. D1, D2, D8 and D9 need the match and say nothing here: what it found stands in the stream. */
export function openBacktest(input: {
  readonly numbers: GuardNumbers;
  readonly calendar: CalendarTable;
}): Backtest {
  const { numbers, calendar } = input;
  const flow: Flow = openFlow(FLOW_DETECTORS, { changes: numbers.flow, calendar });
  let states: DetectorStates = {};
  return {
    fold({ events, entries }) {
      const seen = [
        ...entries.map((entry): Observation => ({ kind: 'journal', ...entry })),
        ...events.map((event): Observation => ({ kind: 'event', atMs: event.atMs, event })),
      ];
      const proofs = foldDetectors(states, seen, numbers.detector);
      states = proofs.states;
      const nowMs = seen.reduce((last, { atMs }) => Math.max(last, atMs), 0);
      return [...proofs.signals, ...foldBatch(flow, { events, entries, nowMs })];
    },
  };
}

/** Folds all that is in the tables, oldest first, and hands on what is found. Counts what was read. */
export async function replay(
  db: Queryable,
  backtest: Backtest,
  onSignal: (signal: Signal) => void,
): Promise<{ readonly events: number; readonly entries: number }> {
  const cursors: Record<string, number> = {};
  for (const partition of await selectPartitions(db)) cursors[partition] = 0;
  let after = STREAM_START;
  let [eventCount, entryCount] = [0, 0];
  for (;;) {
    const page = await readEvents(db, { after, limit: EVENT_PAGE, without: UNTELLING_KINDS });
    after = page.cursor;
    const untilMs = page.isFull ? page.events.at(-1)?.atMs : undefined;
    const entries = await readEntries(db, cursors, untilMs);
    for (const signal of backtest.fold({ events: page.events, entries })) onSignal(signal);
    eventCount += page.events.length;
    entryCount += entries.length;
    if (!page.isFull) return { events: eventCount, entries: entryCount };
  }
}

/** The next entries of every gateway up to an instant; moves the cursors. */
async function readEntries(
  db: Queryable,
  cursors: Record<string, number>,
  untilMs: number | undefined,
): Promise<readonly JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (const partition of Object.keys(cursors)) {
    for (;;) {
      const page = await selectEntries(db, {
        partition,
        after: cursors[partition]!,
        limit: ENTRY_PAGE,
        ...(untilMs !== undefined && { notAfterMs: untilMs }),
      });
      all.push(...page);
      cursors[partition] = page.at(-1)?.position ?? cursors[partition]!;
      if (page.length < ENTRY_PAGE) break;
    }
  }
  return all;
}
