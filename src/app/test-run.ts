/** `pulih test`: everything that must hold before a change lands, in one command from a bare clone. Runs node's test runner over
 * the files of each group, on two lanes that take from one queue, and ends with the totals. A missing tool is a failure with a
 * name; a skipped test counts as failed. */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../kernel/random.ts';
import { findChromium } from './chromium.ts';
import { makeFolder, ROOT, temporaryParent } from './place.ts';
import { GROUPS, type Group } from './test-groups.ts';
import {
  endOnInterrupt,
  failedWhole,
  runLane,
  runnerEnvironment,
  secondsSince,
  wasInterrupted,
  type Run,
  type Tally,
} from './test-lane.ts';

const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of web', command: ['tsc', '-p', 'web'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
];

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
  endOnInterrupt();
  const began = process.uptime();
  const wanted = input.groups.length > 0 ? input.groups : known.filter((name) => name !== 'slow');
  const seed = input.seed ?? systemRandom().below(2 ** 31);
  const tallies: Tally[] = [];
  if (wanted.includes('check')) tallies.push(await runChecks());
  const groups = GROUPS.filter(({ name }) => wanted.includes(name));
  if (groups.length > 0 && !wasInterrupted())
    tallies.push(...(await runGroups(groups, { seed, patterns: input.patterns })));
  return summarise(tallies, { seed, seconds: secondsSince(began) });
}

function summarise(
  tallies: readonly Tally[],
  of: { readonly seed: number; readonly seconds: number },
): number {
  process.stdout.write('\n');
  for (const tally of tallies) {
    process.stdout.write(
      `${tally.name.padEnd(9)} ${String(tally.passed).padStart(5)} passed ${String(tally.failed).padStart(4)} failed   ${tally.seconds} s of a lane\n`,
    );
    for (const failure of tally.failures) process.stdout.write(`          failed: ${failure}\n`);
  }
  const sum = (pick: (tally: Tally) => number): number =>
    tallies.reduce((all, tally) => all + pick(tally), 0);
  const failed = sum((tally) => tally.failed);
  process.stdout.write(
    `order seed ${of.seed}; ${of.seconds} s\n${sum((tally) => tally.passed)} passed, ${failed} failed\n`,
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

/** The runs of all groups in one queue, so that no lane waits while another has work. One tally per group. */
async function runGroups(
  groups: readonly Group[],
  input: { readonly seed: number; readonly patterns: readonly string[] },
): Promise<readonly Tally[]> {
  const began = process.uptime();
  const queue = groups.flatMap((group) => runsOf(group, input.patterns));
  const tallies = groups
    .filter((group) => !queue.some((run) => run.group === group))
    .map(({ name }) => failedWhole(name, 'no test files', began));
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-tool-')), undefined, 0o755);
  const laneCount = Math.min(queue.length, Math.max(...groups.map(({ lanes }) => lanes)));
  try {
    const chromium = once(() =>
      findChromium({ folder, say: (line) => process.stdout.write(`${line}\n`) }),
    );
    await Promise.all(
      Array.from({ length: laneCount }, () =>
        runLane({
          queue,
          seed: input.seed,
          chromium,
          onTally: (tally) => tallies.push(tally),
        }),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (wasInterrupted()) tallies.push(failedWhole(groups.at(-1)!.name, 'interrupted', began));
  return groups.map(({ name }) => addUp(name, tallies));
}

function runsOf(group: Group, patterns: readonly string[]): readonly Run[] {
  const files = globSync([...group.files], { cwd: ROOT })
    .filter(
      (file) => !group.except?.test(file) && patterns.every((pattern) => file.includes(pattern)),
    )
    .toSorted();
  const size = group.filesPerRun === 0 ? files.length : group.filesPerRun;
  const count = Math.ceil(files.length / Math.max(1, size));
  return Array.from({ length: count }, (_, run) => ({
    group,
    files: files.slice(run * size, (run + 1) * size),
  }));
}

function addUp(name: string, tallies: readonly Tally[]): Tally {
  const own = tallies.filter((tally) => tally.name === name);
  const sum = (pick: (tally: Tally) => number): number =>
    own.reduce((all, tally) => all + pick(tally), 0);
  return {
    name,
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    seconds: sum(({ seconds }) => seconds),
    failures: own.flatMap(({ failures }) => failures),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
