/** A Pulih of its own for a benchmark: `pulih up` in a temporary folder on ports nobody uses, gone afterwards. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { familyProcessorMs, processorMs } from '../../bench/processor.ts';
import { openDb, type Db } from '../../db/pool.ts';
import { systemRandom } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import { readConfig } from '../config.ts';
import { postgresFolder } from '../database.ts';
import { ROOT, temporaryParent } from '../place.ts';
import { isFree, portMap } from '../port-map.ts';
import { embeddedUrl } from '../postgres.ts';
import { pssKb, readRunning } from '../run-file.ts';

/** A running bank. */
export interface BenchBank {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** From nothing to ready: cluster, migrations, seed, processes, opening. */
  readonly startSeconds: number;
  /** As the superuser of its PostgreSQL. */
  readonly databaseUrl: string;
  readonly db: Db;
  /** Memory of all Pulih processes, PostgreSQL aside: sum of proportional set sizes. */
  memoryMb(): number;
  /** Processor time so far by process, PostgreSQL with all its backends as `postgres`. */
  processorMs(): Readonly<Record<string, number>>;
  /** How often a process had to be started again: not once in an honest run. */
  restarts(): number;
  close(): Promise<void>;
}

const START_MS_MAX = 120_000;
const PORT_TRIES = 50;
const PORT_FIRST = 20_000;
const PORT_STEPS = 400;
const PORT_STEP = 100;
const HOST = '127.0.0.1';
/** A bank of its own, and nothing on it but what is measured. */
const ALONE = {
  DATABASE_URL: '',
  PULIH_CORES: '',
  PULIH_ENV: '',
  PULIH_SWITCH_TRAFFIC: '0',
} as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts it. Throws with what it said when it does not get ready. */
export async function startBenchBank(input: {
  readonly time: Time;
  readonly name: string;
}): Promise<BenchBank> {
  const { time, name } = input;
  const folder = mkdtempSync(join(temporaryParent(), `pulih-bench-${name}-`));
  chmodSync(folder, 0o755);
  const port = await freeRange();
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'src/main.ts'),
      'up',
      '--state',
      folder,
      '--port',
      String(port),
      '--host',
      HOST,
      '--without',
      'web',
    ],
    {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ALONE },
    },
  );
  let said = '';
  let isReady: () => void = () => {};
  const ready = new Promise<'ready'>((resolve) => (isReady = () => resolve('ready')));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^ready in /m.test(said)) isReady();
    });
  }
  const ended = new Promise<'ended'>((resolve) => child.once('exit', () => resolve('ended')));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // Whoever stops the bench stops its bank.
  const onSignal = (): void => void end().then(() => process.exit(1));
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    remove();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const late = new AbortController();
  const first = await Promise.race([
    ready,
    ended,
    time.sleep(START_MS_MAX, late.signal).then(() => 'late' as const),
  ]);
  late.abort();
  if (first !== 'ready') {
    if (first === 'late') await end();
    else remove();
    throw new Error(`Cannot start a bank to measure:\n${said.trimEnd()}`);
  }
  return benchBank({
    folder,
    port,
    time,
    end,
    startSeconds: Number(/^ready in ([\d.]+) s/m.exec(said)?.[1] ?? 0),
  });
}

function benchBank(input: {
  readonly folder: string;
  readonly port: number;
  readonly time: Time;
  readonly startSeconds: number;
  readonly end: () => Promise<void>;
}): BenchBank {
  const { folder, port, time, startSeconds, end } = input;
  const config = readConfig({ PULIH_STATE: folder, PULIH_PORT: String(port) });
  const databaseUrl = embeddedUrl({
    folder: postgresFolder(config),
    port: portMap(port).of('postgres'),
    database: 'pulih',
  });
  const db = openDb({ url: databaseUrl, size: 2, time, name: 'bench' });
  const processes = () => readRunning(folder)?.processes ?? [];
  const postmaster = Number.parseInt(
    readFileSync(join(postgresFolder(config), 'data', 'postmaster.pid'), 'utf8'),
    10,
  );
  return {
    folder,
    host: HOST,
    port,
    startSeconds,
    databaseUrl,
    db,
    memoryMb: () => processes().reduce((sum, { pid }) => sum + (pssKb(pid) ?? 0), 0) / 1_024,
    processorMs: () => ({
      ...Object.fromEntries(processes().map(({ name, pid }) => [name, processorMs(pid)])),
      postgres: familyProcessorMs(postmaster),
    }),
    restarts: () => processes().reduce((sum, one) => sum + one.restarts, 0),
    async close() {
      await db.close();
      await end();
    },
  };
}

/** A public port whose whole range is free now. Chance keeps two benches that start together apart. */
async function freeRange(): Promise<number> {
  const random = systemRandom();
  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const port = PORT_FIRST + PORT_STEP * random.below(PORT_STEPS);
    const ports = portMap(port);
    const free = await Promise.all(ports.names.map((name) => isFree(ports.of(name))));
    if (free.every(Boolean)) return port;
  }
  throw new Error('Cannot find a free range of ports');
}
