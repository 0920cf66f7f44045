/** The host of the bank's own ATMs: one link from an ATM concentrator to the bank. What must go back is written to a file before it
 * is sent, as an ATM's own journal is, and repeated until the bank answers. */
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { Fields, Message } from '../switch/codec.ts';
import { keepConnected } from '../switch/connect.ts';
import { USUAL_TIMERS, type SwitchTimers } from '../switch/context.ts';
import { sealPin, unwrapKey, type LinkKeys } from '../switch/crypto.ts';
import { forward, GIVEN_UP } from '../switch/forward.ts';
import { openLink, type Link } from '../switch/link.ts';
import { signedBy } from '../switch/chip.ts';
import { localTime } from '../switch/private-data.ts';
import { NETWORK_CODE } from '../switch/network-management.ts';
import type { Card } from '../switch/peers.ts';
import type { Cassette } from './cassette.ts';
import {
  writeAsk,
  writeReport,
  writeStateQuestion,
  writeTakeBack,
  type Ask,
  type Said,
} from './message.ts';
import { openChooser, type Chooser } from '../fault/chooser.ts';
import { deliver } from '../switch/deliver.ts';
import { planFor, type MachineRule } from './faults.ts';
import { openOwed, type Owed } from './owed.ts';
import type { HostAnswer, TerminalHost } from './terminal.ts';

export interface LinkHostInput {
  readonly time: Time;
  readonly net: StreamNet;
  readonly random: Random;
  readonly log: Log;
  /** The name at which the bank takes its terminals. */
  readonly at: string;
  /** Of the link; `zpk` is the terminals' PIN key where they have none of their own. */
  readonly keys: LinkKeys;
  /** The key of each terminal that its PIN key travels under; then all messages carry a MAC, and each asks for its PIN key. */
  readonly masterKeys?: Readonly<Record<string, Buffer>>;
  /** DE32 and DE33. */
  readonly bankCode: string;
  /** `answerMs`: an ATM waits longer than the bank, and the switch behind it. */
  readonly timers?: Partial<SwitchTimers>;
  readonly folder?: string;
  /** @default none */
  readonly rules?: readonly MachineRule[];
  /** Draws the shares of the rules. @default `random` */
  readonly faultRandom?: Random;
}

/** What a machine says of itself. */
export interface Counted {
  readonly terminal: string;
  readonly what: 'totals' | 'load';
  readonly cashSen: bigint;
  readonly dispensedSen: bigint;
  readonly depositedSen: bigint;
}

export interface LinkHost extends TerminalHost {
  /** The rules that its link plays. */
  readonly chooser: Chooser<MachineRule>;
  /** True for a machine of this concentrator with a key of its own. */
  serves(terminal: string): boolean;
  isSignedOn(): boolean;
  /** Reversals that the bank has not answered. */
  owedCount(): number;
  /** DE39 and DE54 of a question about the balance. */
  balance(input: { readonly terminal: string; readonly card: Card }): Promise<Told>;
  changePin(input: {
    readonly terminal: string;
    readonly card: Card;
    readonly newPin: string;
  }): Promise<Told>;
  /** The notes stay in the machine on 00 alone; without an answer they come out again and the bank is told. */
  deposit(input: {
    readonly terminal: string;
    readonly card: Card;
    readonly notes: readonly Cassette[];
  }): Promise<Told>;
  /** What the machine shows before the PIN when its bank has stopped the service; undefined = open, or nobody said. */
  closedText(input: {
    readonly terminal: string;
    readonly card: Card;
  }): Promise<string | undefined>;
  /** True when the bank has taken it. */
  report(counted: Counted): Promise<boolean>;
  stop(): Promise<void>;
}

/** What the bank said; no code = nothing. */
export interface Told {
  readonly rc?: string;
  readonly balances?: string;
  /** Whether the chip knows its bank's answer; absent without a chip. */
  readonly isBankKnown?: boolean;
}

