/** The `sim` process in live mode: the hub, a loopback control for its faults, and gentle traffic so that a demo shows life.
 * Composed by `src/app`, which passes every port, key and path in. */
import type { KeyObject } from 'node:crypto';
import type { Log } from '../src/kernel/log.ts';
import type { Random } from '../src/kernel/random.ts';
import type { Time } from '../src/kernel/time.ts';
import type { Net } from '../src/kernel/wire.ts';
import { startAggregator } from './biller/aggregator.ts';
import { MAGIC_NUMBERS } from './biller/faults.ts';
import { listenControl } from './control.ts';
import { startCash, type Cash, type CashInput } from './outside-cash.ts';
import { onBadHttp, type PartnerRule } from './customer/faults.ts';
import type { Measurement } from './customer/measure.ts';
import { makeOffer } from './customer/offer.ts';
import { snapClient, type Http, type SnapPartner } from './customer/snap-client.ts';
import {
  runTraffic,
  trafficItems,
  type TrafficItem,
  type TrafficRate,
} from './customer/traffic.ts';
import { tillControl } from './customer/till.ts';
import { openChooser, type Chooser } from './fault/chooser.ts';
import { skewed } from './fault/exchange.ts';
import { faultRandomOf, NO_FAULTS, type FaultFile, type WireName } from './fault-file.ts';
import { openDesks } from './fault-desks.ts';
import { MAGIC_ACCOUNTS } from './hub/faults.ts';
import { startHub, type Hub } from './hub/hub.ts';
import { demoParticipants, type Participant } from './hub/participant.ts';
import { MAGIC_ACCOUNTS as SWITCH_ACCOUNTS } from './switch/faults.ts';

export interface SimInput {
  readonly time: Time;
  readonly net: Net;
  readonly random: Random;
  readonly log: Log;
  /** The hub's private message key, and each connected bank's public one by BIC. */
  readonly messageKey: KeyObject;
  readonly bankKeys: Readonly<Record<string, KeyObject>>;
  /** The bill aggregator; absent = there is none. */
  readonly biller?: {
    readonly messageKey: KeyObject;
    readonly bankKeys: Readonly<Record<string, KeyObject>>;
    readonly folder?: string;
  };
  readonly participants?: readonly Participant[];
  /** Where settlements are remembered; absent = in memory. */
  readonly folder?: string;
  /** Port of the control on loopback; absent = none. 0 = any free one. */
  readonly controlPort?: number;
  /** The interbank switch and ATMs; absent = not started. */
  readonly cash?: CashInput;
  /** What goes wrong from the start. */
  readonly faults?: FaultFile;
  /** Of a partner's server that takes notices. */
  readonly partnerFaults?: Chooser<PartnerRule>;
  /** Gentle traffic; absent = none. */
  readonly traffic?: {
    readonly http: Http;
    readonly partner: SnapPartner;
    readonly ownBank: string;
    /** Our customers' account numbers that the partner may use. */
    readonly accounts: readonly string[];
    readonly perMinute?: TrafficRate;
  };
}

export interface Sim {
  readonly hub: Hub;
  readonly cash: Cash;
  readonly controlPort: number | undefined;
  /** What the gentle traffic has met since the start. */
  traffic(): Measurement | undefined;
  stop(): Promise<void>;
}

/** About one payment every six seconds. */
export const GENTLE_RATE: TrafficRate = { onus: 4, bifast_out: 4, bifast_in: 2 };
const HOUR_MS = 3_600_000;
/** The bank starts beside us: give it time before the first request. */
const FIRST_OFFER_AFTER_MS = 15_000;

