/** One link: frames, MACs, sign-on, keys, and the matching of answers to what was asked. It knows no flow and no money. Both
 * sides use it: the switch, and the terminals that speak to the bank. A new connection takes the place of the old one, and
 * starts signed off. */
import type { Log } from '../../src/kernel/log.ts';
import type { Time } from '../../src/kernel/time.ts';
import { unpack, pack, type Fields, type Message } from './codec.ts';
import { openPinKeys, type PinKeys } from './pin-keys.ts';
import { openPin, sealPin, wrapKey, type LinkKeys } from './crypto.ts';
import { answerType } from './dialect.ts';
import { decideNetwork, NETWORK_CODE, type NetworkEffect } from './network-management.ts';
import { transmissionTime } from './private-data.ts';
import { checkMac, packSealed } from './sealed.ts';
import { frame, openSplitter, type Splitter } from './frame.ts';
import type { ByteStream } from '../../src/kernel/stream.ts';

/** How a message leaves; the faults of a link are here. */
export interface Sending {
  readonly copies?: number;
  /** Waits until another message has left, at most this long. */
  readonly holdMs?: number;
  readonly isMacWrong?: boolean;
  readonly cut?: 'before' | 'after' | undefined;
}

export type Asked =
  | { readonly kind: 'answer'; readonly message: Message }
  /** It left; nobody can say what became of it. */
  | { readonly kind: 'no_answer' }
  /** No byte of it left. */
  | { readonly kind: 'not_sent' };

export interface LinkCount {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Messages in and out by type, and what was not taken, by reason. */
  readonly messages: Readonly<Record<string, number>>;
}

export interface LinkInput {
  readonly time: Time;
  readonly log: Log;
  readonly name: string;
  readonly side: 'switch' | 'member';
  readonly keys: LinkKeys;
  /** Shared by the links of one network. @default its own, from `keys` */
  readonly pinKeys?: PinKeys;
  /** Which messages must carry a MAC; one that is there is checked anyway. */
  readonly macOn: 'financial' | 'all';
  /** The clock that DE7 is taken from: a skewed one shows here. */
  readonly clock: () => number;
  readonly nextStan: () => string;
  /** A new PIN key. */
  readonly makeKey: () => Buffer;
  /** A financial request with a right MAC, after sign-on. */
  readonly onRequest: (request: Message, link: Link) => void;
  /** A sign-on, sign-off, cut-over or new key that was agreed. */
  readonly onNetwork?: (effect: NetworkEffect, link: Link) => void;
  readonly onOpen?: (link: Link) => void;
  readonly faults: () => LinkFaults;
  /** Ends every wait. */
  readonly stopping: AbortSignal;
}

/** Faults of a connection, looked up at every turn. */
export interface LinkFaults {
  /** Takes connections and bytes, says nothing, for ever. */
  readonly isDeaf: boolean;
  /** Reads no faster; undefined = as fast as it comes. */
  readonly readBytesPerSecond: number | undefined;
}

export interface Link {
  readonly name: string;
  isConnected(): boolean;
  isSignedOn(): boolean;
  /** Speaks over this connection from now on. */
  attach(stream: ByteStream): void;
  /** Asks and waits for the answer. DE7 and DE11 must be in `message`. Rejects nothing: how it ended is in the value. */
  ask(
    message: Message,
    options: { readonly timeoutMs: number; readonly sending?: Sending },
  ): Promise<Asked>;
  reply(message: Message, sending?: Sending): void;
  /** Sends an 0800 and tells its answer. `extra` = DE15 or DE120. */
  manage(code: string, extra?: Fields): Promise<Asked>;
  /** Makes a new PIN key and sends it; true when the other side took it. */
  exchangeKey(): Promise<boolean>;
  sealPin(card: { readonly pin: string; readonly pan: string }): string;
  /** The PIN in DE52; the key before the last exchange still counts for a while. */
  openPin(input: { readonly block: string; readonly pan: string }): string | undefined;
  count(): LinkCount;
  cut(): void;
  /** Resolves when the connection of now is over; at once when there is none. */
  untilClosed(): Promise<void>;
}

/** How long network management may take. */
export const NETWORK_TIMEOUT_MS = 15_000;
/** PIN blocks that were on their way when the key changed. */
const OLD_KEY_MS = 60_000;
/** What may be unanswered at once; more is a load that nobody serves. */
const WAITING_COUNT_MAX = 20_000;

/** What the other side may leave unread. */
const WAITING_BYTES_MAX = 4_194_304;

interface State {
  stream: ByteStream | undefined;
  isSignedOn: boolean;
  readonly pinKeys: PinKeys;
  bytesIn: number;
  bytesOut: number;
  held: (() => void)[];
  onClosed: (() => void)[];
  readonly messages: Map<string, number>;
  readonly waiting: Map<string, { hear(answer: Message): void; giveUp(): void }>;
}

