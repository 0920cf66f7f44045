/** The bank as real processes over real sockets, with the network's hub in the test's own process. A test kills what it wants
 * dead, and it stays dead until the test starts it again; nobody else restarts it. */
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startAggregator, type Aggregator } from '../../sim/biller/aggregator.ts';
import { httpTo } from '../../sim/customer/http.ts';
import {
  snapClient,
  type Http,
  type HttpRequest,
  type HttpResponse,
  type SnapClient,
} from '../../sim/customer/snap-client.ts';
import { startHub, type Hub } from '../../sim/hub/hub.ts';
import { demoParticipants } from '../../sim/hub/participant.ts';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { startChild, type Child } from '../../src/app/child.ts';
import { readConfig, type Config } from '../../src/app/config.ts';
import { askGateway } from '../../src/app/control-client.ts';
import { readCredentials, type DemoCredentials } from '../../src/app/credentials.ts';
import { giveLogins, migrateServer, startServer, type Server } from '../../src/app/database.ts';
import { openFirstTime } from '../../src/app/first-opening.ts';
import {
  processFolder,
  readIdentity,
  readPrivateKey,
  readPublicKey,
} from '../../src/app/key-file.ts';
import { prepareKeys } from '../../src/app/keys.ts';
import { liveNet } from '../../src/app/net-live.ts';
import { makeFolder, ROOT, temporaryParent } from '../../src/app/place.ts';
import { isFree, portMap, type PortMap } from '../../src/app/port-map.ts';
import { writeRunning } from '../../src/app/run-file.ts';
import { seed } from '../../src/app/seed.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wallTime, type Time } from '../../src/kernel/time.ts';
import { RECOVERY_DEFAULTS } from '../../src/recovery/plan.ts';
import { insertSetting } from './store.ts';

const PORTS_NEEDED = 60;
const ANSWER_MS_MAX = 20_000;
/** Short stages with one payment each, judged often: a person would wait longer. */
const STAGE_MS = 500;
const JUDGE_MS = 500;
const WAIT_MS_MAX = 60_000;

export type ProcessName = 'signer' | 'gateway-1' | 'core-1' | 'core-2' | 'guard' | 'status';

/** Told of each exchange. */
export type Hear = (request: HttpRequest, response: HttpResponse) => void;

/** A process that decides by restrictions. */
export type Enforcer = 'core-1' | 'core-2' | 'gateway-1';

export interface FlowRig {
  readonly time: Time;
  readonly config: Config;
  readonly ports: PortMap;
  readonly hub: Hub;
  readonly credentials: DemoCredentials;
  /** A connection of the test's own, as the administrator. */
  db(): Db;
  /** `kill -9`; it stays dead. */
  kill(name: ProcessName): Promise<void>;
  /** Starts it again; resolves when it is ready. */
  launch(name: ProcessName): Promise<void>;
  /** `kill -9` of the postmaster. */
  killDatabase(): Promise<void>;
  startDatabase(): Promise<void>;
  /** The partner's server, asking one core. `hear` is told of everything that goes over the wire. */
  snap(core?: 'core-1' | 'core-2', hear?: Hear): SnapClient;
  /** The gateway's own word, over its local control. */
  gateway(): Promise<Record<string, unknown>>;
  /** The version of the restriction set that a process says it enforces. */
  setVersion(name: Enforcer): Promise<number>;
  /** Ids of the restrictions in the set that a process keeps on its disk. */
  restrictionsOf(name: Enforcer): readonly string[];
  /** `pulih <words>` on this folder; what it printed and how it ended. */
  pulih(words: readonly string[], env?: Record<string, string>): Promise<Ran>;
  /** Everything that the processes and the database logged. */
  logs(): readonly { readonly file: string; readonly lines: readonly string[] }[];
  stop(): Promise<void>;
}

