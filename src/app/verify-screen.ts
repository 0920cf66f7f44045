/** How far `pulih verify` or `pulih archive` is: a bar with the time left, on a terminal. On stderr, so that stdout is the result. */
import type { Time } from '../kernel/time.ts';

const WIDTH = 30;
const DRAW_EVERY_MS = 200;

export interface Progress {
  /** `verify events` */
  readonly name: string;
  readonly done: number;
  /** About; 0 when it is not known. */
  readonly total: number;
  /** What an earlier run had done. */
  readonly resumedAt: number;
}

/** One line of progress. `elapsedMs` is this run's; what an earlier run had read does not count as speed. */
export function progressLine(progress: Progress, elapsedMs: number): string {
  const { done, total, resumedAt } = progress;
  const name = progress.name.padEnd(16);
  if (total === 0) return done === 0 ? name : `${name} ${done}`;
  const share = Math.min(1, done / total);
  const full = Math.round(share * WIDTH);
  const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
  const perMs = (done - resumedAt) / elapsedMs;
  const left = perMs > 0 && total > done ? `  ${duration((total - done) / perMs)} left` : '';
  return `${name} ${bar} ${Math.floor(share * 100)} %  ${done} of about ${total}${left}`;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Draws on a terminal; elsewhere it says nothing. `clear` wipes the line. */
export function openVerifyScreen(input: {
  readonly time: Time;
  readonly out: NodeJS.WriteStream;
}): { show(progress: Progress): void; clear(): void } {
  const { time, out } = input;
  const beganMs = time.now();
  let drawnMs = 0;
  return {
    show(progress) {
      const nowMs = time.now();
      if (!out.isTTY || nowMs - drawnMs < DRAW_EVERY_MS) return;
      drawnMs = nowMs;
      out.write(`\r\u001b[K${progressLine(progress, nowMs - beganMs)}`);
    },
    clear() {
      if (out.isTTY) out.write('\r\u001b[K');
    },
  };
}
