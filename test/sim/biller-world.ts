/** The biller rail as the conformance suite needs it: the real gateway in virtual time, and the simulated aggregator behind it. */
import { generateKeyPairSync } from 'node:crypto';
import { startAggregator, type Aggregator } from '../../sim/biller/aggregator.ts';
import type { BillerRule } from '../../sim/biller/faults.ts';
import { signBody } from '../../sim/hub/message-signature.ts';
import { remoteSigner } from '../../src/app/signer-client.ts';
import type { BillerInstruction } from '../../src/authorisation/form-biller.ts';
import { billerHost } from '../../src/gateway/biller/host.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { sha256 } from '../../src/kernel/canonical.ts';
import { newId } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { memoryNet } from '../../src/kernel/wire-memory.ts';
import type { Net } from '../../src/kernel/wire.ts';
import type { BillCommand } from '../../src/payment/bill/bill.ts';
import type { AuthorisedPayment, NetworkMood } from '../../src/rail/conformance.ts';
import { startSigner } from '../../src/signer/start.ts';
import { BANK, KEYS, withRig, type Rig } from '../gateway/rig.ts';
import type { RailUnderTest, RailWorld } from './rail-effect.ts';

const STRANGER = generateKeyPairSync('ed25519').privateKey;
const AGGREGATOR = generateKeyPairSync('ed25519');
/** Core's key for receipts. */
export const RECEIPT = generateKeyPairSync('x25519');
/** A wallet: any amount, so that the suite's ten thousand rupiah can be paid. */
const PRODUCT = 'EWALLET';
const NUMBER = '081234567890';

/** The rig's clock begins at 10:00 WIB: a business date that ends at 10:10 is soon over. */
const CUT_OVER_MINUTE = 610;
/** The aggregator's grace after the cut-over, the gateway's wait and its next look. */
const DATE_ENDS_MS = 20 * 60_000;

const BEHAVIOUR: Readonly<Record<NetworkMood, BillerRule['does']>> = {
  accept: { kind: 'pending', thenMs: 300, code: '00' },
  settle: { kind: 'accept' },
  reject: { kind: 'reject', code: '88' },
  lost_request: { kind: 'drop_request' },
  lost_answer: { kind: 'drop_answer' },
  late: { kind: 'late_answer', afterMs: 15_000 },
  odd_code: { kind: 'code_storm', codes: ['77', '99', '05'] },
  forged_reject: { kind: 'reject', code: '88' },
};

/** Real gateway, simulated aggregator. */
export const billerUnderTest: RailUnderTest = {
  name: 'biller rail against the simulated aggregator',
  withWorld: (work) =>
    withBiller(async (rig, aggregator, forge) => work(await worldOf(rig, aggregator, forge))),
};

/** A gateway with BI-FAST and the biller rail, and the aggregator that it pays at. */
export function withBiller(
  work: (rig: Rig, aggregator: Aggregator, forge: { isOn: boolean }) => Promise<void>,
): Promise<void> {
  return withRig(
    async (rig) => {
      const forge = { isOn: false };
      const aggregator = await openAggregator(rig, forge);
      await work(rig, aggregator, forge);
      await aggregator.stop();
    },
    {
      limits: { cutOverMinute: CUT_OVER_MINUTE, feedPollMs: 5_000, feedAliveMs: 600_000 },
      rails: (network) => [
        billerHost({
          bank: BANK,
          messageKey: KEYS.bank.privateKey,
          aggregatorKey: AGGREGATOR.publicKey,
          receiptKey: RECEIPT.publicKey,
          aggregator: network.connect('connector:PULHIDJA', 'biller'),
        }),
      ],
    },
  );
}

/** The aggregator on the rig's network. `forge` has its answers signed by a stranger. */
function openAggregator(rig: Rig, forge: { readonly isOn: boolean }): Promise<Aggregator> {
  const plain = memoryNet(rig.network, 'biller');
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
  return startAggregator({
    time: rig.time,
    net,
    random: seededRandom('aggregator'),
    log: silentLog,
    messageKey: AGGREGATOR.privateKey,
    bankKeys: { PULHIDJA: KEYS.bank.publicKey },
    rules: [],
    cutOverMinute: CUT_OVER_MINUTE,
  });
}

