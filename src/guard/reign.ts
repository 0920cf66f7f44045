/** The loops of a guard that leads. Each has its own error handling: a failing one is logged and tried again, and keeps no
 * other from its work. All writes stand behind the lead's fence. */
import { sign } from 'node:crypto';
import { makeCheckpoint } from '../audit/checkpoint.ts';
import type { Ticker } from '../kernel/time.ts';
import { parseJson, type WireClient } from '../kernel/wire.ts';
import { step } from './act.ts';
import { firstMemory, type GuardInput, type Memory, type Reign } from './context.ts';
import type { HubWish } from './contain.ts';
import { askHub, retryAfterMs } from './hub.ts';
import { copyJournal } from './journal-copy.ts';
import { LeadershipLost, type Lead } from './leader.ts';
import { publishSet, type Published } from './publish.ts';
import { makePusher, type Pusher } from './push.ts';
import { GUARD_DEFAULTS, mergeNumbers, type GuardNumbers } from './setting.ts';
import { readStatus, writeStatus } from './status-file.ts';
import { selectOffset } from './store-journal.ts';
import {
  selectNewestSet,
  selectNumbers,
  selectProcesses,
  selectState,
  upsertGateway,
  upsertState,
} from './store.ts';
import { recover, renewUpdates, review } from './upkeep.ts';

const PROCESS_AGE_MS = 86_400_000;
/** A guard whose steps fail for so long stops its sign of life: processes then count its silence (T16). */
const ALIVE_MS = 30_000;
/** Steps without a pause while a backlog waits; then the other loops get their turn. */
const CATCH_UP_STEPS = 50;
/** Checkpoint rounds per tick while more events wait. */
const CHECKPOINT_ROUNDS = 10;
const MATCH_SAVE_MS = 5_000;

/** What tests and metrics may look at. */
export interface GuardState {
  readonly epoch: number;
  readonly matchedAtMs: number;
  readonly feedLagMs: number;
  readonly feedAliveAtMs: number;
  readonly setVersion: number;
}

export interface RunningReign {
  /** Resolves when the lead is lost. */
  readonly lost: Promise<void>;
  state(): GuardState;
  stop(): Promise<void>;
}

/** Starts all loops of the leader. Publishes a set of the new epoch first, so that processes refuse the former leader. */
export async function startReign(input: GuardInput, lead: Lead): Promise<RunningReign> {
  const { time, log, net } = input;
  const reign = await loadReign(input);
  let lose: () => void = () => {};
  const lost = new Promise<void>((resolve) => (lose = resolve));
  const failed =
    (loop: string) =>
    (error: unknown): void => {
      if (error instanceof LeadershipLost) {
        log.warn({ loop, epoch: lead.epoch }, 'guard.lead_lost');
        lose();
        return;
      }
      log.error({ loop, error: (error as Error).message }, 'guard.loop_failed');
    };
  const pusher = makePusher({
    net,
    time,
    log,
    repeatMs: reign.numbers.loop.repeatMs,
    onRefused: (refusal) => void reign.refusals.push(refusal),
  });
  const clients = new Map<string, WireClient>(
    input.gateways.map((name) => [name, net.connect(name)]),
  );
  await refreshTargets({ input, pusher });
  let current = await lead.tx((tx) =>
    publishSet(tx, { epoch: lead.epoch, nowMs: time.now(), key: input.setKey }),
  );
  void pusher.publish(current);
  const send = (published: Published | undefined): void => {
    if (!published) return;
    current = published;
    // Not awaited: a process that does not answer must not hold up the next step.
    void pusher.publish(published);
  };

  const { loop } = reign.numbers;
  const shared: Shared = { reign, lead, pusher, clients, send, failed };
  const tickers = [
    time.every(loop.heartbeatMs, () => lead.renew(), failed('heartbeat')),
    ...input.gateways.map((name) => copyTicker(shared, name)),
    stepTicker(shared),
    time.every(
      loop.pushMs,
      () => pusher.step(time.now() - reign.steppedAtMs < ALIVE_MS),
      failed('push'),
    ),
    time.every(loop.pushMs, () => hubStep(shared), failed('hub')),
    time.every(
      loop.statusMs,
      async () => writeStatus(reign, await readStatus(reign, input.db)),
      failed('status'),
    ),
    time.every(loop.tidyMs, () => refresh(shared), failed('refresh')),
    time.every(loop.tidyMs, () => checkpoint(shared), failed('checkpoint')),
  ];
  return {
    lost,
    state: () => ({
      epoch: lead.epoch,
      matchedAtMs: reign.memory.matchedAtMs,
      feedLagMs: reign.memory.feedLagMs,
      feedAliveAtMs: reign.memory.feedAliveAtMs,
      setVersion: current.version,
    }),
    async stop() {
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await pusher.close();
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

interface Shared {
  readonly reign: Reign;
  readonly lead: Lead;
  readonly pusher: Pusher;
  readonly clients: ReadonlyMap<string, WireClient>;
  readonly send: (published: Published | undefined) => void;
  readonly failed: (loop: string) => (error: unknown) => void;
}

async function loadReign(input: GuardInput): Promise<Reign> {
  return {
    input,
    numbers: await loadNumbers(input),
    memory: await loadMemory(input),
    measures: new Map(),
    readAtMs: new Map(),
    older: new Set(),
    hubAnswers: [],
    hubTries: new Map(),
    refusals: [],
    attempted: new Set(),
    isTried: false,
    steppedAtMs: input.time.now(),
  };
}

async function loadMemory(input: GuardInput): Promise<Memory> {
  const first = firstMemory(input.time.now());
  const text = await selectState(input.db, 'memory');
  const saved = text === undefined ? undefined : (parseJson(text) as Partial<Memory> | undefined);
  // The match clock runs on between saves: the newer of the two words counts.
  const match = await selectState(input.db, 'match');
  const matchedAtMs =
    match === undefined
      ? undefined
      : Number((parseJson(match) as { atMs?: unknown } | undefined)?.atMs);
  const newest = Math.max(saved?.matchedAtMs ?? 0, Number.isFinite(matchedAtMs) ? matchedAtMs! : 0);
  return { ...first, ...saved, ...(newest > 0 ? { matchedAtMs: newest } : {}) };
}

async function loadNumbers(input: GuardInput): Promise<GuardNumbers> {
  const base = mergeNumbers(GUARD_DEFAULTS, input.numbers);
  const row = await selectNumbers(input.db, input.time.now());
  return row ? mergeNumbers(base, parseJson(row.value), row.version) : base;
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
    }).finally(() => reign.attempted.add(name));
    if (done.isOlder) reign.older.add(name);
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
      await guarded('step', async () => {
        for (let count = 0; count < CATCH_UP_STEPS; count++) {
          const done = await step(reign, lead, (version) => pusher.isHeldByGateways(version));
          send(done.published);
          if (!done.hasMore) break;
        }
        reign.steppedAtMs = time.now();
      });
      reign.isTried ||= isWhole;
      if (time.now() - savedAtMs >= MATCH_SAVE_MS) {
        await guarded('match', () => saveMatch(shared));
        savedAtMs = time.now();
      }
      if (time.now() - tidiedAtMs < tidyMs) return;
      tidiedAtMs = time.now();
      await guarded('recovery', async () => send(await recover(reign, lead)));
      await guarded('updates', async () => send(await renewUpdates(reign, lead)));
      await guarded('review', () => review(reign, lead));
    },
    failed('step'),
  );
}

