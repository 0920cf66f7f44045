/** What kinds of payments there are, as data: over which rail each goes and which way, and what each rail means for the money
 * (accounts), the limits and the clocks (settings). Adding a kind is a row here. Pure. */
import type { RailName } from '../authorisation/instruction.ts';
import { assert } from '../kernel/assert.ts';
import { CHART } from '../kernel/bank.ts';
import type { PaymentSettings, SettingName } from './settings.ts';

/** `onus` stays inside the bank, its own machines included: no network, no authorisation, no settlement. */
export type PaymentRail = 'onus' | RailName;

interface Kind {
  readonly rail: PaymentRail;
  /** `asked`: the network asks, and what moves is our customer's. */
  readonly direction: 'out' | 'in' | 'asked';
}

/** Every kind. SQL checks the same names (`payment.kind`). */
export const PAYMENT_KINDS = {
  onus: { rail: 'onus', direction: 'out' },
  onus_refund: { rail: 'onus', direction: 'out' },
  bifast_out: { rail: 'bifast', direction: 'out' },
  bifast_in: { rail: 'bifast', direction: 'in' },
  bifast_return: { rail: 'bifast', direction: 'out' },
  card_withdrawal: { rail: 'switch', direction: 'asked' },
  card_return: { rail: 'switch', direction: 'asked' },
  card_fee: { rail: 'switch', direction: 'asked' },
  atm_withdrawal: { rail: 'onus', direction: 'asked' },
  atm_deposit: { rail: 'onus', direction: 'asked' },
  atm_deposit_back: { rail: 'onus', direction: 'asked' },
  atm_load: { rail: 'onus', direction: 'asked' },
  atm_acquired: { rail: 'switch', direction: 'asked' },
  switch_out: { rail: 'switch', direction: 'out' },
  switch_in: { rail: 'switch', direction: 'in' },
  bill: { rail: 'biller', direction: 'out' },
  qris_out: { rail: 'qris', direction: 'out' },
  qris_presented: { rail: 'qris', direction: 'asked' },
  qris_in: { rail: 'qris', direction: 'in' },
  qris_scanned: { rail: 'qris', direction: 'in' },
  qris_transfer_out: { rail: 'qris', direction: 'out' },
  qris_transfer_in: { rail: 'qris', direction: 'in' },
  qris_refund_out: { rail: 'qris', direction: 'out' },
  qris_refund_in: { rail: 'qris', direction: 'in' },
} as const satisfies Record<string, Kind>;

export type PaymentKind = keyof typeof PAYMENT_KINDS;

/** The rails that payments use today. */
export type UsedRail = (typeof PAYMENT_KINDS)[PaymentKind]['rail'];
/** Those of them that have a network. */
export type UsedNetwork = Exclude<UsedRail, 'onus'>;

/** What every rail needs: fee income, bounds of one payment, end of the business date. */
interface RailTerms {
  readonly fee: string;
  readonly minimum: SettingName;
  readonly cap: SettingName;
  readonly cutOverMinute: SettingName;
}

/** What a rail with a network needs besides: settlement and suspense accounts, and how it is asked about what is open. */
interface NetworkTerms extends RailTerms {
  readonly settlementOut: string;
  readonly settlementIn: string;
  readonly suspense: string;
  readonly statementDelayMs: SettingName;
  readonly inquiryFirstMs: SettingName;
  readonly inquiryMax: SettingName;
  readonly inquiryPerSecond: SettingName;
  /** The network's own code for what its statement settles. */
  readonly settledCode: string;
  /** An inquiry needs the instruction: it repeats the payment (biller: advice), or names more than its ids (QRIS). */
  readonly asksWithInstruction: boolean;
}

