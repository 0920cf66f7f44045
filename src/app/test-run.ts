/** `pulih test`: everything that must hold before a change lands, in one command from a bare clone. Starts a PostgreSQL of its
 * own, runs node's test runner over each group of files, and ends with the totals. A missing tool is a failure with a name;
 * a skipped test counts as failed. */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import { findChromium } from './chromium.ts';
import { makeFolder, ROOT, temporaryParent } from './place.ts';
import { freePort } from './port-map.ts';
import { startPostgres, type Durability, type Postgres } from './postgres.ts';
import type { RunnerLine } from './test-reporter.ts';

interface Group {
  readonly name: string;
  readonly files: readonly string[];
  readonly except?: RegExp;
  /** Absent = no server. */
  readonly database?: Durability;
  /** Runners side by side, each with one file at a time and a server of its own: an open transaction of one file holds back the
   * event stream of every other database of its server. 0 = all files in one process. */
  readonly lanes: 0 | 1 | 2;
  readonly isShuffled: boolean;
  readonly minutesMax: number;
  readonly needsBrowser?: true;
}

/** After Ctrl-C no further group starts. */
let isInterrupted = false;

const ACROSS = /^test\/(flow|gateway|sim|crash|browser|slow)\//;

/** Measures only where a commit reaches the disk. */
const NEEDS_DISK = 'src/bench/tpcb.dbtest.ts';
const ELSEWHERE = new RegExp(`${ACROSS.source}|^${NEEDS_DISK}$`);

const GROUPS: readonly Group[] = [
  {
    name: 'pure',
    files: ['{src,sim,web,test}/**/*.test.ts'],
    except: ACROSS,
    lanes: 0,
    isShuffled: true,
    minutesMax: 5,
  },
  {
    name: 'database',
    files: ['{src,sim,test}/**/*.dbtest.ts'],
    except: ELSEWHERE,
    database: 'kill',
    lanes: 2,
    isShuffled: true,
    minutesMax: 15,
  },
  {
    name: 'flow',
    files: ['test/{flow,gateway,sim}/**/*.test.ts', 'test/{flow,gateway,sim}/**/*.dbtest.ts'],
    database: 'none',
    lanes: 2,
    isShuffled: false,
    minutesMax: 10,
  },
  {
    name: 'crash',
    files: ['test/crash/**/*.test.ts', NEEDS_DISK],
    database: 'power',
    lanes: 2,
    isShuffled: false,
    minutesMax: 8,
  },
  {
    name: 'browser',
    files: ['test/browser/**/*.test.ts', 'test/browser/**/*.dbtest.ts'],
    database: 'none',
    lanes: 2,
    isShuffled: false,
    minutesMax: 8,
    needsBrowser: true,
  },
  {
    name: 'slow',
    files: ['{src,sim,test}/**/*.slowtest.ts', 'test/slow/**/*.test.ts'],
    database: 'power',
    lanes: 1,
    isShuffled: false,
    minutesMax: 60,
  },
];

const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of web', command: ['tsc', '-p', 'web'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
];

interface Tally {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly failures: readonly string[];
}

/** Runs the named groups (none named: all but slow); the exit code. `patterns` narrows the files. */
export async function runTests(input: {
  readonly groups: readonly string[];
  readonly seed: number | undefined;
  readonly patterns: readonly string[];
}): Promise<number> {
  if (input.groups.includes('format')) return runCommand(['oxfmt', '.']);
  const known = ['check', ...GROUPS.map((group) => group.name)];
  const unknown = input.groups.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `Unknown test group: ${unknown.join(', ')}. Known: ${known.join(', ')}, format\n`,
    );
    return 2;
  }
  const wanted = input.groups.length > 0 ? input.groups : known.filter((name) => name !== 'slow');
  const seed = input.seed ?? systemRandom().below(2 ** 31);
  const tallies: Tally[] = [];
  for (const name of wanted) {
    if (isInterrupted) break;
    if (name === 'check') tallies.push(await runChecks());
    const group = GROUPS.find((one) => one.name === name);
    if (group) tallies.push(await runGroup({ group, seed, patterns: input.patterns }));
  }
  return summarise(tallies, seed);
}

