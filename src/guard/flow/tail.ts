/** The flow of a guard that begins to lead, or whose last step is in doubt: the saved one, with what the guard has acted on since folded
 * again in silence. Reads only. */
import type { StreamEvent } from '../../audit/event.ts';
import { readEvents, type StreamPart } from '../../audit/tail.ts';
import type { Queryable } from '../../db/pool.ts';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import { selectEntries } from '../store-journal.ts';
import { selectState } from '../store.ts';
import { foldBatch } from './batch.ts';
import { openFlow, type Flow, type FlowSettings } from './fold.ts';
import { FLOW_DETECTORS } from './list.ts';
import { FLOW_NAME, layerName, layersOf, loadFlow, type FlowPlace } from './save.ts';

const EVENT_PAGE = 5_000;
const ENTRY_PAGE = 1_000;
/** A saved flow is a minute old; at most so many pages lie behind it, then the rest is left out and learned anew. */
const PAGE_MAX = 2_000;

/** A flow that stands where `place` says, and the newest layer that is saved. Without a saved one it begins cold there. */
export async function loadFlowUpTo(
  db: Queryable,
  input: {
    readonly place: FlowPlace;
    readonly settings: FlowSettings;
    readonly without: readonly string[];
  },
): Promise<{ readonly flow: Flow; readonly savedLayer: number }> {
  const body = await selectState(db, FLOW_NAME);
  const layers: string[] = [];
  for (const number of body === undefined ? [] : layersOf(body)) {
    const layer = await selectState(db, layerName(number));
    if (layer !== undefined) layers.push(layer);
  }
  const saved = body === undefined ? undefined : loadFlow(body, layers);
  const flow = openFlow(FLOW_DETECTORS, input.settings, saved?.state);
  if (saved) await foldTail(db, { ...input, flow, from: saved.place });
  return { flow, savedLayer: saved?.savedLayer ?? -1 };
}

/** Folds from one place up to another; what it finds was said before. */
async function foldTail(
  db: Queryable,
  input: {
    readonly flow: Flow;
    readonly from: FlowPlace;
    readonly place: FlowPlace;
    readonly without: readonly string[];
  },
): Promise<void> {
  const { flow, place } = input;
  let after = { xid: BigInt(input.from.eventXid), id: BigInt(input.from.eventId) };
  const end = { xid: BigInt(place.eventXid), id: BigInt(place.eventId) };
  const cursors: Record<string, number> = { ...input.from.cursors };
  let isStreamRead = false;
  for (let page = 0; page < PAGE_MAX; page++) {
    const stream: StreamPart | undefined = isStreamRead
      ? undefined
      : await readEvents(db, { after, limit: EVENT_PAGE, without: input.without });
    const events: readonly StreamEvent[] = (stream?.events ?? []).filter(
      ({ xid, id }) => xid < end.xid || (xid === end.xid && id <= end.id),
    );
    isStreamRead ||= !stream?.isFull || events.length < stream.events.length;
    if (stream) after = stream.cursor;
    const entries = await readEntries(db, { cursors, upTo: place.cursors });
    const nowMs = [...events, ...entries].reduce((last, { atMs }) => Math.max(last, atMs), 0);
    foldBatch(flow, { events, entries, nowMs, hasMore: true });
    if (isStreamRead && entries.length === 0) return;
  }
}

/** The next entries of each gateway up to where the guard stands; moves the cursors. */
async function readEntries(
  db: Queryable,
  of: {
    readonly cursors: Record<string, number>;
    readonly upTo: Readonly<Record<string, number>>;
  },
): Promise<readonly JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (const [partition, last] of Object.entries(of.upTo)) {
    const after = of.cursors[partition] ?? 0;
    if (after >= last) continue;
    const page = await selectEntries(db, { partition, after, limit: ENTRY_PAGE });
    const entries = page.filter(({ position }) => position <= last);
    of.cursors[partition] = entries.at(-1)?.position ?? last;
    all.push(...entries);
  }
  return all;
}
