/** Tells the stream what a partner's operator must know of requests that were refused: who came from elsewhere, and keys that somebody
 * changed in the database. One event a minute per partner and finding, with how often it happened since the last one. */
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import type { StrangeOrigin } from './authenticate.ts';

const QUIET_MS = 60_000;
/** Partners times findings; when full, a finding may be told more than once a minute. */
const KEPT_MAX = 10_000;

export interface Watch {
  strangeOrigin(input: StrangeOrigin): void;
  unreadableKeys(partnerId: string, keyIds: readonly string[]): void;
  /** How many requests were refused for where they came from. */
  strangeCount(): number;
  /** Waits for events that are being written. */
  stop(): Promise<void>;
}

interface Finding {
  readonly kind: 'partner.origin_refused' | 'partner.key_unreadable';
  readonly subject: string;
  /** What makes two findings the same one. */
  readonly same: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Opens it. */
export function openWatch(input: {
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
}): Watch {
  const { db, time, log } = input;
  const seen = new Map<string, { toldAtMs: number; count: number }>();
  const writing = new Set<Promise<void>>();
  let strangeCount = 0;

  function tell({ kind, subject, same, data }: Finding): void {
    const key = `${kind} ${subject} ${same}`;
    const known = seen.get(key) ?? { toldAtMs: -Infinity, count: 0 };
    known.count++;
    if (!seen.has(key) && seen.size >= KEPT_MAX) seen.clear();
    seen.set(key, known);
    const nowMs = time.now();
    if (Math.abs(nowMs - known.toldAtMs) < QUIET_MS) return;
    const { count } = known;
    known.toldAtMs = nowMs;
    known.count = 0;
    log.warn({ kind, subject, count }, 'snap.refused');
    const work = db
      .tx((tx) => recordEvents(tx, [{ atMs: nowMs, kind, subject, data: { ...data, count } }]))
      .catch((error: unknown) => {
        known.count += count;
        known.toldAtMs = -Infinity;
        log.error({ kind, fault: (error as Error).name }, 'snap.event_failed');
      })
      .finally(() => writing.delete(work));
    writing.add(work);
  }

  return {
    strangeOrigin({ partnerId, rule, address, isSigned }) {
      strangeCount++;
      tell({
        kind: 'partner.origin_refused',
        subject: partnerId,
        same: `${rule} ${isSigned}`,
        data: { rule, address, isSigned },
      });
    },
    unreadableKeys(partnerId, keyIds) {
      const same = keyIds.join(' ');
      tell({ kind: 'partner.key_unreadable', subject: partnerId, same, data: { keys: keyIds } });
    },
    strangeCount: () => strangeCount,
    stop: async () => void (await Promise.all(writing)),
  };
}
