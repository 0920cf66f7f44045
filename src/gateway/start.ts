/** Composes one gateway partition: journal, door, latches, holder, connector, both listening sides, loops. Owns their lifetime
 * and nothing else; runs the same in virtual time over the memory network and live over mutual TLS. */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { RailName } from '../authorisation/instruction.ts';
import type { KeyRing } from '../authorisation/token.ts';
import { openTrafficBook, type RecentTraffic } from './traffic.ts';
import { openThrottleBook } from '../gate/throttle.ts';
import { openHolder } from '../gate/holder.ts';
import type { StaffRoster } from '../gate/port.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Ticker, Time } from '../kernel/time.ts';
import type { Net } from '../kernel/wire.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import { railOfEntry, type JournalEntry } from '../rail/journal-entry.ts';
import type { RailNotice } from '../rail/notice.ts';
import { GATEWAY_LIMITS, type GatewayContext, type GatewayLimits } from './context.ts';
import { makeStopCheck } from './control.ts';
import { listenControl } from './control-socket.ts';
import { openDoor, type DoorState } from './door.ts';
import { loadForwardCursor, makeForwarder, type Forwarder } from './forward.ts';
import { openHosts, type Closing, type RailHost, type RailLoop, type RailOpener } from './host.ts';
import { openJournal } from './journal.ts';
import { inboundKey, type Latch, type Quarantine } from './journal-index.ts';
import { KNOCK_FLUSH_MS, makeKnockBook } from './knock.ts';
import { openLatchBook } from './latch-book.ts';
import { makeOutgoing } from './outgoing.ts';
import { makeServer } from './server.ts';
import { makeSettlement, type Settlement } from './settlement.ts';

export interface GatewayInput {
  readonly time: Time;
  readonly net: Net;
  readonly log: Log;
  readonly random: Random;
  /** The gateway's own folder, 0700. */
  readonly folder: string;
  /** Where the status process reads; gets `latch-<partition>.json`. */
  readonly statusFolder: string;
  /** Also the name it listens under; its rails listen under names that begin with it. */
  readonly partition: string;
  readonly env: 'prod' | 'drill';
  /** Asked at every token, so that a rotation or a revocation needs no restart. */
  readonly ring: () => KeyRing;
  /** The guard's public set key. */
  readonly setKey: KeyObject;
  readonly roster: StaffRoster;
  /** Keys that may press the stop button; `roster` when absent. A key of its own can stop and nothing else. */
  readonly stopRoster?: StaffRoster;
  /** Private key that signs the latch file. */
  readonly statusKey: KeyObject;
  /** One opener per rail that this gateway carries; every other rail is closed here. */
  readonly rails: readonly RailOpener[];
  readonly cores: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /** False in virtual time: then `control` is the only local control. */
  readonly hasControlSocket: boolean;
}

export interface GatewayState {
  readonly partition: string;
  readonly epoch: number;
  readonly door: DoorState;
  readonly isBroken: boolean;
  readonly head: number;
  readonly setVersion: number;
  readonly latches: readonly Latch[];
  readonly quarantines: readonly Quarantine[];
  readonly pendingNotices: number;
  /** What left lately, per rail. */
  readonly recent: RecentTraffic;
}

export interface Gateway {
  /** The local control: `{action:'stop', …}` signed, or `{action:'status'}`. */
  control(value: unknown): Promise<unknown>;
  state(): GatewayState;
  stop(): Promise<void>;
  /** Ends as a killed process would: nothing is drained. For drills and crash tests in one process. */
  abandon(): Promise<void>;
}

/** Starts one gateway. Throws when another process owns the partition or the journal is damaged. */
export async function startGateway(input: GatewayInput): Promise<Gateway> {
  const { time, net, log, folder, partition } = input;
  const limits = { ...GATEWAY_LIMITS, ...input.limits };
  const startCursor = await loadForwardCursor(folder, time);
  const untaken: JournalEntry[] = [];
  const visit = (entry: JournalEntry): void => {
    const isNotice = entry.body.kind === 'inbound' || entry.body.kind === 'statement';
    if (isNotice && entry.position > startCursor) untaken.push(entry);
  };
  const journal = await openJournal({ folder, partition, time, visit });
  const context = await makeContext(input, { journal, limits });
  const cores = input.cores.map((core) => net.connect(core));
  const { coreTimeoutMs: timeoutMs, forwardCountMax: countMax } = limits;
  const keyOf = inboundKey;
  const forwarder = makeForwarder({
    folder,
    cores,
    startCursor,
    timeoutMs,
    countMax,
    keyOf,
    time,
    log,
  });
  const hosts = openHosts(input.rails, { context, forwarder, net });
  const settlements = new Map(
    [...hosts].map(([rail, host]) => [rail, makeSettlement(context, { host, forwarder })]),
  );
  await resumeUntaken({ untaken, forwarder, settlements });
  await context.door.tryOpen();
  await context.latches.applySet(context.holder.current());
  await context.latches.writeFile();

  const state = (): GatewayState => stateOf(context, forwarder);
  const control = makeControl(input, context, state);
  const parts: Closing[] = await listen({ input, context, hosts, settlements });
  if (input.hasControlSocket) parts.push(await listenControl({ folder, time, handle: control }));
  const tickers = startLoops({ context, forwarder, hosts, settlements });
  const { door } = state();
  log.info({ partition, epoch: journal.epoch, head: journal.head(), door }, 'gateway.started');

  const halt = async (): Promise<void> => {
    await Promise.all([
      ...parts.map((part) => part.close()),
      ...tickers.map((ticker) => ticker.stop()),
      forwarder.stop(),
    ]);
    await Promise.all(cores.map((core) => core.close()));
  };
  return {
    control,
    state,
    async stop() {
      await Promise.all([...hosts.values()].map(async (host) => host.close?.()));
      await halt();
      await context.knocks.flush();
      await forwarder.saveCursor();
      await journal.close();
    },
    async abandon() {
      await journal.abandon();
      for (const part of parts) part.abandon?.();
      await halt();
    },
  };
}

