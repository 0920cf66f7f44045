/** A bank of one page behind the switch's link, for the switch's own tests: it signs on, keeps a book of effects, is idempotent, and
 * misbehaves when told. Its end of the link is the same code as the switch's; `codec.test.ts` and `crypto.test.ts` hold that
 * against vectors from outside. */
import { memoryStreams } from '../../src/kernel/stream-memory.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { wallTime, type Time } from '../../src/kernel/time.ts';
import { virtualTime } from '../../src/kernel/virtual-time.ts';
import type { Fields, Message } from '../switch/codec.ts';
import { keepConnected } from '../switch/connect.ts';
import { testKey, testLinkKeys, type LinkKeys } from '../switch/crypto.ts';
import { answerType } from '../switch/dialect.ts';
import { openLink, type Asked, type Link } from '../switch/link.ts';
import { NETWORK_CODE, type NetworkEffect } from '../switch/network-management.ts';
import { DEMO_PEERS, peerCard, peerMerchant, withLuhn, type Card } from '../switch/peers.ts';
import {
  amountText,
  readOriginal,
  readReplacement,
  transmissionTime,
  writeNames,
  writeOriginal,
  writeReplacement,
  readTags,
} from '../switch/private-data.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';
import { tapped, type StreamTap } from './tap.ts';
import { startSwitch, type InterbankSwitch, type SwitchInput } from '../switch/switch.ts';

/** Saturday 2026-08-01, 10:00:15 WIB. */
export const START_MS = Date.parse('2026-08-01T10:00:15+07:00');
const SEED = 'test';
/** One way. */
const LATENCY_MS = 5;
/** The bank of the demo. */
export const BANK = { code: '199', nns: '93600199' };
/** BCA. */
export const PEER = DEMO_PEERS[3]!;

/** Keys of a link by its name. */
export function linkKeys(name: string): LinkKeys {
  return testLinkKeys(SEED, name);
}

/** A card of the bank. */
export const OWN_CARD: Card = {
  pan: withLuhn('622099000000001'),
  pin: '123456',
  expiry: '3112',
  track2: `${withLuhn('622099000000001')}=3112226000000000`,
};

/** A card, and a merchant, of the peer. */
export const PEER_CARD = peerCard(SEED, PEER, 1);
export const PEER_MERCHANT = peerMerchant(PEER, 1);

export interface TestMember {
  readonly link: Link;
  /** What the bank would have in its ledger: `original` key → amount that stands. */
  readonly effects: Map<string, bigint>;
  /** Requests that came, as they came. */
  readonly inbox: Message[];
  readonly network: NetworkEffect[];
  /** Overrides an answer; undefined = as usual, 'none' = silence. */
  respond: (request: Message) => Fields | 'none' | undefined;
  /** Sends a request and waits. */
  ask(message: Message, timeoutMs?: number): Promise<Asked>;
  /** The same, for its code. */
  code(message: Message, timeoutMs?: number): Promise<string>;
  signOn(): Promise<string>;
  withdrawal(change?: Fields): Message;
  transfer(change?: Fields): Message;
  inquiry(change?: Fields): Message;
  qris(change?: Fields): Message;
  reversal(of: Message, change?: ReversalChange): Message;
}

export interface TestWorld {
  readonly time: Time;
  readonly net: StreamNet;
  readonly network: InterbankSwitch;
  readonly bank: TestMember;
  /** Starts the switch again from its folder; `between` does what a kill would have left. */
  restart(between?: () => void): Promise<void>;
  /** From now on bytes vanish both ways on what is connected, and nobody is told; memory only. */
  blackhole(): void;
}

export interface WorldInput {
  readonly change?: Partial<SwitchInput>;
  readonly seed?: string;
  readonly tap?: StreamTap;
  /** The bank stays signed off. */
  readonly isSignedOff?: boolean;
  /** Real sockets and the wall clock instead of memory and virtual time. */
  readonly net?: StreamNet;
}

