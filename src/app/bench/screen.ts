/** What a benchmark shows while it runs: a bar on a terminal, a line per step elsewhere. All of it on stderr, so that stdout is the result. */
import { wallTime } from '../../kernel/time.ts';

/** Shows steps. */
export interface Screen {
  /** Runs `work`, which should take `seconds` when known, and says how it went. */
  step<T>(
    name: string,
    work: () => Promise<T>,
    options?: { readonly seconds?: number; readonly tell?: (result: T) => string },
  ): Promise<T>;
}

const DRAW_MS = 200;
const WIDTH = 30;
const NAME_WIDTH = 26;

/** Opens the screen on this process's stderr. */
export function openScreen(): Screen {
  const time = wallTime();
  const out = process.stderr;
  return {
    async step(name, work, options = {}) {
      const began = time.now();
      const draw = (): void =>
        void out.write(
          `\r\u001b[K${name.padEnd(NAME_WIDTH)} ${bar(time.now() - began, options.seconds)}`,
        );
      const ticker = out.isTTY
        ? time.every(
            DRAW_MS,
            async () => draw(),
            () => {},
          )
        : undefined;
      try {
        const result = await work();
        const took = ((time.now() - began) / 1_000).toFixed(1).padStart(6);
        out.write(
          `${out.isTTY ? '\r\u001b[K' : ''}${name.padEnd(NAME_WIDTH)} ${took} s  ${options.tell?.(result) ?? ''}\n`,
        );
        return result;
      } catch (error) {
        if (out.isTTY) out.write('\n');
        throw error;
      } finally {
        await ticker?.stop();
      }
    },
  };
}

function bar(elapsedMs: number, seconds: number | undefined): string {
  const elapsed = `${(elapsedMs / 1_000).toFixed(0)} s`;
  if (seconds === undefined) return elapsed;
  const full = Math.min(WIDTH, Math.round((elapsedMs / 1_000 / seconds) * WIDTH));
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${elapsed}`;
}
