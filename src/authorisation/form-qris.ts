/** The part of an instruction that is QRIS: a customer of ours pays a merchant of another bank. Every field that says who gets how much is
 * here, so that the signature binds it. Source: domain.md 1.3, 1.7; docs/rail/qris.md. */
import {
  COMMON_FORMS,
  hasForms,
  isParty,
  isText,
  type FieldForms,
  type InstructionCommon,
  type InstructionParty,
  type IssueMoment,
  type RailForm,
} from './form.ts';
import { makeSwitchIds, switchSeries, type SwitchSeries } from './form-switch.ts';

/** `amountSen` is the total, tip included. What a code does not say is empty text. */
export interface QrisInstruction extends InstructionCommon {
  readonly rail: 'qris';
  readonly kind: 'merchant_payment';
  /** Day, our institution and STAN: the network id, unique for ever, over the switch's transfers too. */
  readonly qrisId: string;
  /** DE37, twelve digits: the second id. */
  readonly rrn: string;
  /** DE7, MMDDhhmmss in GMT, of the moment of issue. */
  readonly transmittedAt: string;
  /** `bank` is the BIC, or the NNS of an acquirer without one; `account` is the merchant's PAN. */
  readonly creditor: InstructionParty;
  /** NNS, DE100. */
  readonly acquirer: string;
  /** DE2: our NNS, ten digits, check digit. */
  readonly customerPan: string;
  /** Of `amountSen`; sen as decimal text. */
  readonly tipSen: string;
  readonly nmid: string;
  /** Three capitals. */
  readonly criteria: string;
  /** DE42. */
  readonly merchantId: string;
  readonly city: string;
  /** 62-07, 62-05, 62-01 as they stood. */
  readonly terminalLabel: string;
  readonly referenceLabel: string;
  readonly billNumber: string;
  /** DE18, e.g. 6017 mobile. */
  readonly channelCode: string;
}

/** A merchant of ours gives a customer of another bank money back, all of a payment or a part of it. */
export interface QrisRefundInstruction extends InstructionCommon {
  readonly rail: 'qris';
  readonly kind: 'merchant_refund';
  readonly qrisId: string;
  readonly rrn: string;
  readonly transmittedAt: string;
  /** `bank` is the BIC or NNS of who issued the payment; `account` is the customer's PAN. */
  readonly creditor: InstructionParty;
  /** NNS, DE100. */
  readonly issuer: string;
  /** Who gives back, as the payment named it. */
  readonly merchantPan: string;
  readonly nmid: string;
  readonly criteria: string;
  readonly merchantId: string;
  readonly city: string;
  readonly terminalLabel: string;
  /** RRN and local date (MMDD) of the payment that is given back. */
  readonly originalRrn: string;
  readonly originalDate: string;
  /** DE48 RN, once per payment. */
  readonly refundNumber: string;
  readonly channelCode: string;
}

/** A merchant of ours scanned the code that a customer of another bank showed, and asks that bank for the money. Nothing of ours leaves: what is
 * held is what comes in. `debtor` is the customer as its code names it, `creditor` the account of the merchant's takings. */
export interface QrisScanInstruction extends InstructionCommon {
  readonly rail: 'qris';
  readonly kind: 'shown_code';
  readonly qrisId: string;
  readonly rrn: string;
  readonly transmittedAt: string;
  readonly creditor: InstructionParty;
  /** NNS, DE100. */
  readonly issuer: string;
  /** 9F74 in upper-case hexadecimal: good for one payment within a minute or two, and none once it is used. */
  readonly codeData: string;
  readonly merchantPan: string;
  readonly nmid: string;
  readonly criteria: string;
  readonly merchantId: string;
  readonly city: string;
  readonly terminalLabel: string;
  readonly billNumber: string;
  readonly channelCode: string;
}

/** A customer of ours sends money to the customer of another bank whose code was scanned (QRIS Transfer). `creditor.account` is the code's 40-02. */
export interface QrisTransferInstruction extends InstructionCommon {
  readonly rail: 'qris';
  readonly kind: 'code_transfer';
  readonly qrisId: string;
  readonly rrn: string;
  readonly transmittedAt: string;
  readonly creditor: InstructionParty;
  /** NNS, DE100. */
  readonly receiver: string;
  /** 40-01 of the code. */
  readonly payeePan: string;
  readonly city: string;
  /** 62-99 of the code. */
  readonly uniqueData: string;
  /** The payer's alias. */
  readonly customerPan: string;
}

/** What QRIS carries. */
export type QrisAnyInstruction =
  | QrisInstruction
  | QrisRefundInstruction
  | QrisScanInstruction
  | QrisTransferInstruction;

const LABEL = /^[\x20-\x7e]{0,25}$/;