/** A switch with one link in server role, and a bank that is signed on. */
export async function withSwitch(
  input: WorldInput,
  work: (world: TestWorld) => Promise<void>,
): Promise<void> {
  const virtual = input.net ? undefined : virtualTime(START_MS);
  const time: Time = virtual ?? wallTime();
  const streams = memoryStreams(time, LATENCY_MS);
  const plain = input.net ?? streams.net('test');
  const net = input.tap ? tapped(plain, input.tap) : plain;
  const setup = (): SwitchInput => ({
    time,
    net,
    random: seededRandom(input.seed ?? SEED),
    log: silentLog,
    seed: SEED,
    bank: BANK,
    links: [{ name: 'one', role: 'server', at: 'switch', keys: linkKeys('one'), echoMs: 0 }],
    ...input.change,
  });
  const run = async (): Promise<void> => {
    const stopping = new AbortController();
    const world: { -readonly [K in keyof TestWorld]: TestWorld[K] } = {
      time,
      net,
      network: await startSwitch(setup()),
      bank: openMember({ time, name: 'one', stopping: stopping.signal }),
      blackhole: () => {
        for (const connection of streams.connections()) connection.blackhole();
      },
      restart: async (between) => {
        await world.network.stop();
        between?.();
        world.network = await startSwitch(setup());
        await time.sleep(2_000);
        await world.bank.signOn();
      },
    };
    const { link } = world.bank;
    const connected = keepConnected({ time, net, at: 'switch', link, stopping: stopping.signal });
    try {
      await untilConnected(time, link);
      if (!input.isSignedOff) await world.bank.signOn();
      await work(world);
    } finally {
      stopping.abort();
      await world.network.stop();
      await connected;
    }
  };
  await (virtual ? virtual.run(run(), START_MS + 40 * 86_400_000) : run());
}

async function untilConnected(time: Time, link: Link): Promise<void> {
  for (let tries = 0; tries < 200 && !link.isConnected(); tries++) await time.sleep(5);
}

/** The bank's end of a link. */
export function openMember(input: {
  readonly time: Time;
  readonly name: string;
  readonly stopping: AbortSignal;
}): TestMember {
  const { time } = input;
  let stan = 0;
  const nextStan = (): string => String(++stan).padStart(6, '0');
  const effects = new Map<string, bigint>();
  const inbox: Message[] = [];
  const network: NetworkEffect[] = [];
  const member: TestMember = {
    link: openLink({
      time,
      log: silentLog,
      name: input.name,
      side: 'member',
      keys: linkKeys(input.name),
      macOn: 'financial',
      clock: () => time.now(),
      nextStan,
      makeKey: () => testKey(SEED, 'unused'),
      onRequest: (request, link) => {
        inbox.push(request);
        const over = member.respond(request);
        if (over === 'none') return;
        link.reply(usualAnswer({ request, link, effects, over: over ?? {} }));
      },
      onNetwork: (effect) => void network.push(effect),
      faults: () => ({ isDeaf: false, readBytesPerSecond: undefined }),
      stopping: input.stopping,
    }),
    effects,
    inbox,
    network,
    respond: () => undefined,
    ask: (message, timeoutMs = 20_000) => member.link.ask(message, { timeoutMs }),
    code: async (message, timeoutMs) => codeOf(await member.ask(message, timeoutMs)),
    signOn: async () => codeOf(await member.link.manage(NETWORK_CODE.signOn)),
    ...requests({ time, nextStan, sealPin: (card) => member.link.sealPin(card) }),
  };
  return member;
}

/** DE39, or how else it ended. */
export function codeOf(asked: Asked): string {
  return asked.kind === 'answer' ? asked.message.fields[39]! : asked.kind;
}

function usualAnswer(input: {
  readonly request: Message;
  readonly link: Link;
  readonly effects: Map<string, bigint>;
  readonly over: Fields;
}): Message {
  const { request, over } = input;
  const { fields } = request;
  const echoed = Object.fromEntries(
    [2, 3, 4, 7, 11, 15, 32, 33, 37, 41, 49, 90, 102, 103]
      .filter((field) => fields[field] !== undefined)
      .map((field) => [field, fields[field]!]),
  );
  const rc = over[39] ?? book(input);
  const more: Record<number, string> = rc === '00' ? { 38: '654321' } : {};
  return { mti: answerType(request.mti), fields: { ...echoed, ...more, ...over, 39: rc } };
}

