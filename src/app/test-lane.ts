/** Runs of node's test runner: bounded in time, in a process group of their own, with the server that their group asks for. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wallTime } from '../kernel/time.ts';
import { makeFolder, ROOT, temporaryParent } from './place.ts';
import { freePort } from './port-map.ts';
import { startPostgres, type Durability, type Postgres } from './postgres.ts';
import type { Group } from './test-groups.ts';
import type { RunnerLine } from './test-reporter.ts';

/** Files of one group that one run of node takes. */
export interface Run {
  readonly group: Group;
  readonly files: readonly string[];
}

/** What came of a run, or of all runs of a group. */
export interface Tally {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly failures: readonly string[];
}

/** After Ctrl-C no further run starts. */
let isInterrupted = false;

/** Ends each run of node that is under way. */
const running = new Set<() => void>();

/** From now on Ctrl-C ends the runs as failed ones, and every lane tidies up after itself. */
export function endOnInterrupt(): void {
  const interrupt = (): void => {
    isInterrupted = true;
    for (const end of running) end();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
}

/** Whether somebody asked for an end. */
export function wasInterrupted(): boolean {
  return isInterrupted;
}

/** Takes runs from the queue until it is empty, one after the other, with a folder and a server of its own. */
export async function runLane(input: {
  readonly queue: Run[];
  readonly seed: number;
  readonly chromium: () => Promise<string>;
  readonly onTally: (tally: Tally) => void;
}): Promise<void> {
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-test-')), undefined, 0o755);
  const servers = laneServer(folder);
  try {
    for (let run = input.queue.shift(); run && !isInterrupted; run = input.queue.shift()) {
      const { group, files } = run;
      const began = process.uptime();
      process.stdout.write(`\n── ${group.name}: ${filesText(files)}\n`);
      try {
        const env = runnerEnvironment();
        if (group.needsBrowser) env['PULIH_CHROMIUM'] = await input.chromium();
        if (group.database) env['PULIH_TEST_DATABASE_URL'] = await servers.url(group.database);
        input.onTally(await runNode({ run, seed: input.seed, folder, env, began }));
      } catch (error) {
        input.onTally(failedWhole(group.name, (error as Error).message, began));
      }
    }
  } finally {
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesText(files: readonly string[]): string {
  return files.length === 1 ? files[0]! : `${files.length} files`;
}

/** One server at a time: another durability is another server. */
function laneServer(folder: string): {
  url(durability: Durability): Promise<string>;
  stop(): Promise<void>;
} {
  let running: { readonly server: Postgres; readonly durability: Durability } | undefined;
  let count = 0;
  const stop = async (): Promise<void> => {
    const before = running;
    running = undefined;
    await before?.server.stop();
  };
  return {
    async url(durability) {
      if (running?.durability !== durability) {
        await stop();
        count += 1;
        const server = await startPostgres({
          folder: join(folder, `postgres-${count}`),
          port: await freePort(),
          time: wallTime(),
          durability,
          say: () => {},
        });
        running = { server, durability };
      }
      return running.server.superuserUrl('postgres');
    },
    stop,
  };
}

/** Nothing of a group could run. */
export function failedWhole(name: string, reason: string, began: number): Tally {
  return { name, passed: 0, failed: 1, seconds: secondsSince(began), failures: [reason] };
}

/** Tools are scripts that look for `node` on the path: the pinned one. */
export function runnerEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
    NODE_TEST_CONTEXT: undefined,
  };
}

async function runNode(input: {
  readonly run: Run;
  readonly seed: number;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly began: number;
}): Promise<Tally> {
  const { group, files } = input.run;
  const totals = join(input.folder, 'totals.jsonl');
  rmSync(totals, { force: true });
  const args = [
    '--test',
    '--test-timeout=240000',
    ...(group.filesPerRun === 0 ? ['--test-isolation=none'] : ['--test-concurrency=1']),
    ...(group.isShuffled ? [`--test-random-seed=${input.seed}`] : []),
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(import.meta.dirname, 'test-reporter.ts')}`,
    `--test-reporter-destination=${totals}`,
    ...files,
  ];
  const { code, isLate } = await runBounded(args, {
    env: input.env,
    msMax: group.minutesMax * 60_000,
  });
  return tallyOf({ group, code, isLate, totals, seconds: secondsSince(input.began) });
}

/** Runs node in a process group of its own, so that nothing of it outlives its time or an interrupted run. */
async function runBounded(
  args: readonly string[],
  input: { readonly env: NodeJS.ProcessEnv; readonly msMax: number },
): Promise<{ readonly code: number; readonly isLate: boolean }> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: input.env,
    detached: true,
  });
  const killAll = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // All gone already.
    }
  };
  running.add(killAll);
  let isLate = false;
  const bound = setTimeout(() => {
    isLate = true;
    killAll();
  }, input.msMax);
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (status) => resolve(status ?? 1));
  });
  clearTimeout(bound);
  killAll();
  running.delete(killAll);
  return { code, isLate };
}

function tallyOf(input: {
  readonly group: Group;
  readonly code: number;
  readonly isLate: boolean;
  readonly totals: string;
  readonly seconds: number;
}): Tally {
  const { name, minutesMax } = input.group;
  const lines = readLines(input.totals);
  const total = lines.find((line) => line.kind === 'total');
  const failures = [
    ...new Set(lines.flatMap((line) => (line.kind === 'failed' ? [line.name] : []))),
  ];
  if (input.isLate) failures.push(`not finished in ${minutesMax} minutes`);
  else if (!total) failures.push('the runner ended without totals');
  if (total && total.skipped > 0) failures.push(`${total.skipped} skipped`);
  const counted = (total?.failed ?? 0) + (total?.skipped ?? 0);
  const failed = counted > 0 ? counted : input.code !== 0 || !total ? 1 : 0;
  return {
    name,
    passed: total?.passed ?? 0,
    failed,
    seconds: input.seconds,
    failures: failed > 0 && failures.length === 0 ? [`exit ${input.code}`] : failures,
  };
}

function readLines(path: string): readonly RunnerLine[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RunnerLine);
  } catch {
    return [];
  }
}

/** Whole seconds since an instant of `process.uptime()`. */
export function secondsSince(began: number): number {
  return Math.round(process.uptime() - began);
}
