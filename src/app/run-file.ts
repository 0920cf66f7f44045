/** What runs in a state folder: what keeps two starts apart, and the list of processes for `pulih ps`. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { lockFolder, type Unlock } from './folder-lock.ts';
import { readDatabaseUrl } from './key-file.ts';
import { writePublic } from './keys.ts';

/** One line of `pulih ps`. */
export interface RunEntry {
  readonly name: string;
  readonly pid: number;
  readonly restarts: number;
}

interface RunFile {
  readonly supervisor: number;
  /** Start time of the supervisor in clock ticks: tells it from another process with the same number. */
  readonly startTicks: string;
  readonly port: number;
  readonly processes: readonly RunEntry[];
}

function pathOf(folder: string): string {
  return join(folder, 'running.json');
}

/** What runs there now; undefined when nothing does. */
export function readRunning(folder: string): RunFile | undefined {
  if (!existsSync(pathOf(folder))) return undefined;
  try {
    const file = JSON.parse(readFileSync(pathOf(folder), 'utf8')) as RunFile;
    return startTicksOf(file.supervisor) === file.startTicks ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The database at which a command asks what runs. Throws where nothing does. */
export function runningDatabaseUrl({ folder, databaseUrl }: Config): string {
  if (databaseUrl === undefined && !readRunning(folder))
    throw new Error(
      `Nothing runs in ${folder}; start it with pulih up, or choose another with --state`,
    );
  return readDatabaseUrl(folder, 'core-1');
}

/** Takes the folder for one that will start its database. Throws when something runs there, or another command has taken it. */
export async function lockStarts(folder: string): Promise<Unlock> {
  const unlock = await lockFolder(folder);
  const running = readRunning(folder);
  if (unlock && !running) return unlock;
  await unlock?.();
  throw new Error(
    running
      ? `Pulih runs already in ${folder} (process ${running.supervisor}, port ${running.port}); stop it first`
      : `Another command is starting or reading ${folder} just now; wait until it has ended`,
  );
}

/** Says what runs. */
export function writeRunning(folder: string, port: number, processes: readonly RunEntry[]): void {
  const file: RunFile = {
    supervisor: process.pid,
    startTicks: startTicksOf(process.pid) ?? '',
    port,
    processes,
  };
  writePublic(pathOf(folder), JSON.stringify(file));
}

/** Says that nothing runs any more. */
export function clearRunning(folder: string): void {
  rmSync(pathOf(folder), { force: true });
}

/** Field 22 of /proc/<pid>/stat; undefined when there is no such process. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Proportional set size of a process in kB: its own memory and its share of what it shares. */
export function pssKb(pid: number): number | undefined {
  try {
    const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return line ? Number(line[1]) : undefined;
  } catch {
    return undefined;
  }
}
