/** BI-FAST inside a gateway: connector, network side, sign-on and echo. The first implementation of `RailHost`. */
import type { KeyObject } from 'node:crypto';
import { assert } from '../../kernel/assert.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Net, WireClient } from '../../kernel/wire.ts';
import {
  HUB_TIMEOUTS,
  openConnector,
  type BifastConnector,
  type ForgedAnswer,
} from '../../rail/bifast/connector.ts';
import { makeIdSource, type IdSource } from '../../rail/bifast/own-id.ts';
import type { EnquiryAnswer } from '../../rail/gateway-wire.ts';
import type { GatewayContext } from '../context.ts';
import type { RailGround, RailLoop, RailOpener } from '../host.ts';
import { makeInbound } from './inbound.ts';
import { bifastRules } from './rules.ts';

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
}

/** What the parts of the BI-FAST host share. */
export interface BifastContext extends GatewayContext, BifastConfig {
  readonly connector: BifastConnector;
  readonly nextId: IdSource;
}

/** Makes the host of BI-FAST; it listens as `<partition>-network`. */
export function bifastHost(config: BifastConfig): RailOpener {
  return (ground) => {
    const context = makeContext(config, ground);
    const { connector, bank } = context;
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
      settlement: connector,
      control: { target: bank.bic, ask: (request) => connector.control(request) },
      listen: async () => [
        await (config.net ?? ground.net).listen({
          name: `${context.partition}-network`,
          handler: makeInbound(context, ground.forwarder),
        }),
      ],
      loops: [greeting(context)],
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
  const link = { time, hub, bank, messageKey, hubKey, nextId, timeouts, onForged };
  return { ...context, ...config, connector: openConnector(link), nextId };
}

/** Its sender is the hub's own address: nobody to quarantine, but P1 all the same. */
const FORGED_BY_HUB = {
  kind: 'forged',
  reason: 'bad_signature',
  weight: 'none',
  peer: 'hub',
  fingerprint: '',
} as const;

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

/** Signs on, then echoes; signs on again when the hub stopped answering. */
function greeting({ connector, log, limits }: BifastContext): RailLoop {
  let isSignedOn = false;
  return {
    name: 'echo',
    everyMs: limits.echoMs,
    isFirstAtOnce: true,
    async run() {
      const wasSignedOn = isSignedOn;
      isSignedOn = await connector.administer(wasSignedOn ? 'ECHO' : 'SIGNON');
      if (isSignedOn !== wasSignedOn) log.info({ isSignedOn }, 'gateway.hub_link');
    },
  };
}