function summarise(tallies: readonly Tally[], seed: number): number {
  process.stdout.write('\n');
  for (const tally of tallies) {
    process.stdout.write(
      `${tally.name.padEnd(9)} ${String(tally.passed).padStart(5)} passed ${String(tally.failed).padStart(4)} failed   ${tally.seconds} s\n`,
    );
    for (const failure of tally.failures) process.stdout.write(`          failed: ${failure}\n`);
  }
  const sum = (pick: (tally: Tally) => number): number =>
    tallies.reduce((all, tally) => all + pick(tally), 0);
  const failed = sum((tally) => tally.failed);
  process.stdout.write(
    `order seed ${seed}; ${sum((tally) => tally.seconds)} s\n${sum((tally) => tally.passed)} passed, ${failed} failed\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function runChecks(): Promise<Tally> {
  const began = process.uptime();
  const failures: string[] = [];
  for (const check of CHECKS) {
    process.stdout.write(`check: ${check.name}\n`);
    if ((await runCommand(check.command)) !== 0) failures.push(check.name);
  }
  return {
    name: 'check',
    passed: CHECKS.length - failures.length,
    failed: failures.length,
    seconds: secondsSince(began),
    failures,
  };
}

function runCommand(command: readonly string[]): Promise<number> {
  const [name, ...args] = command;
  const child = spawn(join(ROOT, 'node_modules/.bin', name!), args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: runnerEnvironment(),
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Tools are scripts that look for `node` on the path: the pinned one. */
function runnerEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
    NODE_TEST_CONTEXT: undefined,
  };
}

async function runGroup(input: {
  readonly group: Group;
  readonly seed: number;
  readonly patterns: readonly string[];
}): Promise<Tally> {
  const { group } = input;
  const began = process.uptime();
  const files = globSync([...group.files], { cwd: ROOT })
    .filter(
      (file) =>
        !group.except?.test(file) && input.patterns.every((pattern) => file.includes(pattern)),
    )
    .toSorted();
  if (files.length === 0) return failedWhole(group, { reason: 'no test files', began });
  process.stdout.write(`\n── ${group.name}: ${files.length} files\n`);
  const laneCount = Math.max(1, Math.min(group.lanes, files.length));
  const lanes = Array.from({ length: laneCount }, (_, lane) =>
    files.filter((_file, index) => index % laneCount === lane),
  );
  const tallies = await Promise.all(
    lanes.map((some) => runLane({ group, seed: input.seed, files: some, began })),
  );
  const sum = (pick: (tally: Tally) => number): number =>
    tallies.reduce((all, tally) => all + pick(tally), 0);
  return {
    name: group.name,
    passed: sum((tally) => tally.passed),
    failed: sum((tally) => tally.failed),
    seconds: secondsSince(began),
    failures: tallies.flatMap((tally) => tally.failures),
  };
}

/** One runner with a server of its own. */
async function runLane(input: {
  readonly group: Group;
  readonly seed: number;
  readonly files: readonly string[];
  readonly began: number;
}): Promise<Tally> {
  const { group, files, began } = input;
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-test-')), undefined, 0o755);
  let server: Postgres | undefined;
  try {
    const env: NodeJS.ProcessEnv = runnerEnvironment();
    if (group.needsBrowser)
      env['PULIH_CHROMIUM'] = await findChromium({
        folder,
        say: (line) => process.stdout.write(`${line}\n`),
      });
    if (group.database) {
      server = await startPostgres({
        folder: join(folder, 'postgres'),
        port: await freePort(),
        time: wallTime(),
        durability: group.database,
        say: () => {},
      });
      env['PULIH_TEST_DATABASE_URL'] = server.superuserUrl('postgres');
    }
    return await runNode({ group, seed: input.seed, files, folder, env, began });
  } catch (error) {
    return failedWhole(group, { reason: (error as Error).message, began });
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function failedWhole(
  group: Group,
  why: { readonly reason: string; readonly began: number },
): Tally {
  return {
    name: group.name,
    passed: 0,
    failed: 1,
    seconds: secondsSince(why.began),
    failures: [why.reason],
  };
}

async function runNode(input: {
  readonly group: Group;
  readonly seed: number;
  readonly files: readonly string[];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly began: number;
}): Promise<Tally> {
  const { group } = input;
  const totals = join(input.folder, 'totals.jsonl');
  const args = [
    '--test',
    '--test-timeout=240000',
    ...(group.lanes === 0 ? ['--test-isolation=none'] : ['--test-concurrency=1']),
    ...(group.isShuffled ? [`--test-random-seed=${input.seed}`] : []),
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(import.meta.dirname, 'test-reporter.ts')}`,
    `--test-reporter-destination=${totals}`,
    ...input.files,
  ];
  const { code, isLate } = await runBounded(args, {
    env: input.env,
    msMax: group.minutesMax * 60_000,
  });
  return tallyOf({
    name: group.name,
    code,
    isLate,
    minutesMax: group.minutesMax,
    totals,
    seconds: secondsSince(input.began),
  });
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
  // The group then ends as a failed one, with its database stopped.
  const interrupt = (): void => {
    isInterrupted = true;
    killAll();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
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
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  return { code, isLate };
}

function tallyOf(input: {
  readonly name: string;
  readonly code: number;
  readonly isLate: boolean;
  readonly minutesMax: number;
  readonly totals: string;
  readonly seconds: number;
}): Tally {
  const lines = readLines(input.totals);
  const total = lines.find((line) => line.kind === 'total');
  const failures = [
    ...new Set(lines.flatMap((line) => (line.kind === 'failed' ? [line.name] : []))),
  ];
  if (input.isLate) failures.push(`not finished in ${input.minutesMax} minutes`);
  else if (!total) failures.push('the runner ended without totals');
  if (total && total.skipped > 0) failures.push(`${total.skipped} skipped`);
  const counted = (total?.failed ?? 0) + (total?.skipped ?? 0);
  const failed = counted > 0 ? counted : input.code !== 0 || !total ? 1 : 0;
  return {
    name: input.name,
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

function secondsSince(began: number): number {
  return Math.round(process.uptime() - began);
}