async function worldOf(
  rig: Rig,
  aggregator: Aggregator,
  forge: { isOn: boolean },
): Promise<RailWorld> {
  let link: 'lose_request' | 'lose_answer' | undefined;
  rig.network.onCall = (_peer, target, path) =>
    target === 'gateway-1' && path === '/send' ? link : undefined;
  const bill = await rig.rail.enquireBill({
    rail: 'biller',
    product: PRODUCT,
    customerKey: NUMBER,
  });
  if (bill.found !== true) throw new Error('the aggregator quotes');
  const random = seededRandom('biller-world');
  let sequence = 0;
  const sign = (instruction: BillerInstruction, jti: string): AuthorisedPayment => ({
    instruction,
    jti,
    token: rig.tokenOf(instruction, { jti }),
  });
  return {
    name: 'biller',
    rail: rig.rail,
    time: rig.time,
    bank: BANK,
    env: 'prod',
    audience: 'gateway-1',
    settings: { billerCutOverMinute: BigInt(CUT_OVER_MINUTE) },
    settlementAccount: CHART.billerOut,
    feeSen: 0n,
    authorise: () => {
      const number = String(90_000_000 + ++sequence);
      return sign(
        billInstruction(rig, { number, inquiryReference: bill.inquiryReference }),
        newId('jti', rig.time.now(), random),
      );
    },
    signAgain: (payment) => sign(payment.instruction as BillerInstruction, payment.jti), // made above
    crashAt: (point, work) => rig.crashAt(point, work),
    takenCount: (reference) => aggregator.arrivals(reference),
    setMood(mood) {
      aggregator.chooser.replace([{ name: mood, match: {}, does: BEHAVIOUR[mood] }]);
      forge.isOn = mood === 'forged_reject';
    },
    setLink: (fault) => void (link = fault),
    async prepare(engine, key = newId('key', rig.time.now(), random)) {
      const asked = { customerId: 'C1', product: PRODUCT, customerKey: NUMBER };
      const isForged = forge.isOn;
      forge.isOn = false;
      const found = await engine.bills.inquire(asked);
      forge.isOn = isForged;
      if (found.found !== true) throw new Error('the aggregator quotes');
      const command: BillCommand = {
        key,
        requestHash: sha256(key),
        customerId: 'C1',
        inquiryId: found.inquiry.id,
        debitAccount: '1001',
        amount: rupiah(10_000),
        periodCount: 0,
        confirmedFeeSen: rupiah(0),
        isRepeatConfirmed: true,
      };
      return (by) => by.bills.pay(command);
    },
    async startSigner(db) {
      const { time, network } = rig;
      const key = KEYS.signer.privateKey;
      const net = memoryNet(network, 'signer');
      const signerRandom = seededRandom('signer');
      await startSigner({
        db,
        time,
        net,
        random: signerRandom,
        key,
        kid: 'k1',
        env: 'prod',
        log: silentLog,
      });
      return remoteSigner(network.connect('core-1', 'signer'));
    },
    hear: (take) => void (rig.coreAnswer = take),
    settledSen: () => aggregator.settledSen(),
    async endDate() {
      await rig.pushSet();
      await rig.sleep(DATE_ENDS_MS);
      await rig.pushSet();
    },
  };
}

/** A bill payment as the ledger would commit it. */
export function billInstruction(
  rig: Rig,
  of: { readonly number: string; readonly inquiryReference: string } & Partial<BillerInstruction>,
): BillerInstruction {
  const { number, ...over } = of;
  return {
    version: 1,
    env: 'prod',
    rail: 'biller',
    direction: 'out',
    kind: 'bill_payment',
    paymentId: newId('pay', rig.time.now(), seededRandom(number)),
    attempt: 1,
    reference: `20260801PULHIDJA${number}`,
    amountSen: '1000000',
    currency: 'IDR',
    debtor: { bank: BANK.bic, account: '1001', accountType: 'SVGS', name: 'NASABAH A' },
    aggregator: 'TAGIHIDA',
    product: PRODUCT,
    customerKey: NUMBER,
    periodCount: 0,
    channel: 'mobile',
    businessDate: '2026-08-01',
    cohortBucket: 500,
    isStaff: false,
    ...over,
  };
}
