/** Plays a scenario in virtual time: normal traffic, the attack, two people who release, and the count afterwards. */
import { attackGateway } from '../../../sim/attacker/gateway-attack.ts';
import { attackHub } from '../../../sim/attacker/hub-attack.ts';
import { attackLog, type AttackLog } from '../../../sim/attacker/log.ts';
import { forgeToken } from '../../../sim/attacker/token-forge.ts';
import { makeOffer } from '../../../sim/customer/offer.ts';
import { snapClient, type Http, type SnapClient } from '../../../sim/customer/snap-client.ts';
import { runTraffic, trafficItems } from '../../../sim/customer/traffic.ts';
import {
  attackStartMs,
  attackSteps,
  needsSwitch,
  plannedSen,
  playedAt,
  scenarioEndMs,
  trafficPlanOf,
  type Scale,
  type Scenario,
} from '../../../sim/drills/scenario.ts';
import { assert } from '../../kernel/assert.ts';
import type { Log } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { virtualTime } from '../../kernel/virtual-time.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { inventedCard } from '../demo-cards.ts';
import { BANKS } from '../demo-people.ts';
import { GATEWAY } from './core.ts';
import { drawUnbooked, feeOnlyRelease } from './fee-only.ts';
import { monthPlay, sleepBetween, watchBeside } from './month.ts';
import type { MonthWatch } from './month-watch.ts';
import { playActs } from './play-act.ts';
import { readProof } from './proof.ts';
import { approveAll, askStop, proposeAll } from './release.ts';
import { makeScorecard, type Scorecard } from './scorecard.ts';
import { watchServices } from './service-log.ts';
import { attackSessions } from './session-attack.ts';
import { networkName } from './stolen.ts';
import { openSwitchOffers } from './switch-offer.ts';
import { openWorld, type DrillWorld } from './world.ts';

/** After the scenario's end, recovery may still need evidence for so long. */
const OVERTIME_MS = 60 * 60_000;
/** What was sent last gets its outcome. */
const SETTLE_MS = 90_000;
const OTHER_BANKS = BANKS.map(({ bic }) => bic).filter((bic) => bic !== DEMO_BANK.bic);
/** Two cards, each good for ten withdrawals a day. */
const STAFF_DRAWS_MAX = 18;
const STAFF_DRAW_SEN = 5_000_000n;
/** Of a bank whose people release nothing in this story. */
const STAGE_MS = 300_000;
/** Stolen certificates of core processes that no longer run: a name that the gateway admits. */
const STOLEN_CORE_FROM = 40;

export interface PlayInput {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly scale: Scale;
  /** A fresh migrated database. */
  readonly dbUrl: string;
  readonly log?: Log;
  readonly onProgress?: (share: number, atMs: number) => void;
}

/** Plays it; the scorecard. */
export async function playVirtual(input: PlayInput): Promise<Scorecard> {
  const scenario = playedAt(input.scenario, input.scale);
  const time = virtualTime(scenario.startMs);
  const { month, startMs } = scenario;
  const watching = month && watchBeside(month, { seed: input.seed, startMs });
  // Heard of at the end; a fault in it before that is not one without a hearer.
  watching?.catch(() => {});
  const boundMs = scenarioEndMs(scenario) + OVERTIME_MS + 10 * SETTLE_MS;
  return time.run(
    (async () => {
      const world = await openWorld({
        time,
        seed: input.seed,
        startMs: scenario.startMs,
        dbUrl: input.dbUrl,
        customerCount: scenario.accountCount[input.scale],
        stageMs: scenario.recovery?.stageMs ?? STAGE_MS,
        ...(scenario.recovery?.paymentCountMin && {
          paymentCountMin: scenario.recovery.paymentCountMin,
        }),
        ...(scenario.guardPaceMs !== undefined && { guardPaceMs: scenario.guardPaceMs }),
        hub: scenario.hub,
        ...(needsSwitch(scenario) && { cards: feeOnlyRelease(hitBy(scenario)) }),
        hasCanaries: scenario.acts.length > 0,
        ...(input.log ? { log: input.log } : {}),
      });
      try {
        return await story({ ...input, ...(watching && { watching }) }, world);
      } finally {
        await world.stop();
      }
    })(),
    boundMs,
  );
}

