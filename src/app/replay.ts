/** `pulih replay`: the stored past through the detectors of the guard, with the numbers in force or with those of a file that two people may
 * want to set. Reads only. */
import { readFileSync } from 'node:fs';
import { openDb } from '../db/pool.ts';
import { scopeOfAct, wishText, type Signal } from '../guard/detector/observation.ts';
import { openBacktest, replay } from '../guard/flow/replay.ts';
import { loadCalendar, loadNumbers } from '../guard/load.ts';
import { mergeNumbers } from '../guard/setting.ts';
import { wallTime, wibIso } from '../kernel/time.ts';
import { withDatabase } from './check-data.ts';
import type { Config } from './config.ts';

/** Findings that are printed; all are counted. */
const SHOWN_MAX = 1_000;
const FILE_MAX = 100_000;

/** Prints what the detectors say of what is stored; exit 0, or 2 when the file of numbers is none. */
export async function runReplay(input: {
  readonly config: Config;
  /** JSON in the form of `guard.numbers`. */
  readonly numbersFile: string | undefined;
  readonly fromMs: number;
  readonly asJson: boolean;
}): Promise<number> {
  const change = input.numbersFile === undefined ? undefined : readChange(input.numbersFile);
  if (change === null) {
    process.stderr.write('The file of numbers is not a JSON object\n');
    return 2;
  }
  return withDatabase(input.config, async (url) => {
    const time = wallTime();
    const db = openDb({ url, size: 1, time, name: 'replay' });
    try {
      const found: Signal[] = [];
      let count = 0;
      const numbers = mergeNumbers(await loadNumbers({ db, time }), change);
      const backtest = openBacktest({ numbers, calendar: await loadCalendar({ db, time }) });
      const startedMs = performance.now();
      const read = await replay(db, backtest, (signal) => {
        if (signal.atMs < input.fromMs) return;
        if (++count <= SHOWN_MAX) found.push(signal);
      });
      const seconds = (performance.now() - startedMs) / 1_000;
      say({ ...read, findings: count, seconds, found: found.map(shown) }, input.asJson);
      return 0;
    } finally {
      await db.close();
    }
  });
}

function readChange(file: string): object | null {
  const text = readFileSync(file, 'utf8').slice(0, FILE_MAX);
  try {
    const change: unknown = JSON.parse(text);
    return typeof change === 'object' ? change : null;
  } catch {
    return null;
  }
}

interface Shown {
  readonly at: string;
  readonly detector: string;
  readonly code: string;
  readonly severity: string;
  readonly wish: string;
  readonly evidence: readonly string[];
}

function shown({ atMs, detector, code, severity, wish, act, evidence }: Signal): Shown {
  const wished = wish ?? act;
  const text = scopeOfAct(wished) ? wishText(wished) : 'alert';
  return { at: wibIso(atMs), detector, code, severity, wish: text, evidence };
}

function say(
  result: {
    readonly events: number;
    readonly entries: number;
    readonly findings: number;
    readonly seconds: number;
    readonly found: readonly Shown[];
  },
  asJson: boolean,
): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ ...result, seconds: Math.round(result.seconds) })}\n`);
    return;
  }
  for (const { at, detector, code, wish, evidence } of result.found)
    process.stdout.write(`${at}  ${detector.padEnd(4)} ${code}  ${wish}  ${evidence.join(' ')}\n`);
  const { events, entries, findings, seconds } = result;
  process.stdout.write(
    `${events} events and ${entries} journal entries in ${seconds.toFixed(1)} s: ${findings} findings\n`,
  );
}
