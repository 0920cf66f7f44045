/** `pulih up`: from an empty folder to a running bank, one line of progress per step; then watches, and stops in order. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_SOCKET } from '../gateway/control-socket.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime, type Ticker, type Time } from '../kernel/time.ts';
import { startChild, type Child } from './child.ts';
import { environmentOf, type Config } from './config.ts';
import { giveLogins, migrateServer, postgresFolder, startServer, type Server } from './database.ts';
import { openFirstTime, prepareFirstOpening } from './first-opening.ts';
import { keepServer, type KeptServer } from './keep-server.ts';
import { processFolder } from './key-file.ts';
import { prepareKeys } from './keys.ts';
import { sealPartners } from './partner/seal.ts';
import { isOpenToAll, isRoot, makeFolder, ROOT } from './place.ts';
import { isFree, portMap, type PortMap, type PortName } from './port-map.ts';
import { clearRunning, lockStarts, writeRunning } from './run-file.ts';
import type { Unlock } from './folder-lock.ts';
import { readCredentials } from './credentials.ts';
import { issueDemoCards, startSwitchTraffic } from './demo-cards.ts';
import { formSwitchKeys } from './switch-keys.ts';
import { buildWeb } from './web-build.ts';

/** Says that a folder is ours to delete. */
const MARKER = '.pulih-state';
/** Ctrl-C of a terminal reaches us twice when npm stands between. */
const SAME_KEYPRESS_MS = 700;
/** Linux takes no longer path for a unix socket, and cuts a longer one in silence. */
const SOCKET_PATH_BYTES_MAX = 107;
/** Stopped in this order: who takes work first, who others need last. */
const ORDER = ['sim', 'core-1', 'core-2', 'guard', 'gateway-1', 'signer', 'hsm', 'status'] as const;

/** Runs everything until Ctrl-C; the exit code. */
export async function up(input: {
  readonly config: Config;
  readonly isFresh: boolean;
  readonly without: readonly string[];
}): Promise<number> {
  const { config } = input;
  const time = wallTime();
  const ports = portMap(config.port);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const began = time.now();
  const unknown = input.without.filter((name) => name !== 'web' && !isProcess(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `Unknown in --without: ${unknown.join(', ')}. Known: ${ORDER.join(', ')}, web\n`,
    );
    return 2;
  }
  const unlock = await prepareFolder(config, input.isFresh);
  await checkPorts(config, ports);
  writeRunning(config.folder, config.port, []);
  const names = ORDER.filter(
    (name) => !input.without.includes(name) && (name !== 'core-2' || config.coreCount === 2),
  );
  const deployment: Deployment = {
    config,
    ports,
    time,
    say,
    names,
    without: input.without,
    children: [],
    server: undefined,
    bookkeeping: undefined,
    stopping: false,
  };
  const asked = onStop(deployment);
  try {
    await start(deployment);
    if (!deployment.stopping) {
      sayReady(config, ports, say);
      say(`ready in ${((time.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops all.`);
    }
  } catch (error) {
    if (!deployment.stopping) {
      const { message } = error as Error;
      say(message.startsWith('Cannot ') ? message : `Cannot start: ${message}`);
      await stopAll(deployment);
      return 1;
    }
  }
  await asked;
  // Once more: a start that was under way when the stop came may have brought the database up meanwhile.
  await stopAll(deployment);
  await unlock();
  say('Stopped. The data is kept; the next start goes on with it.');
  return 0;
}

function isProcess(name: string): boolean {
  return (ORDER as readonly string[]).includes(name);
}

interface Deployment {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly say: (line: string) => void;
  readonly names: readonly string[];
  readonly without: readonly string[];
  readonly children: Child[];
  server: KeptServer | undefined;
  bookkeeping: Ticker | undefined;
  stopping: boolean;
}

