/** Brings in what the hub says has settled: the feed every second, the statement of a business date once it is complete. Both
 * are authenticated by the connector; every line enters the journal once. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RailName } from '../authorisation/instruction.ts';
import { sha256 } from '../kernel/canonical.ts';
import { businessDate } from '../kernel/time.ts';
import { parseJson } from '../kernel/wire.ts';
import { railField, type JournalEntry } from '../rail/journal-entry.ts';
import { faultOf, saysSame } from './file-fault.ts';
import type { SettlementLine, StatementNotice } from '../rail/notice.ts';
import type { DatedFault, RailHost } from './host.ts';
import type { GatewayContext } from './context.ts';
import type { Forwarder } from './forward.ts';

/** A page that is full has more behind it: go on at once, but not for ever. */
const PAGES_PER_POLL_MAX = 50;
/** Statements of dates before that are for people to fetch. */
const STATEMENT_DAYS_MAX = 7;
const DAY_MS = 86_400_000;
/** A file that was taken is read again so often while it is the newest: it must not change any more. */
const AGAIN_MS = 3_600_000;
/** Faults that are told once each; a file a day of a few rails. */
const FAULTS_MAX = 1_000;

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

/** Makes the settlement side of one rail. */
export function makeSettlement(
  context: GatewayContext,
  { host, forwarder }: { readonly host: RailHost; readonly forwarder: Forwarder },
): Settlement {
  const { journal, time, limits } = context;
  const { rail } = host;
  const tell = makeTeller(context, host);
  const fetchStatement = async (date: string): Promise<boolean> => {
    const statement = await host.settlement.statement(date);
    await tell(host.settlement.takeFaults?.() ?? []);
    if (!statement?.isComplete) return false;
    const { lines } = statement;
    const before = await savedLines(context, { rail, date: dayBefore(date) });
    const fault = faultOf(lines, { date, before });
    if (fault) {
      await tell([{ businessDate: date, fault }]);
      return false;
    }
    await takeLines(context, rail, lines);
    const notice: StatementNotice = {
      kind: 'statement',
      rail,
      businessDate: date,
      lines,
    };
    const text = JSON.stringify(notice);
    await time.track(save(pathOf(context, { rail, date }), text));
    const bodyHash = sha256(text).toString('hex');
    const body = { businessDate: date, lineCount: lines.length, bodyHash };
    const [entry] = await journal.append({ kind: 'statement', ...railField(rail), ...body });
    void forwarder.offer(entry!.position, notice); // one body in, one entry out
    return true;
  };
  const readAgain = makeAgain(context, { host, tell });
  const pollFeed = makeFeedPoller(context, host);
  return {
    async pollFeed() {
      const isAnswered = await pollFeed();
      await tell(host.settlement.takeFaults?.() ?? []);
      return isAnswered;
    },
    fetchStatement,
    async fetchDue() {
      if (journal.index.facts().firstAtMs === undefined) return;
      const ended = time.now() - limits.statementDelayMs;
      const current = businessDate(ended, limits.cutOverMinute);
      // Also from before this journal: what an earlier one had sent waits for its statement.
      const from = ended - STATEMENT_DAYS_MAX * DAY_MS;
      for (let atMs = from; atMs < ended + DAY_MS; atMs += DAY_MS) {
        const date = businessDate(atMs, limits.cutOverMinute);
        if (date >= current) break;
        if (!journal.index.hasStatement(rail, date)) await fetchStatement(date);
      }
      const newest = dayBefore(current);
      if (journal.index.hasStatement(rail, newest)) await readAgain(newest);
    },
    async resume({ position, body }) {
      if (body.kind !== 'statement') return;
      const text = await readSaved(context, { rail, date: body.businessDate });
      if (sha256(text).toString('hex') === body.bodyHash) {
        void forwarder.offer(position, parseJson(text) as StatementNotice); // our own file, checked by its hash
        return;
      }
      context.log.error({ rail, businessDate: body.businessDate }, 'gateway.statement_lost');
      await fetchStatement(body.businessDate);
    },
  };
}

