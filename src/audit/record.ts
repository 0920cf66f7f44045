import type { Tx } from '../db/pool.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { wibDate } from '../kernel/time.ts';
import type { EventDraft } from './event.ts';
import { insertEvents } from './store.ts';

/** Appends events to the stream in the transaction that makes them true.
 * Shape: one set-based insert, in the order given; `on_date` is the WIB date of `atMs`. Nothing for an empty list. */
export async function recordEvents(tx: Tx, events: readonly EventDraft[]): Promise<void> {
  if (events.length === 0) return;
  await insertEvents(
    tx,
    events.map((event) => ({
      onDate: wibDate(event.atMs),
      atMs: event.atMs,
      kind: event.kind,
      subject: event.subject,
      data: canonicalJson(event.data),
    })),
  );
}