/** A link without a connection. */
export function openLink(input: LinkInput): Link {
  const state: State = {
    stream: undefined,
    isSignedOn: false,
    pinKeys: input.pinKeys ?? openPinKeys(input.keys.zpk),
    bytesIn: 0,
    bytesOut: 0,
    held: [],
    onClosed: [],
    messages: new Map(),
    waiting: new Map(),
  };
  const link: Link = {
    name: input.name,
    isConnected: () => state.stream !== undefined,
    isSignedOn: () => state.isSignedOn,
    attach: (stream) => attach({ input, state, link }, stream),
    ask: (message, options) => ask({ input, state, link }, message, options),
    reply: (message, sending) => void send({ input, state, link }, message, sending),
    manage: (code, extra) => manage({ input, state, link }, code, extra),
    exchangeKey: () => exchangeKey({ input, state, link }),
    sealPin: (card) => sealPin(state.pinKeys.current(), card),
    openPin: (block) => {
      const pin = openPin(state.pinKeys.current(), block);
      const other = state.pinKeys.other(input.time.now());
      return pin ?? (other && openPin(other, block));
    },
    count: () => ({
      bytesIn: state.bytesIn,
      bytesOut: state.bytesOut,
      messages: Object.fromEntries(state.messages),
    }),
    cut: () => state.stream?.destroy(),
    untilClosed: () =>
      new Promise((resolve) => {
        if (state.stream) state.onClosed.push(resolve);
        else resolve();
      }),
  };
  input.stopping.addEventListener('abort', () => {
    for (const waiter of state.waiting.values()) waiter.giveUp();
    state.stream?.destroy();
  });
  return link;
}

interface Parts {
  readonly input: LinkInput;
  readonly state: State;
  readonly link: Link;
}

function attach(parts: Parts, stream: ByteStream): void {
  const { state } = parts;
  state.stream?.destroy();
  state.stream = stream;
  state.isSignedOn = false;
  state.held = [];
  const splitter = openSplitter();
  stream.open({
    data: (bytes) => take(parts, { stream, splitter, bytes }),
    closed: () => {
      if (state.stream !== stream) return;
      state.stream = undefined;
      state.isSignedOn = false;
      for (const tell of state.onClosed.splice(0)) tell();
    },
  });
  parts.input.onOpen?.(parts.link);
}

function take(
  parts: Parts,
  come: { readonly stream: ByteStream; readonly splitter: Splitter; readonly bytes: Buffer },
): void {
  const { state, input } = parts;
  const { stream, bytes } = come;
  if (state.stream !== stream) return;
  state.bytesIn += bytes.length;
  const { isDeaf, readBytesPerSecond } = input.faults();
  if (isDeaf) return;
  const { frames, isLost } = come.splitter.push(bytes);
  const hearAll = (): void => {
    for (const one of frames) hear(parts, one);
    if (!isLost) return;
    tally(state, 'refused frame');
    stream.destroy();
  };
  if (readBytesPerSecond === undefined) return hearAll();
  stream.pause();
  void input.time.sleep((bytes.length * 1_000) / readBytesPerSecond, input.stopping).then(() => {
    if (state.stream === stream) hearAll();
    stream.resume();
  });
}

function hear(parts: Parts, bytes: Buffer): void {
  const { state, input } = parts;
  const unpacked = unpack(bytes);
  if (!unpacked.ok) {
    tally(state, 'refused format');
    const { fault, field } = unpacked;
    return input.log.warn({ link: input.name, fault, field }, 'switch.message_not_understood');
  }
  const { message } = unpacked;
  tally(state, `in ${message.mti}`);
  const isAnswer = message.mti[2] === '1' || message.mti[2] === '3';
  const mac = checkMac(bytes, message, input.keys.mac);
  const isMacNeeded = input.macOn === 'all' || !message.mti.startsWith('08');
  if (mac === 'wrong' || (mac === 'absent' && isMacNeeded)) {
    tally(state, isAnswer ? 'refused mac of answer' : 'refused mac');
    if (!isAnswer) refuse(parts, message, '63');
    return;
  }
  if (isAnswer) return hearAnswer(state, message);
  if (message.mti.startsWith('08')) return hearNetwork(parts, message);
  if (!state.isSignedOn) return refuse(parts, message, '01');
  input.onRequest(message, parts.link);
}

function hearAnswer(state: State, message: Message): void {
  const waiter = state.waiting.get(answerKey(message.mti, message.fields));
  if (!waiter) return tally(state, 'late answer');
  waiter.hear(message);
}

function hearNetwork(parts: Parts, message: Message): void {
  const { state, input } = parts;
  const { isSignedOn } = state;
  const { rc, effect } = decideNetwork(message, {
    side: input.side,
    isSignedOn,
    zmk: input.keys.zmk,
  });
  if (effect.kind === 'sign_on') state.isSignedOn = true;
  if (effect.kind === 'sign_off') state.isSignedOn = false;
  if (effect.kind === 'take_key') turnKey(parts, effect.key);
  refuse(parts, message, rc);
  if (effect.kind === 'make_key') void exchangeKey(parts);
  if (effect.kind !== 'none') input.onNetwork?.(effect, parts.link);
}

