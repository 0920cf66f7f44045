/** A network for tests: the other end of our links over streams of virtual time, played by hand, and our end with ports that keep what
 * they are told. */
import { createCipheriv } from 'node:crypto';
import { equalSecret } from '../../kernel/canonical.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { memoryStreams, type MemoryStreams } from '../../kernel/stream-memory.ts';
import type { ByteStream } from '../../kernel/stream.ts';
import { virtualTime, type VirtualTime } from '../../kernel/virtual-time.ts';
import { compileCodec, type IsoCodec } from '../iso8583/codec.ts';
import { DIALECTS } from '../iso8583/dialects.ts';
import { frame, frameReader } from '../iso8583/frame.ts';
import { macCovers, packForMac, withMac } from '../iso8583/mac.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import { answerMti } from './correlate.ts';
import { openNetwork, type SwitchNetwork } from './network.ts';
import type { LinkAlarm, MacPort, SwitchPorts } from './port.ts';
import { USUAL_BOUNDS, USUAL_TIMERS, type LinkBounds, type NetworkSetting } from './setting.ts';

/** 2026-08-01 10:00:15 WIB. */
export const START_MS = Date.UTC(2026, 7, 1, 3, 0, 15);
const LATENCY_MS = 5;

/** ISO 9797-1 MAC algorithm 3 with padding method 1 (ANSI X9.19), in hex. */
export function retailMac(key: Buffer, bytes: Buffer): string {
  const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  const [left, right] = [key.subarray(0, 8), key.subarray(8, 16)];
  const run = (name: string, key: Buffer, data: Buffer): Buffer => {
    const cipher = createCipheriv(name, key, Buffer.alloc(name.endsWith('cbc') ? 8 : 0));
    return cipher.setAutoPadding(false).update(data);
  };
  // Triple DES under one key three times is DES; decryption and encryption under the right key are the last steps of EDE.
  const single = Buffer.concat([left, left, left]);
  const chained = run('des-ede3-cbc', single, padded.subarray(0, -8));
  const before = chained.length === 0 ? Buffer.alloc(8) : chained.subarray(-8);
  const last = Buffer.from(padded.subarray(-8).map((byte, at) => byte ^ before[at]!));
  return run('des-ede', Buffer.concat([left, right]), last)
    .toString('hex')
    .toUpperCase();
}

/** MACs under one key. */
export function macUnder(key: Buffer): MacPort {
  return {
    make: async ({ bytes }) => retailMac(key, bytes),
    isRight: async ({ bytes, mac }) => equalSecret(retailMac(key, bytes), mac),
  };
}

/** One end of a connection as the network plays it. */
export interface Player {
  /** Everything that came, in order. */
  readonly got: IsoMessage[];
  isClosed(): boolean;
  send(message: IsoMessage): void;
  /** In a frame. */
  sendBytes(bytes: Buffer): void;
  sendRaw(bytes: Buffer): void;
}

/** What the network does with a message of ours. */
export type Script = (message: IsoMessage, player: Player) => void;

/** An answer that approves, with the ids of the request. */
export function approve(message: IsoMessage, change: IsoMessage['fields'] = {}): IsoMessage {
  const { 52: _pin, 128: _mac, 64: _short, ...fields } = message.fields;
  return { mti: answerMti(message.mti)!, fields: { ...fields, 39: '00', ...change } };
}

/** Answers network management and nothing else. */
export const MANAGES: Script = (message, player) => {
  if (message.mti === '0800') player.send(approve(message));
};

/** Answers everything at once. */
export const APPROVES: Script = (message, player) => {
  if (answerMti(message.mti)) player.send(approve(message));
};