/** The outer timer of the chain. Source: domain.md 4.8 rule 1. */
const ANSWER_MS = 45_000;
const STAN_MAX = 999_999;
/** Approvals whose cash may still be on its way out. */
const APPROVED_COUNT_MAX = 10_000;

interface Host {
  readonly input: LinkHostInput;
  readonly link: Link;
  readonly owed: Owed;
  readonly pinKeys: Map<string, Buffer>;
  readonly approved: Map<string, Message>;
  readonly answerMs: number;
  said(terminal: string): Said;
  sendBack(reference: string, fields: Fields): void;
}

/** Connects, signs on, and stays connected. */
export function openLinkHost(input: LinkHostInput): LinkHost {
  const stopping = new AbortController();
  const pinKeys = new Map<string, Buffer>();
  const { link, nextStan, spawn, work, chooser } = openTerminalLink(input, {
    stopping: stopping.signal,
    pinKeys,
  });
  const owed = openOwed(input.folder);
  const forwarder = {
    time: input.time,
    timers: { ...USUAL_TIMERS, answerMs: ANSWER_MS, ...input.timers },
    stopping: stopping.signal,
    openLink: () => (link.isSignedOn() ? link : undefined),
  };
  const host: Host = {
    input,
    link,
    owed,
    pinKeys,
    approved: new Map(),
    answerMs: forwarder.timers.answerMs,
    said: (terminal) => ({
      atMs: input.time.now() + (chooser.standing('clock_skew')?.skewMs ?? 0),
      stan: nextStan(),
      terminal,
      bankCode: input.bankCode,
    }),
    sendBack: (reference, fields) =>
      spawn(async () => {
        const rc = await forward(forwarder, { mti: '0420', fields });
        if (rc !== undefined && rc !== GIVEN_UP) owed.settle(reference);
      }),
  };
  for (const [reference, fields] of owed.open()) host.sendBack(reference, fields);
  return {
    chooser,
    withdraw: (asked) => withdraw(host, asked),
    dispensed(reference) {
      host.approved.delete(reference);
      owed.settle(reference);
    },
    giveBack: (reference, keptSen) => giveBack(host, reference, keptSen),
    balance: async ({ terminal, card }) =>
      (await ask(host, { terminal, card, what: 'balance' })).told,
    changePin: async ({ terminal, card, newPin }) =>
      (await ask(host, { terminal, card, what: 'pin_change', newPin })).told,
    deposit: (asked) => deposit(host, asked),
    closedText: (asked) => closedText(host, asked),
    report: (counted) => report(host, counted),
    serves: (terminal) => input.masterKeys?.[terminal] !== undefined,
    isSignedOn: () => link.isSignedOn(),
    owedCount: () => owed.open().length - host.approved.size,
    stop: async () => {
      stopping.abort();
      await Promise.all(work);
    },
  };
}

async function withdraw(
  host: Host,
  { terminal, card, amountSen }: Parameters<TerminalHost['withdraw']>[0],
): Promise<HostAnswer> {
  const { told, request, isSent } = await ask(host, {
    terminal,
    card,
    what: 'withdrawal',
    amountSen,
  });
  if (!isSent || !request) return { kind: 'declined', rc: '91' };
  const reference = request.fields[37]!;
  if (told.rc === '00') {
    host.approved.set(reference, request);
    if (host.approved.size > APPROVED_COUNT_MAX)
      host.approved.delete(host.approved.keys().next().value!);
    return { kind: 'approved', reference };
  }
  return told.rc === undefined ? { kind: 'no_answer' } : { kind: 'declined', rc: told.rc };
}

async function deposit(
  host: Host,
  { terminal, card, notes }: Parameters<LinkHost['deposit']>[0],
): Promise<Told> {
  const amountSen = notes.reduce((sum, { noteSen, count }) => sum + noteSen * BigInt(count), 0n);
  const asked = { terminal, card, what: 'deposit', amountSen, notes } as const;
  const { told, request } = await ask(host, asked);
  if (told.rc === '00') host.owed.settle(request!.fields[37]!);
  return told;
}

