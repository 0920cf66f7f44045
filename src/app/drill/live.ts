/** Plays a short form of a scenario in wall-clock time: Pulih's own processes under their supervisor, over real sockets and mutual
 * TLS; the hub, the customers and the attackers here, in another process. Bytes are counted at the hub's socket. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attackGateway } from '../../../sim/attacker/gateway-attack.ts';
import { attackHub } from '../../../sim/attacker/hub-attack.ts';
import type { AttackLog } from '../../../sim/attacker/log.ts';
import type { Captured, Tap } from '../../../sim/attacker/tap.ts';
import { forgeToken, hashOf } from '../../../sim/attacker/token-forge.ts';
import { httpTo } from '../../../sim/customer/http.ts';
import { makeOffer } from '../../../sim/customer/offer.ts';
import { snapClient } from '../../../sim/customer/snap-client.ts';
import { runTraffic, trafficItems } from '../../../sim/customer/traffic.ts';
import {
  attackStartMs,
  attackSteps,
  trafficPlanOf,
  type Scenario,
} from '../../../sim/drills/scenario.ts';
import { startHub, type Hub } from '../../../sim/hub/hub.ts';
import { demoParticipants } from '../../../sim/hub/participant.ts';
import { openSecrets } from '../../channel/session/secret.ts';
import { unsealStaffKey } from '../../channel/session/staff-key.ts';
import { openDb, type Db } from '../../db/pool.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { silentLog } from '../../kernel/log.ts';
import { systemRandom, seededRandom, type Random } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import type { WireClient } from '../../kernel/wire.ts';
import { RECOVERY_DEFAULTS } from '../../recovery/plan.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { makeLeaf } from '../certificate.ts';
import { BANKS, demoCustomers } from '../demo-people.ts';
import {
  peopleFolder,
  publicFolder,
  readIdentity,
  readPrivateKey,
  readPublicKey,
  readRoster,
  type World,
} from '../key-file.ts';
import { signingKid } from '../keys.ts';
import { liveNet } from '../net-live.ts';
import { makeFolder, temporaryParent } from '../place.ts';
import { portMap, type PortMap } from '../port-map.ts';
import { embeddedUrl } from '../postgres.ts';
import { readCredentials } from '../credentials.ts';
import { freeBase, startBank, stopBank, untilLine } from './live-bank.ts';
import { approveAll, proposeAll, type Releasing } from './release.ts';
import { makeScorecard, type Scorecard } from './scorecard.ts';
import { networkName } from './stolen.ts';
import { insertRecoveryNumbers, newestAuthorisations, restrictionsInForce } from './store.ts';
import { GATEWAY } from './core.ts';

const RECOVERY_MS_MAX = 150_000;
const SETTLE_MS = 8_000;
const STAGE_MS = 4_000;
const OTHER_BANKS = BANKS.map(({ bic }) => bic).filter((bic) => bic !== DEMO_BANK.bic);
const STOLEN_CORE_FROM = 40;

type LiveScenario = Scenario & Required<Pick<Scenario, 'recovery'>>;

/** The story in seconds: sixty of its instructions, of every kind, while customers pay. */
function shortOf(scenario: Scenario, nowMs: number): LiveScenario {
  const { totalSen } = scenario.attack;
  if (totalSen === undefined)
    throw new Error(`Cannot play live: ${scenario.name} has no live form`);
  return {
    ...scenario,
    startMs: nowMs,
    warmUpMs: 8_000,
    attackMs: 20_000,
    afterMs: 40_000,
    attack: {
      ...scenario.attack,
      count: 60,
      totalSen: ((totalSen * 60n) / BigInt(scenario.attack.count) / 100n) * 100n,
      muleCount: 5,
      networkCount: scenario.path === 'gateway' ? 10 : 0,
    },
    normal: {
      default: { onus: 60, bifast_out: 120, bifast_in: 40 },
      full: { onus: 60, bifast_out: 120, bifast_in: 40 },
    },
    accountCount: { default: 500, full: 500 },
    recovery: { proposeAfterMs: 22_000, approveAfterMs: 24_000, stageMs: STAGE_MS },
  };
}