const FORMS = {
  ...COMMON_FORMS,
  rail: (value: unknown) => value === 'qris',
  kind: (value: unknown) => value === 'merchant_payment',
  qrisId: (value: unknown) => isText(value, /^\d{17}$/),
  rrn: (value: unknown) => isText(value, /^\d{12}$/),
  transmittedAt: (value: unknown) => isText(value, /^\d{10}$/),
  creditor: isParty,
  acquirer: (value: unknown) => isText(value, /^\d{8}$/),
  customerPan: (value: unknown) => isText(value, /^\d{19}$/),
  tipSen: (value: unknown) => isText(value, /^(0|[1-9]\d{0,11})$/),
  nmid: (value: unknown) => isText(value, /^(ID\d{13})?$/),
  criteria: (value: unknown) => isText(value, /^[A-Z]{3}$/),
  merchantId: (value: unknown) => isText(value, /^[\x20-\x7e]{0,15}$/),
  city: (value: unknown) => isText(value, /^[\x20-\x7e]{1,15}$/),
  terminalLabel: (value: unknown) => isText(value, LABEL),
  referenceLabel: (value: unknown) => isText(value, LABEL),
  billNumber: (value: unknown) => isText(value, LABEL),
  channelCode: (value: unknown) => isText(value, /^60\d{2}$/),
};

const REFUND_FORMS = {
  ...COMMON_FORMS,
  rail: FORMS.rail,
  kind: (value: unknown) => value === 'merchant_refund',
  qrisId: FORMS.qrisId,
  rrn: FORMS.rrn,
  transmittedAt: FORMS.transmittedAt,
  creditor: isParty,
  issuer: (value: unknown) => isText(value, /^\d{8}$/),
  merchantPan: (value: unknown) => isText(value, /^\d{19}$/),
  nmid: FORMS.nmid,
  criteria: FORMS.criteria,
  merchantId: FORMS.merchantId,
  city: FORMS.city,
  terminalLabel: FORMS.terminalLabel,
  originalRrn: (value: unknown) => isText(value, /^\d{12}$/),
  originalDate: (value: unknown) => isText(value, /^\d{4}$/),
  refundNumber: (value: unknown) => isText(value, /^[\x21-\x7e]{1,30}$/),
  channelCode: FORMS.channelCode,
} satisfies FieldForms;

const SCAN_FORMS = {
  ...COMMON_FORMS,
  rail: FORMS.rail,
  kind: (value: unknown) => value === 'shown_code',
  qrisId: FORMS.qrisId,
  rrn: FORMS.rrn,
  transmittedAt: FORMS.transmittedAt,
  creditor: isParty,
  issuer: REFUND_FORMS.issuer,
  codeData: (value: unknown) => isText(value, /^(?:[0-9A-F]{2}){8,49}$/),
  merchantPan: REFUND_FORMS.merchantPan,
  nmid: FORMS.nmid,
  criteria: FORMS.criteria,
  merchantId: FORMS.merchantId,
  city: FORMS.city,
  terminalLabel: FORMS.terminalLabel,
  billNumber: FORMS.billNumber,
  channelCode: FORMS.channelCode,
} satisfies FieldForms;

const TRANSFER_FORMS = {
  ...COMMON_FORMS,
  rail: FORMS.rail,
  kind: (value: unknown) => value === 'code_transfer',
  qrisId: FORMS.qrisId,
  rrn: FORMS.rrn,
  transmittedAt: FORMS.transmittedAt,
  creditor: isParty,
  receiver: FORMS.acquirer,
  payeePan: (value: unknown) => isText(value, /^\d{16,19}$/),
  city: FORMS.city,
  uniqueData: (value: unknown) => isText(value, /^[\x20-\x7e]{8,64}$/),
  customerPan: FORMS.customerPan,
} satisfies FieldForms;

/** The form of QRIS payments, refunds, transfers and scanned codes. Ids are drawn from the counter of the switch: the same links carry both, so a STAN or RRN is used once. */
export const qrisForm = {
  idFields: ['qrisId', 'rrn'],
  seriesOf: switchSeries,
  makeIds(series: SwitchSeries, moment: IssueMoment) {
    const { switchId: qrisId, ...ids } = makeSwitchIds(series, moment);
    return { qrisId, ...ids };
  },
  counterpartyOf: (instruction: QrisAnyInstruction) =>
    instruction.kind === 'shown_code' ? instruction.debtor.bank : instruction.creditor.bank,
  isWhole: (value) =>
    String(value['qrisId']).slice(-6) === String(value['rrn']).slice(-6) &&
    (hasForms(value, REFUND_FORMS) ||
      hasForms(value, SCAN_FORMS) ||
      hasForms(value, TRANSFER_FORMS) ||
      (hasForms(value, FORMS) &&
        BigInt(String(value['tipSen'])) < BigInt(String(value['amountSen'])))),
} satisfies RailForm;
