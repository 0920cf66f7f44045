/** The whole of Pulih in one process, for drills in virtual time: every process's own code over a memory network and a real
 * PostgreSQL. Owns the composition; what happens in it is the drill's. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub, type Hub } from '../../../sim/hub/hub.ts';
import { demoParticipants } from '../../../sim/hub/participant.ts';
import { openTap, type Tap } from '../../../sim/attacker/tap.ts';
import type { SnapPartner } from '../../../sim/customer/snap-client.ts';
import type { KeyRing } from '../../authorisation/token.ts';
import { explainRestriction } from '../../channel/mobile/explain.ts';
import { openDb, type Db } from '../../db/pool.ts';
import { makeOpening, OPENING_FILE } from '../../gateway/opening.ts';
import { startGuard, type Guard } from '../../guard/start.ts';
import { bifastHost } from '../../gateway/bifast/host.ts';
import { startGateway, type Gateway } from '../../gateway/start.ts';
import { silentLog, type Log } from '../../kernel/log.ts';
import { seededRandom, type Random } from '../../kernel/random.ts';
import type { VirtualTime } from '../../kernel/virtual-time.ts';
import {
  memoryFingerprint,
  memoryNet,
  memoryNetwork,
  type MemoryNetwork,
} from '../../kernel/wire-memory.ts';
import { startSigner } from '../../signer/start.ts';
import { DEMO_BANK, DEMO_CONTACT } from '../bank-profile.ts';
import { demoCustomer, type DemoCustomer } from '../demo-people.ts';
import { isBusinessDecline } from '../business-decline.ts';
import { GATEWAY, type CoreInput } from './core.ts';
import { openCores, type Cores } from './cores.ts';
import { seedWorld } from './seed.ts';
import { plantCanary } from './store-act.ts';
import { makeStaff, type DrillStaff } from './staff.ts';
import { openSwitchSide, type SwitchSide } from './switch-side.ts';

/** The account of an invented person. */
export const CANARY_ACCOUNT = '1990099999';
const KID = 'drill-1';
const CORES = ['core-1', 'core-2'] as const;
/** One way. */
const LATENCY_MS = 2;
const CANARY_FILES = ['signing-backup.key', 'nasabah-2024.csv', 'ledger.sql'] as const;
const POOL_SIZE = 6;
const WAKE_MS = 15_000;