/** A command that ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Builds it, opens the gateway, and has it ready for payments. */
export async function startRig(input: { readonly cores: 1 | 2 }): Promise<FlowRig> {
  const time = wallTime();
  const folder = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-flow-')), undefined, 0o755);
  const config = readConfig({
    PULIH_STATE: folder,
    PULIH_PORT: String(await freeRange()),
    PULIH_CORES: String(input.cores),
    PULIH_LOG: 'info',
  });
  const ports = portMap(config.port);
  prepareKeys({ state: folder, nowMs: time.now(), random: systemRandom() });
  makeFolder(join(folder, 'log'), undefined, 0o755);
  const base = openBase({ config, ports, time });
  await base.start();
  writeRunning(folder, config.port, []);
  await seed({ state: folder, db: base.db(), time, random: systemRandom() });
  await insertSettings(base.db(), time);
  const hub = await startRigHub({ config, ports, time });
  const aggregator = await startRigAggregator({ config, ports, time });
  const children = new Map<ProcessName, Child>();
  const names: ProcessName[] = [
    'signer',
    'gateway-1',
    'core-1',
    ...(input.cores === 2 ? (['core-2'] as const) : []),
    'guard',
    'status',
  ];
  const start = (name: ProcessName): Child => {
    const child = startChild({ name, config, ports, time, say: () => {} });
    children.set(name, child);
    return child;
  };
  const carriers: { close(): void }[] = [];
  const credentials = readCredentials(folder)!;
  const rig: FlowRig = {
    time,
    config,
    ports,
    hub,
    credentials,
    db: base.db,
    killDatabase: base.kill,
    startDatabase: base.start,
    async kill(name) {
      const child = children.get(name)!;
      const pid = child.pid();
      child.kill();
      await until({ time, what: `${name} is dead` }, () => pid === undefined || !isAlive(pid));
    },
    launch: (name) => start(name).ready(),
    snap: (core = 'core-1', hear = () => {}) =>
      openSnap({ time, port: ports.of(core), credentials, carriers, hear }),
    gateway: () =>
      askGateway({ state: folder, partition: 'gateway-1', request: { action: 'status' } }),
    setVersion: async (name) =>
      name === 'gateway-1'
        ? Number((await rig.gateway())['setVersion'])
        : ((await gaugeOf(ports.of(name), 'core_restriction_set_version')) ?? 0),
    restrictionsOf: (name) => readKeptSet(processFolder(folder, name)),
    pulih: (words, env = {}) => runPulih([...words, '--state', folder], env),
    logs: () => [...readLogs(join(folder, 'log')), readLog(join(folder, 'postgres'), 'server.log')],
    async stop() {
      for (const carrier of carriers) carrier.close();
      await Promise.all([...children.values()].map((child) => child.stop()));
      await aggregator.stop();
      await hub.stop();
      await base.stop();
      if (process.env['FLOW_KEEP']) process.stdout.write(`  kept ${folder}\n`);
      else rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(names.map((name) => start(name).ready()));
    await openFirstTime({ config, time });
    await until(
      { time, what: 'the gateway is open' },
      async () => (await rig.gateway())['door'] === 'open',
    );
    for (const name of names.filter((name) => name.startsWith('core'))) {
      await until(
        { time, what: `${name} has heard the guard` },
        async () => (await gaugeOf(ports.of(name as 'core-1'), 'core_is_blind')) === 0,
      );
    }
    return rig;
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

/** Waits until it holds; fails with what was waited for. */
export async function until(
  input: {
    readonly time: Time;
    readonly what: string;
    readonly everyMs?: number;
    readonly msMax?: number;
  },
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = input.time.now() + (input.msMax ?? WAIT_MS_MAX);
  while (!(await holds())) {
    if (input.time.now() > endMs) throw new Error(`Waited too long: ${input.what}`);
    await input.time.sleep(input.everyMs ?? 50);
  }
}

/** A gauge of a process, from its metrics. */
async function gaugeOf(port: number, name: string): Promise<number | undefined> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
  const found = new RegExp(`^pulih_${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text);
  return found ? Number(found[1]) : undefined;
}

/** PostgreSQL, which a test may kill, and the test's own connection to it. */
function openBase(input: {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
}) {
  const { config, time } = input;
  let server: Server | undefined;
  let db: Db | undefined;
  let isFirst = true;
  const leave = async (): Promise<void> => {
    await db?.close();
    db = undefined;
  };
  return {
    db: () => db!,
    async start(): Promise<void> {
      server = await startServer({ ...input, say: () => {} });
      if (isFirst) {
        await migrateServer(server, time);
        await giveLogins({ config, server, time });
        isFirst = false;
      }
      db = openDb({ url: server.adminUrl, size: 3, time, name: 'flow-test' });
    },
    async kill(): Promise<void> {
      await leave();
      await server!.embedded!.kill();
    },
    async stop(): Promise<void> {
      await leave();
      await server?.embedded?.stop();
    },
  };
}

/** What waits, waits for seconds. Loosening a setting takes two people, also here. */
async function insertSettings(db: Db, time: Time): Promise<void> {
  const stages = RECOVERY_DEFAULTS.stages.map((stage) => ({ ...stage, dwellMsMin: STAGE_MS }));
  const values = {
    'recovery.numbers': JSON.stringify({ stages, paymentCountMin: 1 }),
    'guard.numbers': JSON.stringify({ loop: { tidyMs: JUDGE_MS } }),
    'bifast.inquiry_first_ms': '2000',
    'bifast.inquiry_max': '30',
  };
  for (const [key, value] of Object.entries(values))
    await insertSetting(db, { key, value, nowMs: time.now() - 60_000 });
}

interface Outside {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
}

function startRigHub({ config, ports, time }: Outside): Promise<Hub> {
  const state = config.folder;
  return startHub({
    time,
    random: systemRandom(),
    log: silentLog,
    net: liveNet({ identity: readIdentity(state, 'sim', 'network'), ports, socketCountMax: 64 }),
    messageKey: readPrivateKey(state, 'sim', 'message'),
    bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-message') },
    participants: demoParticipants(),
  });
}

function startRigAggregator({ config, ports, time }: Outside): Promise<Aggregator> {
  const state = config.folder;
  return startAggregator({
    time,
    random: systemRandom(),
    log: silentLog,
    net: liveNet({ identity: readIdentity(state, 'sim', 'network'), ports, socketCountMax: 64 }),
    messageKey: readPrivateKey(state, 'sim', 'biller'),
    bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-biller') },
  });
}

function openSnap(input: {
  readonly time: Time;
  readonly port: number;
  readonly credentials: DemoCredentials;
  readonly carriers: { close(): void }[];
  readonly hear: Hear;
}): SnapClient {
  const { clientId, clientSecret, privateKeyFile } = input.credentials.partner;
  const carrier = httpTo({
    host: '127.0.0.1',
    port: input.port,
    timeoutMs: ANSWER_MS_MAX,
    socketCountMax: 32,
  });
  input.carriers.push(carrier);
  const http: Http = async (request) => {
    const response = await carrier.http(request);
    input.hear(request, response);
    return response;
  };
  const privateKey = createPrivateKey(readFileSync(privateKeyFile, 'utf8'));
  return snapClient({
    time: input.time,
    random: systemRandom(),
    http,
    partner: {
      clientId,
      partnerId: clientId,
      channelId: '95221',
      clientSecret,
      signatureEncoding: 'base64',
      privateKey,
    },
  });
}

function readKeptSet(folder: string): readonly string[] {
  const kept = JSON.parse(readFileSync(join(folder, 'restriction-set.json'), 'utf8')) as {
    signed: { body: string };
  };
  const set = JSON.parse(kept.signed.body) as { restrictions: { id: string }[] };
  return set.restrictions.map(({ id }) => id);
}

async function runPulih(words: readonly string[], env: Record<string, string>): Promise<Ran> {
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const code = await new Promise<number>((resolve) =>
    child.on('close', (status) => resolve(status ?? 1)),
  );
  return { code, ...said };
}

function readLogs(folder: string): ReturnType<FlowRig['logs']> {
  return readdirSync(folder).map((file) => readLog(folder, file));
}

function readLog(folder: string, file: string): ReturnType<FlowRig['logs']>[number] {
  return { file, lines: readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean) };
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
