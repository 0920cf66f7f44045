/** What left in the last minutes, per rail: what a person sees before the stop button closes a rail, with every other process dead. In
 * memory, a bucket a minute; a process that started lately knows only what it sent since. */
import type { RailName } from '../authorisation/instruction.ts';

const MINUTE_MS = 60_000;
/** A stop is judged by the last ten minutes. */
export const TRAFFIC_MINUTES = 10;

interface Sent {
  readonly count: number;
  readonly amountSen: bigint;
}

/** Payments and value of one rail in the last `TRAFFIC_MINUTES`. */
export type RecentTraffic = Readonly<
  Partial<Record<RailName, { readonly count: number; readonly amountSen: string }>>
>;

export interface TrafficBook {
  note(sent: { readonly rail: RailName; readonly amountSen: bigint; readonly nowMs: number }): void;
  recent(nowMs: number): RecentTraffic;
}

/** Opens an empty book. */
export function openTrafficBook(): TrafficBook {
  const buckets = new Map<string, Sent>();
  const isOld = (key: string, nowMs: number): boolean =>
    Number(key.split(' ')[0]) <= Math.floor(nowMs / MINUTE_MS) - TRAFFIC_MINUTES;
  return {
    note({ rail, amountSen, nowMs }) {
      const key = `${Math.floor(nowMs / MINUTE_MS)} ${rail}`;
      const soFar = buckets.get(key) ?? { count: 0, amountSen: 0n };
      buckets.set(key, { count: soFar.count + 1, amountSen: soFar.amountSen + amountSen });
      for (const other of buckets.keys()) {
        if (!isOld(other, nowMs)) break;
        buckets.delete(other);
      }
    },
    recent(nowMs) {
      const sums = new Map<string, Sent>();
      for (const [key, { count, amountSen }] of buckets) {
        if (isOld(key, nowMs)) continue;
        const rail = key.split(' ')[1]!;
        const sum = sums.get(rail) ?? { count: 0, amountSen: 0n };
        sums.set(rail, { count: sum.count + count, amountSen: sum.amountSen + amountSen });
      }
      return Object.fromEntries(
        [...sums].map(([rail, { count, amountSen }]) => [
          rail,
          { count, amountSen: String(amountSen) },
        ]),
      );
    },
  };
}
