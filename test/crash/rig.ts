/** The whole bank as real processes in a folder of its own: PostgreSQL that flushes, core, signer, gateway and guard under the
 * supervisor's own care, the hub behind a proxy. A test kills any of them; whoever watches over it in production starts it again. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { healthPort, startChild, type Child } from '../../src/app/child.ts';
import { readConfig, type Config } from '../../src/app/config.ts';
import { askGateway } from '../../src/app/control-client.ts';
import { giveLogins, migrateServer, startServer, type Server } from '../../src/app/database.ts';
import { openFirstTime, prepareFirstOpening } from '../../src/app/first-opening.ts';
import { prepareKeys } from '../../src/app/keys.ts';
import { keepServer } from '../../src/app/keep-server.ts';
import { makeFolder, ROOT, temporaryParent } from '../../src/app/place.ts';
import { isFree, portMap, type PortMap } from '../../src/app/port-map.ts';
import { clearRunning, writeRunning } from '../../src/app/run-file.ts';
import { readCredentials, type DemoCredentials } from '../../src/app/credentials.ts';
import { seed } from '../../src/app/seed.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wallTime, type Time } from '../../src/kernel/time.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { insertSettings } from './store.ts';

const HUB_OFFSET = 50;
const PORTS_NEEDED = 60;
const PROCESSES = ['signer', 'gateway-1', 'core-1', 'guard'] as const;

export type ProcessName = (typeof PROCESSES)[number];

/** How a server ends: at once, without a checkpoint, or in order with its clients cut. */
export type DatabaseEnd = 'SIGKILL' | 'SIGQUIT' | 'SIGINT';

export interface RigOptions {
  /** Between an end and the next start; default as in production. */
  readonly backOffMs?: readonly number[];
  /** Sees the state folder before anything is in it, and says what to undo at the end. */
  readonly prepare?: (config: Config) => () => void;
}

export interface Rig {
  readonly time: Time;
  readonly config: Config;
  readonly ports: PortMap;
  readonly hub: TestHub;
  readonly proxy: Proxy;
  readonly credentials: DemoCredentials;
  /** A connection of the test's own; a new one after the server was killed. */
  db(): Db;
  /** Its administrator's address. */
  adminUrl(): string;
  /** `kill -9`; the supervisor's back-off starts it again. Resolves when it is ready. */
  crash(name: ProcessName): Promise<void>;
  /** Restarts it with a fault point armed, waits until that point killed it, and until it runs again without. */
  crashAt(
    name: ProcessName,
    fault: { readonly point: string; readonly passes: number },
  ): Promise<void>;
  /** Ends the postmaster in this way; whoever keeps it starts it again. Resolves when it takes connections. */
  crashDatabase(how?: DatabaseEnd): Promise<void>;
  /** Holds back each new start of the database until the returned function is called. */
  holdDatabase(): () => void;
  isDatabaseRunning(): boolean;
  child(name: ProcessName): Child;
  /** `pulih verify --json`. */
  verify(): Promise<{ readonly code: number; readonly report: Readonly<Record<string, unknown>> }>;
  stop(): Promise<void>;
}

/** Says what happens, on a line of its own. */
export function say(line: string): void {
  process.stdout.write(`  crash: ${line}\n`);
}

/** Builds it and opens the gateway. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const time = wallTime();
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-crash-')), undefined, 0o755);
  const config = readConfig({
    PULIH_STATE: folder,
    PULIH_PORT: String(await freeRange()),
    PULIH_LOG: 'info',
  });
  const ports = portMap(config.port);
  const undo = options.prepare?.(config);
  prepareKeys({ state: folder, nowMs: time.now(), random: systemRandom() });
  makeFolder(join(folder, 'log'), undefined, 0o755);
  writeRunning(folder, config.port, []);
  const database = await startDatabase({ config, ports, time });
  const children = new Map<string, Child>();
  const launch = (name: ProcessName): Child => {
    const child = startChild({
      name,
      config,
      ports,
      time,
      say: verbose,
      ...(options.backOffMs && { backOffMs: options.backOffMs }),
    });
    children.set(name, child);
    return child;
  };
  const hub = await startTestHub({
    state: folder,
    publicPort: config.port,
    port: config.port + HUB_OFFSET,
  });
  const proxy = await startProxy({ port: ports.wire('hub'), target: config.port + HUB_OFFSET });
  await prepareFirstOpening({ config, time });
  for (const name of PROCESSES) launch(name);
  await Promise.all([...children.values()].map((child) => child.ready()));
  await openFirstTime({ config, time });
  await untilProtected({ config, ports, time });
  return {
    time,
    config,
    ports,
    hub,
    proxy,
    credentials: readCredentials(folder)!,
    db: () => database.db(),
    adminUrl: () => database.adminUrl,
    crashDatabase: (how = 'SIGKILL') => database.crash(how),
    holdDatabase: () => database.hold(),
    isDatabaseRunning: () => database.isRunning(),
    child: (name) => children.get(name)!,
    crash: (name) => crash({ child: children.get(name)!, ports, time }),
    crashAt: (name, fault) => crashAt({ name, fault, old: children.get(name)!, time, launch }),
    verify: () => verify(config),
    async stop() {
      await Promise.all([...children.values()].map((child) => child.stop()));
      await hub.stop();
      await proxy.close();
      await database.stop();
      clearRunning(folder);
      undo?.();
      if (process.env['CRASH_KEEP']) say(`kept ${folder}`);
      else rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PROTECTED_MS_MAX = 20_000;

/** Until the guard was heard everywhere: before that, nothing leaves the bank (I8). */
async function untilProtected(input: {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
}): Promise<void> {
  const { config, ports, time } = input;
  const until = time.now() + PROTECTED_MS_MAX;
  for (;;) {
    const gateway = await askGateway({
      state: config.folder,
      partition: 'gateway-1',
      request: { action: 'status' },
    });
    const core = await fetch(`http://127.0.0.1:${ports.of('core-1')}/metrics`).then((answer) =>
      answer.text(),
    );
    if (
      gateway['door'] === 'open' &&
      Number(gateway['setVersion']) > 0 &&
      /core_is_blind(\{[^}]*\})? 0\b/.test(core)
    )
      return;
    if (time.now() > until)
      throw new Error(`The guard was not heard in ${PROTECTED_MS_MAX / 1000} s`);
    await time.sleep(50);
  }
}

