/** The scorecard of a drill (DESIGN.md section 6): counted afterwards from the hub's books, the ledger and the records, never
 * from what the attacker or the guard believes. */
import type { AttackLog } from '../../../sim/attacker/log.ts';
import type { Meter } from '../../../sim/customer/measure.ts';
import type { Scenario } from '../../../sim/drills/scenario.ts';
import type { FeedLine } from '../../../sim/hub/book.ts';
import { scopeText } from '../../gate/scope.ts';
import type { Restriction } from '../../gate/restriction.ts';
import type { Db } from '../../db/pool.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import type { IncidentFacts } from '../../incident/record.ts';
import type { MonthWatch } from './month-watch.ts';
import type { ActCard } from './play-act.ts';
import type { Proof } from './proof.ts';
import type { ServiceChange } from './service-log.ts';
import { countWays, leftBySwitch, sentTwice, type WayCount } from './switch-score.ts';
import type { WayShown } from './switch-offer.ts';
import type { InterbankSwitch } from '../../../sim/switch/switch.ts';
import { THEFT_CONSENT } from './session-attack.ts';
import * as store from './store.ts';

/** Money in rupiah as decimal text; times in ms from the first bad event. */
export interface Scorecard {
  readonly drill: string;
  readonly seed: string;
  readonly mode: 'virtual' | 'live';
  readonly lost: string;
  readonly lostAtRisk: string;
  readonly injected: { readonly count: number; readonly value: string };
  readonly refused: { readonly count: number; readonly value: string };
  readonly detectMs: number | null;
  readonly containMs: number | null;
  readonly firstNoticeMs: number | null;
  readonly restrictions: readonly {
    readonly scope: string;
    readonly level: number;
    readonly action: string;
    readonly atMs: number;
  }[];
  readonly healthyAccepted: number;
  readonly healthyOffered: number;
  readonly pastDeadline: number;
  readonly ledgerBalanced: boolean;
  readonly doubleEffects: number;
  readonly recovery: readonly {
    readonly stage: string;
    readonly atMs: number;
    readonly verdict: string | null;
  }[];
  readonly recoveredMs: number | null;
  readonly reports: readonly {
    readonly profile: string;
    readonly dueMs: number;
    readonly readyMs: number;
  }[];
  /** Bytes of the attack that reached the hub's socket through our gateway. */
  readonly attackBytesAtHub: number;
  readonly byKind: AttackLog['byKind'];
  /** What the bank itself paid out for the attacker, authorised by its ledger: in `lost` is only what was not. */
  readonly stolen: { readonly count: number; readonly value: string };
  /** Healthy payments that a switch which closes the whole bank at the moment of containment would have refused until the end; on a day without
   * an attack, at the moment when the page first told of trouble. */
  readonly killSwitchRefused: number;
  /** Tries of the attacker before the first restriction; all where there was none. */
  readonly triesBeforeContain: number;
  /** The same before the first alarm. */
  readonly triesBeforeDetect: number;
  /** What the app said of the ways to another bank; absent where there is no switch. */
  readonly ways?: WayCount;
  /** What the public page said of services that were not normal, or were again. */
  readonly services: readonly {
    readonly service: string;
    readonly state: string;
    readonly hasAlternative: boolean;
    /** Services that it named to use instead. */
    readonly instead: readonly string[];
    readonly atMs: number;
  }[];
  /** Status inquiries: the most of one payment, and the most in one second. */
  readonly inquiries: { readonly perPayment: number; readonly perSecond: number };
  /** What hands inside did, and what came of each. */
  readonly acts: readonly ActCard[];
  /** What is left to prove the day by, where hands tried to hide it. */
  readonly proof?: Proof;
  /** A clean month: how many rows the detectors were shown beside the database. What they restricted is in `restrictions`. */
  readonly watched?: { readonly observations: number; readonly payments: number };
}

export interface ScoreInput {
  readonly drill: string;
  readonly seed: string;
  readonly mode: 'virtual' | 'live';
  readonly db: Db;
  readonly nowMs: number;
  readonly attackFromMs: number;
  readonly attack: AttackLog;
  readonly plannedSen: bigint;
  readonly healthy: Pick<Meter, 'read'>;
  /** The hub's own book of our settlement. */
  readonly feed: readonly FeedLine[];
  readonly arrivals: (bizMsgIdr: string) => { readonly count: number; readonly bytes: number };
  readonly path: Scenario['path'];
  /** Where there is one: its own book, and what the app said of the ways. */
  readonly bySwitch?: { readonly outside: InterbankSwitch; readonly shown: readonly WayShown[] };
  readonly services: readonly ServiceChange[];
  readonly acts: readonly ActCard[];
  readonly proof?: Proof;
  /** A clean month as events. */
  readonly watch?: MonthWatch;
}

