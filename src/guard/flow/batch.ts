/** One batch of journal entries and events in the order of their times: what the guard folds at a step, what a restart folds again and what
 * a backtest folds. Pure. */
import type { StreamEvent } from '../../audit/event.ts';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import type { Signal } from '../detector/observation.ts';
import type { Flow } from './fold.ts';
import { seeEntry, seeEvent, type FlowSeen } from './seen.ts';

/** What was read at once. Nothing in it counts as later than `nowMs`: a gateway's clock may run ahead. */
export interface Batch {
  readonly events: readonly StreamEvent[];
  readonly entries: readonly JournalEntry[];
  readonly nowMs: number;
  /** A page was full: more waits, of one source perhaps older than what the other has brought. */
  readonly hasMore?: boolean;
}

/** Folds a batch, then lets time pass up to its end. */
export function foldBatch(flow: Flow, batch: Batch): readonly Signal[] {
  const { nowMs } = batch;
  flow.catchUp(batch.hasMore ?? false);
  const seen: FlowSeen[] = [];
  for (const entry of batch.entries)
    seen.push(seeEntry(entry.atMs > nowMs ? { ...entry, atMs: nowMs } : entry));
  for (const event of batch.events)
    seen.push(seeEvent(event.atMs > nowMs ? { ...event, atMs: nowMs } : event));
  // Stable: what has the same time stays in its order.
  if (batch.entries.length > 0) seen.sort((a, b) => a.atMs - b.atMs);
  const signals: Signal[] = [];
  for (const one of seen) signals.push(...flow.fold(one));
  signals.push(...flow.pass(nowMs));
  return signals;
}