export interface World {
  readonly time: VirtualTime;
  readonly streams: MemoryStreams;
  readonly network: SwitchNetwork;
  /** Connections that the network took, in order. */
  readonly players: Player[];
  script: Script;
  /** Opens a connection to our listening link as `from`. */
  dial(from: string, address?: string): Promise<Player>;
  readonly late: IsoMessage[];
  readonly alarms: LinkAlarm[];
  readonly cutOvers: string[];
  readonly keys: { readonly key: string; readonly checkValue: string }[];
  keyAnswer: 'accepted' | 'refused' | 'unplanned';
  serve: SwitchPorts['serve'];
  readonly served: IsoMessage[];
  /** STANs of what the bank has taken before. */
  readonly takenBefore: Set<string>;
  readonly logged: string[];
}

/** A setting of one client link, changed where a test says. */
export function settingOf(change: Partial<NetworkSetting> = {}): NetworkSetting {
  return {
    name: 'demo',
    dialect: DIALECTS.demo,
    signOn: 'ours',
    macOn: 'none',
    links: [{ name: 'demo-1', side: 'client', address: 'switch-1', admitted: [] }],
    timers: USUAL_TIMERS,
    bounds: USUAL_BOUNDS,
    echoFields: [3, 4, 37, 49],
    codes: { notSignedOn: '91', overloaded: '91', notSupported: '40', keyRefused: '96' },
    ...change,
  };
}

/** Bounds with some changed. */
export function bounds(change: Partial<LinkBounds>): LinkBounds {
  return { ...USUAL_BOUNDS, ...change };
}

/** A link to which they connect. */
export const LISTENING: Partial<NetworkSetting> = {
  signOn: 'theirs',
  links: [{ name: 'in-1', side: 'server', address: 'us-1', admitted: ['switch'] }],
};

/** Runs `play` in a world and stops it; the bound is a day of virtual time. */
export async function withWorld(
  setting: NetworkSetting,
  play: (world: World) => Promise<void>,
  options: {
    readonly mac?: MacPort;
    readonly peerMacKey?: Buffer;
    readonly script?: Script;
    readonly seed?: number;
    readonly ports?: Partial<SwitchPorts>;
  } = {},
): Promise<void> {
  const time = virtualTime(START_MS);
  const work = (async () => {
    const world = await openWorld(time, setting, options);
    try {
      await play(world);
    } finally {
      await world.network.stop();
    }
  })();
  await time.run(work, START_MS + 86_400_000);
}

async function openWorld(
  time: VirtualTime,
  setting: NetworkSetting,
  options: {
    readonly mac?: MacPort;
    readonly peerMacKey?: Buffer;
    readonly script?: Script;
    readonly seed?: number;
    readonly ports?: Partial<SwitchPorts>;
  },
): Promise<World> {
  const streams = memoryStreams(time, LATENCY_MS);
  const codec = compileCodec(setting.dialect);
  let stan = 0;
  const logged: string[] = [];
  const keep = (fields: object, event: string): void =>
    void logged.push(`${event} ${JSON.stringify(fields)}`);
  const world: Omit<World, 'network'> & { network?: SwitchNetwork } = {
    time,
    streams,
    players: [],
    script: options.script ?? MANAGES,
    dial: async (from, address = 'us-1') =>
      play(await streams.net(from).connect({ target: address, timeoutMs: 1_000 })),
    late: [],
    alarms: [],
    cutOvers: [],
    keys: [],
    keyAnswer: 'accepted',
    serve: async (request) => approve(request),
    served: [],
    takenBefore: new Set(),
    logged,
  };
  const play = (stream: ByteStream): Player =>
    openPlayer(stream, { codec, setting, macKey: options.peerMacKey, script: () => world.script });
  for (const link of setting.links)
    if (link.side === 'client')
      await streams.net('switch').listen({
        name: link.address,
        accept: (stream) => void world.players.push(play(stream)),
      });
  world.network = await openNetwork(setting, {
    time,
    random: seededRandom(options.seed ?? 1),
    log: { info: keep, warn: keep, error: keep },
    streams: streams.net('bank'),
    ...(options.mac && { mac: options.mac }),
    keys: {
      async accept({ wrapped }) {
        world.keys.push({ key: wrapped.key, checkValue: wrapped.checkValue });
        return world.keyAnswer;
      },
    },
    stan: () => String(900_000 + ++stan),
    serve(request, context) {
      world.served.push(request);
      return world.serve(request, context);
    },
    mayBeTaken: ({ fields }) => world.takenBefore.has(fields[11] ?? ''),
    late: (answer) => void world.late.push(answer),
    cutOver: async ({ settlementDate }) => void world.cutOvers.push(settlementDate),
    alarm: (alarm) => void world.alarms.push(alarm),
    ...options.ports,
  });
  return world as World; // the network is open now
}

