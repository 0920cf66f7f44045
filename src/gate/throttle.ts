/** How a throttle is exact over many processes. Core counts in the database, in the commit of the money: one counter per restriction and
 * minute, whatever the number of cores. A gateway has no database: each owns a share, and the shares of all of them add up to the
 * throttle. A share that grows, because a gateway went away, counts only when every process that held an older list has fallen silent
 * (ADR 0028), so that the shares in use never add up to more. Pure. */
import { throttleBounds } from './action.ts';
import type { Partitions, Restriction } from './restriction.ts';

const MINUTE_MS = 60_000;
/** The lists of partitions that may still be in use somewhere. */
const BEFORE_MAX = 8;

/** The minute of the clock that an instant is in. */
export function minuteOf(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS);
}

/** What may pass in one minute; an absent bound does not bind. */
export interface Room {
  readonly count: bigint | undefined;
  readonly amountSen: bigint | undefined;
}

/** What one gateway may let pass of a throttle in a minute. A gateway that the set does not name has no share. `silentAfterMs`: a process
 * that has not heard the guard for so long lets nothing leave at all. */
export function shareOf(of: {
  readonly restriction: Restriction;
  readonly partitions: Partitions | undefined;
  readonly partition: string;
  readonly nowMs: number;
  readonly silentAfterMs: number;
}): Room {
  const { restriction, partitions, partition, nowMs } = of;
  const { action } = restriction;
  if (action.kind !== 'throttle') return { count: undefined, amountSen: undefined };
  const isSettled =
    partitions === undefined ||
    restriction.madeAtMs >= partitions.sinceMs ||
    nowMs >= partitions.sinceMs + of.silentAfterMs;
  const lists = [partitions?.names ?? [], ...(isSettled ? [] : partitions.before)];
  const smallest = (total: bigint | undefined): bigint | undefined =>
    total === undefined
      ? undefined
      : lists.map((names) => partOf(total, { names, partition })).reduce((a, b) => (b < a ? b : a));
  const { count, amountSen } = throttleBounds(action);
  return { count: smallest(count), amountSen: smallest(amountSen) };
}

/** An even part of `total`; the first partitions get what is left over. */
function partOf(
  total: bigint,
  { names, partition }: { readonly names: readonly string[]; readonly partition: string },
): bigint {
  const index = names.indexOf(partition);
  if (index < 0) return 0n;
  const count = BigInt(names.length);
  return total / count + (BigInt(index) < total % count ? 1n : 0n);
}

/** The list of the next set. An unchanged one stays as it is; a new one remembers those that some gateway may still go by. While there are
 * too many of them the list stays: a gateway that is new then has no share yet. */
export function nextPartitions(of: {
  readonly before: Partitions | undefined;
  readonly names: readonly string[];
  readonly nowMs: number;
  readonly silentAfterMs: number;
}): Partitions {
  const { before, nowMs } = of;
  const names = [...new Set(of.names)].toSorted();
  if (!before) return { names, before: [], sinceMs: nowMs };
  if (names.join() === before.names.join()) return before;
  const stillUsed = nowMs < before.sinceMs + of.silentAfterMs ? before.before : [];
  if (stillUsed.length >= BEFORE_MAX) return before;
  return { names, before: [before.names, ...stillUsed], sinceMs: nowMs };
}

/** Counts what one process lets pass. In memory: a process that starts lets nothing of a throttle pass in the minute that it starts in,
 * because it does not know what it let pass in it before. */
export interface ThrottleBook {
  hasRoom(asked: Asked): boolean;
  /** Counts it; only after `hasRoom`, in the same step of the event loop. */
  take(asked: Asked): void;
}

interface Asked {
  readonly throttles: readonly Restriction[];
  readonly amountSen: bigint;
  readonly nowMs: number;
  readonly room: (restriction: Restriction) => Room;
}

/** Opens the book of a process that starts at `startedAtMs`. A clock that jumps back stays in the latest minute that was seen. */
export function openThrottleBook(startedAtMs: number): ThrottleBook {
  let minute = minuteOf(startedAtMs);
  const firstMinute = minute;
  let passed = new Map<string, { count: bigint; amountSen: bigint }>();
  const turnTo = (nowMs: number): void => {
    const now = minuteOf(nowMs);
    if (now <= minute) return;
    minute = now;
    passed = new Map();
  };
  return {
    hasRoom({ throttles, amountSen, nowMs, room }) {
      turnTo(nowMs);
      if (throttles.length > 0 && minute === firstMinute) return false;
      return throttles.every((one) => {
        const soFar = passed.get(one.id) ?? { count: 0n, amountSen: 0n };
        const max = room(one);
        return (
          (max.count === undefined || soFar.count < max.count) &&
          (max.amountSen === undefined || soFar.amountSen + amountSen <= max.amountSen)
        );
      });
    },
    take({ throttles, amountSen, nowMs }) {
      turnTo(nowMs);
      for (const { id } of throttles) {
        const soFar = passed.get(id) ?? { count: 0n, amountSen: 0n };
        passed.set(id, { count: soFar.count + 1n, amountSen: soFar.amountSen + amountSen });
      }
    },
  };
}