async function start(deployment: Deployment): Promise<void> {
  const { config, time, say } = deployment;
  const step = stepper(deployment);
  const folder = config.folder;
  say(`Pulih keeps its state in ${folder}`);
  if (isRoot() && !isOpenToAll(ROOT))
    say(
      'Warning: other users cannot read this clone, so every process runs as root. Clone it to a folder that all may read.',
    );
  if (!isRoot())
    say(
      'Warning: not started as root, so every process runs as the same user and could read the keys of the others.',
    );
  await step('keys and certificates', async () => {
    const made = prepareKeys({ state: folder, nowMs: time.now(), random: systemRandom() });
    return made > 0 ? `${made} new` : 'in place';
  });
  await step('PostgreSQL', async () => {
    const first = await startServer(deployment);
    deployment.server = watchServer(deployment, first);
    return first.embedded ? `port ${first.embedded.port}` : 'your own';
  });
  const server = deployment.server!.current();
  await step('migrations', async () => {
    const applied = await migrateServer(server, time);
    await sealPartners({ config, server, time });
    return applied.length > 0 ? `${applied.length} applied` : 'none to apply';
  });
  await step('demo bank', () => seedDemo(deployment, server));
  if (!deployment.without.includes('web')) await step('web pages', () => buildWeb());
  if (deployment.names.includes('gateway-1')) await prepareFirstOpening({ config, time });
  await step('processes', async () => {
    for (const name of deployment.names)
      deployment.children.push(startChild({ ...deployment, name, say }));
    await Promise.all(deployment.children.map((child) => child.ready()));
    writeRunning(folder, config.port, entriesOf(deployment));
    return deployment.names.join(', ');
  });
  if (deployment.names.includes('gateway-1'))
    await step('gateway', () => openFirstTime({ config, time }));
  if (['hsm', 'sim', 'gateway-1'].every((name) => deployment.names.includes(name as never)))
    await step('keys of the switch', () => formSwitchKeys(config));
  const hasHsm = ['hsm', 'core-1'].every((name) => deployment.names.includes(name));
  if (hasHsm) await step('demo cards', () => issueCards(deployment, server));
  const hasTraffic = config.switchTraffic > 0 && config.simParts.includes('switch');
  if (hasHsm && hasTraffic && deployment.names.includes('sim'))
    await step('switch traffic', () => startSwitchTraffic(deployment));
  if (!deployment.stopping) startBookkeeping(deployment);
}

function issueCards(deployment: Deployment, server: Server): Promise<string> {
  const { config, ports, time } = deployment;
  return issueDemoCards({ config, ports, time, databaseUrl: server.adminUrl });
}

/** Prints one line per step; skips what is left when a stop was asked for. */
function stepper(
  deployment: Deployment,
): (name: string, work: () => Promise<string>) => Promise<void> {
  return async (name, work) => {
    if (deployment.stopping) throw new Error('stopped');
    const began = deployment.time.now();
    const result = await work();
    deployment.say(
      `  ${name.padEnd(22)} ${((deployment.time.now() - began) / 1000).toFixed(1).padStart(5)} s  ${result}`,
    );
  };
}

