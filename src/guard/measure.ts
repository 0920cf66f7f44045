/** Success per payment kind, folded from the event stream over a rolling minute: what the status page measures. A payment of which nothing
 * is heard counts too: a network that is away gives no outcomes, and few outcomes are no good ones. Pure. */
import type { StreamEvent } from '../audit/event.ts';
import type { Measure } from '../incident/status-model.ts';

const BUCKET_MS = 10_000;
const BUCKET_COUNT = 6;

/** After so long a network that is well has said something. */
const HEARD_BUCKETS = 2;
/** A whole minute of payments that must have been heard of by now. */
const KEPT_BUCKETS = BUCKET_COUNT + HEARD_BUCKETS;

/** What happened in a bucket. `held` = began to be sent; `accepted` = taken by the network. */
interface Heard extends Measure {
  readonly held: number;
  readonly accepted: number;
}

/** Per bucket start, per payment kind. */
export type Measures = ReadonlyMap<number, Readonly<Record<string, Heard>>>;

const NONE: Heard = { settled: 0, failed: 0, unknown: 0, held: 0, accepted: 0 };

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
    if (start <= newest - BUCKET_MS * KEPT_BUCKETS) next.delete(start);
  return next;
}

function outcomeOf(
  event: StreamEvent,
  isBusinessDecline: (code: string) => boolean,
): keyof Heard | undefined {
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
    case 'payment.held':
      return 'held';
    case 'payment.accepted':
      return 'accepted';
    default:
      return undefined;
  }
}

/** The last minute's counts per payment kind; what began to be sent and was not heard of in time is `unknown`. */
export function measuresAt(measures: Measures, nowMs: number): Readonly<Record<string, Measure>> {
  const minute = sumSince(measures, nowMs - BUCKET_MS * BUCKET_COUNT);
  const longer = sumSince(measures, nowMs - BUCKET_MS * KEPT_BUCKETS);
  const young = sumSince(measures, nowMs - BUCKET_MS * HEARD_BUCKETS);
  return Object.fromEntries(
    Object.entries(longer).map(([kind, of]) => {
      const { settled, failed, unknown } = minute[kind] ?? NONE;
      const due = of.held - (young[kind]?.held ?? 0);
      const heard = Math.max(of.settled, of.accepted) + of.failed + of.unknown;
      return [kind, { settled, failed, unknown: unknown + Math.max(0, due - heard) }];
    }),
  );
}

function sumSince(measures: Measures, sinceMs: number): Readonly<Record<string, Heard>> {
  const sum: Record<string, Heard> = {};
  for (const [start, bucket] of measures) {
    if (start <= sinceMs) continue;
    for (const [kind, one] of Object.entries(bucket)) {
      const all = sum[kind] ?? NONE;
      sum[kind] = {
        settled: all.settled + one.settled,
        failed: all.failed + one.failed,
        unknown: all.unknown + one.unknown,
        held: all.held + one.held,
        accepted: all.accepted + one.accepted,
      };
    }
  }
  return sum;
}
