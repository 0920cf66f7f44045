/** Passes what came in on to core until it is taken (I12). Everything here is already in the journal; the cursor on disk says
 * up to where core has taken it, so a restart repeats a little and loses nothing. Notices about one message keep their order. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RailName } from '../authorisation/instruction.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { Log } from '../kernel/log.ts';
import type { Time } from '../kernel/time.ts';
import { parseJson, type WireClient } from '../kernel/wire.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import type { NoticeAnswer, RailNotice, StatementNotice } from '../rail/notice.ts';
import { openCourier } from './courier.ts';

const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 5_000;
const CURSOR_FILE = 'forward.json';
/** Lines of a statement in one notice: a third of what core reads at once (1 MiB), and posted well within its time. */
const STATEMENT_LINES_MAX = 1_000;

export interface Forwarder {
  /** Queues a journalled notice; resolves with core's answer when it is taken. */
  offer(position: number, notice: RailNotice): Promise<NoticeAnswer>;
  /** Asks core once, now: for enquiries, and for the hub's repeat of what core has taken already. */
  deliver(notice: RailNotice): Promise<NoticeAnswer | undefined>;
  /** The answer on its way for this message, if any. */
  pendingOf(key: string): Promise<NoticeAnswer> | undefined;
  /** How many wait, of one rail or of all. */
  pendingCount(rail?: RailName): number;
  /** Every position up to here is taken. */
  cursor(): number;
  saveCursor(): Promise<void>;
  stop(): Promise<void>;
}

/** Where a forwarder starts after a restart; 0 when nothing was taken yet. */
export async function loadForwardCursor(folder: string, time: Time): Promise<number> {
  const text = await time.track(readFile(join(folder, CURSOR_FILE), 'utf8').catch(() => ''));
  const { cursor } = recordOf(parseJson(text));
  return Number.isSafeInteger(cursor) ? Number(cursor) : 0;
}

interface ForwarderInput {
  readonly folder: string;
  readonly cores: readonly WireClient[];
  readonly startCursor: number;
  readonly timeoutMs: number;
  readonly countMax: number;
  readonly keyOf: (notice: RailNotice) => string;
  readonly time: Time;
  readonly log: Log;
}

/** Makes the forwarder. `cores` are tried in turn. */
export function makeForwarder(input: ForwarderInput): Forwarder {
  const stopping = new AbortController();
  const deliver = openCourier(input);
  const persist = makePersistence({ ...input, deliver, signal: stopping.signal });
  const untilTaken = async (position: number, notice: RailNotice): Promise<NoticeAnswer> => {
    const [first, ...rest] = partsOf(notice);
    let answer = await persist(position, first);
    for (const part of rest) answer = await persist(position, part);
    return answer;
  };
  const pending = new Map<
    number,
    { readonly key: string; readonly answer: Promise<NoticeAnswer> }
  >();
  const chains = new Map<string, Promise<unknown>>();
  const counts = new Map<RailName, number>();
  let highest = input.startCursor;
  let saved = input.startCursor;
  const cursor = (): number => {
    let lowest = highest + 1;
    // One flush of the journal lets many go on at once, and not every one of them is offered in its turn.
    for (const position of pending.keys()) lowest = Math.min(lowest, position);
    return lowest - 1;
  };
  return {
    deliver,
    cursor,
    pendingCount: (rail) => (rail === undefined ? pending.size : (counts.get(rail) ?? 0)),
    pendingOf: (key) => [...pending.values()].find((item) => item.key === key)?.answer,
    offer(position, notice) {
      const order = 'bizMsgIdr' in notice ? notice.bizMsgIdr : `${notice.rail}:${notice.kind}`;
      const before = chains.get(order) ?? Promise.resolve();
      const answer = before
        .then(() => untilTaken(position, notice))
        .then((taken) => {
          pending.delete(position);
          counts.set(notice.rail, counts.get(notice.rail)! - 1); // counted below, before it can be taken
          if (chains.get(order) === answer) chains.delete(order);
          return taken;
        });
      chains.set(order, answer);
      counts.set(notice.rail, (counts.get(notice.rail) ?? 0) + 1);
      pending.set(position, { key: input.keyOf(notice), answer });
      highest = Math.max(highest, position);
      return answer;
    },
    async saveCursor() {
      const now = cursor();
      if (now === saved) return;
      await input.time.track(writeCursor(join(input.folder, CURSOR_FILE), now));
      saved = now;
    },
    async stop() {
      stopping.abort();
    },
  };
}

/** A long statement in parts; every other notice is one. Only the last part says that the date is complete. */
function partsOf(notice: RailNotice): readonly [RailNotice, ...RailNotice[]] {
  if (notice.kind !== 'statement') return [notice];
  const { lines } = notice;
  const parts: StatementNotice[] = [];
  for (let at = 0; at + STATEMENT_LINES_MAX < lines.length; at += STATEMENT_LINES_MAX)
    parts.push({ ...notice, lines: lines.slice(at, at + STATEMENT_LINES_MAX), hasMore: true });
  const last = { ...notice, lines: lines.slice(parts.length * STATEMENT_LINES_MAX) };
  const [first, ...rest] = [...parts, last];
  return [first ?? last, ...rest];
}

/** Tries until core has taken a notice, a bounded number of notices at once. After `stop` it stays silent: the cursor on disk
 * brings the notice back. */
function makePersistence(input: {
  readonly countMax: number;
  readonly deliver: Forwarder['deliver'];
  readonly signal: AbortSignal;
  readonly time: Time;
  readonly log: Log;
}): (position: number, notice: RailNotice) => Promise<NoticeAnswer> {
  const { deliver, signal, time, log } = input;
  const slots = makeSlots(input.countMax);
  return async (position, notice) => {
    for (let backoffMs = BACKOFF_MS_MIN; ; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)) {
      await slots.enter();
      if (signal.aborted) return never();
      faultPoint('gateway.beforeForward');
      const answer = await deliver(notice).finally(slots.leave);
      if (answer) {
        faultPoint('gateway.afterForward');
        const isNews = !answer.taken && notice.kind !== 'credit';
        if (isNews) log.warn({ position, kind: notice.kind }, 'gateway.notice_not_taken');
        return answer;
      }
      await time.sleep(backoffMs, signal);
      if (signal.aborted) return never();
    }
  };
}

function makeSlots(countMax: number): { enter(): Promise<void>; readonly leave: () => void } {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async enter() {
      if (running < countMax) return void running++;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else running--;
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

async function writeCursor(path: string, cursor: number): Promise<void> {
  await writeFile(`${path}.next`, JSON.stringify({ cursor }), { mode: 0o600 });
  await rename(`${path}.next`, path);
}
