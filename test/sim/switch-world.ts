/** The switch as the conformance suite needs it: the real gateway in virtual time with the real HSM beside it, and the simulator's
 * switch behind a link of its own wire. */
import { testLinkKeys } from '../../sim/switch/crypto.ts';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { startSwitch, type InterbankSwitch } from '../../sim/switch/switch.ts';
import { remoteSigner } from '../../src/app/signer-client.ts';
import { demoMember, demoNetwork, KEY_WINDOW } from '../../src/app/switch-profile.ts';
import { switchForm, type SwitchInstruction } from '../../src/authorisation/form-switch.ts';
import type { KeyWindow } from '../../src/gateway/switch/key.ts';
import { switchHosts } from '../../src/gateway/switch/host.ts';
import type { TerminalConfig } from '../../src/gateway/switch/terminal-config.ts';
import { openTestHsm, type TestHsm } from '../../src/hsm/test-hsm.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { bifast } from '../../src/payment/test-bank.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { memoryStreams, type MemoryStreams } from '../../src/kernel/stream-memory.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';
import { wibDate } from '../../src/kernel/time.ts';
import { memoryNet } from '../../src/kernel/wire-memory.ts';
import type { NetworkMood } from '../../src/rail/conformance.ts';
import { startSigner } from '../../src/signer/start.ts';
import { BANK, KEYS, withRig, type Rig } from '../gateway/rig.ts';
import type { RailUnderTest, RailWorld } from './rail-effect.ts';

/** The rig's clock begins at 10:00 WIB: a business date that ends at 10:10 is soon over. */
export const CUT_OVER_MINUTE = 610;
const DATE_ENDS_MS = 20 * 60_000;
const LATENCY_MS = 5;
const FEE = rupiah(6_500);
const SIGN_ON_MS = 1_000;
const SECOND = 'gateway-1-switch';

/** What the network does in each mood, as its fault rules say it. */
export const BEHAVIOUR: Readonly<Record<NetworkMood, Behaviour>> = {
  accept: { kind: 'answer' },
  settle: { kind: 'answer' },
  reject: { kind: 'code', rc: '76', isBooked: false },
  lost_request: { kind: 'drop_request' },
  lost_answer: { kind: 'drop_answer' },
  late: { kind: 'late_answer', afterMs: 15_000 },
  // A code that no table of ours knows.
  odd_code: { kind: 'code', rc: '87', isBooked: false },
  forged_reject: { kind: 'forged_code', rc: '76' },
};

/** A gateway with BI-FAST and the switch, and what is around it. */
export interface SwitchRig {
  readonly rig: Rig;
  readonly outside: InterbankSwitch;
  readonly streams: MemoryStreams;
  readonly hsm: TestHsm;
  /** A transfer as ledger and signer hand it over. */
  instruction(over?: Partial<SwitchInstruction>): SwitchInstruction;
}

/** Runs `work` with a link that is signed on. `file` may change what the gateway reads as settlement. */
export async function withSwitch(
  work: (world: SwitchRig) => Promise<void>,
  options: {
    readonly file?: (text: string) => string | undefined;
    readonly keyWindow?: KeyWindow;
    readonly terminals?: TerminalConfig;
    /** A second link, which the switch makes. */
    readonly isTwofold?: boolean;
    /** @default the demo's word on it */
    readonly isCheckFinal?: boolean;
    readonly script?: NonNullable<Parameters<typeof startSwitch>[0]['script']>;
  } = {},
): Promise<void> {
  const keys = testLinkKeys('conformance', 'switch');
  const hsm = await openTestHsm();
  hsm.form('zmk.switch', { algorithm: 'T', key: keys.zmk });
  hsm.form('zak.switch', { algorithm: 'T', key: keys.mac });
  const late: { streams?: MemoryStreams; outside?: InterbankSwitch } = {};
  const listening: Parameters<StreamNet['listen']>[0][] = [];
  // The rig makes the clock, and what is made of the clock comes after it.
  const streams: StreamNet = {
    async listen(input) {
      if (late.streams) return late.streams.net('bank').listen(input);
      listening.push(input);
      return { port: 0, close: async () => {} };
    },
    connect: async (input) => late.streams!.net('bank').connect(input),
  };
  const openers = switchHosts({
    bank: BANK,
    setting: demoNetwork({
      links: [
        { name: 'switch-1', side: 'client', address: 'switch', admitted: [] },
        ...(options.isTwofold
          ? [{ name: 'switch-2', side: 'server', address: SECOND, admitted: ['switch'] } as const]
          : []),
      ],
    }),
    member: {
      ...demoMember(BANK),
      ...(options.isCheckFinal !== undefined && { isCheckFinal: options.isCheckFinal }),
    },
    hsm: hsm.gateway,
    keyWindow: options.keyWindow ?? KEY_WINDOW,
    ...(options.terminals && { terminals: options.terminals }),
    streams,
    settlementFile: async (date) => {
      const text = late.outside?.settlement(date);
      return text === undefined || !options.file ? text : options.file(text);
    },
  });
  try {
    await withRig(
      async (rig) => {
        const { time } = rig;
        late.streams = memoryStreams(time, LATENCY_MS);
        for (const input of listening) await late.streams.net('bank').listen(input);
        const outside = await startSwitch({
          time,
          net: late.streams!.net('switch'),
          random: seededRandom('outside'),
          log: silentLog,
          seed: 'conformance',
          bank: { code: BANK.bankCode, nns: `93600${BANK.bankCode}` },
          links: [
            { name: 'switch-1', role: 'server', at: 'switch', keys },
            ...(options.isTwofold
              ? [{ name: 'switch-2', role: 'client', at: SECOND, keys } as const]
              : []),
          ],
          cutOverMinute: CUT_OVER_MINUTE,
          rules: [],
          ...(options.script && { script: options.script }),
        });
        late.outside = outside;
        while (!Object.values(outside.links()).every(Boolean)) await time.sleep(SIGN_ON_MS);
        await work({
          rig,
          outside,
          streams: late.streams!,
          hsm,
          instruction: makeInstructions(rig),
        });
        await outside.stop();
      },
      {
        rails: () => openers,
        limits: { cutOverMinute: CUT_OVER_MINUTE, feedPollMs: 5_000, feedAliveMs: 600_000 },
      },
    );
  } finally {
    await hsm.close();
  }
}