type Hosts = ReadonlyMap<RailName, RailHost>;
type Settlements = ReadonlyMap<RailName, Settlement>;

/** All listening sides: core and guard on one, each rail's network on its own. */
async function listen(given: {
  readonly input: GatewayInput;
  readonly context: GatewayContext;
  readonly hosts: Hosts;
  readonly settlements: Settlements;
}): Promise<Closing[]> {
  const { input, context, hosts, settlements } = given;
  const outgoing = makeOutgoing(context, hosts);
  const inner = await input.net.listen({
    name: input.partition,
    handler: makeServer(context, { outgoing, hosts, settlements }),
  });
  const outer = await Promise.all([...hosts.values()].map((host) => host.listen()));
  return [inner, ...outer.flat()];
}

function stateOf(
  { journal, door, holder, latches, traffic, time }: GatewayContext,
  forwarder: Forwarder,
): GatewayState {
  return {
    partition: journal.partition,
    epoch: journal.epoch,
    door: door.state(),
    isBroken: journal.isBroken(),
    head: journal.head(),
    setVersion: holder.current().version,
    latches: latches.latches(),
    quarantines: journal.index.quarantines(),
    pendingNotices: forwarder.pendingCount(),
    recent: traffic.recent(time.now()),
  };
}

async function makeContext(
  input: GatewayInput,
  made: Pick<GatewayContext, 'journal' | 'limits'>,
): Promise<GatewayContext> {
  const { time, log, random, folder, partition, roster, statusFolder, statusKey } = input;
  const { journal } = made;
  const file = join(folder, 'restriction-set.json');
  const holder = openHolder({ file, key: input.setKey, roster, time, log });
  const door = await openDoor({ journal, folder, roster, time, log });
  const isOpen = (): boolean => door.closedReason() === undefined;
  const shared = { journal, holder, roster, folder, time, random, log };
  const latches = await openLatchBook({ ...shared, statusFolder, statusKey, isOpen });
  const knocks = makeKnockBook({ journal, time, random });
  const traffic = openTrafficBook();
  const throttles = openThrottleBook(Math.max(time.now(), journal.index.facts().timeFloorMs));
  const { env, ring } = input;
  return { ...made, ...shared, partition, env, ring, knocks, latches, throttles, traffic, door };
}

async function resumeUntaken(input: {
  readonly untaken: readonly JournalEntry[];
  readonly forwarder: Forwarder;
  readonly settlements: Settlements;
}): Promise<void> {
  for (const entry of input.untaken) {
    const { body } = entry;
    // Written by this process from a typed value.
    if (body.kind === 'inbound') {
      const notice = body.notice as RailNotice;
      if (!isSaidOrNever(notice)) void input.forwarder.offer(entry.position, notice);
    }
    // A rail that is not configured any more keeps its file; it resumes when it is.
    else if (body.kind === 'statement')
      await input.settlements.get(railOfEntry(body))?.resume(entry);
  }
}

/** What a card or a QRIS refund asked for is answered at once or not at all, and its card is not in the journal: there is nothing to pass on. */
function isSaidOrNever(notice: RailNotice): boolean {
  return notice.kind === 'request' && notice.what !== 'transfer_in';
}

function makeControl(
  input: GatewayInput,
  context: GatewayContext,
  state: () => GatewayState,
): (value: unknown) => Promise<unknown> {
  const check = makeStopCheck({
    partition: input.partition,
    roster: input.stopRoster ?? input.roster,
  });
  return async (value) => {
    if (recordOf(value)['action'] === 'status') return { ok: true, ...state() };
    const checked = check(value, input.time.now());
    if (!checked.ok) {
      input.log.warn({ reason: checked.reason }, 'latch.refused');
      return checked;
    }
    return { ok: true, ...(await context.latches.stop(checked.request)) };
  };
}

function startLoops(input: {
  readonly context: GatewayContext;
  readonly forwarder: Forwarder;
  readonly hosts: Hosts;
  readonly settlements: Settlements;
}): readonly Ticker[] {
  const { context, forwarder, hosts, settlements } = input;
  const { time, log, limits, door } = context;
  const failed = (name: string) => (error: unknown) =>
    log.error({ name, cause: String(error) }, 'gateway.loop_failed');
  const loop = (name: string, ms: number, task: () => Promise<unknown>): Ticker =>
    time.every(ms, async () => void (await task()), failed(name));
  const railLoop = (rail: RailName, { name, everyMs, isFirstAtOnce, run }: RailLoop): Ticker => {
    if (isFirstAtOnce) void run().catch(failed(`${rail}.${name}`));
    return loop(`${rail}.${name}`, everyMs, run);
  };
  return [
    loop('door', 1_000, () => door.tryOpen()),
    ...[...hosts.values()].flatMap((host) => host.loops.map((one) => railLoop(host.rail, one))),
    ...[...settlements].flatMap(([rail, settlement]) => [
      // Lines must not stand where a guard that knows a longer journal will never look: it comes first.
      loop(
        `${rail}.feed`,
        limits.feedPollMs,
        async () => void (door.isHeard() && (await settlement.pollFeed())),
      ),
      loop(`${rail}.statement`, limits.statementCheckMs, () => settlement.fetchDue()),
    ]),
    loop('cursor', 1_000, () => forwarder.saveCursor()),
    loop('knocks', KNOCK_FLUSH_MS, () => context.knocks.flush()),
    loop('latchFile', limits.statusFileMs, () => context.latches.writeFile()),
  ];
}
