import type { Random } from '../../kernel/random.ts';
import type { LinkTimers } from './setting.ts';

/** Doublings after which the longest wait is reached in any sane setting; keeps the power small. */
const DOUBLINGS_MAX = 20;

/** How long to wait before the next try: twice as long each time up to the longest, and of that between half and all, so that links
 * which broke together do not come back together. Pure. Units: ms. */
export function reconnectMs(
  random: Random,
  input: {
    readonly attempt: number;
    readonly timers: Pick<LinkTimers, 'reconnectFirstMs' | 'reconnectMaxMs'>;
  },
): number {
  const { reconnectFirstMs, reconnectMaxMs } = input.timers;
  const doubled = reconnectFirstMs * 2 ** Math.min(input.attempt, DOUBLINGS_MAX);
  const most = Math.min(doubled, reconnectMaxMs);
  return Math.ceil(most / 2) + random.below(Math.floor(most / 2) + 1);
}