async function story(
  input: PlayInput & { readonly watching?: Promise<MonthWatch> },
  world: DrillWorld,
): Promise<Scorecard> {
  const scenario = playedAt(input.scenario, input.scale);
  const { time } = world;
  const accounts = world.customers.map(({ account }) => account);
  const people = { seed: input.seed, scale: input.scale, accounts, banks: OTHER_BANKS };
  const played =
    scenario.month && monthPlay(scenario.month, { ...people, startMs: scenario.startMs });
  const items = played?.items ?? trafficItems(trafficPlanOf(scenario, people));
  const sleeping = played && sleepBetween(world, played.days);
  const bySwitch =
    world.side && openSwitchOffers(world, { side: world.side, takenCards: cardsOf(scenario) });
  const offer = makeOffer({
    snap: partnerOf(world, input.seed),
    hub: world.hub,
    ownBank: DEMO_BANK.bic,
    prefix: 'drill-',
    ...(bySwitch && { bySwitch: bySwitch.offer }),
  });
  const traffic = runTraffic({ time, items, startMs: scenario.startMs, offer });
  const progress = time.every(
    60_000,
    async () =>
      input.onProgress?.(
        (time.now() - scenario.startMs) / (scenarioEndMs(scenario) - scenario.startMs),
        time.now(),
      ),
    () => {},
  );
  setFaults(world, scenario);
  const services = watchServices({ time, folder: world.statusFolder });
  const whole = attackSteps(input.scenario, { seed: input.seed, banks: OTHER_BANKS });
  const endMs = attackStartMs(scenario) + scenario.attackMs;
  const steps = whole.filter(({ atMs }) => atMs < endMs);
  const attacking = attack(world, scenario, { steps, seed: input.seed });
  const acts = playActs(world, scenario, input.dbUrl);
  const releasing = release(world, scenario);
  await traffic.done;
  await sleeping;
  await releasing;
  const log = await attacking;
  await acts.done;
  if (scenario.recovery) await untilRecovered(world, scenarioEndMs(scenario) + OVERTIME_MS);
  await time.sleep(SETTLE_MS);
  await progress.stop();
  await services.ticker.stop();
  const watch = await input.watching;
  return makeScorecard({
    ...(watch && { watch }),
    services: services.changes,
    acts: await acts.tell(services.changes),
    ...(scenario.acts.length > 0 && { proof: await readProof(world) }),
    drill: scenario.name,
    seed: input.seed,
    mode: 'virtual',
    db: world.db,
    nowMs: time.now(),
    attackFromMs: attackStartMs(scenario),
    attack: log,
    plannedSen: plannedSen(whole),
    healthy: traffic.meter,
    feed: world.hub.feed(DEMO_BANK.bic),
    arrivals: (id) => world.hub.arrivals(id),
    path: scenario.path,
    ...(bySwitch && { bySwitch: { outside: world.side!.outside, shown: bySwitch.shown } }), // made of the side
  });
}

/** The cards of which the attack is made. */
function cardsOf({ path, attack: { victimCount } }: Scenario): number {
  return path === 'fee_only' ? victimCount : 0;
}

function hitBy(scenario: Scenario): (pan: string) => boolean {
  const count = cardsOf(scenario);
  const hit = new Set(Array.from({ length: count }, (_, index) => inventedCard(index + 1).pan));
  return (pan) => hit.has(pan);
}

/** The networks learn at once when they will misbehave. */
function setFaults({ hub, side }: DrillWorld, scenario: Scenario): void {
  const fromMs = attackStartMs(scenario);
  side?.play(scenario.faults, fromMs);
  const rules = scenario.faults.flatMap((fault, at) => {
    if (fault.network !== 'bifast') return [];
    const { does, match } = fault.rule;
    const when = { fromMs: fromMs + fault.fromMs, untilMs: fromMs + fault.untilMs };
    return [{ name: `scenario ${at + 1}`, does, match: { ...match, ...when } }];
  });
  hub.chooser.replace([...rules, ...hub.chooser.rules()]);
}

