/** Configuration from the environment: read once, checked, frozen. Secrets are never here but in files (keys.ts). Every
 * variable is described in `.env.example`. */
import { isAbsolute } from 'node:path';
import { readNetworks } from '../channel/snap/partner/network.ts';
import { PUBLIC_PORT } from './port-map.ts';
import { stateFolder } from './place.ts';

/** What a deployment is told from outside. */
export interface Config {
  /** Where everything that must last is kept. */
  readonly folder: string;
  /** The address people reach; `127.0.0.1` unless told otherwise. */
  readonly host: string;
  readonly port: number;
  readonly env: 'prod' | 'drill';
  readonly coreCount: number;
  /** Networks of terminating proxies whose headers about the client are believed, as CIDR; none unless told. */
  readonly proxies: readonly string[];
  /** A PostgreSQL of the bank's own; undefined = the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Closed months that `pulih archive` leaves in the database. */
  readonly archiveKeepMonths: number;
  /** Files that nobody has a reason to open, which the guard plants and watches. */
  readonly canaryFiles: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Parts of the outside world that start only when asked for. */
  readonly simParts: readonly SimPart[];
  /** A fault script for the simulators; undefined = all well but for the accounts that always misbehave. */
  readonly simFaults: string | undefined;
  /** Withdrawals and transfers a minute that the simulated switch brings by itself; 0 = none. */
  readonly switchTraffic: number;
}

/** The interbank switch with its banks; the bank's own ATMs. */
export type SimPart = (typeof SIM_PARTS)[number];
const SIM_PARTS = ['switch', 'terminal'] as const;

/** Two years at hand; POJK asks for five and SNAP for ten, which the files keep. */
const KEEP_MONTHS = 24;
/** Life in a demo, and nothing that a machine would feel. */
const SWITCH_TRAFFIC = 4;

type Environment = Readonly<Record<string, string | undefined>>;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Reads and checks the environment. Throws with the variable's name, what is allowed and what was found. */
export function readConfig(env: Environment): Config {
  const databaseUrl = env['DATABASE_URL'] || undefined;
  if (databaseUrl && !/^postgres(ql)?:\/\//.test(databaseUrl))
    throw wrong('DATABASE_URL', 'a postgres:// address', 'something else');
  return Object.freeze({
    folder: stateFolder(env['PULIH_STATE'] || undefined),
    host: env['PULIH_HOST'] || '127.0.0.1',
    port: whole(env, { name: 'PULIH_PORT', otherwise: PUBLIC_PORT, from: 1024, to: 65_400 }),
    env: oneOf(env, { name: 'PULIH_ENV', otherwise: 'prod', allowed: ['prod', 'drill'] as const }),
    coreCount: whole(env, { name: 'PULIH_CORES', otherwise: 1, from: 1, to: 2 }),
    proxies: networks(env, 'PULIH_PROXIES'),
    databaseUrl,
    archiveKeepMonths: whole(env, {
      name: 'PULIH_ARCHIVE_KEEP',
      otherwise: KEEP_MONTHS,
      from: 1,
      to: 1_200,
    }),
    canaryFiles: absolutePaths(env, 'PULIH_CANARY_FILES'),
    logLevel: oneOf(env, { name: 'PULIH_LOG', otherwise: 'info', allowed: LEVELS }),
    simParts: (env['PULIH_SIM'] ?? 'switch,terminal')
      .split(',')
      .filter((part) => part !== '')
      .map((part) => {
        const found = SIM_PARTS.find((one) => one === part);
        if (!found) throw wrong('PULIH_SIM', `a list of ${SIM_PARTS.join(', ')}`, part);
        return found;
      }),
    simFaults: env['PULIH_SIM_FAULTS'] || undefined,
    switchTraffic: whole(env, {
      name: 'PULIH_SWITCH_TRAFFIC',
      otherwise: SWITCH_TRAFFIC,
      from: 0,
      to: 600,
    }),
  });
}

/** The environment that hands a configuration to a child process. */
export function environmentOf(config: Config): Record<string, string> {
  return {
    PULIH_STATE: config.folder,
    PULIH_HOST: config.host,
    PULIH_PORT: String(config.port),
    PULIH_ENV: config.env,
    PULIH_CORES: String(config.coreCount),
    PULIH_PROXIES: config.proxies.join(','),
    PULIH_CANARY_FILES: config.canaryFiles.join(','),
    PULIH_LOG: config.logLevel,
    PULIH_ARCHIVE_KEEP: String(config.archiveKeepMonths),
    PULIH_SIM: config.simParts.join(','),
    PULIH_SIM_FAULTS: config.simFaults ?? '',
    PULIH_SWITCH_TRAFFIC: String(config.switchTraffic),
  };
}

function networks(env: Environment, name: string): readonly string[] {
  const texts = (env[name] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  try {
    readNetworks(texts);
  } catch {
    throw wrong(name, 'addresses or CIDR networks with commas between', texts.join(','));
  }
  return texts;
}

function absolutePaths(env: Environment, name: string): readonly string[] {
  const paths = (env[name] ?? '').split(',').filter(Boolean);
  const wrongOne = paths.find((path) => !isAbsolute(path));
  if (wrongOne !== undefined) throw wrong(name, 'absolute paths with commas between', wrongOne);
  return paths;
}

function whole(
  env: Environment,
  rule: {
    readonly name: string;
    readonly otherwise: number;
    readonly from: number;
    readonly to: number;
  },
): number {
  const text = env[rule.name];
  if (!text) return rule.otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < rule.from || value > rule.to)
    throw wrong(rule.name, `a whole number from ${rule.from} to ${rule.to}`, text);
  return value;
}

function oneOf<T extends string>(
  env: Environment,
  rule: { readonly name: string; readonly otherwise: T; readonly allowed: readonly T[] },
): T {
  const text = env[rule.name];
  if (!text) return rule.otherwise;
  const found = rule.allowed.find((one) => one === text);
  if (!found) throw wrong(rule.name, rule.allowed.join(' or '), text);
  return found;
}

function wrong(name: string, allowed: string, found: string): Error {
  return new Error(`Cannot read ${name}: it must be ${allowed}, and it is ${found}`);
}
