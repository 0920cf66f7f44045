/** Success per payment kind, folded from the event stream over a rolling minute: what the status page measures. Pure. */
import type { StreamEvent } from '../audit/event.ts';
import type { Measure } from '../incident/status-model.ts';

const BUCKET_MS = 10_000;
const BUCKET_COUNT = 6;

/** Per bucket start, per payment kind. */
export type Measures = ReadonlyMap<number, Readonly<Record<string, Measure>>>;

const NONE: Measure = { settled: 0, failed: 0, unknown: 0 };

/** Adds events. `isBusinessDecline` knows the rail's codes: a payee's closed account says nothing about the service. */
export function foldMeasures(
  before: Measures,
  events: readonly StreamEvent[],
  isBusinessDecline: (code: string) => boolean,
): Measures {
  const next = new Map(before);
  for (const event of events) {
    const outcome = outcomeOf(event, isBusinessDecline);
    const kind = event.data['paymentKind'];
    if (!outcome || typeof kind !== 'string') continue;
    const start = Math.floor(event.atMs / BUCKET_MS) * BUCKET_MS;
    const bucket = next.get(start) ?? {};
    const measure = bucket[kind] ?? NONE;
    next.set(start, { ...bucket, [kind]: { ...measure, [outcome]: measure[outcome] + 1 } });
  }
  const newest = Math.max(0, ...next.keys());
  for (const start of next.keys())
    if (start <= newest - BUCKET_MS * BUCKET_COUNT) next.delete(start);
  return next;
}

function outcomeOf(
  event: StreamEvent,
  isBusinessDecline: (code: string) => boolean,
): keyof Measure | undefined {
  const code = event.data['code'];
  const isBusiness = typeof code === 'string' && isBusinessDecline(code);
  switch (event.kind) {
    case 'payment.settled':
      return 'settled';
    case 'payment.refunded':
    case 'payment.rejected':
      return isBusiness ? undefined : 'failed';
    case 'payment.unknown':
      return 'unknown';
    default:
      return undefined;
  }
}

/** The last minute's counts per payment kind. */
export function measuresAt(measures: Measures, nowMs: number): Readonly<Record<string, Measure>> {
  const sum: Record<string, Measure> = {};
  for (const [start, bucket] of measures) {
    if (start <= nowMs - BUCKET_MS * BUCKET_COUNT) continue;
    for (const [kind, one] of Object.entries(bucket)) {
      const all = sum[kind] ?? NONE;
      sum[kind] = {
        settled: all.settled + one.settled,
        failed: all.failed + one.failed,
        unknown: all.unknown + one.unknown,
      };
    }
  }
  return sum;
}
