/** The simulated interbank switch with the banks behind it: links to the bank in server and client role, network management, its
 * own book, cut-over and settlement. Every fault it can play is data. */
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import { businessDate, wibDate, type Time } from '../../src/kernel/time.ts';
import { openAcquirer, type Acquirer } from './acquirer.ts';
import { openBookFile } from './book-file.ts';
import { openBook, type Book } from './book.ts';
import {
  PLAIN_SETTINGS,
  USUAL_TIMERS,
  type ConnectedBank,
  type SwitchContext,
  type SwitchSettings,
  type SwitchTimers,
} from './context.ts';
import { withOddParity, type LinkKeys } from './crypto.ts';
import { keepConnected } from './connect.ts';
import { openChooser, type Chooser } from '../fault/chooser.ts';
import { linkFaults, MAGIC_ACCOUNTS, skewOf, type FaultRule } from './faults.ts';
import { takeRequest } from './incoming.ts';
import { openLink, type Link, type LinkCount } from './link.ts';
import { NETWORK_CODE } from './network-management.ts';
import { finish } from './outgoing.ts';
import { DEMO_PEERS, withLuhn, type Peer } from './peers.ts';
import { openPinKeys, type PinKeys } from './pin-keys.ts';
import { writeShown } from './presented.ts';
import { applyChange, playTimeline, type Script, type SwitchAction } from './script.ts';
import { settlementText } from './settlement.ts';
import type { StreamNet, StreamServer } from '../../src/kernel/stream.ts';

/** One link to the bank. */
export interface LinkSetup {
  readonly name: string;
  /** `server`: the bank connects to `at`. `client`: the switch connects to `at`. */
  readonly role: 'server' | 'client';
  /** A name on the network of streams. */
  readonly at: string;
  readonly keys: LinkKeys;
  readonly macOn?: 'financial' | 'all';
  /** Who sends 001 after connecting: the bank unless told otherwise. */
  readonly signsOn?: 'bank' | 'switch';
  /** The switch asks for a sign of life this often; 0 = never. */
  readonly echoMs?: number;
}

export interface SwitchInput {
  readonly time: Time;
  readonly net: StreamNet;
  readonly random: Random;
  readonly log: Log;
  /** PINs of the peers' cards follow from it. */
  readonly seed: string;
  readonly bank: ConnectedBank;
  readonly links: readonly LinkSetup[];
  readonly peers?: readonly Peer[];
  /** What holds and happens from the start; the accounts of `MAGIC_ACCOUNTS` unless it brings rules. */
  readonly script?: Script;
  readonly rules?: readonly FaultRule[];
  /** Draws the shares of the rules. @default `random` */
  readonly faultRandom?: Random;
  readonly settings?: Partial<SwitchSettings>;
  readonly timers?: Partial<SwitchTimers>;
  /** Minute of the WIB day from which the next business date counts; 1440 = midnight. */
  readonly cutOverMinute?: number;
  /** Where it remembers across restarts; in memory when absent. */
  readonly folder?: string;
}

export interface SwitchCounters {
  readonly links: Readonly<Record<string, LinkCount>>;
  readonly rules: Readonly<Record<string, number>>;
  readonly other: Readonly<Record<string, number>>;
}

export interface InterbankSwitch extends Acquirer {
  readonly peers: readonly Peer[];
  readonly book: Omit<Book, 'apply'>;
  /** True for each link that is signed on. */
  links(): Readonly<Record<string, boolean>>;
  /** Ports of the links in server role. */
  ports(): Readonly<Record<string, number>>;
  settings(): SwitchSettings;
  setSettings(change: Partial<SwitchSettings>): void;
  /** The rules that it plays. */
  readonly chooser: Chooser<FaultRule>;
  /** Changes what the script says, now and at the times of its timeline. An earlier timeline goes on. */
  play(script: Script): void;
  /** On every link, or the named one. True when the bank agreed wherever it was asked. */
  act(action: SwitchAction, link?: string): Promise<boolean>;
  /** A customer of a peer shows a code for one payment; its text. */
  show(input: {
    readonly bank: string;
    readonly number?: number;
    readonly limitSen?: bigint;
  }): string;
  /** Settlement of a business date as text, with its MAC. */
  settlement(date: string): string;
  counters(): SwitchCounters;
  stop(): Promise<void>;
}

const SWITCH_ID = '360001';
const STAN_MAX = 999_999;
const MIDNIGHT = 1_440;
const DAY_MS = 86_400_000;
const ECHO_MS = 120_000;
/** A code that a peer's customer shows: Rp2.000.000, 90 s. Source: domain.md 1.10. */
const SHOWN_LIMIT_SEN = 200_000_000n;
const SHOWN_MS = 90_000;
const SHOWN_MAX = 10_000;