type Tell = (faults: readonly DatedFault[]) => Promise<void>;

/** Journals what is wrong with a file, once per date and fault and start. */
function makeTeller({ journal, log }: GatewayContext, { rail }: RailHost): Tell {
  const told = new Set<string>();
  return async (faults) => {
    for (const { businessDate: date, fault } of faults) {
      const name = `${date} ${fault}`;
      if (told.has(name) || told.size >= FAULTS_MAX) continue;
      told.add(name);
      log.error({ rail, businessDate: date, fault }, 'gateway.file_fault');
      await journal.append({ kind: 'file_fault', ...railField(rail), businessDate: date, fault });
    }
  };
}

/** Reads the newest file that was taken once more, seldom: a network that changes the last word has to say so to people. */
function makeAgain(
  context: GatewayContext,
  of: { readonly host: RailHost; readonly tell: Tell },
): (date: string) => Promise<void> {
  const { host, tell } = of;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async (date) => {
    const nowMs = context.time.now();
    if (nowMs - readAtMs < AGAIN_MS && nowMs >= readAtMs) return;
    readAtMs = nowMs;
    const [statement, saved] = [
      await host.settlement.statement(date),
      await savedStatement(context, { rail: host.rail, date }),
    ];
    if (!statement?.isComplete || !saved || saysSame(statement.lines, saved.lines)) return;
    await tell([{ businessDate: date, fault: 'changed' }]);
  };
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, 10);
}

/** What was taken of a date; undefined when its file is not there. */
async function savedStatement(
  context: GatewayContext,
  of: Statement,
): Promise<StatementNotice | undefined> {
  const text = await readSaved(context, of);
  // Written by us, whole or not at all.
  return text === '' ? undefined : (parseJson(text) as StatementNotice);
}

async function savedLines(
  context: GatewayContext,
  of: Statement,
): Promise<readonly SettlementLine[]> {
  return (await savedStatement(context, of))?.lines ?? [];
}

/** Polls from where the journal left off; a few lines may come twice after a restart and enter once. */
function makeFeedPoller(context: GatewayContext, host: RailHost): () => Promise<boolean> {
  const { journal, time, limits } = context;
  const { rail } = host;
  let cursor = journal.index.feedCursor(rail);
  let aliveAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    for (let i = 0; i < PAGES_PER_POLL_MAX; i++) {
      const page = await host.settlement.feed(cursor);
      if (!page) return false;
      await takeLines(context, rail, page.lines);
      const isNew = page.cursor !== cursor;
      cursor = page.cursor;
      if (time.now() - aliveAtMs >= limits.feedAliveMs) {
        aliveAtMs = time.now();
        await journal.append({ kind: 'feed_alive', ...railField(rail), cursor });
      }
      if (!isNew || page.lines.length === 0) return true;
    }
    return true;
  };
}

/** Writes the lines that the journal does not hold yet; between looking and writing nobody else gets in. */
export async function takeLines(
  { journal }: Pick<GatewayContext, 'journal'>,
  rail: RailName,
  lines: readonly SettlementLine[],
): Promise<void> {
  const isFresh = ({ lineId }: SettlementLine): boolean => !journal.index.hasLine(rail, lineId);
  const fresh = new Map(lines.filter(isFresh).map((line) => [line.lineId, line]));
  if (fresh.size === 0) return;
  await journal.append(
    ...[...fresh.values()].map((line) => ({ kind: 'feed' as const, ...railField(rail), line })),
  );
}

async function readSaved(context: GatewayContext, of: Statement): Promise<string> {
  return context.time.track(readFile(pathOf(context, of), 'utf8').catch(() => ''));
}

/** Whose statement of which date. */
interface Statement {
  readonly rail: RailName;
  readonly date: string;
}

/** BI-FAST's are named as before there were others. */
function pathOf(context: GatewayContext, { rail, date }: Statement): string {
  const name = rail === 'bifast' ? date : `${rail}-${date}`;
  return join(context.folder, `statement-${name}.json`);
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text, { mode: 0o600, flush: true });
  await rename(`${path}.next`, path);
}
