/** The loops of a guard that leads. Each has its own error handling: a failing one is logged and tried again, and keeps no
 * other from its work. All writes stand behind the lead's fence. */
import { sign } from 'node:crypto';
import { makeCheckpoint } from '../audit/checkpoint.ts';
import type { Ticker } from '../kernel/time.ts';
import type { WireClient } from '../kernel/wire.ts';
import { step } from './act.ts';
import { watchBalances } from './balance-watch.ts';
import { BREAK_WATCH_MS, watchBreakEnds } from './break-watch.ts';
import { CANARY_WATCH_MS, watchCanaries } from './canary-watch.ts';
import { CALENDAR_WATCH_MS, watchCalendar } from './calendar-watch.ts';
import { placeOf, type GuardInput, type Reign } from './context.ts';
import { answerCounts } from './detector/d27-answer.ts';
import { watchDatabase } from './database-watch.ts';
import { FILE_WATCH_MS, watchFiles } from './file-watch.ts';
import { hubStep } from './hub.ts';
import { copyJournal } from './journal-copy.ts';
import { saveHarm } from './harm-watch.ts';
import { LeadershipLost, type Lead } from './leader.ts';
import { LIQUIDITY_WATCH_MS, watchLiquidity, type LiquidityLook } from './liquidity.ts';
import { NOTICE_WATCH_MS, watchNotices } from './notice-watch.ts';
import { PARTITION_MS, watchPartitions } from './partition-watch.ts';
import { take } from './flow/latency.ts';
import { saveFlow } from './flow/save.ts';
import { loadCalendar, loadFlow, loadMemory, loadNumbers, loadReign } from './load.ts';
import { nextSetOf, publishSet, readNewestSet, type Published } from './publish.ts';
import { makePusher, type Pusher, type PushTarget } from './push.ts';
import { readStatus, writeStatus } from './status-file.ts';
import { BULK_WATCH_MS, watchBulks } from './bulk-watch.ts';
import { STANDING_WATCH_MS, watchStanding } from './standing-watch.ts';
import { newerRailMatches, railMatchAges } from './rail-match.ts';
import { PROCESS_WATCH_MS, watchProcesses } from './process-watch.ts';
import { selectOffset } from './store-journal.ts';
import { selectProcesses, upsertGateway, upsertState } from './store.ts';
import { recover, renewUpdates, review } from './upkeep.ts';

const PROCESS_AGE_MS = 86_400_000;
/** A guard whose steps fail for so long stops its sign of life: processes then count its silence (T16). */
const ALIVE_MS = 30_000;
/** Steps without a pause while a backlog waits; then the other loops get their turn. */
const CATCH_UP_STEPS = 50;
/** How long a guard that was down may read before its own absence counts as blindness (D9): hours of journal in minutes. */
const LOOK_MS = 120_000;
/** Checkpoint rounds per tick while more events wait. */
const CHECKPOINT_ROUNDS = 10;
const MATCH_SAVE_MS = 5_000;
/** What a restart must fold again at most. */
const FLOW_SAVE_MS = 60_000;

/** What tests and metrics may look at. */
export interface GuardState {
  readonly epoch: number;
  readonly matchedAtMs: number;
  /** How old the match of each other rail with a feed is. */
  railAges(): ReturnType<typeof railMatchAges>;
  readonly feedLagMs: number;
  readonly feedAliveAtMs: number;
  readonly setVersion: number;
  /** Answers of the hub that somebody must hear of, since the guard first ran. */
  readonly answers: ReturnType<typeof answerCounts>;
  /** Milliseconds from each event to its fold since they were asked for last. */
  takeLatencies(): readonly number[];
  /** Our settlement account as it was looked at last; undefined = never heard of. */
  readonly liquidity: LiquidityLook | undefined;
}

export interface RunningReign {
  /** Resolves when the lead is lost. */
  readonly lost: Promise<void>;
  state(): GuardState;
  stop(): Promise<void>;
}