function openPlayer(
  stream: ByteStream,
  input: {
    readonly codec: IsoCodec;
    readonly setting: NetworkSetting;
    readonly macKey: Buffer | undefined;
    readonly script: () => Script;
  },
): Player {
  const { codec, setting, macKey } = input;
  const reader = frameReader(setting.dialect.frame);
  let isClosed = false;
  const player: Player = {
    got: [],
    isClosed: () => isClosed,
    sendRaw: (bytes) => stream.write(bytes),
    sendBytes: (bytes) => stream.write(frame(setting.dialect.frame, bytes)),
    send(message) {
      const isPlain = macKey === undefined || message.mti.charAt(1) === '8';
      const packed = isPlain ? codec.pack(message) : packForMac(codec, message);
      if (!packed.ok) throw new Error(JSON.stringify(packed.error));
      const bytes = packed.value;
      const mac = isPlain ? undefined : retailMac(macKey, macCovers(codec, bytes));
      player.sendBytes(mac === undefined ? bytes : withMac(codec, { bytes, mac }));
    },
  };
  stream.open({
    closed: () => void (isClosed = true),
    data(bytes) {
      for (const one of reader.push(bytes).messages) {
        const read = codec.unpack(one);
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        player.got.push(read.value);
        input.script()(read.value, player);
      }
    },
  });
  return player;
}

/** Ports for a second network in the same world. */
export function portsOf(world: World): SwitchPorts {
  return {
    time: world.time,
    random: seededRandom(2),
    log: silentLog,
    streams: world.streams.net('bank'),
    keys: { accept: async () => 'refused' },
    stan: () => '800001',
    serve: async () => undefined,
    mayBeTaken: () => false,
    late: () => {},
    cutOver: async () => {},
    alarm: () => {},
  };
}

/** A transfer with a STAN of its own. */
export function transfer(stan: number, change: IsoMessage['fields'] = {}): IsoMessage {
  return {
    mti: '0200',
    fields: {
      2: '6220990000000011',
      3: '401000',
      4: '000005000000',
      7: '0801030015',
      11: String(stan).padStart(6, '0'),
      37: '260801000101',
      41: 'ATM00001',
      49: '360',
      103: '1200000001',
      ...change,
    },
  };
}

/** A balance inquiry with a STAN of its own. */
export function inquiry(stan: number): IsoMessage {
  return transfer(stan, { 3: '301000', 4: '000000000000' });
}

/** A management message of theirs. */
export function management(code: string, change: IsoMessage['fields'] = {}): IsoMessage {
  return { mti: '0800', fields: { 7: '0801030015', 11: '000777', 70: code, ...change } };
}

/** Waits until the network has a link that is signed on. */
export async function signedOn(world: World): Promise<void> {
  await until(world, () => world.network.links().some((link) => link.phase === 'signed_on'));
}

/** Looks every ten milliseconds of virtual time until it is so. */
export async function until(world: World, isSo: () => boolean): Promise<void> {
  const untilMs = world.time.now() + 3_600_000;
  while (!isSo()) {
    if (world.time.now() > untilMs) throw new Error('It did not come to be within an hour');
    await world.time.sleep(10);
  }
}
