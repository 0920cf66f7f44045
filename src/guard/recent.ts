/** The last hour of what left, in memory: what an automatic restriction would touch, and which part of a flow stands out. Bounded; a guard
 * that has just begun to lead knows little and then proposes nothing narrower. Pure. */
import type { StreamEvent } from '../audit/event.ts';
import type { FlowFacts } from '../gate/port.ts';
import type { Scope } from '../gate/restriction.ts';
import { inScope } from '../gate/scope.ts';
import { seeEvent, type PaymentSeen } from './flow/seen.ts';
import { smallestScope } from './localise/scope-search.ts';
import { previewScope, type ScopePreview, type SeenFlow } from './preview.ts';

const MINUTE_MS = 60_000;
const KEPT_MS = 60 * MINUTE_MS;
/** An hour of a bank with a third of a million payments a day; of a busier one less than an hour is kept. */
const KEPT_MAX = 20_000;
/** The minutes in which a flow stands out, against those before them. */
const FRESH_MS = 5 * MINUTE_MS;
const PREVIEW_MINUTES = 10;
/** Fewer tell nothing about where they come from. */
const FRESH_MIN = 20;
/** A proposal that leaves more of the excess open does not cut the path. */
const CUT_SHARE_MIN = 0.8;

/** Upper ends of amount bands in rupiah; the last band is open. domain.md 7.5, D10: near the caps of Rp25 m and Rp250 m. */
const BANDS = [1_000_000, 10_000_000, 22_500_000, 50_000_000, 225_000_000] as const;

interface Left {
  readonly atMs: number;
  readonly facts: FlowFacts;
  readonly customer: string | undefined;
}

/** Oldest first. */
export type RecentFlows = readonly Left[];

/** Adds what left. */
export function foldRecent(
  before: RecentFlows,
  events: readonly StreamEvent[],
  nowMs: number,
): RecentFlows {
  const news = events.flatMap((event): readonly Left[] => {
    if (!event.kind.startsWith('payment.')) return [];
    const seen = seeEvent(event);
    return seen.kind === 'payment' && seen.isLeaving ? [leftOf(seen)] : [];
  });
  const oldest = before[0];
  const isStale = oldest !== undefined && oldest.atMs < nowMs - KEPT_MS;
  if (news.length === 0 && !isStale) return before;
  return [...before, ...news].filter(({ atMs }) => atMs >= nowMs - KEPT_MS).slice(-KEPT_MAX);
}

function leftOf(seen: PaymentSeen): Left {
  const { rail, channel, bank, payer, payee, customer } = seen;
  return {
    atMs: seen.atMs,
    customer: customer ?? payer,
    facts: {
      rail,
      direction: 'out',
      channel,
      ...(bank !== undefined && { bank }),
      ...(payer !== undefined && { payer }),
      ...(payee !== undefined && { payee }),
      account: '',
      amountSen: BigInt(Math.round(seen.rupiah)) * 100n,
      cohortBucket: 0,
      isStaff: seen.isStaff,
    },
  };
}

/** What a scope would have touched in the last minutes. Whether a payment was healthy shows only later: all that left count. */
export function previewRecent(recent: RecentFlows, scope: Scope, nowMs: number): ScopePreview {
  const flows = recent
    .filter(({ atMs }) => atMs >= nowMs - PREVIEW_MINUTES * MINUTE_MS)
    .map(({ facts, customer }): SeenFlow => ({ facts, customer, isHealthy: true, isOpen: false }));
  return previewScope({
    scope,
    recent: { flows, minutes: PREVIEW_MINUTES, skipped: 0 },
    usual: undefined,
  });
}

const DIMENSIONS = ['channel', 'bank', 'band'] as const;

/** The part of a path that what is new comes from, when one part alone does: narrowest scope that cuts it at the least healthy cost. */
export function localise(recent: RecentFlows, path: Scope, nowMs: number): readonly Scope[] {
  const inPath = recent.filter(({ facts }) => inScope(path, facts));
  const fresh = inPath.filter(({ atMs }) => atMs >= nowMs - FRESH_MS);
  const earlier = inPath.length - fresh.length;
  const oldestMs = inPath[0]?.atMs ?? nowMs;
  const earlierMs = nowMs - FRESH_MS - oldestMs;
  if (fresh.length < FRESH_MIN || earlier < FRESH_MIN || earlierMs < FRESH_MS) return [];
  const scale = FRESH_MS / earlierMs;
  const rows = inPath.map(({ facts }) => [
    facts.channel,
    facts.bank ?? '-',
    String(bandOf(facts.amountSen)),
  ]);
  const isFresh = inPath.map(({ atMs }) => atMs >= nowMs - FRESH_MS);
  const found = smallestScope({
    dimensions: DIMENSIONS,
    rows,
    real: isFresh.map((is) => (is ? 1 : 0)),
    expected: isFresh.map((is) => (is ? 0 : scale)),
  });
  const [only, ...more] = found?.scopes ?? [];
  if (!found || !only || more.length > 0 || found.cutShare < CUT_SHARE_MIN) return [];
  return [{ ...path, ...scopeOf(only.where) }];
}

function bandOf(amountSen: bigint): number {
  const rupiah = Number(amountSen / 100n);
  const index = BANDS.findIndex((end) => rupiah < end);
  return index < 0 ? BANDS.length : index;
}

function scopeOf(where: Readonly<Record<string, string>>): Scope {
  const { channel, bank, band } = where;
  const [from, to] = band === undefined ? [] : [BANDS[Number(band) - 1], BANDS[Number(band)]];
  return {
    ...(channel !== undefined && { channel }),
    ...(bank !== undefined && bank !== '-' && { bank }),
    ...(from !== undefined && { amountFromSen: String(from * 100) }),
    ...(to !== undefined && { amountToSen: String(to * 100) }),
  };
}