/** Answers with a code and the fields that name the request. */
function refuse(parts: Parts, message: Message, rc: string): void {
  const fields: Record<number, string> = {};
  for (const field of [3, 4, 7, 11, 15, 32, 33, 37, 41, 42, 49, 70])
    if (message.fields[field] !== undefined) fields[field] = message.fields[field];
  send(parts, { mti: answerType(message.mti), fields: { ...fields, 39: rc } });
}

function turnKey({ input, state }: Parts, key: Buffer): void {
  state.pinKeys.turn(key, input.time.now() + OLD_KEY_MS);
}

async function exchangeKey(parts: Parts): Promise<boolean> {
  const { input, state } = parts;
  const key = input.makeKey();
  // The other side may use it before its answer is here.
  state.pinKeys.offer(key, input.time.now() + OLD_KEY_MS);
  const asked = await manage(parts, NETWORK_CODE.newKey, { 120: wrapKey(input.keys.zmk, key) });
  const isTaken = asked.kind === 'answer' && asked.message.fields[39] === '00';
  if (isTaken) turnKey(parts, key);
  return isTaken;
}

async function manage(parts: Parts, code: string, extra: Fields = {}): Promise<Asked> {
  const { input, state } = parts;
  const asked = await ask(
    parts,
    {
      mti: '0800',
      fields: { 7: transmissionTime(input.clock()), 11: input.nextStan(), 70: code, ...extra },
    },
    { timeoutMs: NETWORK_TIMEOUT_MS },
  );
  const isYes = asked.kind === 'answer' && asked.message.fields[39] === '00';
  if (isYes && code === NETWORK_CODE.signOn) state.isSignedOn = true;
  if (code === NETWORK_CODE.signOff) state.isSignedOn = false;
  return asked;
}

async function ask(
  parts: Parts,
  message: Message,
  options: { readonly timeoutMs: number; readonly sending?: Sending },
): Promise<Asked> {
  const { state, input } = parts;
  const key = answerKey(answerType(message.mti), message.fields);
  if (!state.stream || state.waiting.size >= WAITING_COUNT_MAX || state.waiting.has(key))
    return { kind: 'not_sent' };
  const done = new AbortController();
  let answer: Message | undefined;
  const waiter = {
    giveUp: () => done.abort(),
    hear: (heard: Message) => {
      answer ??= heard;
      done.abort();
    },
  };
  state.waiting.set(key, waiter);
  const hasLeft = send(parts, message, options.sending);
  if (hasLeft) await input.time.sleep(options.timeoutMs, done.signal);
  if (state.waiting.get(key) === waiter) state.waiting.delete(key);
  if (!hasLeft) return { kind: 'not_sent' };
  return answer ? { kind: 'answer', message: answer } : { kind: 'no_answer' };
}

/** False when nothing left. */
function send(parts: Parts, message: Message, sending: Sending = {}): boolean {
  const { state, input } = parts;
  const { stream } = state;
  if (!stream || input.faults().isDeaf) return false;
  if (sending.cut === 'before') {
    stream.destroy();
    return false;
  }
  const isSealed = input.macOn === 'all' || !message.mti.startsWith('08');
  const bytes = frame(
    isSealed ? packSealed(message, input.keys.mac, sending.isMacWrong) : pack(message),
  );
  const write = (): void => {
    if (state.stream !== stream) return;
    for (let copy = 0; copy < (sending.copies ?? 1); copy++) {
      state.bytesOut += bytes.length;
      tally(state, `out ${message.mti}`);
      stream.write(bytes);
    }
    // Whoever reads nothing is cut off before it costs memory.
    if (stream.waitingBytes() > WAITING_BYTES_MAX) stream.destroy();
  };
  if (sending.holdMs) {
    hold(parts, write, sending.holdMs);
    return true;
  }
  write();
  const held = state.held.splice(0);
  for (const one of held) one();
  if (sending.cut === 'after') stream.destroy();
  return true;
}

function hold({ state, input }: Parts, write: () => void, holdMs: number): void {
  state.held.push(write);
  void input.time.sleep(holdMs, input.stopping).then(() => {
    const place = state.held.indexOf(write);
    if (place < 0) return;
    state.held.splice(place, 1);
    write();
  });
}

/** What an answer has in common with its request: DE7, DE11 and DE41. */
function answerKey(mti: string, fields: Fields): string {
  return `${mti}|${fields[7]}|${fields[11]}|${fields[41] ?? ''}`;
}

function tally(state: State, what: string): void {
  state.messages.set(what, (state.messages.get(what) ?? 0) + 1);
}