/** Real gateway, simulated switch. */
export const switchUnderTest: RailUnderTest = {
  name: "switch rail against the simulator's switch",
  withWorld: (work) => withSwitch((world) => work(worldOf(world))),
};

function makeInstructions(rig: Rig): SwitchRig['instruction'] {
  let sequence = 0n;
  return (over = {}) => {
    const { channelCode: _code, categoryPurpose: _purpose, ...given } = rig.instruction();
    const { bizMsgIdr: _id, msgId: _second, remittance: _words, ...common } = given;
    const nowMs = rig.time.now();
    const ids = switchForm.makeIds(
      { bic: BANK.bic, institution: BANK.bankCode },
      { day: wibDate(nowMs), atMs: nowMs, sequence: ++sequence },
    );
    return {
      ...common,
      rail: 'switch',
      kind: 'interbank_transfer',
      ...ids,
      creditor: { ...common.creditor, account: '9008007006' },
      institution: '009',
      channelCode: '6017',
      remark: 'uji',
      ...over,
    };
  };
}

function worldOf(world: SwitchRig): RailWorld {
  const { rig, instruction } = world;
  return {
    ...sharedWorld(world, 'transfer'),
    name: 'switch',
    settings: { switchCutOverMinute: BigInt(CUT_OVER_MINUTE) },
    settlementAccount: CHART.switchOut,
    feeSen: FEE,
    async prepare(_engine, key) {
      const command = bifast({ route: 'switch', confirmedFeeSen: FEE, ...(key && { key }) });
      return (engine) => engine.submit(command);
    },
    authorise() {
      const { jti } = rig.authorise();
      const made = instruction();
      return { instruction: made, jti, token: rig.tokenOf(made, { jti }) };
    },
  };
}

type OwnPart = 'name' | 'settings' | 'settlementAccount' | 'feeSen' | 'prepare' | 'authorise';

/** What the worlds of the rails over the switch have in common; `flow` is theirs in the network's book. */
export function sharedWorld(
  { rig, outside }: SwitchRig,
  flow: 'transfer' | 'qris' | 'qris_transfer',
): Omit<RailWorld, OwnPart> {
  let mood: NetworkMood = 'accept';
  let link: 'lose_request' | 'lose_answer' | undefined;
  rig.network.onCall = (_peer, target, path) =>
    target === 'gateway-1' && path === '/send' ? link : undefined;
  return {
    rail: rig.rail,
    isFinalAtOnce: true,
    time: rig.time,
    bank: BANK,
    env: 'prod',
    audience: 'gateway-1',
    signAgain: (payment) => rig.signAgain(payment),
    async crashAt(point, work) {
      await rig.crashAt(point, work);
      while (!outside.links()['switch-1']) await rig.sleep(SIGN_ON_MS);
    },
    takenCount(id) {
      const taken = [...outside.book.entries()].filter(
        (entry) => entry.direction === 'from_bank' && entry.stan === id.slice(-6),
      ).length;
      return taken + (outside.counters().other['duplicate request'] ?? 0);
    },
    setMood(next) {
      mood = next;
      const match = { direction: 'from_bank', flow } as const;
      outside.chooser.replace([{ name: mood, match, does: BEHAVIOUR[mood] }]);
    },
    setLink: (fault) => void (link = fault),
    async startSigner(db) {
      const { time, network } = rig;
      const key = KEYS.signer.privateKey;
      const net = memoryNet(network, 'signer');
      const random = seededRandom('signer');
      await startSigner({ db, time, net, random, key, kid: 'k1', env: 'prod', log: silentLog });
      return remoteSigner(network.connect('core-1', 'signer'));
    },
    hear: (take) => void (rig.coreAnswer = take),
    settledSen: () =>
      [...outside.book.entries()]
        .filter(
          ({ direction, flow, state }) =>
            // With a shown code the bank that asked is the one that gets the money.
            (direction === 'from_bank') !== (flow === 'qris_presented') && state === 'approved',
        )
        .reduce((sum, { amountSen }) => sum + amountSen, 0n),
    async endDate() {
      await rig.pushSet();
      await rig.sleep(DATE_ENDS_MS);
      await rig.pushSet();
    },
  };
}