interface Asking {
  readonly terminal: string;
  readonly card: Card;
  readonly what: Ask;
  readonly amountSen?: bigint;
  readonly newPin?: string;
  readonly notes?: readonly Cassette[];
}

/** Money is written down as owed before it is asked for: a machine that dies meanwhile has given out nothing, and kept nothing. */
async function ask(
  host: Host,
  asking: Asking,
): Promise<{ readonly told: Told; readonly request?: Message; readonly isSent: boolean }> {
  const { link, owed, answerMs } = host;
  const { card, newPin, ...asked } = asking;
  const key = pinKeyOf(host, asking.terminal);
  if (!link.isSignedOn() || !key) return { told: { rc: '91' }, isSent: false };
  const said = host.said(asking.terminal);
  const { date } = localTime(said.atMs);
  const chip =
    card.chip &&
    signedBy(card.chip, {
      pan: card.pan,
      amountSen: asking.amountSen ?? 0n,
      date: `${String(new Date(said.atMs).getUTCFullYear()).slice(2)}${date}`,
    });
  const request = writeAsk(said, {
    ...asked,
    ...(chip && { chipField: chip.field }),
    card,
    pinBlock: sealPin(key, card),
    ...(newPin !== undefined && { newPinBlock: sealPin(key, { pin: newPin, pan: card.pan }) }),
  });
  const reference = request.fields[37]!;
  const isMoney = asking.amountSen !== undefined;
  const back = (): Fields =>
    writeTakeBack(host.said(asking.terminal), { original: request, keptSen: 0n });
  if (isMoney) owed.write(reference, back());
  const answer = await link.ask(request, { timeoutMs: answerMs });
  if (answer.kind === 'not_sent') {
    if (isMoney) owed.settle(reference);
    return { told: { rc: '91' }, isSent: false };
  }
  const told = answer.kind === 'answer' ? toldIn(request, answer.message) : {};
  if (isMoney && told.rc === undefined) host.sendBack(reference, owed.find(reference)!);
  else if (isMoney && told.rc !== '00') owed.settle(reference);
  const isBankKnown = answer.kind === 'answer' && chip?.isAnswered(answer.message.fields[55]);
  return {
    told: chip ? { ...told, isBankKnown: isBankKnown === true } : told,
    request,
    isSent: true,
  };
}

/** An answer that is about something else is none. */
function toldIn(request: Message, { fields }: Message): Told {
  const isAbout = [3, 4, 37].every((field) => fields[field] === request.fields[field]);
  if (!isAbout || fields[39] === undefined) return {};
  return { rc: fields[39], ...(fields[54] !== undefined && { balances: fields[54] }) };
}

function giveBack(host: Host, reference: string, keptSen: bigint): void {
  const original = host.approved.get(reference);
  if (!original) return;
  host.approved.delete(reference);
  const fields = writeTakeBack(host.said(original.fields[41]!), { original, keptSen });
  host.owed.write(reference, fields);
  host.sendBack(reference, fields);
}

const STATE_MS = 5_000;

async function closedText(
  host: Host,
  { terminal, card }: Parameters<LinkHost['closedText']>[0],
): Promise<string | undefined> {
  // An older concentrator knows no such question.
  if (!host.input.masterKeys) return undefined;
  const question = writeStateQuestion(host.said(terminal), card.pan.slice(0, 6));
  const answer = await host.link.ask(question, { timeoutMs: STATE_MS });
  const said = answer.kind === 'answer' ? answer.message.fields[63] : undefined;
  return said?.startsWith('STOP|') ? said.slice(5).replace('|', ' / ') : undefined;
}

