/** How much a partner may ask: requests per second in all, and per group of services per second, per minute and at the same time.
 * Counted in each process; with N processes each gives an N-th, rounded up, so that all together give at most N − 1 more than agreed.
 * What is about money is counted in the ledger instead, in the transaction of the money (`payment/limits.ts`). */
import type { Time } from '../../kernel/time.ts';
import type { ServiceCode } from './code.ts';
import type { Partner } from './partner/partner.ts';
import type { PartnerLimitRow, ServiceGroup } from './partner/store.ts';

/** Services that move no money, and tokens. All others are payments, so that a new service is never held less than it should. */
const GROUPS: Readonly<Record<string, ServiceGroup>> = {
  '73': 'token',
  '74': 'token',
  ...Object.fromEntries(
    ['11', '12', '13', '14', '15', '16', '24', '26', '36', '48', '51', '55', '61', '99'].map(
      (code) => [code, 'inquiry' as const],
    ),
  ),
};

/** What a service counts as. */
export function groupOf(service: ServiceCode): ServiceGroup {
  return GROUPS[service] ?? 'payment';
}

export interface Budget {
  /** Takes one request from the partner's requests per second; false when they are used up. */
  admit(partner: Partner): boolean;
  /** Takes one request of a group; what to call when it is answered, or undefined when there is no room. */
  enter(partner: Partner, group: ServiceGroup): (() => void) | undefined;
}

interface Bucket {
  left: number;
  atMs: number;
}

/** Opens the counts of this process, one of `processCount`. */
export function openBudget(time: Time, processCount = 1): Budget {
  const buckets = new Map<string, Bucket>();
  const running = new Map<string, number>();
  const share = (agreed: number): number => Math.ceil(agreed / processCount);
  const bucketOf = (key: string, rate: { readonly max: number; readonly ms: number }): Bucket => {
    const now = time.now();
    let bucket = buckets.get(key);
    if (!bucket) buckets.set(key, (bucket = { left: rate.max, atMs: now }));
    bucket.left = Math.min(
      rate.max,
      bucket.left + (Math.max(0, now - bucket.atMs) * rate.max) / rate.ms,
    );
    bucket.atMs = now;
    return bucket;
  };
  const enter = (key: string, limit: PartnerLimitRow): (() => void) | undefined => {
    const rates = [
      { key: `${key} s`, max: limit.per_second_max, ms: 1_000 },
      { key: `${key} m`, max: limit.per_minute_max, ms: 60_000 },
    ].flatMap(({ key: at, max, ms }) =>
      max === null ? [] : [bucketOf(at, { max: share(max), ms })],
    );
    const now = running.get(key) ?? 0;
    if (limit.concurrent_max !== null && now >= share(limit.concurrent_max)) return undefined;
    // All or none: a request that one bound refuses costs nothing of the others.
    if (rates.some((bucket) => bucket.left < 1)) return undefined;
    for (const bucket of rates) bucket.left -= 1;
    running.set(key, now + 1);
    return () => void running.set(key, running.get(key)! - 1);
  };
  return {
    admit(partner) {
      const bucket = bucketOf(partner.id, {
        max: share(partner.requests_per_second_max),
        ms: 1_000,
      });
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
    enter(partner, group) {
      const limit = partner.limits.find((one) => one.service_group === group);
      return limit ? enter(`${partner.id} ${group}`, limit) : free;
    },
  };
}

function free(): void {}
