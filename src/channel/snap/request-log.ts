/** The log of requests, kept for ten years (domain.md 3.1): who asked what, when, from where, signed with which key, and what was answered,
 * masked. Off the way of the payment: a request is put into a queue and written with others within half a second, compressed.
 * Posture: open with a cap. While the database cannot write, up to QUEUE_BYTES_MAX wait; past that the newest are lost, counted, and told
 * by an event as soon as writing works again. A process that dies loses what it had not written; the payments themselves, and what
 * became of them, are in the ledger and the stream. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import { wibDate, type Time } from '../../kernel/time.ts';
import { maskJson } from './mask.ts';
import { minify } from './minify.ts';
import { insertSegment, selectSegments, type SegmentRow } from './store-log.ts';

const FLUSH_MS = 500;
/** Masking so many takes about 3 ms, for which everything else of the process waits. */
const SEGMENT_REQUESTS_MAX = 500;
/** The same for large ones: a partner that fills its bodies with numbers may hold nobody up for longer than 0.1 s. */
const SEGMENT_SOURCE_BYTES_MAX = 2 * 1_048_576;
/** Half a minute of the highest load that was measured. */
const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** What an entry takes besides its texts. */
const ENTRY_BYTES = 400;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
const READ_PAGE = 20;
/** A segment decompresses to less: what it was made from, three times as long at most where every number is hidden. */
const SEGMENT_BYTES_MAX = 4 * SEGMENT_SOURCE_BYTES_MAX;
const DAY_MS = 86_400_000;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** One request and its answer, as they came and went. */
export interface RequestEntry {
  readonly atMs: number;
  readonly service: string;
  /** Whom it named; its word for it unless it was authenticated. */
  readonly partnerId: string;
  readonly isAuthenticated: boolean;
  readonly externalId: string | undefined;
  readonly keyId: string | undefined;
  readonly address: string;
  readonly code: string;
  readonly ms: number;
  /** Kept, masked, only of a request that was authenticated: strangers do not fill the log. */
  readonly request: Buffer;
  readonly answer: string;
}

export interface RequestLog {
  /** Takes an entry; never waits, never throws. */
  tell(entry: RequestEntry): void;
  counts(): { readonly waiting: number; readonly written: number; readonly lost: number };
  /** Writes what waits; gives up when the database does not take it. */
  stop(): Promise<void>;
}

interface LogInput {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
}

/** Opens it. */
export function openRequestLog(input: LogInput): RequestLog {
  const { time, log } = input;
  let waiting: RequestEntry[] = [];
  let bytes = 0;
  let written = 0;
  let lost = 0;
  let untold = { count: 0, fromMs: 0, untilMs: 0 };
  let retryMs = RETRY_MS;
  let tried: SegmentRow | undefined;
  let running: Promise<void> | undefined;
  const stopping = new AbortController();

  /** Writes one segment; false when it could not. The same one is tried again, for its commit may have succeeded unheard. */
  async function writeNext(): Promise<boolean> {
    const told = untold;
    try {
      tried ??= await segmentOf(input, nextBatch(waiting));
      await writeSegment(input, { segment: tried, lost: told });
    } catch (error) {
      log.error({ waiting: waiting.length, fault: (error as Error).name }, 'snap.log_failed');
      return false;
    }
    const batch = waiting.slice(0, tried.requestCount);
    waiting = waiting.slice(tried.requestCount);
    tried = undefined;
    bytes -= batch.reduce((all, one) => all + bytesOf(one), 0);
    written += batch.length;
    untold = { ...untold, count: untold.count - told.count };
    return true;
  }

  async function drain(): Promise<void> {
    await time.sleep(FLUSH_MS, stopping.signal);
    while (waiting.length > 0) {
      if (await writeNext()) {
        retryMs = RETRY_MS;
        continue;
      }
      if (stopping.signal.aborted) return;
      await time.sleep(retryMs, stopping.signal);
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    }
  }

  return {
    tell(entry) {
      const size = bytesOf(entry);
      if (bytes + size > QUEUE_BYTES_MAX) {
        lost++;
        const fromMs = untold.count === 0 ? entry.atMs : untold.fromMs;
        untold = { count: untold.count + 1, fromMs, untilMs: entry.atMs };
        return;
      }
      waiting.push(entry);
      bytes += size;
      running ??= drain().finally(() => (running = undefined));
    },
    counts: () => ({ waiting: waiting.length, written, lost }),
    async stop() {
      stopping.abort();
      await running;
      // One more try of what came after the last one.
      if (waiting.length > 0) await drain();
    },
  };
}

