/** Brings in what the hub says has settled: the feed every second, the statement of a business date once it is complete. Both
 * are authenticated by the connector; every line enters the journal once. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../kernel/canonical.ts';
import { businessDate } from '../kernel/time.ts';
import { parseJson } from '../kernel/wire.ts';
import type { JournalEntry } from '../rail/journal-entry.ts';
import type { SettlementLine, StatementNotice } from '../rail/notice.ts';
import type { GatewayContext } from './context.ts';
import type { Forwarder } from './forward.ts';

/** A page that is full has more behind it: go on at once, but not for ever. */
const PAGES_PER_POLL_MAX = 50;
/** Statements of dates before that are for people to fetch. */
const STATEMENT_DAYS_MAX = 7;
const DAY_MS = 86_400_000;

export interface Settlement {
  /** One poll of the feed; true when the hub answered. */
  pollFeed(): Promise<boolean>;
  /** Fetches the statements that are due. */
  fetchDue(): Promise<void>;
  /** Fetches one statement; true when it is complete and on its way to core. */
  fetchStatement(date: string): Promise<boolean>;
  /** Hands a journalled statement to core again after a restart. */
  resume(entry: JournalEntry): Promise<void>;
}

/** Makes the settlement side. */
export function makeSettlement(context: GatewayContext, forwarder: Forwarder): Settlement {
  const { journal, connector, time, limits } = context;
  let cursor = journal.index.facts().feedCursor;
  let aliveAtMs = Number.NEGATIVE_INFINITY;

  const takeLines = async (lines: readonly SettlementLine[]): Promise<void> => {
    const fresh = new Map(lines.filter(({ lineId }) => !journal.index.hasLine(lineId)).map((line) => [line.lineId, line]));
    if (fresh.size > 0) await journal.append(...[...fresh.values()].map((line) => ({ kind: 'feed' as const, line })));
  };
  const pollFeed = async (): Promise<boolean> => {
    for (let i = 0; i < PAGES_PER_POLL_MAX; i++) {
      const page = await connector.feed(cursor);
      if (!page) return false;
      await takeLines(page.lines);
      const isNew = page.cursor !== cursor;
      cursor = page.cursor;
      if (time.now() - aliveAtMs >= limits.feedAliveMs) {
        aliveAtMs = time.now();
        await journal.append({ kind: 'feed_alive', cursor });
      }
      if (!isNew || page.lines.length === 0) return true;
    }
    return true;
  };
  const offer = (position: number, notice: StatementNotice): void => void forwarder.offer(position, notice);
  const fetchStatement = async (date: string): Promise<boolean> => {
    const statement = await connector.statement(date);
    if (!statement?.isComplete) return false;
    await takeLines(statement.lines);
    const notice: StatementNotice = { kind: 'statement', rail: 'bifast', businessDate: date, lines: statement.lines };
    const text = JSON.stringify(notice);
    await time.track(save(pathOf(context, date), text));
    const bodyHash = sha256(text).toString('hex');
    const [entry] = await journal.append({ kind: 'statement', businessDate: date, lineCount: statement.lines.length, bodyHash });
    offer(entry!.position, notice); // one body in, one entry out
    return true;
  };

  return {
    pollFeed,
    fetchStatement,
    async fetchDue() {
      const { firstAtMs } = journal.index.facts();
      if (firstAtMs === undefined) return;
      const ended = time.now() - limits.statementDelayMs;
      const current = businessDate(ended, limits.cutOverMinute);
      const from = Math.max(firstAtMs, ended - STATEMENT_DAYS_MAX * DAY_MS);
      for (let atMs = from; atMs < ended + DAY_MS; atMs += DAY_MS) {
        const date = businessDate(atMs, limits.cutOverMinute);
        if (date >= current) return;
        if (!journal.index.hasStatement(date)) await fetchStatement(date);
      }
    },
    async resume(entry) {
      if (entry.body.kind !== 'statement') return;
      const text = await time.track(readFile(pathOf(context, entry.body.businessDate), 'utf8').catch(() => ''));
      if (sha256(text).toString('hex') !== entry.body.bodyHash) {
        context.log.error({ businessDate: entry.body.businessDate }, 'gateway.statement_lost');
        await fetchStatement(entry.body.businessDate);
        return;
      }
      offer(entry.position, parseJson(text) as StatementNotice); // our own file, checked by its hash
    },
  };
}

function pathOf(context: GatewayContext, date: string): string {
  return join(context.folder, `statement-${date}.json`);
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text, { mode: 0o600, flush: true });
  await rename(`${path}.next`, path);
}
