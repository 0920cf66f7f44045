/** Copies the gateways' journals by offset over mTLS. The offset that we ask with is the gateway's witness: a gateway that
 * finds itself behind it knows that its journal is an older copy, and waits for two people (DESIGN.md 1.1). */
import type { RailName } from '../authorisation/instruction.ts';
import type { WireClient } from '../kernel/wire.ts';
import { parseJson } from '../kernel/wire.ts';
import {
  GATEWAY_PATH,
  railOfEntry,
  type JournalEntry,
  type JournalPage,
} from '../rail/journal-entry.ts';
import type { SettlementLine } from '../rail/notice.ts';
import { insertLines, insertStatement } from '../reconcile/store.ts';
import type { Lead } from './leader.ts';
import { insertEntries } from './store-journal.ts';

const PAGE_ENTRIES = 500;
/** Pages per round; the rest waits for the next round, so that one gateway cannot keep the others waiting. */
const PAGE_COUNT_MAX = 20;
const TIMEOUT_MS = 2_000;

/** Where a copy stands. `readAtMs` = when it last reached the journal's head. */
export interface CopyState {
  readonly offset: number;
  readonly readAtMs: number | undefined;
  /** The gateway's head is behind what we hold: an older or another journal. */
  readonly isOlder: boolean;
}

/** One round for one gateway. Throws WireFault when it cannot be reached, DbFault when the copy cannot be kept. */
export async function copyJournal(input: {
  readonly client: WireClient;
  readonly lead: Lead;
  readonly partition: string;
  readonly offset: number;
  readonly now: () => number;
  /** Called after each page that is kept, so that a failure later in the round repeats nothing. */
  readonly onKept: (offset: number) => void;
}): Promise<CopyState> {
  let { offset } = input;
  for (let page = 0; page < PAGE_COUNT_MAX; page++) {
    const answer = await input.client.call({
      method: 'GET',
      path: `${GATEWAY_PATH.journal}?after=${offset}&limit=${PAGE_ENTRIES}`,
      timeoutMs: TIMEOUT_MS,
    });
    const journal =
      answer.status === 200 ? readPage(parseJson(answer.body), input.partition) : undefined;
    if (!journal)
      throw new Error(`Cannot read journal of ${input.partition}: status ${answer.status}`);
    if (journal.head < offset) return { offset, readAtMs: undefined, isOlder: true };
    const entries = journal.entries.filter(({ position }) => position > offset);
    const last = entries.at(-1);
    if (!last) return { offset, readAtMs: input.now(), isOlder: false };
    await keep(input.lead, entries, input.now());
    offset = last.position;
    input.onKept(offset);
    if (offset >= journal.head) return { offset, readAtMs: input.now(), isOlder: false };
  }
  return { offset, readAtMs: undefined, isOlder: false };
}

async function keep(lead: Lead, entries: readonly JournalEntry[], nowMs: number): Promise<void> {
  await lead.tx(async (tx) => {
    await insertEntries(tx, entries);
    for (const [rail, lines] of linesByRail(entries))
      await insertLines(tx, { rail, lines, seenAtMs: nowMs });
    for (const { body, atMs } of entries) {
      if (body.kind !== 'statement') continue;
      await insertStatement(tx, {
        rail: railOfEntry(body),
        businessDate: body.businessDate,
        atMs,
        lineCount: body.lineCount,
        bodyHash: body.bodyHash,
      });
    }
  });
}

/** The lines of a page, each once. Lines of every rail stand in one table: a network that names another's lines hides none. */
function linesByRail(
  entries: readonly JournalEntry[],
): ReadonlyMap<RailName, readonly SettlementLine[]> {
  const rails = new Map<RailName, Map<string, SettlementLine>>();
  for (const { body } of entries) {
    if (body.kind !== 'feed') continue;
    const rail = railOfEntry(body);
    const lineId = rail === 'bifast' ? body.line.lineId : `${rail}:${body.line.lineId}`;
    const lines = rails.get(rail) ?? new Map<string, SettlementLine>();
    rails.set(rail, lines.set(lineId, { ...body.line, lineId }));
  }
  return new Map([...rails].map(([rail, lines]) => [rail, [...lines.values()]]));
}

function readPage(value: unknown, partition: string): JournalPage | undefined {
  const page = value as JournalPage | undefined;
  const isPage =
    typeof page === 'object' &&
    page !== null &&
    page.partition === partition &&
    Number.isSafeInteger(page.head) &&
    Array.isArray(page.entries);
  if (!isPage) return undefined;
  const isWhole = page.entries.every(
    (entry) =>
      entry?.partition === partition &&
      Number.isSafeInteger(entry.position) &&
      Number.isSafeInteger(entry.atMs) &&
      typeof entry.body?.kind === 'string',
  );
  return isWhole ? page : undefined;
}
