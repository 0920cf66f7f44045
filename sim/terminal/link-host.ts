/** The host of the bank's own ATMs: one link from an ATM concentrator to the bank. What must go back is written to a file before it
 * is sent, as an ATM's own journal is, and repeated until the bank answers. */
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { Fields, Message } from '../switch/codec.ts';
import { keepConnected } from '../switch/connect.ts';
import { USUAL_TIMERS, type SwitchTimers } from '../switch/context.ts';
import { forward } from '../switch/forward.ts';
import type { LinkKeys } from '../switch/crypto.ts';
import { openLink, type Link } from '../switch/link.ts';
import { NETWORK_CODE } from '../switch/network-management.ts';
import {
  amountText,
  localTime,
  padText,
  transmissionTime,
  writeOriginal,
  writeReplacement,
} from '../switch/private-data.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';
import { openOwed } from './owed.ts';
import type { HostAnswer, TerminalHost } from './terminal.ts';

export interface LinkHostInput {
  readonly time: Time;
  readonly net: StreamNet;
  readonly random: Random;
  readonly log: Log;
  /** The name at which the bank takes its terminals. */
  readonly at: string;
  /** `zpk` is the terminals' PIN key (TPK). */
  readonly keys: LinkKeys;
  /** DE32 and DE33. */
  readonly bankCode: string;
  /** `answerMs`: an ATM waits longer than the switch behind the bank. */
  readonly timers?: Partial<SwitchTimers>;
  readonly folder?: string;
}

export interface LinkHost extends TerminalHost {
  isSignedOn(): boolean;
  /** Reversals that the bank has not answered. */
  owedCount(): number;
  stop(): Promise<void>;
}

/** The outer timer of the chain. Source: domain.md 4.8 rule 1. */
const ANSWER_MS = 40_000;
const STAN_MAX = 999_999;

/** Approvals whose cash may still be on its way out. */
const APPROVED_COUNT_MAX = 10_000;

/** Connects, signs on, and stays connected. */
export function openLinkHost(input: LinkHostInput): LinkHost {
  const stopping = new AbortController();
  const { link, nextStan, spawn, work } = openTerminalLink(input, stopping.signal);
  const owed = openOwed(input.folder);
  const forwarder = {
    time: input.time,
    timers: { ...USUAL_TIMERS, answerMs: ANSWER_MS, ...input.timers },
    stopping: stopping.signal,
    openLink: () => (link.isSignedOn() ? link : undefined),
  };
  const sendBack = (reference: string, fields: Fields): void =>
    spawn(async () => {
      const rc = await forward(forwarder, { mti: '0420', fields });
      if (rc !== undefined) owed.settle(reference);
    });
  for (const [reference, fields] of owed.open()) sendBack(reference, fields);
  const approved = new Map<string, Message>();
  const goBack = (original: Message, keptSen: bigint): readonly [string, Fields] => {
    const fields = reversalOf({ input, stan: nextStan(), original, keptSen });
    owed.write(fields[37]!, fields);
    return [fields[37]!, fields];
  };
  return {
    async withdraw(asked) {
      const request = requestOf({ input, stan: nextStan(), asked, link });
      // Written before it is asked: a concentrator that dies meanwhile has given out nothing.
      const [reference, fields] = goBack(request, 0n);
      const answer = await askHost(link, request, forwarder.timers.answerMs);
      if (answer.kind === 'no_answer') sendBack(reference, fields);
      else owed.settle(reference);
      if (answer.kind === 'approved') approved.set(reference, request);
      if (approved.size > APPROVED_COUNT_MAX) approved.delete(approved.keys().next().value!);
      return answer;
    },
    giveBack(reference, keptSen) {
      const original = approved.get(reference);
      if (!original) return;
      approved.delete(reference);
      sendBack(...goBack(original, keptSen));
    },
    isSignedOn: () => link.isSignedOn(),
    owedCount: () => owed.open().length,
    stop: async () => {
      stopping.abort();
      await Promise.all(work);
    },
  };
}

function openTerminalLink(input: LinkHostInput, stopping: AbortSignal) {
  const { time, random } = input;
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
    macOn: 'financial',
    clock: () => time.now(),
    nextStan,
    makeKey: () => random.bytes(16),
    // A bank asks nothing of its terminals here.
    onRequest: () => {},
    onOpen: (opened) => spawn(async () => void (await opened.manage(NETWORK_CODE.signOn))),
    faults: () => ({ isDeaf: false, readBytesPerSecond: undefined }),
    stopping,
  });
  spawn(() => keepConnected({ time, net: input.net, at: input.at, link, stopping }));
  return { link, nextStan, spawn, work };
}

async function askHost(link: Link, request: Message, timeoutMs: number): Promise<HostAnswer> {
  if (!link.isSignedOn()) return { kind: 'declined', rc: '91' };
  const asked = await link.ask(request, { timeoutMs });
  if (asked.kind === 'not_sent') return { kind: 'declined', rc: '91' };
  if (asked.kind === 'no_answer') return { kind: 'no_answer' };
  const { fields } = asked.message;
  const isAbout = [3, 4, 37].every((field) => fields[field] === request.fields[field]);
  if (!isAbout || fields[39] === undefined) return { kind: 'no_answer' };
  return fields[39] === '00'
    ? { kind: 'approved', reference: request.fields[37]! }
    : { kind: 'declined', rc: fields[39] };
}

function requestOf(parts: {
  readonly input: LinkHostInput;
  readonly stan: string;
  readonly asked: Parameters<TerminalHost['withdraw']>[0];
  readonly link: Link;
}): Message {
  const { input, stan, asked, link } = parts;
  const { card, amountSen, terminal } = asked;
  const atMs = input.time.now();
  const local = localTime(atMs);
  return {
    mti: '0200',
    fields: {
      2: card.pan,
      3: '011000',
      4: amountText(amountSen),
      7: transmissionTime(atMs),
      11: stan,
      12: local.time,
      13: local.date,
      14: card.expiry,
      18: '6011',
      22: '021',
      25: '00',
      32: input.bankCode,
      33: input.bankCode,
      35: card.track2,
      37: `${String(atMs).slice(-6)}${stan}`,
      41: terminal,
      42: padText(`ATM${input.bankCode}`, 15),
      43: padText('ATM BANK SENDIRI       JAKARTA      ID', 40),
      49: '360',
      52: link.sealPin(card),
    },
  };
}

function reversalOf(parts: {
  readonly input: LinkHostInput;
  readonly stan: string;
  readonly original: Message;
  readonly keptSen: bigint;
}): Fields {
  const { input, stan, original, keptSen } = parts;
  const atMs = input.time.now();
  const local = localTime(atMs);
  const { fields } = original;
  return {
    2: fields[2]!,
    3: fields[3]!,
    4: fields[4]!,
    7: transmissionTime(atMs),
    11: stan,
    12: local.time,
    13: local.date,
    32: fields[32]!,
    33: fields[33]!,
    37: fields[37]!,
    41: fields[41]!,
    49: '360',
    90: writeOriginal({
      mti: original.mti,
      stan: fields[11]!,
      transmittedAt: fields[7]!,
      acquirer: fields[32]!,
      forwarder: fields[33]!,
    }),
    ...(keptSen > 0n && { 95: writeReplacement(keptSen) }),
  };
}
