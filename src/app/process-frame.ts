/** What is the same in every process: configuration, clock, log, signals, the way it tells the supervisor that it is ready, and
 * how it ends. It ends by itself when its supervisor is gone, so that nothing is left behind. */
import type { Log } from '../kernel/log.ts';
import { systemRandom, type Random } from '../kernel/random.ts';
import { wallTime, type Time } from '../kernel/time.ts';
import { readConfig, type Config } from './config.ts';
import { openLiveLog } from './live-log.ts';
import { listenOps, openOps, type Ops, type Vital } from './ops.ts';
import { portMap, type PortMap, type PortName } from './port-map.ts';

/** What a process starts with. */
export interface Frame {
  readonly name: string;
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
}

/** A started process. `vital` answers health questions; `stop` ends it in order. */
export interface Running {
  readonly vital: Vital;
  stop(): Promise<void>;
  /** For a process with HTTP of its own: takes the health paths onto it. Others get a port for them. */
  readonly serveOps?: (ops: Ops) => Promise<void>;
}

/** Longer than the slowest call to the hub, shorter than anybody's patience. */
const STOP_MS_MAX = 15_000;

/** Runs one process until it is told to stop; the exit code. */
export async function runProcess(
  name: string,
  start: (frame: Frame) => Promise<Running>,
): Promise<number> {
  const config = readConfig(process.env);
  const log = openLiveLog({ process: name, level: config.logLevel });
  const frame: Frame = {
    name,
    config,
    ports: portMap(config.port),
    time: wallTime(),
    random: systemRandom(),
    log,
  };
  process.title = `pulih ${name}`;
  // A rejected promise that nobody looks at is a bug: end, be restarted, be seen.
  process.on('unhandledRejection', (error) => {
    log.error({ error: describe(error) }, 'process.crashed');
    process.exit(1);
  });
  const asked = untilAsked();
  const { running, opsServer } = await startWhole(frame, start).catch((error: unknown) => {
    // Half-open listeners and pools would keep a process alive that serves nobody.
    log.error({ error: describe(error) }, 'process.start_failed');
    process.exit(1);
  });
  process.send?.({ kind: 'started' });
  const why = await asked;
  log.info({ why }, 'process.stopping');
  const late = setTimeout(() => {
    log.error({ afterMs: STOP_MS_MAX }, 'process.stop_late');
    process.exit(1);
  }, STOP_MS_MAX);
  await running.stop();
  await opsServer?.close();
  clearTimeout(late);
  log.info({ why }, 'process.stopped');
  if (process.connected) process.disconnect?.();
  return 0;
}

async function startWhole(
  frame: Frame,
  start: (frame: Frame) => Promise<Running>,
): Promise<{
  readonly running: Running;
  readonly opsServer: { close(): Promise<void> } | undefined;
}> {
  const running = await start(frame);
  const ops = openOps(frame.name, running.vital);
  if (running.serveOps) await running.serveOps(ops);
  const opsServer = running.serveOps
    ? undefined
    : await listenOps(ops, frame.ports.of(opsPort(frame.name)));
  return { running, opsServer };
}

function opsPort(name: string): PortName {
  return `${name}:ops` as PortName;
}

function untilAsked(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal));
    process.on('disconnect', () => resolve('supervisor gone'));
    process.on('message', (message) => {
      if ((message as { kind?: string }).kind === 'stop') resolve('supervisor');
    });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
