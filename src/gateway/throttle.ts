import { DEAD_MAN_MS } from '../gate/holder.ts';
import type { Restriction } from '../gate/restriction.ts';
import { shareOf, type Room } from '../gate/throttle.ts';
import type { GatewayContext } from './context.ts';

/** This gateway's share of a throttle, and the minute by a clock that never goes back. */
export function throttleFacts({ holder, partition, time, journal }: GatewayContext): {
  readonly nowMs: number;
  readonly room: (restriction: Restriction) => Room;
} {
  const nowMs = Math.max(time.now(), journal.index.facts().timeFloorMs);
  const { partitions } = holder.current();
  return {
    nowMs,
    room: (restriction) =>
      shareOf({ restriction, partitions, partition, nowMs, silentAfterMs: DEAD_MAN_MS }),
  };
}
