/** One process under the supervisor: starts it, waits until it is ready, starts it again with back-off when it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Time } from '../kernel/time.ts';
import { environmentOf, type Config } from './config.ts';
import { makeFolder, processOwner, ROOT } from './place.ts';
import type { PortMap, PortName } from './port-map.ts';

/** Small young generations and a low old-space limit: eight processes share one small machine. */
const NODE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  core: ['--max-semi-space-size=32', '--max-old-space-size=512'],
  hsm: ['--max-semi-space-size=1', '--max-old-space-size=64'],
  signer: ['--max-semi-space-size=2', '--max-old-space-size=128'],
  status: ['--max-semi-space-size=2', '--max-old-space-size=128'],
  other: ['--max-semi-space-size=8', '--max-old-space-size=256'],
};
const READY_MS_MAX = 60_000;
const READY_POLL_MS = 100;
const STOP_MS_MAX = 20_000;
const BACK_OFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
/** A process that lived so long failed for a new reason. */
const STEADY_MS = 60_000;
const LOG_BYTES_MAX = 20_000_000;
const LOG_TAIL_LINES = 4;

/** A supervised process. */
export interface Child {
  readonly name: string;
  pid(): number | undefined;
  restarts(): number;
  /** Resolves when the process answers that it is ready; throws with the end of its log when it does not, and once it is stopped. */
  ready(): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

/** The log of a process. */
export function logFile(config: Config, name: string): string {
  return join(config.folder, 'log', `${name}.log`);
}

/** Where a process answers health questions. */
export function healthPort(name: string, ports: PortMap): number {
  const own: readonly string[] = ['core-1', 'core-2', 'status'];
  return ports.of((own.includes(name) ? name : `${name}:ops`) as PortName);
}

/** Starts a process and keeps it running until `stop`. */
export function startChild(input: {
  readonly name: string;
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly say: (line: string) => void;
  /** @default half a second, doubling to half a minute */
  readonly backOffMs?: readonly number[];
}): Child {
  const { name, time, say } = input;
  const backOffMs = input.backOffMs ?? BACK_OFF_MS;
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  let isStopping = false;
  let restarts = 0;
  let failures = 0;
  const patience = new AbortController();

  const launch = (): void => {
    const startedMs = time.now();
    const running = spawnProcess(input);
    child = running;
    ended = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        resolve();
        if (isStopping || child !== running) return;
        child = undefined;
        failures = time.now() - startedMs > STEADY_MS ? 0 : failures + 1;
        const waitMs = backOffMs[Math.min(failures, backOffMs.length) - 1] ?? backOffMs[0]!;
        say(`${name} ended (${how}); starting it again in ${waitMs / 1000} s`);
        void time.sleep(waitMs, patience.signal).then(() => {
          if (isStopping) return;
          restarts++;
          launch();
        });
      };
      running.once('error', (error) => onEnd(error.message));
      running.once('exit', (code, signal) => onEnd(signal ?? `exit ${code}`));
    });
  };
  launch();

  return {
    name,
    pid: () => child?.pid,
    restarts: () => restarts,
    ready: () => untilReady({ ...input, failures: () => failures, isStopping: () => isStopping }),
    async stop() {
      isStopping = true;
      patience.abort();
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      if (child.connected) child.send({ kind: 'stop' }, () => {});
      else child.kill('SIGTERM');
      const late = new AbortController();
      const first = await Promise.race([
        ended,
        time.sleep(STOP_MS_MAX, late.signal).then(() => 'late' as const),
      ]);
      late.abort();
      if (first !== 'late') return;
      say(`${name} does not end: killing it`);
      child.kill('SIGKILL');
      await ended;
    },
    kill() {
      isStopping = true;
      patience.abort();
      child?.kill('SIGKILL');
    },
  };
}

function spawnProcess(input: { readonly name: string; readonly config: Config }): ChildProcess {
  const { name, config } = input;
  makeFolder(join(config.folder, 'log'), undefined, 0o755);
  const path = logFile(config, name);
  if (existsSync(path) && statSync(path).size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o640);
  const owner = processOwner(name);
  if (owner) chownSync(path, owner.uid, owner.gid);
  const flags = NODE_FLAGS[name.startsWith('core') ? 'core' : name] ?? NODE_FLAGS['other']!;
  try {
    // Its own process group: Ctrl-C reaches the supervisor alone, which ends the others in order.
    return spawn(
      process.execPath,
      [...flags, '--disable-warning=ExperimentalWarning', join(ROOT, 'src/main.ts'), 'serve', name],
      {
        ...owner,
        cwd: ROOT,
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
        env: {
          ...environmentOf(config),
          PATH: '/usr/bin:/bin',
          TZ: 'UTC',
          NODE_ENV: 'production',
          ...faultOf(name),
        },
      },
    );
  } finally {
    closeSync(log);
  }
}

/** A crash test arms a fault point in one process: `PULIH_FAULT_PROCESS=gateway-1 PULIH_FAULT=gateway.afterIntent:3`. */
function faultOf(name: string): Record<string, string> {
  const fault = process.env['PULIH_FAULT'];
  return fault && process.env['PULIH_FAULT_PROCESS'] === name ? { PULIH_FAULT: fault } : {};
}

async function untilReady(input: {
  readonly name: string;
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly failures: () => number;
  readonly isStopping: () => boolean;
}): Promise<void> {
  const url = `http://127.0.0.1:${healthPort(input.name, input.ports)}/readyz`;
  const until = input.time.now() + READY_MS_MAX;
  for (;;) {
    const isReady = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    if (input.isStopping()) throw new Error(`${input.name} was stopped before it was ready`);
    if (input.failures() >= 3 || input.time.now() > until) {
      throw new Error(
        `${input.name} does not become ready. The end of ${logFile(input.config, input.name)}:\n${tail(logFile(input.config, input.name))}`,
      );
    }
    await input.time.sleep(READY_POLL_MS);
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
