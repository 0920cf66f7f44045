/** The story of 29 March 2025 in minutes instead of hours, played on a database of its own, with what the books say afterwards. */
import type { ActKind } from '../../sim/drills/act-file.ts';
import { trafficPlanOf, type Scenario } from '../../sim/drills/scenario.ts';
import type { TrafficKind } from '../../sim/customer/measure.ts';
import { trafficItems, type TrafficItem } from '../../sim/customer/traffic.ts';
import { playVirtual } from '../../src/app/drill/play.ts';
import type { Scorecard } from '../../src/app/drill/scorecard.ts';
import { BANKS, demoCustomer } from '../../src/app/demo-people.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { makeTestDb } from '../../src/db/test-database.ts';
import { wallTime } from '../../src/kernel/time.ts';
import { selectPlayed, type PlayedPayment } from './store.ts';

const MINUTE_MS = 60_000;
const ACCOUNT_COUNT = 200;
/** Ten of every kind. */
const ATTACK_COUNT = 120;

/** The same story, with fewer and faster steps. */
export function shortOf(scenario: Scenario): Scenario & Required<Pick<Scenario, 'recovery'>> {
  const isBypass = scenario.path === 'imitated_connector';
  const { attack } = scenario;
  return {
    ...scenario,
    warmUpMs: MINUTE_MS / 2,
    attackMs: (isBypass ? 3 : 1.5) * MINUTE_MS,
    afterMs: (isBypass ? 3 : 0.5) * MINUTE_MS,
    attack: {
      ...attack,
      count: ATTACK_COUNT,
      totalSen: ((attack.totalSen! * BigInt(ATTACK_COUNT)) / BigInt(attack.count) / 100n) * 100n,
      muleCount: 10,
      networkCount: isBypass ? 0 : 10,
    },
    normal: { ...scenario.normal, default: { onus: 14, bifast_out: 16, bifast_in: 14 } },
    accountCount: { ...scenario.accountCount, default: ACCOUNT_COUNT },
    recovery: {
      proposeAfterMs: 1.5 * MINUTE_MS,
      approveAfterMs: 2 * MINUTE_MS,
      stageMs: MINUTE_MS / 3,
      paymentCountMin: 2,
    },
  };
}

/** A minute of outage, with time to come back. */
export function shortOutage(scenario: Scenario): Scenario {
  return {
    ...scenario,
    warmUpMs: 0.75 * MINUTE_MS,
    attackMs: MINUTE_MS,
    afterMs: 2.25 * MINUTE_MS,
    faults: scenario.faults.map((fault) => ({ ...fault, fromMs: 0, untilMs: MINUTE_MS })),
    normal: { ...scenario.normal, default: { onus: 2, bifast_out: 75, bifast_in: 2 } },
    accountCount: { ...scenario.accountCount, default: ACCOUNT_COUNT },
  };
}

/** A minute without lines, half a minute of lost answers and as much of slow ones, and the way back. */
export function shortLoss(scenario: Scenario): Scenario {
  const spans = [
    [0, 1],
    [1, 1.5],
    [1.5, 2],
    [0.25, 1],
  ];
  return {
    ...scenario,
    warmUpMs: MINUTE_MS,
    attackMs: 2 * MINUTE_MS,
    afterMs: 3 * MINUTE_MS,
    faults: scenario.faults.map((fault, at) => {
      const [from, until] = spans[at]!; // as many as the file has
      return { ...fault, fromMs: from! * MINUTE_MS, untilMs: until! * MINUTE_MS };
    }),
    accountCount: { ...scenario.accountCount, default: ACCOUNT_COUNT },
    recovery: {
      ...scenario.recovery!,
      stop: { ...scenario.recovery!.stop!, afterMs: 0.75 * MINUTE_MS },
      proposeAfterMs: 2.1 * MINUTE_MS,
      approveAfterMs: 2.2 * MINUTE_MS,
      stageMs: MINUTE_MS / 3,
      paymentCountMin: 1,
    },
  };
}