/** Counts everything. */
export async function makeScorecard(input: ScoreInput): Promise<Scorecard> {
  const { db, attack, attackFromMs } = input;
  const since = (atMs: number | undefined): number | null =>
    atMs === undefined ? null : Math.max(0, atMs - attackFromMs);
  const own = new Set((await store.ownIds(db)).map(({ biz_msg_idr }) => biz_msg_idr));
  const restrictions = await store.restrictionsSince(db, attackFromMs);
  const verified = await verifyLedger(db);
  const healthy = input.healthy.read();
  const contained = await containedMs(input, restrictions);
  const detected = await detectedMs(input);
  const closedMs = contained ?? firstToldMs(input);
  const triesBefore = (atMs = Infinity): number =>
    attack.entries.filter((entry) => entry.atMs < atMs).length;
  return {
    drill: input.drill,
    seed: input.seed,
    mode: input.mode,
    lost: rupiahText(await lostSen(input)),
    lostAtRisk: rupiahText(input.plannedSen),
    injected: { count: attack.injected.count, value: rupiahText(attack.injected.valueSen) },
    refused: { count: attack.refused.count, value: rupiahText(attack.refused.valueSen) },
    detectMs: since(detected),
    containMs: since(contained),
    firstNoticeMs: since(await store.firstNoticeMs(db, attackFromMs)),
    restrictions: restrictionsOf(input, restrictions),
    healthyAccepted: healthy.accepted,
    healthyOffered: healthy.offered,
    pastDeadline: await store.countPastDeadline(db, input.nowMs),
    ledgerBalanced: verified.balanced,
    doubleEffects: doubleEffects(input, own),
    recovery: await recoveryOf(input),
    recoveredMs: recoveredMs(restrictions, attackFromMs),
    reports: await reportsOf(input),
    attackBytesAtHub: attackBytes(input, own),
    byKind: attack.byKind,
    stolen: await stolenBy(db),
    killSwitchRefused:
      closedMs === undefined ? 0 : input.healthy.read({ fromMs: closedMs }).offered,
    services: input.services.map((change) => ({ ...change, atMs: change.atMs - attackFromMs })),
    inquiries: await store.inquiryPeaks(db),
    acts: input.acts,
    ...(input.proof && { proof: input.proof }),
    ...(input.watch && {
      watched: { observations: input.watch.observations, payments: input.watch.payments },
    }),
    ...(input.bySwitch && { ways: countWays(input.bySwitch.shown, input.services) }),
    triesBeforeContain: triesBefore(restrictions[0]?.made_at.getTime()),
    triesBeforeDetect: triesBefore(detected),
  };
}

/** When the last of them was lifted; null while one stands. */
function recoveredMs(
  restrictions: readonly { readonly state: string; readonly changed_at: Date }[],
  attackFromMs: number,
): number | null {
  if (restrictions.length === 0) return 0;
  if (restrictions.some(({ state }) => state !== 'lifted')) return null;
  return Math.max(...restrictions.map(({ changed_at }) => changed_at.getTime())) - attackFromMs;
}

function firstToldMs({ path, services, attackFromMs }: ScoreInput): number | undefined {
  const isTold = (one: ServiceChange): boolean =>
    one.atMs >= attackFromMs && one.state !== 'normal';
  return path === 'none' ? services.find(isTold)?.atMs : undefined;
}

/** What the guard placed, and what it would have placed on the events of a clean month, in the order of their times. */
function restrictionsOf(
  { watch, attackFromMs }: ScoreInput,
  placed: readonly { readonly body: string }[],
): Scorecard['restrictions'] {
  return [
    ...placed.map(({ body }) => JSON.parse(body) as Restriction),
    ...(watch?.restrictions ?? []),
  ]
    .toSorted((a, b) => a.madeAtMs - b.madeAtMs)
    .map(({ scope, level, action, madeAtMs }) => ({
      scope: scopeText(scope),
      level,
      action: action.kind,
      atMs: madeAtMs - attackFromMs,
    }));
}

async function reportsOf({ db, attackFromMs }: ScoreInput): Promise<Scorecard['reports']> {
  return (await store.incidentFacts(db)).flatMap(({ facts }) => {
    const { deadlines, draftReadyAtMs } = JSON.parse(facts) as IncidentFacts;
    return deadlines.map(({ profile, step, dueMs }) => ({
      profile: `${profile} ${step}`,
      dueMs: dueMs - attackFromMs,
      readyMs: draftReadyAtMs - attackFromMs,
    }));
  });
}

async function recoveryOf({ db, attackFromMs }: ScoreInput): Promise<Scorecard['recovery']> {
  return (await store.recoveryStages(db)).map(({ name, started_at, ended_at, verdict }) => ({
    stage: name,
    atMs: (ended_at ?? started_at).getTime() - attackFromMs,
    verdict,
  }));
}