/** The partner's server, through the same routes as over HTTP. */
function partnerOf(world: DrillWorld, seed: string): SnapClient {
  const http: Http = async ({ method, path, headers, body }) => {
    // A server that is dead answers nothing.
    if (!world.cores) return { status: 503, body: '' };
    const answer = await world.cores.http.inject({ method, url: path, headers, payload: body });
    return { status: answer.statusCode, body: answer.body };
  };
  return snapClient({
    time: world.time,
    random: seededRandom(`${seed}:partner`),
    http,
    partner: world.partner,
  });
}

async function attack(
  world: DrillWorld,
  scenario: Scenario,
  input: { readonly steps: ReturnType<typeof attackSteps>; readonly seed: string },
): Promise<AttackLog> {
  const { time, network } = world;
  const random = seededRandom(`${input.seed}:attacker`);
  if (input.steps.length === 0) return attackLog([]);
  if (scenario.path === 'app_session') {
    const { cores, customers } = world;
    assert(cores !== undefined, 'nobody kills the cores of this attack');
    return attackSessions({ time, engine: cores.engine, customers, steps: input.steps });
  }
  if (scenario.path === 'fee_only')
    return drawUnbooked({ time, side: world.side!, steps: input.steps }); // needsSwitch
  if (scenario.path === 'imitated_connector') {
    const client = network.connect(`connector:${DEMO_BANK.bic}`, 'hub', 'imitated');
    return attackHub({
      time,
      steps: input.steps,
      client,
      messageKey: world.stolen.bankMessageKey,
      bic: DEMO_BANK.bic,
    });
  }
  const names = new Map<string, string>();
  const stolenName = (identity: string): string => {
    if (!names.has(identity)) names.set(identity, `core-${STOLEN_CORE_FROM + names.size}`);
    return names.get(identity)!;
  };
  return attackGateway({
    time,
    random,
    steps: input.steps,
    connect: (identity) => network.connect(stolenName(identity), GATEWAY, identity),
    connectNetwork: (identity) =>
      network.connect(networkName(identity), `${GATEWAY}-network`, identity),
    tap: world.tap,
    bank: { bic: DEMO_BANK.bic, partition: GATEWAY, env: 'drill' },
    signAsOurs: (claims) => forgeToken(world.stolen.strayedTokenKey, claims),
  });
}

/** One person stops, two release, when the scenario says. */
async function release(world: DrillWorld, scenario: Scenario): Promise<void> {
  const { time, db, staff, random } = world;
  const { recovery } = scenario;
  if (!recovery) return;
  const at = (afterMs: number): Promise<void> =>
    time.sleep(Math.max(0, attackStartMs(scenario) + afterMs - time.now()));
  if (recovery.stop) {
    await at(recovery.stop.afterMs);
    await askStop({ db, time, random, staff }, recovery.stop);
  }
  await at(recovery.proposeAfterMs);
  const plans = await proposeAll({ db, time, random, staff });
  await at(recovery.approveAfterMs);
  await approveAll({ db, time, random, staff }, plans);
  if (scenario.path === 'fee_only')
    await drawAsStaff(world, { stageMs: recovery.stageMs, takenCards: cardsOf(scenario) });
}

/** Staff of the bank go to another bank's machine and draw Rp50.000, a few times in each stage: nothing else shows that cash works again. */
async function drawAsStaff(
  world: DrillWorld,
  { stageMs, takenCards }: { readonly stageMs: number; readonly takenCards: number },
): Promise<void> {
  const { time, side, customers } = world;
  const cards = (side?.cards ?? []).filter(
    (_, index) => index >= takenCards && customers[index]!.isStaff, // the first customers have the cards
  );
  for (let at = 0; at < STAFF_DRAWS_MAX && isRestricted(world); at++) {
    const card = cards[at % cards.length]!; // a customer in a hundred is staff
    await side?.outside.withdraw({ bank: '009', card, amountSen: STAFF_DRAW_SEN });
    await time.sleep(stageMs / 2);
  }
}

async function untilRecovered(world: DrillWorld, boundMs: number): Promise<void> {
  while (isRestricted(world) && world.time.now() < boundMs) await world.time.sleep(10_000);
}

/** Dead cores know of nothing that was lifted. */
function isRestricted({ cores }: DrillWorld): boolean {
  return (cores?.holders[0]!.current().restrictions.length ?? 1) > 0;
}