/** Plays it; the scorecard. The deployment is made for this drill and deleted afterwards. */
export async function playLive(input: {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly say: (line: string) => void;
}): Promise<Scorecard> {
  const time = wallTime();
  const state = makeFolder(mkdtempSync(join(temporaryParent(), 'pulih-live-')), undefined, 0o755);
  rmSync(state, { recursive: true });
  const port = await freeBase();
  const ports = portMap(port);
  const bank = startBank({ state, port });
  let hub: Hub | undefined;
  let db: Db | undefined;
  try {
    await untilLine(bank, { time, until: /^ready in /, say: input.say });
    const random = seededRandom(input.seed);
    db = openDb({
      url: embeddedUrl({
        folder: join(state, 'postgres'),
        port: ports.of('postgres'),
        database: 'pulih',
      }),
      size: 3,
      time,
      name: 'drill',
    });
    const stages = RECOVERY_DEFAULTS.stages.map((stage) => ({ ...stage, dwellMsMin: STAGE_MS }));
    await insertRecoveryNumbers(db, {
      value: canonicalJson({ stages, paymentCountMin: 1 }),
      nowMs: time.now() - 1,
    });
    hub = await startHub({
      time,
      random: systemRandom(),
      log: silentLog,
      net: liveNet({ identity: readIdentity(state, 'sim', 'network'), ports, socketCountMax: 64 }),
      messageKey: readPrivateKey(state, 'sim', 'message'),
      bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-message') },
      participants: demoParticipants(),
      faults: { amountMaxSen: undefined },
    });
    input.say('  hub and customers are here; the story begins');
    return await story({ ...input, time, random, state, ports, hub, db });
  } finally {
    await db?.close();
    await stopBank(bank, time);
    await hub?.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

interface Live {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly time: Time;
  readonly random: Random;
  readonly state: string;
  readonly ports: PortMap;
  readonly hub: Hub;
  readonly db: Db;
}

async function story(live: Live): Promise<Scorecard> {
  const { time, db, hub, state } = live;
  const scenario = shortOf(live.scenario, time.now());
  const accounts = demoCustomers().map(({ account }) => account);
  const items = trafficItems(
    trafficPlanOf(scenario, { seed: live.seed, scale: 'default', accounts, banks: OTHER_BANKS }),
  );
  const customers = httpTo({
    host: '127.0.0.1',
    port: live.ports.of('core-1'),
    timeoutMs: 30_000,
    socketCountMax: 64,
  });
  const { partner } = readCredentials(state)!;
  const snap = snapClient({
    time,
    random: live.random,
    http: customers.http,
    partner: {
      clientId: partner.clientId,
      partnerId: partner.clientId,
      channelId: '95221',
      clientSecret: partner.clientSecret,
      signatureEncoding: 'base64',
      privateKey: createPrivateKey(readFileSync(partner.privateKeyFile, 'utf8')),
    },
  });
  const traffic = runTraffic({
    time,
    items,
    startMs: scenario.startMs,
    offer: makeOffer({ snap, hub, ownBank: DEMO_BANK.bic, prefix: 'live-' }),
  });
  const attacking = attack(live, scenario);
  await release(live, scenario);
  await traffic.done;
  const log = await attacking;
  await untilRecovered(live);
  await time.sleep(SETTLE_MS);
  customers.close();
  return makeScorecard({
    drill: scenario.name,
    seed: live.seed,
    mode: 'live',
    db,
    nowMs: time.now(),
    attackFromMs: attackStartMs(scenario),
    attack: log,
    plannedSen: scenario.attack.totalSen!, // shortOf() sets it
    healthy: traffic.meter,
    feed: hub.feed(DEMO_BANK.bic),
    arrivals: (id) => hub.arrivals(id),
    path: scenario.path,
    acts: [],
    services: [],
  });
}

async function attack(live: Live, scenario: Scenario): Promise<AttackLog> {
  const { time, state, ports } = live;
  const steps = attackSteps(scenario, { seed: live.seed, banks: OTHER_BANKS });
  const connect = (input: {
    readonly world: World;
    readonly commonName: string;
    readonly target: string;
  }): WireClient => liveNet({ identity: stolenIdentity(live, input), ports }).connect(input.target);
  if (scenario.path === 'imitated_connector') {
    const client = connect({
      world: 'network',
      commonName: `connector:${DEMO_BANK.bic}`,
      target: 'hub',
    });
    return attackHub({
      time,
      steps,
      client,
      messageKey: readPrivateKey(state, GATEWAY, 'message'),
      bic: DEMO_BANK.bic,
    });
  }
  const signing = readPrivateKey(state, 'signer', 'signing');
  const ears = overhear(live, signing);
  const names = new Map<string, string>();
  const nameOf = (identity: string): string => {
    if (!names.has(identity)) names.set(identity, `core-${STOLEN_CORE_FROM + names.size}`);
    return names.get(identity)!;
  };
  const log = await attackGateway({
    time,
    random: live.random,
    steps,
    tap: ears.tap,
    connect: (identity) =>
      connect({ world: 'internal', commonName: nameOf(identity), target: GATEWAY }),
    connectNetwork: (identity) =>
      connect({
        world: 'network',
        commonName: networkName(identity),
        target: `${GATEWAY}-network`,
      }),
    bank: { bic: DEMO_BANK.bic, partition: GATEWAY, env: 'prod' },
    signAsOurs: (claims) => forgeToken(signing, claims),
  });
  await ears.stop();
  return log;
}

/** A certificate that our own authority issued and somebody stole. */
function stolenIdentity(
  live: Live,
  of: { readonly world: World; readonly commonName: string },
): { key: string; cert: string; ca: string } {
  const folder = join(live.state, 'authority');
  const authority = {
    key: readFileSync(join(folder, `${of.world}.key`), 'utf8'),
    cert: readFileSync(join(folder, `${of.world}.crt`), 'utf8'),
  };
  const leaf = makeLeaf({
    authority,
    commonName: of.commonName,
    serverNames: [],
    nowMs: live.time.now(),
    random: systemRandom(),
  });
  return {
    ...leaf,
    ca: readFileSync(join(publicFolder(live.state), `${of.world}-ca.crt`), 'utf8'),
  };
}

/** Real sockets are encrypted: what an insider in core's memory would hear is taken from what core authorised, with its true token. */
function overhear(live: Live, signing: KeyObject): { readonly tap: Tap; stop(): Promise<void> } {
  const captured: Captured[] = [];
  const kid = signingKid(live.state);
  const listen = async (): Promise<void> => {
    const rows = await newestAuthorisations(live.db);
    const nowMs = live.time.now();
    captured.splice(
      0,
      captured.length,
      ...rows.map(({ jti, instruction: text }) => {
        const instruction = JSON.parse(text) as Record<string, unknown>;
        const claims = {
          version: 1,
          env: 'prod',
          kid,
          jti,
          aud: GATEWAY,
          paymentId: String(instruction['paymentId']),
          attempt: Number(instruction['attempt']),
          iatMs: nowMs - 200,
          expMs: nowMs + 59_000,
          instructionHash: hashOf(instruction),
        } as const;
        return { instruction, token: forgeToken(signing, claims) };
      }),
    );
  };
  const ticker = live.time.every(500, listen, () => {});
  return {
    tap: { captured, client: (client) => client, net: (net) => net },
    stop: () => ticker.stop(),
  };
}

async function release(live: Live, scenario: LiveScenario): Promise<void> {
  const { time, state } = live;
  const secrets = openSecrets({ time, random: systemRandom() });
  const roster = readRoster(state, 'release');
  const staff = await Promise.all(
    readCredentials(state)!
      .staff.slice(0, 2)
      .map(async ({ username, password }) => {
        const { staffId, sealed } = JSON.parse(
          readFileSync(join(peopleFolder(state), `${username}.sealed.json`), 'utf8'),
        ) as { staffId: string; sealed: string };
        const pem = await unsealStaffKey(secrets, { sealed, password });
        return { id: staffId, key: createPrivateKey(pem!), publicPem: roster[staffId]! };
      }),
  );
  const people: Releasing = { db: live.db, time, random: live.random, staff };
  const at = (afterMs: number): Promise<void> =>
    time.sleep(Math.max(0, attackStartMs(scenario) + afterMs - time.now()));
  await at(scenario.recovery.proposeAfterMs);
  const plans = await proposeAll(people);
  await at(scenario.recovery.approveAfterMs);
  await approveAll(people, plans);
}

async function untilRecovered(live: Live): Promise<void> {
  const boundMs = live.time.now() + RECOVERY_MS_MAX;
  const isOver = async (): Promise<boolean> => (await restrictionsInForce(live.db)).length === 0;
  while (!(await isOver()) && live.time.now() < boundMs) await live.time.sleep(1_000);
}