/** Starts the switch and goes on with what an earlier run left unfinished. */
export async function startSwitch(input: SwitchInput): Promise<InterbankSwitch> {
  const { time, net } = input;
  const stopping = new AbortController();
  const work = new Set<Promise<void>>();
  const tallies = new Map<string, number>();
  const { context, settle } = makeContext(input, { stopping: stopping.signal, work, tallies });
  const servers = new Map<string, StreamServer>();
  for (const setup of input.links) {
    const link = context.links.find((one) => one.name === setup.name)!;
    if (setup.role === 'server')
      servers.set(
        setup.name,
        await net.listen({ name: setup.at, accept: (stream) => link.attach(stream) }),
      );
    else
      context.spawn(() =>
        keepConnected({ time, net, at: setup.at, link, stopping: stopping.signal }),
      );
    context.spawn(() => keepAlive(context, { link, everyMs: setup.echoMs ?? ECHO_MS }));
  }
  const cutOver = (): Promise<boolean> => cutOverNow(context, settle);
  context.spawn(() => keepDate(context, { minute: input.cutOverMinute ?? MIDNIGHT, cutOver }));
  resume(context);
  const network: InterbankSwitch = {
    ...openAcquirer(context),
    peers: context.peers,
    book: context.book,
    links: () => Object.fromEntries(context.links.map((link) => [link.name, link.isSignedOn()])),
    ports: () => Object.fromEntries([...servers].map(([name, server]) => [name, server.port])),
    settings: () => context.settings,
    setSettings: (change) => void (context.settings = { ...context.settings, ...change }),
    chooser: context.chooser,
    play: (script) => {
      applyChange(network, script);
      const { timeline } = script;
      context.spawn(() => playTimeline({ time, network, timeline, stopping: stopping.signal }));
    },
    act: (action, name) => act(context, { action, name, cutOver }),
    show: (asked) => showCode(context, asked),
    settlement: (date) => settle(date),
    counters: () => ({
      links: Object.fromEntries(context.links.map((link) => [link.name, link.count()])),
      rules: context.chooser.used(),
      other: Object.fromEntries(tallies),
    }),
    stop: async () => {
      stopping.abort();
      for (const server of servers.values()) await server.close();
      await Promise.all(work);
    },
  };
  if (input.script) network.play(input.script);
  return network;
}

/** Draws the code of a customer of a peer and remembers it; the oldest are forgotten. */
function showCode(
  context: SwitchContext,
  asked: { readonly bank: string; readonly number?: number; readonly limitSen?: bigint },
): string {
  const peer = context.peers.find(({ code }) => code === asked.bank);
  if (!peer) throw new RangeError('Cannot show a code: not behind the switch');
  const pan = withLuhn(`${peer.nns}${String(asked.number ?? 1).padStart(10, '0')}`);
  const data = context.random.bytes(16).toString('hex').toUpperCase();
  context.shown.set(data, {
    pan,
    limitSen: asked.limitSen ?? SHOWN_LIMIT_SEN,
    untilMs: context.time.now() + SHOWN_MS,
    isUsed: false,
  });
  if (context.shown.size > SHOWN_MAX) context.shown.delete(context.shown.keys().next().value!);
  return writeShown({ pan, data });
}

function makeContext(
  input: SwitchInput,
  life: {
    readonly stopping: AbortSignal;
    readonly work: Set<Promise<void>>;
    readonly tallies: Map<string, number>;
  },
) {
  const { time, random, log } = input;
  const book = openBook(businessDate(time.now(), input.cutOverMinute ?? MIDNIGHT));
  const file = input.folder === undefined ? undefined : openBookFile(input.folder, book);
  // Begins anywhere: a restart within the same second must not give a number twice.
  let stan = random.below(STAN_MAX);
  const links: Link[] = [];
  const context: SwitchContext = {
    time,
    random,
    log,
    seed: input.seed,
    bank: input.bank,
    peers: input.peers ?? DEMO_PEERS,
    switchId: SWITCH_ID,
    timers: { ...USUAL_TIMERS, ...input.timers },
    book,
    chooser: openChooser<FaultRule>({
      rules: input.rules ?? MAGIC_ACCOUNTS,
      random: input.faultRandom ?? random,
      now: () => time.now(),
    }),
    links,
    openLink: () => links.find((link) => link.isSignedOn()),
    pinTries: new Map(),
    shown: new Map(),
    stopping: life.stopping,
    settings: { ...PLAIN_SETTINGS, ...input.settings },
    clock: () => time.now() + skewOf(context.chooser),
    record: (event) => {
      book.apply(event);
      file?.append(event);
    },
    nextStan: () => {
      stan = (stan % STAN_MAX) + 1;
      return String(stan).padStart(6, '0');
    },
    tally: (what) => void life.tallies.set(what, (life.tallies.get(what) ?? 0) + 1),
    spawn: (task) => {
      const running = task().catch((error: unknown) =>
        log.error({ error: String(error) }, 'switch.work_failed'),
      );
      life.work.add(running);
      void running.finally(() => life.work.delete(running));
    },
  };
  const pinKeys = new Map<string, PinKeys>();
  for (const setup of input.links) {
    const first = setup.keys.zpk.toString('hex');
    const shared = pinKeys.get(first) ?? openPinKeys(setup.keys.zpk, input.folder);
    pinKeys.set(first, shared);
    links.push(linkOf(context, { setup, pinKeys: shared }));
  }
  const macKey = input.links[0]!.keys.mac;
  const settle = (date: string): string => {
    const text = settlementText({ book, date, bank: input.bank.code, macKey });
    if (book.date() > date) file?.settle(date, text);
    return text;
  };
  return { context, settle };
}

