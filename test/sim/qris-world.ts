/** QRIS as the conformance suite needs it: the world of the switch, and a shop at another bank. */
import { peerMerchant, DEMO_PEERS } from '../../sim/switch/peers.ts';
import { qrisForm, type QrisInstruction } from '../../src/authorisation/form-qris.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { rupiah, sen } from '../../src/kernel/money.ts';
import { wibDate } from '../../src/kernel/time.ts';
import { customerPanOf } from '../../src/payment/qris-draft.ts';
import { bifast } from '../../src/payment/test-bank.ts';
import { BANK, type Rig } from '../gateway/rig.ts';
import type { RailUnderTest, RailWorld } from './rail-effect.ts';
import { CUT_OVER_MINUTE, sharedWorld, withSwitch, type SwitchRig } from './switch-world.ts';

const SHOP_BANK = DEMO_PEERS.find(({ code }) => code === '009')!; // one of the demo's
/** PAN of a shop whose acquirer is BNI. */
export const SHOP_PAN = peerMerchant(SHOP_BANK, 1);
const FREE = sen(0n);
/** What its code says. */
export const SHOP_TERMS = {
  acquirer: SHOP_BANK.nns,
  tipSen: FREE,
  criteria: 'UMI',
  city: 'BANDUNG',
  nmid: 'ID1020000000456',
  merchantId: '000000000000456',
  terminalLabel: 'K02',
  referenceLabel: '',
  billNumber: '',
} as const;
/** A payment to it as core is asked for it. */
export const SHOP = {
  creditorBank: 'BNINIDJA',
  creditorAccount: SHOP_PAN,
  creditorName: 'TOKO SIMULASI',
  confirmedFeeSen: FREE,
  qris: SHOP_TERMS,
} as const;

/** Real gateway, simulated switch. The suite's network promises nothing when it does not know: its checks must hold for any; and the
 * suite looks at what is unknown for longer than a till waits. */
export const qrisUnderTest = underTest({ isCheckFinal: false, inquiryFirstMs: 60_000n });

/** A customer of BNI's code, as our customer scanned it. */
const PAYEE_PAN = peerMerchant(SHOP_BANK, 77);
const CODE_TRANSFER = {
  receiver: SHOP_BANK.nns,
  payeePan: PAYEE_PAN,
  city: 'BANDUNG',
  uniqueData: '0001200123456789',
} as const;
/** Money for her as core is asked for it. */
export const TO_PERSON = {
  creditorBank: 'BNINIDJA',
  creditorAccount: '100200300400',
  creditorName: 'NASABAH SIMULASI',
  confirmedFeeSen: rupiah(2_500),
  codeTransfer: CODE_TRANSFER,
} as const;

/** QRIS Transfer, as the suite has it. */
export const codeTransferUnderTest: ReturnType<typeof underTest> = {
  name: "QRIS Transfer against the simulator's switch",
  withWorld: (work) =>
    withSwitch(
      (world) =>
        work({
          ...worldOf(world, 60_000n),
          ...sharedWorld(world, 'qris_transfer'),
          feeSen: rupiah(2_500),
          async prepare(_engine, key) {
            const command = bifast({ ...TO_PERSON, ...(key && { key }) });
            return (engine) => engine.submit(command);
          },
        }),
      { isCheckFinal: false },
    ),
};

/** As the demo has it: who answers "not known" refuses from then on, and a check comes as soon as a till needs it. */
export const tillUnderTest = underTest({ isCheckFinal: true, inquiryFirstMs: 3_000n });

function underTest(of: {
  readonly isCheckFinal: boolean;
  readonly inquiryFirstMs: bigint;
}): RailUnderTest & { withWorld(work: (world: QrisWorld) => Promise<void>): Promise<void> } {
  const { isCheckFinal, inquiryFirstMs } = of;
  return {
    name: "QRIS rail against the simulator's switch",
    withWorld: (work) =>
      withSwitch((world) => work(worldOf(world, inquiryFirstMs)), { isCheckFinal }),
  };
}

/** The suite's world, and the network behind it. */
export interface QrisWorld extends RailWorld {
  readonly outside: SwitchRig['outside'];
}

function worldOf(world: SwitchRig, inquiryFirstMs: bigint): QrisWorld {
  const { rig, outside } = world;
  const make = makeInstructions(rig);
  return {
    ...sharedWorld(world, 'qris'),
    outside,
    name: 'qris',
    settings: {
      qrisCutOverMinute: BigInt(CUT_OVER_MINUTE),
      qrisInquiryFirstMs: inquiryFirstMs,
    },
    settlementAccount: CHART.qrisOut,
    feeSen: 0n,
    async prepare(_engine, key) {
      const command = bifast({ ...SHOP, ...(key && { key }) });
      return (engine) => engine.submit(command);
    },
    authorise() {
      const { jti } = rig.authorise();
      const instruction = make();
      return { instruction, jti, token: rig.tokenOf(instruction, { jti }) };
    },
  };
}

/** Instructions as ledger and signer hand them over. */
export function makeInstructions(rig: Rig): (over?: Partial<QrisInstruction>) => QrisInstruction {
  let sequence = 0n;
  return (over = {}) => {
    const { channelCode: _code, categoryPurpose: _purpose, ...given } = rig.instruction();
    const { bizMsgIdr: _id, msgId: _second, remittance: _words, ...common } = given;
    const nowMs = rig.time.now();
    const ids = qrisForm.makeIds(
      { bic: BANK.bic, institution: BANK.bankCode },
      { day: wibDate(nowMs), atMs: nowMs, sequence: ++sequence },
    );
    return {
      ...common,
      ...SHOP_TERMS,
      ...ids,
      rail: 'qris',
      kind: 'merchant_payment',
      creditor: {
        bank: 'BNINIDJA',
        account: SHOP_PAN,
        accountType: 'OTHR',
        name: 'TOKO SIMULASI',
      },
      customerPan: customerPanOf({ institution: BANK.bankCode, payer: 'C1' }),
      tipSen: '0',
      channelCode: '6017',
      ...over,
    };
  };
}
