/** The bank of a live drill: a supervisor of its own, started and stopped like a person would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Time } from '../../kernel/time.ts';
import { ROOT } from '../place.ts';
import { isFree, portMap } from '../port-map.ts';

const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;

/** A base whose whole range is free. */
export async function freeBase(): Promise<number> {
  for (let base = 21_000; base < 40_000; base += 100) {
    const ports = portMap(base);
    const free = await Promise.all(ports.names.map((name) => isFree(ports.of(name))));
    if (free.every(Boolean)) return base;
  }
  throw new Error('Cannot find free ports for a drill');
}

/** Starts Pulih's own processes under their supervisor, without the outside world. */
export function startBank(input: { readonly state: string; readonly port: number }): ChildProcess {
  const args = [
    join(ROOT, 'src/main.ts'),
    'up',
    '--state',
    input.state,
    '--port',
    String(input.port),
    '--without',
    'sim,web',
  ];
  return spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PULIH_STATE: input.state },
  });
}

/** Waits for a line of the supervisor. Throws when it ends or is late. */
export async function untilLine(
  bank: ChildProcess,
  input: { readonly time: Time; readonly until: RegExp; readonly say: (line: string) => void },
): Promise<void> {
  const lines = createInterface({ input: bank.stdout! });
  const found = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('  ') && / s  /.test(line)) input.say(line);
      if (input.until.test(line)) resolve();
    });
    bank.once('exit', (code) => reject(new Error(`Cannot play: the bank ended with ${code}`)));
  });
  const late = new AbortController();
  const first = await Promise.race([
    found.then(() => 'ready'),
    input.time.sleep(READY_MS_MAX, late.signal).then(() => 'late'),
  ]);
  late.abort();
  if (first === 'late') throw new Error('Cannot play: the bank does not become ready');
}

/** Ctrl-C, then the hard way. */
export async function stopBank(bank: ChildProcess, time: Time): Promise<void> {
  if (bank.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => bank.once('exit', () => resolve()));
  bank.kill('SIGINT');
  const late = new AbortController();
  const first = await Promise.race([
    ended,
    time.sleep(STOP_MS_MAX, late.signal).then(() => 'late'),
  ]);
  late.abort();
  if (first === 'late') bank.kill('SIGKILL');
}