/** The oldest requests of one day, as many as a segment holds, and one at least. */
function nextBatch(waiting: readonly RequestEntry[]): {
  readonly batch: readonly RequestEntry[];
  readonly day: string;
} {
  const page = waiting.slice(0, SEGMENT_REQUESTS_MAX);
  const day = wibDate(page[0]!.atMs);
  let bytes = 0;
  const isNext = (one: RequestEntry, place: number): boolean => {
    bytes += bytesOf(one);
    return wibDate(one.atMs) !== day || (place > 0 && bytes > SEGMENT_SOURCE_BYTES_MAX);
  };
  const end = page.findIndex(isNext);
  return { batch: end < 0 ? page : page.slice(0, end), day };
}

function bytesOf(entry: RequestEntry): number {
  return ENTRY_BYTES + entry.request.length + 2 * entry.answer.length;
}

async function segmentOf(
  { time, random }: Pick<LogInput, 'time' | 'random'>,
  input: { readonly batch: readonly RequestEntry[]; readonly day: string },
): Promise<SegmentRow> {
  const { batch, day } = input;
  const first = batch[0]!;
  const atMs = batch.map((one) => one.atMs);
  const text = batch.map(lineOf).join('\n');
  return {
    id: newId('plog', first.atMs, random),
    onDate: day,
    fromAt: new Date(Math.min(...atMs)),
    toAt: new Date(Math.max(...atMs)),
    partnerIds: [...new Set(batch.map((one) => one.partnerId))],
    requestCount: batch.length,
    body: await time.track(compress(text)),
  };
}

async function writeSegment(
  { db, time }: Pick<LogInput, 'db' | 'time'>,
  input: {
    readonly segment: SegmentRow;
    readonly lost: { readonly count: number; readonly fromMs: number; readonly untilMs: number };
  },
): Promise<void> {
  const { segment, lost } = input;
  if (lost.count === 0) return insertSegment(db, segment);
  await db.tx(async (tx) => {
    await insertSegment(tx, segment);
    const data = { count: lost.count, fromMs: lost.fromMs, untilMs: lost.untilMs };
    await recordEvents(tx, [
      { atMs: time.now(), kind: 'partner.log_lost', subject: segment.id, data },
    ]);
  });
}

/** A request as a line of the log. */
export interface LoggedRequest {
  readonly at: string;
  readonly partner: string;
  readonly isAuthenticated: boolean;
  readonly service: string;
  readonly code: string;
  readonly ms: number;
  readonly externalId?: string;
  readonly key?: string;
  readonly address: string;
  readonly request?: unknown;
  readonly response: unknown;
}

function lineOf(entry: RequestEntry): string {
  const head = JSON.stringify({
    at: new Date(entry.atMs).toISOString(),
    partner: entry.partnerId,
    isAuthenticated: entry.isAuthenticated,
    service: entry.service,
    code: entry.code,
    ms: entry.ms,
    externalId: entry.externalId,
    key: entry.keyId,
    address: entry.address,
  } satisfies Omit<LoggedRequest, 'externalId' | 'key' | 'request' | 'response'> &
    Record<string, unknown>);
  const request = entry.isAuthenticated ? `,"request":${requestOf(entry)}` : '';
  return `${head.slice(0, -1)}${request},"response":${maskJson(entry.answer, { isOurs: true })}}`;
}

function requestOf(entry: RequestEntry): string {
  const text = minify(entry.request).toString('utf8');
  // What was answered as done had a body that could be read; of the others it is not known yet.
  if (!entry.code.startsWith('2') && !isJson(text)) return `{"bytes":${entry.request.length}}`;
  return maskJson(text, { isOurs: false });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads the requests of a partner in a span of time, oldest first by segment. */
export async function* readRequests(
  db: Db,
  input: { readonly partnerId: string; readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<LoggedRequest> {
  const { partnerId, fromMs, toMs } = input;
  let after = { at: new Date(0), id: '' };
  for (;;) {
    const page = await selectSegments(db, {
      partnerId,
      from: new Date(fromMs),
      to: new Date(toMs),
      // A segment is of the day of its first request.
      fromDate: wibDate(fromMs - DAY_MS),
      toDate: wibDate(toMs),
      after,
      limit: READ_PAGE,
    });
    for (const { body } of page) {
      const text = await decompress(body, { maxOutputLength: SEGMENT_BYTES_MAX });
      for (const line of text.toString('utf8').split('\n')) {
        const one = JSON.parse(line) as LoggedRequest;
        const atMs = Date.parse(one.at);
        if (one.partner === partnerId && atMs >= fromMs && atMs <= toMs) yield one;
      }
    }
    if (page.length < READ_PAGE) return;
    after = { at: page.at(-1)!.from_at, id: page.at(-1)!.id };
  }
}