/** Starts the outside world. */
export async function startSim(input: SimInput): Promise<Sim> {
  const { time, net, random, log } = input;
  const participants = input.participants ?? demoParticipants();
  const faults = input.faults ?? NO_FAULTS;
  const drawsOf = (wire: WireName): Random => faultRandomOf(faults, wire, random);
  const hub = await startHub({
    rules: [...faults.hub, ...MAGIC_ACCOUNTS],
    faultRandom: drawsOf('hub'),
    time,
    net,
    random,
    log,
    participants,
    messageKey: input.messageKey,
    bankKeys: input.bankKeys,
    ...(input.folder === undefined ? {} : { folder: input.folder }),
  });
  const aggregator =
    input.biller &&
    (await startAggregator({
      time,
      net,
      random,
      log,
      ...input.biller,
      rules: [...faults.biller, ...MAGIC_NUMBERS],
      faultRandom: drawsOf('biller'),
    }));
  const cash = await startCash({ ...cashWith(input.cash, faults, drawsOf), time, random, log });
  const caller = openChooser<PartnerRule>({
    rules: faults.caller,
    random: drawsOf('caller'),
    now: () => time.now(),
  });
  const desks = openDesks({
    now: () => time.now(),
    hub: hub.chooser,
    biller: aggregator?.chooser,
    switch: cash.interbank?.chooser,
    machines: cash.host?.chooser,
    partner: input.partnerFaults,
    caller: input.traffic && caller,
  });
  const partner = input.traffic && openPartner(input, { traffic: input.traffic, caller });
  const hands = [...cash.control, ...(partner ? [tillControl(partner.snap, random)] : [])];
  const control =
    input.controlPort === undefined
      ? undefined
      : await listenControl({ hub, desks }, input.controlPort, hands);
  const traffic =
    input.traffic &&
    partner &&
    startGentleTraffic(input, { hub, participants, traffic: input.traffic, partner });
  log.info({ isWithTraffic: traffic !== undefined, controlPort: control?.port }, 'sim.started');
  return {
    hub,
    cash,
    controlPort: control?.port,
    traffic: () => traffic?.meter.read(),
    stop: async () => {
      traffic?.stop();
      await control?.close();
      await aggregator?.stop();
      await cash.stop();
      await hub.stop();
      await traffic?.done;
    },
  };
}

/** The partner as it calls the bank, with its faults; `stopping` ends what it waits for. */
function openPartner(
  { time, random }: SimInput,
  parts: {
    readonly traffic: NonNullable<SimInput['traffic']>;
    readonly caller: Chooser<PartnerRule>;
  },
) {
  const { traffic, caller: chooser } = parts;
  const stopping = new AbortController();
  const snap = snapClient({
    time: skewed(time, () => chooser.standing('clock_skew')?.skewMs ?? 0),
    random,
    http: onBadHttp({ http: traffic.http, time, stopping: stopping.signal, chooser }),
    partner: traffic.partner,
  });
  return { snap, stopping };
}

function startGentleTraffic(
  input: SimInput,
  parts: {
    readonly hub: Hub;
    readonly participants: readonly Participant[];
    readonly traffic: NonNullable<SimInput['traffic']>;
    readonly partner: ReturnType<typeof openPartner>;
  },
) {
  const { traffic } = parts;
  const { snap, stopping } = parts.partner;
  const startMs = input.time.now() + FIRST_OFFER_AFTER_MS;
  const seed = input.random.bytes(8).toString('hex');
  const banks = parts.participants.map((bank) => bank.bic).filter((bic) => bic !== traffic.ownBank);
  const { time } = input;
  const run = runTraffic({
    time,
    startMs,
    items: endless({
      seed,
      startMs,
      perMinute: traffic.perMinute ?? GENTLE_RATE,
      accounts: traffic.accounts,
      banks,
    }),
    offer: makeOffer({ snap, hub: parts.hub, ownBank: traffic.ownBank, prefix: `demo${seed}` }),
  });
  return {
    ...run,
    stop: () => {
      stopping.abort();
      run.stop();
    },
  };
}

/** The cash networks with the rules of the file. */
function cashWith(
  cash: CashInput | undefined,
  faults: FaultFile,
  drawsOf: (wire: WireName) => Random,
): CashInput {
  const { interbank, ownMachines } = cash ?? {};
  const { switchScript: script } = faults;
  return {
    ...(interbank && {
      interbank: {
        ...interbank,
        rules: [...faults.switch, ...SWITCH_ACCOUNTS],
        faultRandom: drawsOf('switch'),
        ...(script && { script }),
      },
    }),
    ...(ownMachines && {
      ownMachines: { ...ownMachines, rules: faults.machines, faultRandom: drawsOf('machines') },
    }),
  };
}

/** Items without end, drawn an hour at a time. */
function* endless(input: {
  readonly seed: string;
  readonly startMs: number;
  readonly perMinute: TrafficRate;
  readonly accounts: readonly string[];
  readonly banks: readonly string[];
}): Generator<TrafficItem> {
  let count = 0;
  for (let hour = 0; ; hour++) {
    const fromMs = input.startMs + hour * HOUR_MS;
    const phases = [{ fromMs, untilMs: fromMs + HOUR_MS, perMinute: input.perMinute }];
    for (const item of trafficItems({
      seed: `${input.seed}:${hour}`,
      phases,
      accounts: input.accounts,
      banks: input.banks,
    }))
      yield { ...item, number: ++count };
  }
}