/** A base below the ports that the system gives to clients, all of whose offsets are free. */
async function freeRange(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = 20_000 + 100 * systemRandom().below(120);
    const all = await Promise.all(
      Array.from({ length: PORTS_NEEDED }, (_, offset) => isFree(base + offset)),
    );
    if (all.every(Boolean)) return base;
  }
  throw new Error('Cannot find a free range of ports');
}

async function startDatabase(input: {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
}) {
  const { config, time } = input;
  let held: Promise<void> = Promise.resolve();
  const start = async (): Promise<Server> => {
    await held;
    return startServer({ ...input, say: () => {} });
  };
  const first = await start();
  await migrateServer(first, time);
  await giveLogins({ config, server: first, time });
  const db = openDb({ url: first.adminUrl, size: 2, time, name: 'crash-test' });
  await seed({ state: config.folder, db, time, random: systemRandom() });
  await insertSettings(db, { nowMs: time.now() });
  const kept = keepServer({ first, start, time, say: verbose });
  const untilRunning = async (): Promise<void> => {
    while (!kept.isRunning()) await time.sleep(10);
  };
  return {
    db: () => db,
    adminUrl: first.adminUrl,
    isRunning: () => kept.isRunning(),
    hold() {
      let letGo = (): void => {};
      held = new Promise((resolve) => (letGo = resolve));
      return () => letGo();
    },
    async crash(how: DatabaseEnd) {
      await untilRunning();
      const { pid } = kept.current().embedded!;
      process.kill(pid, how);
      while (kept.isRunning()) await time.sleep(5);
      await untilRunning();
    },
    async stop() {
      await db.close();
      await kept.release();
      await kept.current().embedded!.stop();
    },
  };
}

function verbose(line: string): void {
  if (process.env['CRASH_VERBOSE']) say(line);
}

const AGAIN_MS_MAX = 60_000;

/** True when a process says that it may take work. */
export async function isReady(name: string, ports: PortMap): Promise<boolean> {
  return fetch(`http://127.0.0.1:${healthPort(name, ports)}/readyz`, {
    signal: AbortSignal.timeout(2_000),
  }).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function crash(input: {
  readonly child: Child;
  readonly ports: PortMap;
  readonly time: Time;
}): Promise<void> {
  const { child, ports, time } = input;
  const pid = await untilRunning(child, time);
  process.kill(pid, 'SIGKILL');
  while (child.pid() === pid || child.pid() === undefined) await time.sleep(20);
  // Not the supervisor's own wait, which gives up on a process that ended three times.
  const until = time.now() + AGAIN_MS_MAX;
  while (!(await isReady(child.name, ports))) {
    if (time.now() > until)
      throw new Error(`${child.name} is not ready again after ${AGAIN_MS_MAX / 1000} s`);
    await time.sleep(50);
  }
}

async function untilRunning(child: Child, time: Time): Promise<number> {
  for (;;) {
    const pid = child.pid();
    if (pid !== undefined) return pid;
    await time.sleep(20);
  }
}

const FAULT_MS_MAX = 30_000;

async function crashAt(input: {
  readonly name: ProcessName;
  readonly fault: { readonly point: string; readonly passes: number };
  readonly old: Child;
  readonly time: Time;
  readonly launch: (name: ProcessName) => Child;
}): Promise<void> {
  const { name, fault, old, time, launch } = input;
  const oldPid = old.pid();
  old.kill();
  if (oldPid !== undefined) await untilGone(oldPid, time);
  // Read when a process is started: the next start after the crash is a healthy one.
  process.env['PULIH_FAULT'] = `${fault.point}:${fault.passes}`;
  process.env['PULIH_FAULT_PROCESS'] = name;
  const child = launch(name);
  delete process.env['PULIH_FAULT'];
  delete process.env['PULIH_FAULT_PROCESS'];
  const until = time.now() + FAULT_MS_MAX;
  while (child.restarts() === 0) {
    if (time.now() > until)
      throw new Error(
        `${fault.point} was not passed ${fault.passes} times in ${FAULT_MS_MAX / 1000} s`,
      );
    await time.sleep(20);
  }
  await child.ready();
}

async function untilGone(pid: number, time: Time): Promise<void> {
  while (isAlive(pid)) await time.sleep(20);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function verify(
  config: Config,
): Promise<{ code: number; report: Readonly<Record<string, unknown>> }> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'src/main.ts'), 'verify', '--json', '--state', config.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number>((resolve) =>
    child.on('close', (status) => resolve(status ?? 1)),
  );
  return { code, report: JSON.parse(text) as Record<string, unknown> };
}