async function report(host: Host, counted: Counted): Promise<boolean> {
  const { terminal } = counted;
  const owedCount = host.owed.open().filter(([, fields]) => fields[41] === terminal).length;
  const message = writeReport(host.said(terminal), { ...counted, owedCount });
  const answer = await host.link.ask(message, { timeoutMs: host.answerMs });
  return answer.kind === 'answer' && answer.message.fields[39] === '00';
}

function pinKeyOf({ input, pinKeys }: Host, terminal: string): Buffer | undefined {
  return input.masterKeys ? pinKeys.get(terminal) : input.keys.zpk;
}

function openTerminalLink(
  input: LinkHostInput,
  parts: { readonly stopping: AbortSignal; readonly pinKeys: Map<string, Buffer> },
) {
  const { time, random, masterKeys } = input;
  const { stopping } = parts;
  const chooser = openChooser<MachineRule>({
    rules: input.rules ?? [],
    random: input.faultRandom ?? random,
    now: () => time.now(),
  });
  const work = new Set<Promise<void>>();
  let stan = random.below(STAN_MAX);
  const nextStan = (): string => {
    stan = (stan % STAN_MAX) + 1;
    return String(stan).padStart(6, '0');
  };
  const spawn = (task: () => Promise<void>): void => {
    const running = task().catch((error: unknown) =>
      input.log.error({ error: String(error) }, 'terminal.work_failed'),
    );
    work.add(running);
    void running.finally(() => work.delete(running));
  };
  const link = openLink({
    time,
    log: input.log,
    name: 'terminals',
    side: 'member',
    keys: input.keys,
    macOn: masterKeys ? 'all' : 'financial',
    clock: () => time.now() + (chooser.standing('clock_skew')?.skewMs ?? 0),
    nextStan,
    makeKey: () => random.bytes(16),
    // A bank asks nothing of its terminals here.
    onRequest: () => {},
    onOpen: (opened) => spawn(() => signOn(opened, { masterKeys, time, ...parts })),
    faults: () => ({
      isDeaf: chooser.standing('half_open') !== undefined,
      readBytesPerSecond: chooser.standing('slow_reader')?.bytesPerSecond,
    }),
    stopping,
  });
  spawn(() => keepConnected({ time, net: input.net, at: input.at, link, stopping }));
  const ask: Link['ask'] = (message, { timeoutMs }) =>
    deliver({
      time,
      stopping,
      answerMs: timeoutMs,
      plan: planFor(chooser, message),
      message,
      link,
    });
  return { link: { ...link, ask }, nextStan, spawn, work, chooser };
}

/** How soon a bank that did not answer is asked again. */
const AGAIN_MS = 2_000;

/** Signs on, and then each machine asks for a PIN key of its own. */
async function signOn(
  link: Link,
  keys: {
    readonly masterKeys: LinkHostInput['masterKeys'];
    readonly pinKeys: Map<string, Buffer>;
    readonly time: Time;
    readonly stopping: AbortSignal;
  },
): Promise<void> {
  const { time, stopping } = keys;
  const again = (): boolean => link.isConnected() && !stopping.aborted;
  while (again() && !link.isSignedOn()) {
    const asked = await link.manage(NETWORK_CODE.signOn);
    if (asked.kind !== 'answer') await time.sleep(AGAIN_MS, stopping);
  }
  const wanted = new Map(Object.entries(keys.masterKeys ?? {}));
  while (again() && wanted.size > 0) {
    for (const [terminal, masterKey] of wanted) {
      const asked = await link.manage(NETWORK_CODE.keyRequest, { 41: terminal });
      const wrapped = asked.kind === 'answer' ? asked.message.fields[120] : undefined;
      const key = wrapped === undefined ? undefined : unwrapKey(masterKey, wrapped);
      if (!key) continue;
      keys.pinKeys.set(terminal, key);
      wanted.delete(terminal);
    }
    if (wanted.size > 0) await time.sleep(AGAIN_MS, stopping);
  }
}
