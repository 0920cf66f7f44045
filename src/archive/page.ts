/** Reads a month of the tables as the lines of its files: events in the order of the stream, and the transfers in the order in which the
 * events tell of them. Whatever does not agree is refused here, before anything is written or dropped. */
import { eventText } from '../audit/checkpoint.ts';
import { leafHash } from '../kernel/merkle.ts';
import type { Queryable } from '../db/pool.ts';
import { toldByEvent } from '../ledger/verify-pass.ts';
import { checkOf, parseEventLine, toldFields } from './line.ts';
import { rangeOf } from './month.ts';
import * as store from './store.ts';

/** The archive does not go on; people can read why. */
export class ArchiveRefused extends Error {
  override name = 'ArchiveRefused';
}

/** Events per page. */
const PAGE = 2_000;

/** A page of a month. */
export interface MonthPage {
  readonly events: readonly string[];
  readonly transfers: readonly string[];
  readonly firstPosition: bigint;
  readonly lastPosition: bigint;
}

/** Every page of a month, from one snapshot. Throws ArchiveRefused where events, leaves and transfers do not agree. */
export async function* monthPages(tx: Queryable, month: string): AsyncGenerator<MonthPage> {
  const range = rangeOf(month);
  let place = { xid: '0', id: '0' };
  let from = 0n;
  for (;;) {
    const [lines, leaves] = await Promise.all([
      store.selectMonthEvents(tx, { ...range, ...place, limit: PAGE }),
      store.selectMonthLeaves(tx, { ...range, from, limit: PAGE }),
    ]);
    if (lines.length === 0) return;
    const events: string[] = [];
    const told: { readonly position: string; readonly id: string; readonly row: string }[] = [];
    for (const [at, line] of lines.entries()) {
      const leaf = leaves[at];
      const event = parseEventLine(`\t\t${line}`)?.row;
      if (!event || !leaf) throw refused(month, 'an event has no leaf');
      if (String(leaf.eventId) !== event.id || !leafHash(eventText(event)).equals(leaf.hash))
        throw refused(month, `event ${event.id} is not that of its leaf ${leaf.position}`);
      events.push(`${leaf.position}\t${checkOf(leaf.hash)}\t${line}`);
      for (const { id, row } of toldByEvent(event))
        told.push({ position: String(leaf.position), id, row });
      place = event;
    }
    const first = leaves[0]!.position;
    const last = leaves[lines.length - 1]!.position;
    from = last + 1n;
    const transfers = await transfersOf(tx, { month, told });
    yield { events, transfers, firstPosition: first, lastPosition: last };
  }
}

async function transfersOf(
  tx: Queryable,
  input: {
    readonly month: string;
    readonly told: readonly {
      readonly position: string;
      readonly id: string;
      readonly row: string;
    }[];
  },
): Promise<readonly string[]> {
  const { month, told } = input;
  if (told.length === 0) return [];
  const ids = told.map(({ id }) => BigInt(id));
  const rows = await store.selectMonthTransfers(tx, { ...rangeOf(month), ids });
  const known = new Map(rows.map((row) => [row.slice(0, row.indexOf('\t')), row]));
  return told.map(({ position, id, row }) => {
    const line = `${position}\t${known.get(id)}`;
    if (toldFields(line) !== row)
      throw refused(month, `transfer ${id} is not what its event tells of`);
    return line;
  });
}

function refused(month: string, detail: string): ArchiveRefused {
  return new ArchiveRefused(
    `Cannot archive ${month}: ${detail}; pulih verify tells more, and nothing was dropped`,
  );
}
