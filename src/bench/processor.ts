/** Processor time of processes, from `/proc`: what a rate costs, which is honest also while other work has the machine. */
import { readdirSync, readFileSync } from 'node:fs';

/** Field 14 to 17 of `/proc/<pid>/stat` count in these. */
const TICK_MS = 10;

interface Stat {
  readonly parent: number;
  /** User and system time of its own, and of children that ended. */
  readonly ms: number;
}

/** Processor time of a process so far, its ended children included; 0 when there is none. Units: ms. */
export function processorMs(pid: number): number {
  return statOf(pid)?.ms ?? 0;
}

/** The same for a process with its children, such as a database server and its backends. */
export function familyProcessorMs(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid);
  return children.reduce((sum, { ms }) => sum + ms, processorMs(pid));
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold anything, also spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ms: ticks * TICK_MS };
  } catch {
    return undefined;
  }
}
