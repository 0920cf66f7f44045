/** Billers inside a gateway: one aggregator behind one link. It never calls us, so there is no network side; what is open is asked
 * for (advice) and its feed and statement are polled. */
import { type KeyObject } from 'node:crypto';
import { assert } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { WireClient } from '../../kernel/wire.ts';
import {
  BILLER_TIMEOUTS,
  openBillerConnector,
  type BillerConnector,
  type ForgedAnswer,
} from '../../rail/biller/connector.ts';
import { readCodes } from '../../rail/biller/code.ts';
import { receiptPurpose } from '../../rail/biller/message.ts';
import { isKeyOf, readProducts, type ProductTable } from '../../rail/biller/product.ts';
import type { BillAnswer } from '../../rail/gateway-wire.ts';
import { seal } from '../../rail/seal.ts';
import type { RailGround, RailOpener } from '../host.ts';
import { billerRules } from './rules.ts';

/** What a gateway needs to carry bills. */
export interface BillerConfig {
  readonly bank: BankProfile;
  /** Our private message key towards the aggregator, and its public one. */
  readonly messageKey: KeyObject;
  readonly aggregatorKey: KeyObject;
  /** Core's public X25519 key: only core can read what is on a receipt. */
  readonly receiptKey: KeyObject;
  readonly aggregator: WireClient;
}

/** Makes the host of the biller rail. */
export function billerHost(config: BillerConfig): RailOpener {
  const products = readProducts();
  return (ground) => {
    const connector = openConnector(config, { ground, products });
    return {
      rail: 'biller',
      givesReceipts: true,
      rules: billerRules({ bank: config.bank, products }),
      async send(instruction) {
        assert(instruction.rail === 'biller', 'the host of billers sends its own instructions');
        return connector.pay(instruction);
      },
      async inquire(_ids, instruction) {
        // An advice repeats the payment to the letter: without it there is nothing to ask with.
        return instruction?.rail === 'biller'
          ? connector.advise(instruction)
          : { outcome: 'unknown', reason: 'not burned by this gateway' };
      },
      enquireBill: (body) => enquireBill({ connector, products, body }),
      settlement: connector,
      listen: async () => [],
      loops: [],
    };
  };
}

function openConnector(
  config: BillerConfig,
  given: { readonly ground: RailGround; readonly products: ProductTable },
): BillerConnector {
  const { time, random, log, knocks } = given.ground.context;
  const { aggregator, messageKey, aggregatorKey, receiptKey } = config;
  const onForged = (forged: ForgedAnswer): void => {
    log.error({ rail: 'biller', what: forged.what }, 'gateway.forged_answer');
    knocks.record({ ...FORGED_BY_AGGREGATOR, ...forged }).catch((error: unknown) => {
      log.error({ cause: String(error) }, 'gateway.forged_not_written');
    });
  };
  return openBillerConnector({
    time,
    random,
    aggregator,
    bic: config.bank.bic,
    messageKey,
    aggregatorKey,
    codes: readCodes(),
    product: given.products.find,
    seal: (receipt, reference) =>
      seal(canonicalJson(receipt), { key: receiptKey, purpose: receiptPurpose(reference) }),
    timeouts: BILLER_TIMEOUTS,
    onForged,
  });
}

/** Its sender is the aggregator's own address: nobody to quarantine, but P1 all the same. */
const FORGED_BY_AGGREGATOR = {
  kind: 'forged',
  reason: 'bad_signature',
  weight: 'none',
  peer: 'aggregator',
  fingerprint: '',
} as const;

async function enquireBill(input: {
  readonly connector: BillerConnector;
  readonly products: ProductTable;
  readonly body: Readonly<Record<string, unknown>>;
}): Promise<BillAnswer> {
  const { product: code, customerKey } = input.body;
  const product = typeof code === 'string' ? input.products.find(code) : undefined;
  if (!product || typeof customerKey !== 'string' || !isKeyOf(product, customerKey))
    return { found: 'unknown', reason: 'malformed' };
  return input.connector.inquire({ product, customerKey });
}