/** Starts all loops of the leader. Publishes a set of the new epoch first, so that processes refuse the former leader. */
export async function startReign(input: GuardInput, lead: Lead): Promise<RunningReign> {
  const { time, net } = input;
  const reign = await loadReign(input);
  const targets = await readTargets(input);
  const first = await lead.tx((tx) => publishSet(tx, nextSetOf(reign, lead, time.now())));
  const lost = Promise.withResolvers<void>();
  // From here on nothing fails: what is connected below is closed by `stop`.
  const pusher = makePusher({
    net,
    time,
    log: input.log,
    repeatMs: reign.numbers.loop.repeatMs,
    onRefused: (refusal) => void reign.refusals.push(refusal),
  });
  pusher.setTargets(targets);
  const shared: Shared = {
    reign,
    lead,
    pusher,
    clients: new Map(input.gateways.map((name) => [name, net.connect(name)])),
    watched: new Map((input.watched ?? []).map((name) => [name, net.connect(name)])),
    send: (published) => {
      if (!published) return;
      reign.lastSet = published.set;
      // Not awaited: a process that does not answer must not hold up the next step.
      void pusher.publish(published);
    },
    failed: listenFor({ input, lead, lose: lost.resolve }),
  };
  shared.send(first);
  const tickers = startTickers(shared);
  return {
    lost: lost.promise,
    state: () => ({
      epoch: lead.epoch,
      matchedAtMs: reign.memory.matchedAtMs,
      railAges: () => railMatchAges(reign.memory.rails ?? {}, input.time.now()),
      feedLagMs: reign.memory.feedLagMs,
      feedAliveAtMs: reign.memory.feedAliveAtMs,
      setVersion: pusher.version(),
      answers: answerCounts(reign.memory.detectors),
      liquidity: reign.liquidity,
      takeLatencies: () => take(reign.latency),
    }),
    async stop() {
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await pusher.close();
      const clients = [...shared.clients.values(), ...shared.watched.values()];
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

interface Shared {
  readonly reign: Reign;
  readonly lead: Lead;
  readonly pusher: Pusher;
  readonly clients: ReadonlyMap<string, WireClient>;
  readonly watched: ReadonlyMap<string, WireClient>;
  readonly send: (published: Published | undefined) => void;
  readonly failed: (loop: string) => (error: unknown) => void;
}

/** Every loop's errors come here: a lost lead ends the reign, anything else is logged and tried again. */
function listenFor(of: {
  readonly input: GuardInput;
  readonly lead: Lead;
  readonly lose: () => void;
}): Shared['failed'] {
  const { log } = of.input;
  return (loop) => (error) => {
    if (!(error instanceof LeadershipLost)) {
      log.error({ loop, error: (error as Error).message }, 'guard.loop_failed');
      return;
    }
    log.warn({ loop, epoch: of.lead.epoch }, 'guard.lead_lost');
    of.lose();
  };
}

function startTickers(shared: Shared): readonly Ticker[] {
  const { reign, lead, pusher, clients, failed } = shared;
  const { input } = reign;
  const { time } = input;
  const { loop } = reign.numbers;
  return [
    time.every(loop.heartbeatMs, () => lead.renew(), failed('heartbeat')),
    ...input.gateways.map((name) => copyTicker(shared, name)),
    stepTicker(shared),
    time.every(loop.pushMs, () => pusher.step(isAlive(reign)), failed('push')),
    time.every(loop.pushMs, () => hubStep(reign, [...clients.values()]), failed('hub')),
    time.every(
      loop.statusMs,
      async () => writeStatus(reign, await readStatus(reign, input.db)),
      failed('status'),
    ),
    time.every(loop.tidyMs, () => refresh(shared), failed('refresh')),
    time.every(loop.tidyMs, () => checkpoint(shared), failed('checkpoint')),
    time.every(PARTITION_MS, () => watchPartitions(input, lead), failed('partitions')),
    time.every(
      LIQUIDITY_WATCH_MS,
      async () => {
        reign.liquidity = await watchLiquidity(input, lead, reign.numbers.liquidity);
      },
      failed('liquidity'),
    ),
    time.every(FILE_WATCH_MS, () => watchFiles(input, lead, reign.numbers.file), failed('files')),
    time.every(loop.databaseMs, () => watchDatabase(input, lead), failed('database')),
    time.every(loop.balanceMs, () => watchBalances(input, lead), failed('balances')),
    time.every(CANARY_WATCH_MS, () => watchCanaries(input, lead), failed('canaries')),
    time.every(BREAK_WATCH_MS, () => watchBreakEnds(input, lead), failed('breaks')),
    time.every(STANDING_WATCH_MS, () => watchStanding(input, lead), failed('standing')),
    time.every(BULK_WATCH_MS, () => watchBulks(input, lead), failed('bulks')),
    time.every(
      CALENDAR_WATCH_MS,
      () => watchCalendar(input, lead, reign.calendar),
      failed('calendar'),
    ),
    ...(shared.watched.size === 0
      ? []
      : [
          time.every(
            PROCESS_WATCH_MS,
            () => watchProcesses(reign, lead, shared.watched),
            failed('processes'),
          ),
        ]),
    time.every(NOTICE_WATCH_MS, () => watchNotices(input, lead), failed('notices')),
  ];
}

/** May this guard claim to protect? Not when its steps have failed for a while. */
function isAlive(reign: Reign): boolean {
  return reign.input.time.now() - reign.steppedAtMs < ALIVE_MS;
}

/** Copies one gateway's journal. A gateway that cannot be reached delays nobody else's copy. */
function copyTicker({ reign, lead, clients, pusher, failed }: Shared, name: string): Ticker {
  const { input } = reign;
  let offset: number | undefined;
  let toldAtMs = -Infinity;
  const copy = async (): Promise<void> => {
    offset ??= await selectOffset(input.db, name);
    const done = await copyJournal({
      client: clients.get(name)!,
      lead,
      partition: name,
      offset,
      now: () => input.time.now(),
      onKept: (kept) => (offset = kept),
    }).catch((error: unknown) => {
      reign.attempted.add(name);
      throw error;
    });
    if (done.isOlder) reign.older.add(name);
    if (done.isOlder || done.readAtMs !== undefined) reign.attempted.add(name);
    if (done.readAtMs === undefined) return;
    reign.readAtMs.set(name, done.readAtMs);
    if (done.readAtMs - toldAtMs < MATCH_SAVE_MS) return;
    toldAtMs = done.readAtMs;
    await lead.tx((tx) =>
      upsertGateway(tx, { id: name, nowMs: done.readAtMs!, version: pusher.ackedVersion(name) }),
    );
  };
  return input.time.every(reign.numbers.loop.copyMs, copy, failed(`copy ${name}`));
}

/** The main loop: everything that changes the guard's memory or the set runs here, one after the other. */
function stepTicker(shared: Shared): Ticker {
  const { reign, lead, pusher, send, failed } = shared;
  const { time } = reign.input;
  const { stepMs, tidyMs } = reign.numbers.loop;
  let tidiedAtMs = -Infinity;
  let savedAtMs = -Infinity;
  let flowSavedAtMs = time.now();
  let isDoubtful = false;
  const guarded = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // A lost answer to a commit leaves open what is true: read it again before the next step.
      isDoubtful = true;
      failed(name)(error);
    }
  };
  return time.every(
    stepMs,
    async () => {
      if (isDoubtful) {
        await reload(shared);
        isDoubtful = false;
      }
      const isWhole = reign.attempted.size >= reign.input.gateways.length;
      let isCaughtUp = false;
      await guarded('step', async () => {
        for (let count = 0; count < CATCH_UP_STEPS && !isCaughtUp; count++) {
          const done = await step(reign, lead, (version) => pusher.isHeldByGateways(version));
          send(done.published);
          isCaughtUp = !done.hasMore;
        }
        reign.steppedAtMs = time.now();
      });
      reign.isTried ||= (isWhole && isCaughtUp) || time.now() - reign.startedAtMs >= LOOK_MS;
      if (time.now() - savedAtMs >= MATCH_SAVE_MS) {
        await guarded('match', () => saveMatch(shared));
        savedAtMs = time.now();
      }
      if (time.now() - flowSavedAtMs >= FLOW_SAVE_MS && !isDoubtful) {
        await guarded('flow', () => keepFlow(shared));
        flowSavedAtMs = time.now();
      }
      if (time.now() - tidiedAtMs < tidyMs) return;
      tidiedAtMs = time.now();
      await guarded('recovery', async () => send(await recover(reign, lead)));
      await guarded('updates', async () =>
        send(await renewUpdates(reign, lead, { isAlive: isAlive(reign) })),
      );
      await guarded('review', () => review(reign, lead));
      await guarded('harm', () => saveHarm(reign, lead));
    },
    failed('step'),
  );
}

/** Reads memory and the newest set again, as after a restart. */
async function reload({ reign, pusher, send }: Shared): Promise<void> {
  const { input } = reign;
  const { feedAliveAtMs, matchedAtMs, rails = {} } = reign.memory;
  const memory = await loadMemory(input);
  reign.memory = {
    ...memory,
    feedAliveAtMs: Math.max(memory.feedAliveAtMs, feedAliveAtMs),
    matchedAtMs: Math.max(memory.matchedAtMs, matchedAtMs),
    rails: newerRailMatches(memory.rails ?? {}, rails),
  };
  if (reign.isFlowDoubtful) {
    Object.assign(reign, await loadFlow(input, reign));
    reign.isFlowDoubtful = false;
  }
  const newest = await readNewestSet(input.db, input.setKey);
  // Only when it is news: a repeat would be a sign of life, and this guard just failed.
  if (newest && newest.version > pusher.version()) send(newest);
}

/** Saves the flow where the memory stands. The text is made before the transaction. */
async function keepFlow({ reign, lead }: Shared): Promise<void> {
  const nowMs = reign.input.time.now();
  const saved = saveFlow(reign.flow.state, placeOf(reign.memory), reign.savedLayer);
  await lead.tx(async (tx) => {
    for (const part of saved.parts) await upsertState(tx, { ...part, nowMs });
  });
  reign.savedLayer = saved.savedLayer;
}

/** The age of the match is for everybody to read: console, recovery, status. */
async function saveMatch({ reign, lead }: Shared): Promise<void> {
  const { matchedAtMs, feedLagMs, feedAliveAtMs, rails = {} } = reign.memory;
  const nowMs = reign.input.time.now();
  await lead.tx((tx) =>
    upsertState(tx, {
      name: 'match',
      body: JSON.stringify({ atMs: matchedAtMs, feedLagMs, feedAliveAtMs, rails }),
      nowMs,
    }),
  );
}

async function refresh({ reign, pusher }: Shared): Promise<void> {
  reign.numbers = { ...(await loadNumbers(reign.input)), loop: reign.numbers.loop };
  reign.calendar = await loadCalendar(reign.input);
  reign.flow.set({ changes: reign.numbers.flow, calendar: reign.calendar });
  pusher.setTargets(await readTargets(reign.input));
}

/** Every process that enforces: cores of the table, and the gateways that the guard was started with. What the table says of a gateway is no
 * word of its own: whoever can write to it must not lead a set astray. */
async function readTargets(input: GuardInput): Promise<readonly PushTarget[]> {
  const rows = await selectProcesses(input.db, input.time.now() - PROCESS_AGE_MS);
  const cores = rows.filter(({ id }) => !input.gateways.includes(id));
  return [
    ...cores.map(({ id, kind, target }) => ({ id, kind, target })),
    ...input.gateways.map((name) => ({ id: name, kind: 'gateway', target: name })),
  ];
}

async function checkpoint({ reign, lead }: Shared): Promise<void> {
  const { db, auditKey, time } = reign.input;
  // The lead is checked first; a checkpoint by a former leader in the moment of change is harmless, makers wait for each other.
  await lead.renew();
  for (let round = 0; round < CHECKPOINT_ROUNDS; round++) {
    const made = await makeCheckpoint(db, {
      nowMs: time.now(),
      sign: (bytes) => sign(null, bytes, auditKey),
    });
    if (!made?.hasMore) return;
  }
}