/** In a process of its own, whose memory is given back. */
async function seedDemo(deployment: Deployment, server: Server): Promise<string> {
  const { config, time } = deployment;
  await giveLogins({ config, server, time });
  if (readCredentials(config.folder)) return 'continues with its data';
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), 'seed'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environmentOf(config), DATABASE_URL: server.adminUrl },
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the demo bank cannot be seeded (${String(code)})\n${said}`);
  return '10,000 customers with accounts';
}

function watchServer(deployment: Deployment, first: Server): KeptServer {
  const log = join(postgresFolder(deployment.config), 'server.log');
  return keepServer({
    first,
    time: deployment.time,
    start: () => startServer(deployment),
    say: (line) => deployment.say(`${line} (its log: ${log})`),
  });
}

/** Keeps `pulih ps` true. */
function startBookkeeping(deployment: Deployment): void {
  deployment.bookkeeping = deployment.time.every(
    1_000,
    async () =>
      writeRunning(deployment.config.folder, deployment.config.port, entriesOf(deployment)),
    () => {},
  );
}

function entriesOf(deployment: Deployment): { name: string; pid: number; restarts: number }[] {
  const children = deployment.children.flatMap((child) => {
    const pid = child.pid();
    return pid === undefined ? [] : [{ name: child.name, pid, restarts: child.restarts() }];
  });
  return [{ name: 'supervisor', pid: process.pid, restarts: 0 }, ...children];
}

/** Resolves when a stop was asked for and what ran then has ended. */
function onStop(deployment: Deployment): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const ask = (): void => {
      const now = deployment.time.now();
      if (firstMs !== undefined && now - firstMs < SAME_KEYPRESS_MS) return;
      if (firstMs !== undefined) {
        deployment.say('Stopping at once');
        for (const child of deployment.children) child.kill();
        void (deployment.server?.current().embedded?.kill() ?? Promise.resolve()).then(() =>
          process.exit(1),
        );
        return;
      }
      firstMs = now;
      deployment.say('Stopping (Ctrl-C again stops at once) ...');
      void stopAll(deployment).then(resolve);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  });
}

async function stopAll(deployment: Deployment): Promise<void> {
  deployment.stopping = true;
  await deployment.bookkeeping?.stop();
  for (const name of ORDER) await deployment.children.find((child) => child.name === name)?.stop();
  await deployment.server?.release();
  await deployment.server?.current().embedded?.stop();
  clearRunning(deployment.config.folder);
}

/** Makes the folder ours, and nobody else's until the end of this process. */
async function prepareFolder(config: Config, isFresh: boolean): Promise<Unlock> {
  const { folder } = config;
  const socket = join(processFolder(folder, 'gateway-1'), CONTROL_SOCKET);
  if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(
      `The path of ${folder} is too long for the stop button's socket; choose a shorter one with --state`,
    );
  }
  const marker = join(folder, MARKER);
  const isOurs = existsSync(marker);
  if (!isOurs && existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(
      `The folder ${folder} holds something that is not Pulih's; choose another with --state`,
    );
  }
  try {
    makeFolder(folder, undefined, 0o755);
    const unlock = await lockStarts(folder);
    if (isFresh && isOurs) {
      rmSync(folder, { recursive: true, force: true });
      makeFolder(folder, undefined, 0o755);
    }
    if (isRoot() && !isOpenToAll(folder))
      throw new Error(
        `Cannot keep the state in ${folder}: the database runs as another user, who cannot pass through a folder above it`,
      );
    writeFileSync(marker, 'The state of Pulih. `pulih up --fresh` deletes this folder.\n');
    return unlock;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR'].includes(code ?? '')) throw error;
    throw new Error(
      `Cannot keep the state in ${folder}: it cannot be written (${code}); choose another folder with --state`,
      { cause: error },
    );
  }
}

async function checkPorts(config: Config, ports: PortMap): Promise<void> {
  const needed = ports.names.filter(
    (name) =>
      !(config.coreCount === 1 && name.endsWith('core-2')) &&
      !(config.databaseUrl && name === 'postgres'),
  );
  const taken: PortName[] = [];
  for (const name of needed) if (!(await isFree(ports.of(name)))) taken.push(name);
  const left = taken.filter((name) => name !== 'postgres' || !isOwnServer(config));
  if (left.length === 0) return;
  const list = left.map((name) => `${ports.of(name)} (${name})`).join(', ');
  throw new Error(
    `Port taken: ${list}. Stop what listens there, or choose another base: npm start -- --port ${config.port + 100}`,
  );
}

/** The database of a supervisor that was killed may still run: it is ended at its start, see postgres.ts. */
function isOwnServer(config: Config): boolean {
  return existsSync(join(postgresFolder(config), 'data', 'postmaster.pid'));
}

function sayReady(config: Config, ports: PortMap, say: (line: string) => void): void {
  const credentials = readCredentials(config.folder);
  const at = (name: PortName): string =>
    `http://${config.host === '0.0.0.0' ? 'localhost' : config.host}:${ports.of(name)}`;
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const lines = [
    '',
    `Pulih ${version}`,
    `  Customers' app   ${at('core-1')}/`,
    `  Console          ${at('core-1')}/console/`,
    `  Status page      ${at('status')}/`,
    `  Partner API      ${at('core-1')}/v1.0/  (SNAP BI)`,
    `  Logs             ${join(config.folder, 'log')}`,
    '',
    'Demo credentials (made for this folder)',
    ...(credentials?.customers.map(
      (one) =>
        `  customer  ${one.username.padEnd(10)} password ${one.password}  PIN ${one.pin}  account ${one.account}  ${one.name}`,
    ) ?? []),
    ...(credentials?.staff.map(
      (one) => `  staff     ${one.username.padEnd(10)} password ${one.password}  ${one.role}`,
    ) ?? []),
    ...(credentials
      ? [
          `  partner   ${credentials.partner.clientId}  secret ${credentials.partner.clientSecret}`,
          `            RSA key ${credentials.partner.privateKeyFile}  account ${credentials.partner.account}`,
        ]
      : []),
    '',
  ];
  for (const line of lines) say(line);
}