const RAIL_TERMS = {
  onus: {
    fee: CHART.onusFee,
    minimum: 'onusMinimumSen',
    cap: 'onusCapSen',
    cutOverMinute: 'onusCutOverMinute',
  },
  bifast: {
    fee: CHART.bifastFee,
    minimum: 'bifastMinimumSen',
    cap: 'bifastCapSen',
    cutOverMinute: 'bifastCutOverMinute',
    settlementOut: CHART.bifastOut,
    settlementIn: CHART.bifastIn,
    suspense: CHART.bifastSuspense,
    statementDelayMs: 'statementDelayMs',
    inquiryFirstMs: 'inquiryFirstMs',
    inquiryMax: 'inquiryMax',
    inquiryPerSecond: 'inquiryPerSecond',
    settledCode: 'U000',
    asksWithInstruction: false,
  },
  switch: {
    fee: CHART.switchFee,
    minimum: 'switchMinimumSen',
    cap: 'switchCapSen',
    cutOverMinute: 'switchCutOverMinute',
    settlementOut: CHART.switchOut,
    settlementIn: CHART.switchIn,
    suspense: CHART.switchSuspense,
    statementDelayMs: 'switchStatementDelayMs',
    inquiryFirstMs: 'switchInquiryFirstMs',
    inquiryMax: 'switchInquiryMax',
    inquiryPerSecond: 'switchInquiryPerSecond',
    settledCode: 'RC00',
    asksWithInstruction: false,
  },
  biller: {
    fee: CHART.billerFee,
    minimum: 'billerMinimumSen',
    cap: 'billerCapSen',
    cutOverMinute: 'billerCutOverMinute',
    settlementOut: CHART.billerOut,
    settlementIn: CHART.billerIn,
    suspense: CHART.billerSuspense,
    statementDelayMs: 'billerStatementDelayMs',
    inquiryFirstMs: 'billerInquiryFirstMs',
    inquiryMax: 'billerInquiryMax',
    inquiryPerSecond: 'billerInquiryPerSecond',
    asksWithInstruction: true,
    settledCode: 'U000',
  },
  qris: {
    // At a shop the merchant pays; who sends by QRIS Transfer pays its fee.
    fee: CHART.qrisFee,
    minimum: 'qrisMinimumSen',
    cap: 'qrisCapSen',
    cutOverMinute: 'qrisCutOverMinute',
    settlementOut: CHART.qrisOut,
    settlementIn: CHART.qrisIn,
    suspense: CHART.qrisSuspense,
    statementDelayMs: 'qrisStatementDelayMs',
    inquiryFirstMs: 'qrisInquiryFirstMs',
    inquiryMax: 'qrisInquiryMax',
    inquiryPerSecond: 'qrisInquiryPerSecond',
    settledCode: 'RC00',
    // A check names the merchant and the original message.
    asksWithInstruction: true,
  },
} as const satisfies Record<'onus', RailTerms> & Record<UsedNetwork, NetworkTerms>;

/** The terms of a kind's rail. */
export function termsOf(kind: PaymentKind): RailTerms {
  return RAIL_TERMS[PAYMENT_KINDS[kind].rail];
}

/** The terms of a rail with a network. */
export function networkOf(rail: UsedNetwork): NetworkTerms {
  return RAIL_TERMS[rail];
}

/** The network of a kind; undefined on-us. */
export function railOf(kind: PaymentKind): UsedNetwork | undefined {
  const { rail } = PAYMENT_KINDS[kind];
  return rail === 'onus' ? undefined : rail;
}

/** The network that a payment goes over; asserts that there is one. */
export function networkRailOf({ kind }: { readonly kind: PaymentKind }): UsedNetwork {
  const rail = railOf(kind);
  assert(rail, `a payment of kind ${kind} goes over a network`);
  return rail;
}

const CAPTURED: ReadonlySet<PaymentKind> = new Set([
  'card_withdrawal',
  'atm_acquired',
  'qris_presented',
  'qris_scanned',
]);

/** What one bank asked and the other approved, cash in the hand or goods over a counter: done before the network's statement says so, and
 * captured by the statement alone. */
export function isCapturedByStatement({ kind }: { readonly kind: PaymentKind }): boolean {
  return CAPTURED.has(kind);
}

/** A setting's value as a number. Only for counts, minutes and milliseconds. */
export function numberOf(settings: PaymentSettings, name: SettingName): number {
  return Number(settings[name]);
}

/** The kinds that a network brings us. */
export const RECEIVED_KINDS = (Object.keys(PAYMENT_KINDS) as readonly PaymentKind[]).filter(
  (kind) => PAYMENT_KINDS[kind].direction === 'in',
);

/** The kinds that go over a network. */
export const NETWORK_KINDS = (Object.keys(PAYMENT_KINDS) as readonly PaymentKind[]).filter(
  (kind) => railOf(kind) !== undefined,
);