/** Reads memory and the newest set again, as after a restart. */
async function reload({ reign, pusher }: Shared): Promise<void> {
  const { input } = reign;
  const { feedAliveAtMs, matchedAtMs } = reign.memory;
  const memory = await loadMemory(input);
  reign.memory = {
    ...memory,
    feedAliveAtMs: Math.max(memory.feedAliveAtMs, feedAliveAtMs),
    matchedAtMs: Math.max(memory.matchedAtMs, matchedAtMs),
  };
  const set = await selectNewestSet(input.db);
  // Only when it is news: a repeat would be a sign of life, and this guard just failed.
  if (set && Number(set.version) > pusher.version())
    void pusher.publish({
      version: Number(set.version),
      signed: { body: set.body, signature: set.signature },
    });
}

/** The age of the match is for everybody to read: console, recovery, status. */
async function saveMatch({ reign, lead }: Shared): Promise<void> {
  const { matchedAtMs, feedLagMs, feedAliveAtMs } = reign.memory;
  const nowMs = reign.input.time.now();
  await lead.tx((tx) =>
    upsertState(tx, {
      name: 'match',
      body: JSON.stringify({ atMs: matchedAtMs, feedLagMs, feedAliveAtMs }),
      nowMs,
    }),
  );
}

async function hubStep({ reign, clients }: Shared): Promise<void> {
  const { time, log } = reign.input;
  const keyOf = ({ action, target, wantedAtMs }: HubWish): string =>
    `${action} ${target} ${wantedAtMs}`;
  const isNoted = ({
    action,
    target,
  }: {
    readonly action: string;
    readonly target: string;
  }): boolean =>
    reign.hubAnswers.some((answer) => answer.action === action && answer.target === target);
  const wishes = reign.memory.wishes.filter(
    (wish) =>
      wish.doneAtMs === undefined &&
      !isNoted(wish) &&
      time.now() >= (reign.hubTries.get(keyOf(wish))?.nextAtMs ?? 0),
  );
  for (const wish of wishes) {
    const tries = (reign.hubTries.get(keyOf(wish))?.tries ?? 0) + 1;
    reign.hubTries.set(keyOf(wish), { tries, nextAtMs: time.now() + retryAfterMs(tries) });
  }
  const done = await askHub({
    wishes,
    clients: [...clients.values()],
    onFault: (error) => log.warn({ error: error.message }, 'hub_control.failed'),
  });
  for (const { action, target } of done)
    reign.hubAnswers.push({ action, target, atMs: time.now() });
}

async function refresh({ reign, pusher }: Shared): Promise<void> {
  reign.numbers = { ...(await loadNumbers(reign.input)), loop: reign.numbers.loop };
  await refreshTargets({ input: reign.input, pusher });
}

async function refreshTargets({
  input,
  pusher,
}: {
  readonly input: GuardInput;
  readonly pusher: Pusher;
}): Promise<void> {
  const rows = await selectProcesses(input.db, input.time.now() - PROCESS_AGE_MS);
  const gateways = input.gateways
    .filter((name) => !rows.some(({ id }) => id === name))
    .map((name) => ({ id: name, kind: 'gateway', target: name }));
  pusher.setTargets([...rows.map(({ id, kind, target }) => ({ id, kind, target })), ...gateways]);
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
