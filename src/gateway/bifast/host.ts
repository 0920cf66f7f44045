/** BI-FAST inside a gateway: connector, network side, sign-on and echo. The first implementation of `RailHost`. */
import type { KeyObject } from 'node:crypto';
import { assert } from '../../kernel/assert.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Net, WireClient, WireResponse } from '../../kernel/wire.ts';
import { openConnector, type BifastConnector } from '../../rail/bifast/connector.ts';
import { HUB_TIMEOUTS, type ForgedAnswer } from '../../rail/bifast/exchange.ts';
import { signedHeaders, type Encoding } from '../../rail/signature.ts';
import { makeIdSource, type IdSource } from '../../rail/bifast/own-id.ts';
import { readProxyAsk, type ProxyReply } from '../../rail/proxy-wire.ts';
import type { EnquiryAnswer } from '../../rail/gateway-wire.ts';
import type { GatewayContext } from '../context.ts';
import type { RailGround, RailLoop, RailOpener } from '../host.ts';
import { makeInbound } from './inbound.ts';
import { bifastRules } from './rules.ts';
import { GREET_MS, openSession } from './session.ts';
import { checkedStatement } from './statement.ts';
import { passParticipants, passPosition } from './world.ts';

/** What a gateway needs to carry BI-FAST. */
export interface BifastConfig {
  readonly bank: BankProfile;
  /** Our private message key towards the hub, and the hub's public one. */
  readonly messageKey: KeyObject;
  readonly hubKey: KeyObject;
  /** Client of the network's own world, with the connector's certificate. */
  readonly hub: WireClient;
  /** Side towards the hub; the gateway's inner net when absent (memory network). */
  readonly net?: Net;
  /** How messages are spelled on this link; JSON when absent. */
  readonly encoding?: Encoding;
}

/** What the parts of the BI-FAST host share. */
export interface BifastContext extends GatewayContext, BifastConfig {
  /** Keeps as evidence what claimed to be the hub's word and cannot be. */
  readonly onForged: (forged: ForgedAnswer) => void;
  readonly connector: BifastConnector;
  readonly nextId: IdSource;
  /** Our plain word that a message was taken: always the same bytes, so signed once. */
  readonly acknowledgement: WireResponse;
}

/** The hub also sends an event when a participant changes; the list is what counts when one was lost. */
const PARTICIPANTS_MS = 60_000;
/** A liquidity that is a quarter of a minute old is still one to act on. */
const POSITION_MS = 15_000;

/** Makes the host of BI-FAST; it listens as `<partition>-network`. */
export function bifastHost(config: BifastConfig): RailOpener {
  return (ground) => {
    const context = makeContext(config, ground);
    const { connector, bank } = context;
    const { forwarder } = ground;
    const session = openSession({
      connector,
      time: context.time,
      log: context.log,
      echoMs: context.limits.echoMs,
      lookAnew: () =>
        Promise.all([passParticipants(context, forwarder), passPosition(context, forwarder)]),
    });
    return {
      rail: 'bifast',
      rules: bifastRules(bank),
      async send(instruction) {
        assert(instruction.rail === 'bifast', 'the host of BI-FAST sends its own instructions');
        return connector.send(instruction);
      },
      async inquire({ bizMsgIdr, msgId }) {
        assert(msgId !== undefined, 'a BI-FAST payment has two ids');
        return connector.inquire({ bizMsgIdr, msgId });
      },
      enquire: (body) => enquire(connector, body),
      askProxy: (body) => askProxy(connector, body),
      isReady: () => session.isSignedOn(),
      close: () => session.signOff(),
      settlement: {
        feed: (after) => connector.feed(after),
        statement: (businessDate) =>
          checkedStatement(connector, {
            businessDate,
            onDiffers: () => context.onForged({ what: 'statement' }),
          }),
      },
      control: { target: bank.bic, ask: (request) => connector.control(request) },
      listen: async () => [
        await (config.net ?? ground.net).listen({
          name: `${context.partition}-network`,
          handler: makeInbound(context, ground.forwarder),
        }),
      ],
      loops: [
        { name: 'session', everyMs: GREET_MS, isFirstAtOnce: true, run: () => session.greet() },
        looking(context, { name: 'participants', freshMs: PARTICIPANTS_MS }, () =>
          passParticipants(context, forwarder),
        ),
        looking(context, { name: 'position', freshMs: POSITION_MS }, () =>
          passPosition(context, forwarder),
        ),
      ],
    };
  };
}

function makeContext(config: BifastConfig, { context }: RailGround): BifastContext {
  const { time, log, knocks, partition, journal } = context;
  const { bank, hub, messageKey, hubKey } = config;
  const floorMs = journal.index.facts().timeFloorMs;
  const nextId = makeIdSource({ time, bic: bank.bic, partition, floorMs });
  const onForged = (forged: ForgedAnswer): void => {
    log.error({ what: forged.what }, 'gateway.forged_answer');
    knocks.record({ ...FORGED_BY_HUB, ...forged }).catch((error: unknown) => {
      log.error({ cause: String(error) }, 'gateway.forged_not_written');
    });
  };
  const timeouts = HUB_TIMEOUTS;
  const own = {
    bank,
    messageKey,
    hubKey,
    nextId,
    ...(config.encoding && { encoding: config.encoding }),
  };
  const link = { time, hub, timeouts, onForged, ...own };
  const body = Buffer.from('{}');
  const headers = signedHeaders(messageKey, body, config.encoding);
  const acknowledgement = { status: 200, headers, body };
  const connector = openConnector(link);
  return { ...context, ...config, connector, nextId, onForged, acknowledgement };
}

/** Its sender is the hub's own address: nobody to quarantine, but P1 all the same. */
const FORGED_BY_HUB = {
  kind: 'forged',
  reason: 'bad_signature',
  weight: 'none',
  peer: 'hub',
  fingerprint: '',
} as const;

async function askProxy(
  connector: BifastConnector,
  body: Readonly<Record<string, unknown>>,
): Promise<ProxyReply> {
  const asked = readProxyAsk(body);
  switch (asked?.ask) {
    case 'look_up':
      return connector.lookUpProxy(asked);
    case 'register':
      return connector.registerProxy(asked.wish);
    case 'enquire':
      return connector.enquireProxies(asked.secondId);
    case undefined:
      return { found: 'unknown', reason: 'malformed' };
  }
}

async function enquire(
  connector: BifastConnector,
  { bank, account, amountSen }: Readonly<Record<string, unknown>>,
): Promise<EnquiryAnswer> {
  const isGood =
    typeof bank === 'string' &&
    /^[A-Z0-9]{8}$/.test(bank) &&
    typeof account === 'string' &&
    /^[\x21-\x7e]{1,34}$/.test(account) &&
    typeof amountSen === 'string' &&
    /^[1-9]\d{0,17}$/.test(amountSen);
  return isGood
    ? connector.enquireAccount({ bank, account, amountSen: BigInt(amountSen) })
    : { found: 'unknown', reason: 'malformed' };
}

/** Something that is asked for again once core's last word of it is `freshMs` old, and soon where core has none; that the hub or core does
 * not answer is told by the age of what is known. */
function looking(
  { time }: Pick<GatewayContext, 'time'>,
  of: { readonly name: string; readonly freshMs: number },
  look: () => Promise<boolean>,
): RailLoop {
  let takenAtMs = Number.NEGATIVE_INFINITY;
  return {
    name: of.name,
    everyMs: GREET_MS,
    isFirstAtOnce: false,
    async run() {
      if (time.now() - takenAtMs < of.freshMs) return;
      if (await look()) takenAtMs = time.now();
    },
  };
}
