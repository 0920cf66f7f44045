/** What a process takes of the machine's memory, as the kernel counts it. */
import { readFileSync } from 'node:fs';

/** Proportional set size in bytes: its own pages, and its share of those that others use too. */
export function pssBytes(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) * 1_024;
}