/** What a drill may touch. Attackers hold what `stolen` gives them and nothing else. */
export interface DrillWorld {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly db: Db;
  readonly network: MemoryNetwork;
  readonly hub: Hub;
  /** Where the day has one. */
  readonly side: SwitchSide | undefined;
  readonly gateway: Gateway;
  /** Undefined while they are dead. */
  readonly cores: Cores | undefined;
  /** Both at once, with what they were doing; nothing reaches them any more. */
  killCores(): Promise<void>;
  startCores(): Promise<void>;
  readonly canaryFiles: readonly string[];
  readonly auditKey: KeyObject;
  readonly partner: SnapPartner;
  readonly customers: readonly DemoCustomer[];
  readonly staff: readonly DrillStaff[];
  readonly statusFolder: string;
  /** Everything that core says to the gateway can be overheard. */
  readonly tap: Tap;
  /** The bank's message key; and the true signing key, for tokens that were signed for something else and strayed. */
  readonly stolen: { readonly bankMessageKey: KeyObject; readonly strayedTokenKey: KeyObject };
  readonly connectorFingerprint: string;
  /** Nobody works until then: the guard stops, all machines sleep, and a guard begins anew on what is saved. */
  leap(toMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldInput {
  readonly seed: string | number;
  readonly startMs: number;
  /** A fresh migrated database. */
  readonly dbUrl: string;
  readonly time: VirtualTime;
  readonly customerCount: number;
  /** Dwell time of each recovery stage. */
  readonly stageMs: number;
  /** Payments that a stage's verdict needs. @default the bank's own number */
  readonly paymentCountMin?: number;
  /** How often the guard looks. @default the bank's own number */
  readonly guardPaceMs?: number;
  readonly hub: { readonly amountMaxSen: bigint | undefined; readonly prefundSen: bigint };
  /** Present = the day has a switch; with what core's release makes of a card's request. */
  readonly cards?: NonNullable<CoreInput['cards']>['release'];
  /** Plants canaries. @default none */
  readonly hasCanaries?: boolean;
  readonly log?: Log;
}

/** What every process of a world is built from. */
interface Ground {
  readonly input: WorldInput;
  readonly time: VirtualTime;
  readonly log: Log;
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly folder: string;
  readonly statusFolder: string;
  readonly canaryFiles: readonly string[];
  readonly keys: ReturnType<typeof makeKeys>;
  readonly staff: readonly DrillStaff[];
  readonly roster: Readonly<Record<string, string>>;
  /** Every pool that was opened; the first is core's. */
  readonly pools: Db[];
}

const CONNECTOR = `connector:${DEMO_BANK.bic}`;
const CONNECTOR_FINGERPRINT = memoryFingerprint(CONNECTOR);

/** Builds and starts everything; resolves when all listen. The guard takes its lead a moment later. */
export async function openWorld(input: WorldInput): Promise<DrillWorld> {
  const ground = layGround(input);
  const { time, random, network, staff, statusFolder, keys } = ground;
  const db = openPool(ground, 'core');
  const customers = Array.from({ length: input.customerCount }, (_, index) => demoCustomer(index));
  const partner = await seedWorld({ ...input, db, customers, staff });
  if (input.hasCanaries)
    await plantCanary(db, { account: CANARY_ACCOUNT, now: new Date(input.startMs) });
  const hub = await startHubIn(ground);
  const side = input.cards && (await openSwitchSide({ ...ground, ...input, db, customers }));
  const signer = await startSignerIn(ground);
  const gateway = await startGatewayIn(ground, side);
  const tap = openTap();
  const cards = side && { cards: { tokenKey: side.tokenKey, release: input.cards! } }; // no side without it
  const beginCores = (): Promise<Cores> =>
    openCores({ ...ground, names: CORES, db, tap, setKey: keys.set.publicKey, ...cards });
  let cores: Cores | undefined = await beginCores();
  let guard = startGuardIn(ground);
  await side?.ready();
  const killCores = async (): Promise<void> => {
    const dying = cores;
    cores = undefined;
    await dying?.stop();
  };
  return {
    time,
    random,
    db,
    network,
    hub,
    side,
    gateway,
    get cores() {
      return cores;
    },
    killCores,
    async startCores() {
      cores ??= await beginCores();
    },
    canaryFiles: ground.canaryFiles,
    auditKey: keys.audit.publicKey,
    partner,
    customers,
    staff,
    statusFolder,
    tap,
    stolen: { bankMessageKey: keys.message.privateKey, strayedTokenKey: keys.signing.privateKey },
    connectorFingerprint: CONNECTOR_FINGERPRINT,
    async leap(toMs) {
      await guard.stop();
      time.leap(toMs);
      // The gateway hears of the feed again first: a guard that looks before that is blind, and says so (D9).
      await time.sleep(WAKE_MS);
      guard = startGuardIn(ground);
    },
    async stop() {
      await killCores();
      await guard.stop();
      await gateway.stop();
      await side?.stop();
      await signer.stop();
      await hub.stop();
      await Promise.all(ground.pools.map((pool) => pool.close()));
      rmSync(ground.folder, { recursive: true, force: true });
    },
  };
}

function layGround(input: WorldInput): Ground {
  const { time } = input;
  const folder = mkdtempSync(join(tmpdir(), 'pulih-drill-'));
  const statusFolder = join(folder, 'status');
  mkdirSync(statusFolder);
  const staff = makeStaff(['stf_operator1', 'stf_risk1']);
  return {
    input,
    time,
    log: input.log ?? silentLog,
    random: seededRandom(input.seed),
    network: memoryNetwork(time, LATENCY_MS),
    folder,
    statusFolder,
    canaryFiles: input.hasCanaries ? CANARY_FILES.map((name) => join(folder, 'backup', name)) : [],
    keys: makeKeys(),
    staff,
    roster: Object.fromEntries(staff.map(({ id, publicPem }) => [id, publicPem])),
    pools: [],
  };
}

function openPool(ground: Ground, name: string): Db {
  const db = openDb({ url: ground.input.dbUrl, size: POOL_SIZE, time: ground.time, name });
  ground.pools.push(db);
  return db;
}

function startHubIn({ input, time, log, network, keys }: Ground): Promise<Hub> {
  return startHub({
    time,
    net: memoryNet(network, 'hub'),
    random: seededRandom(`${input.seed}:hub`),
    log,
    messageKey: keys.hub.privateKey,
    bankKeys: { [DEMO_BANK.bic]: keys.message.publicKey },
    participants: demoParticipants(input.hub.prefundSen),
    faults: { amountMaxSen: input.hub.amountMaxSen },
  });
}

function startSignerIn(ground: Ground): Promise<{ stop(): Promise<void> }> {
  const { time, log, random, network, keys } = ground;
  const [net, key] = [memoryNet(network, 'signer'), keys.signing.privateKey];
  const db = openPool(ground, 'signer');
  return startSigner({ db, time, net, log, key, kid: KID, env: 'drill', random });
}

async function startGatewayIn(ground: Ground, side: SwitchSide | undefined): Promise<Gateway> {
  const { input, time, log, random, network, keys, staff, roster, statusFolder } = ground;
  const whole = {
    key: keys.signing.publicKey,
    notBeforeMs: 0,
    notAfterMs: Number.MAX_SAFE_INTEGER,
  };
  const ring: KeyRing = { keys: { [KID]: whole }, revokedKids: [], revokedJtis: [] };
  const folder = join(ground.folder, GATEWAY);
  mkdirSync(folder, { mode: 0o700 });
  const signers = staff.map(({ id, key }) => ({ staffId: id, key }));
  const opening = makeOpening({ partition: GATEWAY, epoch: 1, madeAtMs: input.startMs, signers });
  writeFileSync(join(folder, OPENING_FILE), opening);
  return startGateway({
    time,
    net: memoryNet(network, GATEWAY),
    log,
    random,
    folder,
    statusFolder,
    partition: GATEWAY,
    env: 'drill',
    ring: () => ring,
    setKey: keys.set.publicKey,
    roster,
    statusKey: keys.status.privateKey,
    rails: [
      bifastHost({
        bank: DEMO_BANK,
        messageKey: keys.message.privateKey,
        hubKey: keys.hub.publicKey,
        hub: network.connect(CONNECTOR, 'hub'),
      }),
      ...(side?.rails ?? []),
    ],
    cores: CORES,
    hasControlSocket: false,
  });
}

/** Every loop of the guard that turns several times a second, at one pace; the lease stays longer than its renewal. */
function paceOf(ms: number): Readonly<Record<string, number>> {
  const watch = { balanceMs: 60_000, databaseMs: 3_600_000 };
  return { copyMs: ms, stepMs: ms, pushMs: ms, heartbeatMs: 2 * ms, leaseMs: 10 * ms, ...watch };
}

function startGuardIn(ground: Ground): Guard {
  const { time, log, random, network, keys, roster, statusFolder } = ground;
  const pace = ground.input.guardPaceMs;
  return startGuard({
    db: openPool(ground, 'guard'),
    time,
    net: memoryNet(network, 'guard'),
    log,
    random,
    name: 'guard',
    bank: DEMO_BANK,
    setKey: keys.set.privateKey,
    auditKey: keys.audit.privateKey,
    statusFolder,
    gateways: [GATEWAY],
    connectors: [CONNECTOR_FINGERPRINT],
    roster,
    isBusinessDecline,
    explain: explainRestriction,
    contact: DEMO_CONTACT,
    canaryFiles: ground.canaryFiles,
    ...(pace !== undefined && { numbers: { loop: paceOf(pace) } }),
  });
}

function makeKeys(): Readonly<
  Record<
    'signing' | 'set' | 'audit' | 'status' | 'message' | 'hub',
    { publicKey: KeyObject; privateKey: KeyObject }
  >
> {
  const make = (): { publicKey: KeyObject; privateKey: KeyObject } =>
    generateKeyPairSync('ed25519');
  return {
    signing: make(),
    set: make(),
    audit: make(),
    status: make(),
    message: make(),
    hub: make(),
  };
}
