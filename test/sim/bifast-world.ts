/** The BI-FAST rail as the conformance suite needs it: the real gateway in virtual time, and the simulator's hub behind it. */
import { generateKeyPairSync } from 'node:crypto';
import type { FaultRule } from '../../sim/hub/faults.ts';
import { startHub, type Hub } from '../../sim/hub/hub.ts';
import { signBody } from '../../sim/hub/message-signature.ts';
import { demoParticipants } from '../../sim/hub/participant.ts';
import { remoteSigner } from '../../src/app/signer-client.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { memoryNet } from '../../src/kernel/wire-memory.ts';
import type { Net } from '../../src/kernel/wire.ts';
import { bifast, FEE } from '../../src/payment/test-bank.ts';
import type { NetworkMood } from '../../src/rail/conformance.ts';
import { startSigner } from '../../src/signer/start.ts';
import { BANK, KEYS, withRig, type Rig } from '../gateway/rig.ts';
import type { RailUnderTest, RailWorld } from './rail-effect.ts';

const STRANGER = generateKeyPairSync('ed25519').privateKey;

/** The rig's clock begins at 10:00 WIB: a business date that ends at 10:10 is soon over. */
const CUT_OVER_MINUTE = 610;
/** The hub's grace after the cut-over, the gateway's wait and its next look. */
const DATE_ENDS_MS = 20 * 60_000;

/** Puts the simulator's hub in the place of the rig's own. `forge` has its answers signed by a stranger. */
export async function takeOver(
  rig: Rig,
  forge: { isOn: boolean } = { isOn: false },
  encoding?: 'xml',
): Promise<Hub> {
  const plain = memoryNet(rig.network, 'hub');
  const net: Net = {
    connect: (target) => plain.connect(target),
    listen: (input) =>
      plain.listen({
        ...input,
        handler: async (request) => {
          const response = await input.handler(request);
          return forge.isOn
            ? { ...response, headers: { 'x-signature': signBody(STRANGER, response.body) } }
            : response;
        },
      }),
  };
  return startHub({
    time: rig.time,
    net,
    random: seededRandom('outside'),
    log: silentLog,
    messageKey: KEYS.hub.privateKey,
    bankKeys: { PULHIDJA: KEYS.bank.publicKey },
    participants: demoParticipants().map((bank) =>
      bank.endpoint !== undefined && encoding ? { ...bank, encoding } : bank,
    ),
    cutOverMinute: CUT_OVER_MINUTE,
    faults: { amountMaxSen: undefined },
  });
}

const BEHAVIOUR: Readonly<Record<NetworkMood, FaultRule['does']>> = {
  // The simulator's notice would tell a crashed gateway more than the suite expects it to know.
  accept: { kind: 'no_notice', settles: true },
  settle: { kind: 'settle_at_once' },
  reject: { kind: 'reject', code: 'U101' },
  lost_request: { kind: 'accept' },
  lost_answer: { kind: 'silence', settles: true },
  late: { kind: 'late_answer', afterMs: 15_000 },
  odd_code: { kind: 'reject', code: 'Z123' },
  forged_reject: { kind: 'reject', code: 'U101' },
};

const LATE_SETTLEMENT: FaultRule = {
  name: 'settles late',
  match: {},
  does: { kind: 'late_settlement', afterMs: 15_300 },
};

/** With the hub behind it. */
export interface BifastWorld extends RailWorld {
  readonly hub: Hub;
}

/** Real gateway, simulated hub. */
export const bifastUnderTest: RailUnderTest = {
  name: "BI-FAST rail against the simulator's hub",
  withWorld: (work) =>
    withRig(
      async (rig) => {
        const forge = { isOn: false };
        const hub = await takeOver(rig, forge);
        await work(worldOf(rig, hub, forge));
        await hub.stop();
      },
      { limits: { cutOverMinute: CUT_OVER_MINUTE, feedPollMs: 5_000, feedAliveMs: 600_000 } },
    ),
};

function worldOf(rig: Rig, hub: Hub, forge: { isOn: boolean }): BifastWorld {
  const openingSen = hub.balance(BANK.bic);
  let mood: NetworkMood = 'accept';
  let link: 'lose_request' | 'lose_answer' | undefined;
  rig.network.onCall = (_peer, target, path) => {
    if (target === 'hub' && path === '/bifast' && mood === 'lost_request') return 'lose_request';
    return target === 'gateway-1' && path === '/send' ? link : undefined;
  };
  return {
    hub,
    rail: rig.rail,
    time: rig.time,
    bank: BANK,
    env: 'prod',
    audience: 'gateway-1',
    name: 'bifast',
    settings: { bifastCutOverMinute: BigInt(CUT_OVER_MINUTE) },
    settlementAccount: CHART.bifastOut,
    feeSen: FEE,
    async prepare(_engine, key) {
      const command = bifast(key === undefined ? {} : { key });
      return (engine) => engine.submit(command);
    },
    authorise: () => rig.authorise(),
    signAgain: (payment) => rig.signAgain(payment),
    crashAt: (point, work) => rig.crashAt(point, work),
    takenCount: (bizMsgIdr) => hub.arrivals(bizMsgIdr).count,
    setMood(next) {
      mood = next;
      hub.chooser.replace([
        { name: mood, match: {}, does: BEHAVIOUR[mood] },
        // Settled no sooner than it answers.
        ...(mood === 'late' ? [LATE_SETTLEMENT] : []),
      ]);
      forge.isOn = mood === 'forged_reject';
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
    settledSen: () => openingSen - hub.balance(BANK.bic),
    async endDate() {
      await rig.pushSet();
      await rig.sleep(DATE_ENDS_MS);
      await rig.pushSet();
    },
  };
}