async function stolenBy(db: Db): Promise<Scorecard['stolen']> {
  const thefts = await store.settledByConsent(db, THEFT_CONSENT);
  const value = thefts.reduce((sum, { amount_sen }) => sum + amount_sen, 0n);
  return { count: thefts.length, value: rupiahText(value) };
}

/** Settled out of our account at the hub or by the switch, without a payment of ours of that id and amount. */
async function lostSen({ db, feed, bySwitch }: ScoreInput): Promise<bigint> {
  const settled = new Map(
    (await store.settledOut(db)).map(({ biz_msg_idr, amount_sen }) => [biz_msg_idr, amount_sen]),
  );
  const seen = new Set<string>();
  let lost = 0n;
  const left = [
    ...feed
      .filter(({ direction }) => direction === 'out')
      .map(({ bizMsgIdr, amountSen }) => ({ bizMsgIdr, amountSen: BigInt(amountSen) })),
    ...(bySwitch ? leftBySwitch(bySwitch.outside) : []),
  ];
  for (const { bizMsgIdr, amountSen } of left) {
    const isCovered = settled.get(bizMsgIdr) === amountSen && !seen.has(bizMsgIdr);
    if (!isCovered) lost += amountSen;
    seen.add(bizMsgIdr);
  }
  return lost;
}

/** One instruction that reached the hub twice, or settled twice, is a double effect. */
function doubleEffects({ feed, arrivals, bySwitch }: ScoreInput, own: ReadonlySet<string>): number {
  const settledTwice =
    feed.length - new Set(feed.map(({ direction, bizMsgIdr }) => `${direction} ${bizMsgIdr}`)).size;
  const twiceAtHub = [...own].filter((id) => arrivals(id).count > 1).length;
  return settledTwice + twiceAtHub + (bySwitch ? sentTwice(bySwitch.outside) : 0);
}

/** An overheard id that came to the hub once is the honest send; what is more, or was never ours, is the attack's. */
function attackBytes({ attack, arrivals, path }: ScoreInput, own: ReadonlySet<string>): number {
  if (path === 'app_session' || path === 'fee_only') return 0;
  if (path !== 'gateway')
    return attack.taken.count === 0
      ? 0
      : sum(attack.entries.map(({ bizMsgIdr }) => (bizMsgIdr ? arrivals(bizMsgIdr).bytes : 0)));
  const ids = new Set(attack.entries.flatMap(({ bizMsgIdr }) => bizMsgIdr ?? []));
  return sum(
    [...ids].map((id) => {
      const { count, bytes } = arrivals(id);
      return own.has(id) ? (count > 1 ? Math.round((bytes * (count - 1)) / count) : 0) : bytes;
    }),
  );
}

/** Through our gateway: refused. By our own core, on a day like any other: an alarm about one of the very withdrawals. */
function detectedMs({ db, path, attack, attackFromMs }: ScoreInput): Promise<number | undefined> {
  if (path === 'fee_only')
    return store.firstAlarmAboutMs(
      db,
      attack.entries.flatMap(({ bizMsgIdr }) => bizMsgIdr ?? []),
    );
  return path === 'gateway'
    ? store.firstJournalMs(db, {
        kinds: ['refused', 'forged', 'quarantined'],
        sinceMs: attackFromMs,
      })
    : store.firstAlarmMs(db, attackFromMs);
}

/** Through our gateway: the sender is quarantined. In our own app, or by our own core: something was restricted. Past it: our outbound is stopped and the hub has confirmed. */
async function containedMs(
  { db, path, attackFromMs }: ScoreInput,
  restrictions: readonly { readonly made_at: Date }[],
): Promise<number | undefined> {
  if (path === 'gateway')
    return store.firstJournalMs(db, { kinds: ['quarantined'], sinceMs: attackFromMs });
  // Nobody attacked from outside: contained is what a person stopped.
  if (path === 'none')
    return store.firstJournalMs(db, { kinds: ['latched'], sinceMs: attackFromMs });
  if (path === 'app_session' || path === 'fee_only') return restrictions[0]?.made_at.getTime();
  const confirmed = (await store.hubControls(db)).filter(({ body }) => {
    const { action, ok } = JSON.parse(body) as { readonly action: string; readonly ok: boolean };
    return ok && action !== 'resume_out';
  });
  const first = confirmed[0];
  return first && restrictions[0]
    ? Math.max(first.at.getTime(), restrictions[0].made_at.getTime())
    : undefined;
}

/** Whole rupiah as decimal text. */
function rupiahText(sen: bigint): string {
  return String(sen / 100n);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
