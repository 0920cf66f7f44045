import type { Time } from '../../kernel/time.ts';
import type { Partner } from './partner.ts';

/** A bucket per partner, refilled each moment, one second's worth deep. Per process: with N processes a partner gets N times
 * as much, which the profile's figure has to take into account. */
export function openBudget(time: Time): (partner: Partner) => boolean {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return (partner) => {
    const perSecond = partner.requests_per_second_max;
    const now = time.now();
    let bucket = buckets.get(partner.id);
    if (!bucket) buckets.set(partner.id, (bucket = { left: perSecond, atMs: now }));
    bucket.left = Math.min(
      perSecond,
      bucket.left + (Math.max(0, now - bucket.atMs) * perSecond) / 1_000,
    );
    bucket.atMs = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  };
}