/** Posts what was asked, once; the code. */
function book({
  request,
  link,
  effects,
}: {
  readonly request: Message;
  readonly link: Link;
  readonly effects: Map<string, bigint>;
}): string {
  const { fields } = request;
  if (request.mti.startsWith('04')) {
    const original = readOriginal(fields[90]!)!;
    const key = `${original.stan}|${original.transmittedAt}`;
    const actualSen = fields[95] === undefined ? 0n : readReplacement(fields[95])!;
    effects.set(key, actualSen);
    return '00';
  }
  if (fields[3]?.startsWith('36')) return checked(fields, effects);
  if (fields[52] !== undefined) {
    const pin = link.openPin({ block: fields[52], pan: fields[2]! });
    if (pin !== OWN_CARD.pin) return '55';
  }
  const key = `${fields[11]}|${fields[7]}`;
  // Somebody was told that it is not known.
  if (fields[3]?.startsWith('26') && effects.get(key) === 0n) return '25';
  if (!effects.has(key) && fields[4] !== undefined) effects.set(key, BigInt(fields[4]));
  return '00';
}

/** What became of a QRIS payment; one that is not known is refused from then on. */
function checked(fields: Fields, effects: Map<string, bigint>): string {
  const tags = readTags(fields[48]!);
  const key = `${tags?.get('OS')}|${tags?.get('OT')}`;
  if (!effects.has(key)) effects.set(key, 0n);
  return effects.get(key) === 0n ? '25' : '00';
}

/** A payment to a merchant of the peer. */
const QRIS: Fields = {
  2: withLuhn(`${BANK.nns}0123456789`),
  3: '261000',
  4: amountText(4_500_000n),
  15: '0801',
  18: '6017',
  22: '039',
  25: '00',
  32: BANK.nns,
  42: 'TOKO0001       ',
  43: `${'TOKO UJI'.padEnd(25)}${'JAKARTA'.padEnd(13)}ID`,
  48: `MP19${PEER_MERCHANT}CR03UMI`,
  100: PEER.nns,
};

function requests(parts: {
  readonly time: Time;
  readonly nextStan: () => string;
  readonly sealPin: (card: Card) => string;
}) {
  const { time, nextStan } = parts;
  const common = (): Record<number, string> => {
    const stan = nextStan();
    return {
      7: transmissionTime(time.now()),
      11: stan,
      32: BANK.code,
      33: '360001',
      37: `rrn000${stan}`,
      41: 'ATM19901',
      49: '360',
    };
  };
  const message = (fields: Fields, change: Fields = {}): Message => ({
    mti: '0200',
    fields: { ...common(), ...fields, ...change },
  });
  const names = writeNames({ beneficiary: '', reference: 'REF', sender: 'BUDI' });
  return {
    withdrawal: (change?: Fields): Message =>
      message(
        {
          2: PEER_CARD.pan,
          3: '011000',
          4: amountText(50_000_000n),
          35: PEER_CARD.track2,
          52: parts.sealPin(PEER_CARD),
        },
        change,
      ),
    transfer: (change?: Fields): Message =>
      message(
        {
          3: '401000',
          4: amountText(12_500_000n),
          48: names,
          102: '1990000001',
          103: '9008007006',
          127: PEER.code,
        },
        change,
      ),
    inquiry: (change?: Fields): Message =>
      message(
        { 3: '391000', 4: amountText(12_500_000n), 103: '9008007006', 127: PEER.code },
        change,
      ),
    qris: (change?: Fields): Message => message(QRIS, change),
    reversal: (of: Message, change?: ReversalChange): Message => reversalOf(of, common(), change),
  };
}

type ReversalChange = Fields & { readonly actualSen?: bigint };

function reversalOf(of: Message, common: Fields, change: ReversalChange = {}): Message {
  const { actualSen, ...fields } = change;
  return {
    mti: '0420',
    fields: {
      ...common,
      3: of.fields[3]!,
      4: of.fields[4]!,
      32: of.fields[32]!,
      37: of.fields[37]!,
      90: writeOriginal({
        mti: of.mti,
        stan: of.fields[11]!,
        transmittedAt: of.fields[7]!,
        acquirer: of.fields[32]!,
        forwarder: of.fields[33]!,
      }),
      ...(actualSen !== undefined && { 95: writeReplacement(actualSen) }),
      ...fields,
    },
  };
}