/** Six withdrawals in four minutes, then the way back. */
export function shortFeeOnly(scenario: Scenario): Scenario {
  return {
    ...scenario,
    warmUpMs: MINUTE_MS / 4,
    attackMs: 4 * MINUTE_MS,
    afterMs: 2 * MINUTE_MS,
    attack: { ...scenario.attack, count: 6 },
    accountCount: { ...scenario.accountCount, default: ACCOUNT_COUNT },
    recovery: {
      proposeAfterMs: 4.1 * MINUTE_MS,
      approveAfterMs: 4.2 * MINUTE_MS,
      stageMs: MINUTE_MS / 4,
      paymentCountMin: 1,
    },
  };
}

/** The same hands, one after the other every so often, and people who answer as soon. */
export function shortActs(
  scenario: Scenario,
  of: { readonly without: readonly ActKind[]; readonly everyMs: number },
): Scenario {
  const acts = scenario.acts
    .filter(({ kind }) => !of.without.includes(kind))
    .map(({ kind }, at) => ({ kind, atMs: at * of.everyMs }));
  return {
    ...scenario,
    warmUpMs: MINUTE_MS / 2,
    attackMs: acts.length * of.everyMs,
    afterMs: MINUTE_MS / 2,
    acts,
    accountCount: { ...scenario.accountCount, default: ACCOUNT_COUNT },
  };
}

/** The same night in minutes: cores are dead for one of them. */
export function shortRansom(scenario: Scenario): Scenario {
  const atSeconds = [0, 5, 70, 90, 130, 140];
  return {
    ...scenario,
    // A guard's first look at the database only remembers.
    warmUpMs: 1.25 * MINUTE_MS,
    attackMs: 2.5 * MINUTE_MS,
    afterMs: 2.5 * MINUTE_MS,
    acts: scenario.acts.map(({ kind }, at) => ({ kind, atMs: atSeconds[at]! * 1_000 })),
    goal: { ...scenario.goal, containWithinMs: 91_000 },
    accountCount: { ...scenario.accountCount, default: 1_100 },
    recovery: {
      proposeAfterMs: 3 * MINUTE_MS,
      approveAfterMs: 3.25 * MINUTE_MS,
      stageMs: MINUTE_MS / 3,
      paymentCountMin: 2,
    },
  };
}

/** A played drill: the scorecard, what customers wanted, and what the ledger says of it. */
export interface Played {
  readonly scenario: Scenario;
  readonly card: Scorecard;
  readonly items: readonly TrafficItem[];
  readonly payments: readonly PlayedPayment[];
  /** Asks the books while they are still there. */
  readonly db: Db;
}

/** Plays it and hands over the books. */
export async function withPlayed(
  input: { readonly scenario: Scenario; readonly seed: string },
  work: (played: Played) => Promise<void> | void,
): Promise<void> {
  const { scenario, seed } = input;
  const made = await makeTestDb();
  try {
    const card = await playVirtual({ scenario, seed, scale: 'default', dbUrl: made.url });
    const db = openDb({ url: made.url, size: 2, time: wallTime(), name: 'flow' });
    try {
      await work({
        scenario,
        card,
        items: itemsOf(scenario, seed),
        payments: await selectPlayed(db),
        db,
      });
    } finally {
      await db.close();
    }
  } finally {
    await made.drop();
  }
}

/** What customers want in this drill: the same seed, the same wishes. */
function itemsOf(scenario: Scenario, seed: string): readonly TrafficItem[] {
  const accounts = Array.from(
    { length: scenario.accountCount.default },
    (_, index) => demoCustomer(index).account,
  );
  const banks = BANKS.map(({ bic }) => bic).filter((bic) => bic !== 'PULHIDJA');
  return trafficItems(trafficPlanOf(scenario, { seed, scale: 'default', accounts, banks }));
}

/** What customers wanted of one kind in a stretch of time, and what the ledger says became of it. */
export function madeOf(
  { items, payments }: Pick<Played, 'items' | 'payments'>,
  narrow: { readonly kind: TrafficKind; readonly fromMs: number; readonly untilMs: number },
): { readonly wanted: number; readonly settled: number } {
  const isIn = (atMs: number): boolean => atMs >= narrow.fromMs && atMs < narrow.untilMs;
  return {
    wanted: items.filter(({ kind, atMs }) => kind === narrow.kind && isIn(atMs)).length,
    settled: payments.filter(
      ({ kind, state, made_at, is_synthetic }) =>
        kind === narrow.kind && state === 'settled' && !is_synthetic && isIn(made_at.getTime()),
    ).length,
  };
}
