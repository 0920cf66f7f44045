/** The biller rail's part of an instruction. Source: domain.md section 5; docs/rail/biller.md. */
import { assert } from '../kernel/assert.ts';
import {
  COMMON_FORMS,
  hasForms,
  isText,
  type InstructionCommon,
  type IssueMoment,
  type RailForm,
} from './form.ts';

export interface BillerInstruction extends InstructionCommon {
  readonly rail: 'biller';
  readonly kind: 'bill_payment';
  /** Our number for the payment at the aggregator, 24 characters: the network id. */
  readonly reference: string;
  /** The aggregator that settles for all its billers, 8 characters. */
  readonly aggregator: string;
  /** Product by its code in the product table, e.g. `PLN_PREPAID`. */
  readonly product: string;
  /** Customer number, meter, tax object or phone number. */
  readonly customerKey: string;
  /** The aggregator's reference of the inquiry that showed this bill: a payment without one is refused. */
  readonly inquiryReference: string;
  /** How many periods of a postpaid bill are paid, oldest first; 0 where a bill has none. */
  readonly periodCount: number;
}

/** What its reference is made from beside the sequence. */
export interface BillerSeries {
  readonly bic: string;
}

/** Eight digits of the reference. */
const SEQUENCE_MAX = 99_999_999n;
const PERIODS_MAX = 24;

const FORMS = {
  ...COMMON_FORMS,
  rail: (value: unknown) => value === 'biller',
  kind: (value: unknown) => value === 'bill_payment',
  reference: (value: unknown) => isText(value, /^\d{8}[A-Z0-9]{8}\d{8}$/),
  aggregator: (value: unknown) => isText(value, /^[A-Z0-9]{8}$/),
  product: (value: unknown) => isText(value, /^[A-Z][A-Z0-9_]{1,31}$/),
  customerKey: (value: unknown) => isText(value, /^[A-Z0-9]{4,32}$/),
  inquiryReference: (value: unknown) => isText(value, /^[A-Z0-9]{8,32}$/),
  periodCount: (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= PERIODS_MAX,
};

/** The form of bill payments: one reference of day, our BIC and eight digits is the only id. */
export const billerForm = {
  idFields: ['reference'],
  seriesOf: ({ bic }) => `biller:${bic}`,
  makeIds({ bic }: BillerSeries, { day, sequence }: IssueMoment) {
    assert(sequence > 0n && sequence <= SEQUENCE_MAX, 'a sequence number has at most eight digits');
    return { reference: `${day.replaceAll('-', '')}${bic}${sequence.toString().padStart(8, '0')}` };
  },
  counterpartyOf: (instruction: BillerInstruction) => instruction.aggregator,
  isWhole: (value) => hasForms(value, FORMS),
} satisfies RailForm;