function linkOf(
  context: SwitchContext,
  { setup, pinKeys }: { readonly setup: LinkSetup; readonly pinKeys: PinKeys },
): Link {
  return openLink({
    time: context.time,
    log: context.log,
    name: setup.name,
    side: 'switch',
    keys: setup.keys,
    pinKeys,
    macOn: setup.macOn ?? 'financial',
    clock: context.clock,
    nextStan: context.nextStan,
    makeKey: () => withOddParity(context.random.bytes(16)),
    onRequest: (message, link) => takeRequest(context, message, link),
    onOpen: (link) => {
      if (setup.signsOn === 'switch')
        context.spawn(async () => void (await link.manage(NETWORK_CODE.signOn)));
    },
    faults: () => linkFaults(context.chooser),
    stopping: context.stopping,
  });
}

/** Asks for a sign of life; a connection that gives none is cut, so that a new one can come. */
async function keepAlive(
  context: SwitchContext,
  { link, everyMs }: { readonly link: Link; readonly everyMs: number },
): Promise<void> {
  while (everyMs > 0 && !context.stopping.aborted) {
    await context.time.sleep(everyMs, context.stopping);
    if (!link.isSignedOn() || context.stopping.aborted) continue;
    const asked = await link.manage(NETWORK_CODE.echo);
    if (asked.kind === 'no_answer' && !context.stopping.aborted) {
      context.tally('no echo: cut');
      link.cut();
    }
  }
}

async function keepDate(
  context: SwitchContext,
  input: { readonly minute: number; readonly cutOver: () => Promise<boolean> },
): Promise<void> {
  while (!context.stopping.aborted) {
    const nowMs = context.time.now();
    if (businessDate(nowMs, input.minute) > context.book.date()) {
      await input.cutOver();
      continue;
    }
    await context.time.sleep(untilMinute(nowMs, input.minute), context.stopping);
  }
}

/** Milliseconds until the next time that a WIB clock shows `minute`. */
function untilMinute(nowMs: number, minute: number): number {
  const dayStartMs = Date.parse(`${wibDate(nowMs)}T00:00:00+07:00`);
  const atMs = dayStartMs + minute * 60_000;
  return (atMs > nowMs ? atMs : atMs + DAY_MS) - nowMs;
}

async function cutOverNow(
  context: SwitchContext,
  settle: (date: string) => string,
): Promise<boolean> {
  const closed = context.book.date();
  const nextDate = new Date(Date.parse(closed) + DAY_MS).toISOString().slice(0, 10);
  context.record({ kind: 'cut_over', nextDate, atMs: context.time.now() });
  settle(closed);
  const told = await Promise.all(
    context.links
      .filter((link) => link.isSignedOn())
      .map((link) =>
        link.manage(NETWORK_CODE.cutOver, { 15: nextDate.replaceAll('-', '').slice(4) }),
      ),
  );
  return told.every(isYes);
}

async function act(
  context: SwitchContext,
  input: {
    readonly action: SwitchAction;
    readonly name: string | undefined;
    readonly cutOver: () => Promise<boolean>;
  },
): Promise<boolean> {
  const { action, name } = input;
  if (action === 'cut_over') return input.cutOver();
  const links = context.links.filter((link) => name === undefined || link.name === name);
  const done = await Promise.all(links.map((link) => actOn(link, action)));
  return links.length > 0 && done.every(Boolean);
}

async function actOn(link: Link, action: Exclude<SwitchAction, 'cut_over'>): Promise<boolean> {
  switch (action) {
    case 'sign_on':
      return isYes(await link.manage(NETWORK_CODE.signOn));
    case 'sign_off':
      return isYes(await link.manage(NETWORK_CODE.signOff));
    case 'echo':
      return isYes(await link.manage(NETWORK_CODE.echo));
    case 'key_exchange':
      return link.exchangeKey();
    case 'disconnect':
      link.cut();
      return true;
  }
}

function isYes(asked: Awaited<ReturnType<Link['manage']>>): boolean {
  return asked.kind === 'answer' && asked.message.fields[39] === '00';
}

/** A request that was out when the last run ended is unknown: never asked again, brought to its end by advice. */
function resume(context: SwitchContext): void {
  for (const entry of context.book.unfinished()) {
    if (entry.state === 'asked')
      context.record({ kind: 'unknown', id: entry.id, atMs: context.time.now() });
    context.spawn(() => finish(context, entry));
  }
}
