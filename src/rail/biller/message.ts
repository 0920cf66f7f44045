/** The aggregator's messages: JSON objects, strict in both directions. Every answer repeats the kind and the id of what was asked,
 * and what it is about, so that no old answer can stand for a new question. Source: docs/rail/biller.md section 2. */
import type { BillerInstruction } from '../../authorisation/form-biller.ts';
import { formatIdr, parseIdr } from '../../kernel/money.ts';
import { recordOf } from '../gateway-wire.ts';
import { PROOFS } from './product.ts';

/** What a payment is about; an advice repeats it to the letter. */
type About = Pick<
  BillerInstruction,
  'product' | 'customerKey' | 'inquiryReference' | 'periodCount' | 'amountSen'
>;

/** Asks what is owed. */
export function renderInquiry(asked: {
  readonly bank: string;
  readonly messageId: string;
  readonly product: string;
  readonly customerKey: string;
  readonly nowMs: number;
}): Buffer {
  const { bank, messageId, product, customerKey, nowMs } = asked;
  return encode({ kind: 'inquiry', bank, messageId, madeAtMs: nowMs, product, customerKey });
}

/** Pays, from a committed instruction and nothing else. */
export function renderPayment(input: {
  readonly instruction: BillerInstruction;
  readonly nowMs: number;
}): Buffer {
  const { instruction, nowMs } = input;
  const { reference } = instruction;
  const bank = instruction.debtor.bank;
  const head = { kind: 'payment', bank, messageId: reference, madeAtMs: nowMs };
  return encode({ ...head, reference, ...aboutOf(instruction) });
}

/** Asks what became of a payment; never pays. */
export function renderAdvice(input: {
  readonly instruction: BillerInstruction;
  readonly messageId: string;
  readonly nowMs: number;
}): Buffer {
  const { instruction, messageId, nowMs } = input;
  const { reference } = instruction;
  const head = { kind: 'advice', bank: instruction.debtor.bank, messageId, madeAtMs: nowMs };
  return encode({ ...head, reference, ...aboutOf(instruction) });
}

function aboutOf(of: About): Readonly<Record<string, unknown>> {
  const { product, customerKey, inquiryReference, periodCount, amountSen } = of;
  const amount = formatIdr(BigInt(amountSen));
  return { product, customerKey, inquiryReference, periodCount, amount };
}

function encode(value: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export interface BillPeriod {
  /** `2026-07`. */
  readonly period: string;
  /** Penalty included. */
  readonly amountSen: bigint;
}

/** What the biller says is owed. */
export interface InquiryAnswer {
  readonly inquiryReference: string;
  readonly customerName: string;
  readonly validUntilMs: number;
  readonly periods: readonly BillPeriod[];
  /** Closed bills: the amount. Partial ones: the most. */
  readonly amountSen?: bigint;
  /** Partial bills: the least. */
  readonly minimumSen?: bigint;
}

/** What was paid for, in the biller's own numbers: token, NTPN, serial number … */
export type Receipt = Readonly<Record<string, string>>;

/** The purpose that a receipt is sealed for: it opens under its own reference only. */
export function receiptPurpose(reference: string): string {
  return `receipt:${reference}`;
}

export interface PaymentAnswer {
  readonly code: string;
  readonly receipt: Receipt;
}

const PERIODS_MAX = 24;
const VALUE = /^[\x20-\x7e]{1,64}$/;
/** What may stand on a receipt beside the proofs. */
const RECEIPT_FIELDS: ReadonlySet<string> = new Set([...PROOFS, 'kwh', 'tariff', 'power', 'stand']);

/** Reads the answer to an inquiry about this product and key; undefined when it is none. A code other than `00` has no bill. */
export function readInquiryAnswer(
  value: unknown,
  asked: { readonly messageId: string; readonly product: string; readonly customerKey: string },
): { readonly code: string; readonly bill?: InquiryAnswer } | undefined {
  const fields = recordOf(value);
  const { kind, messageId, product, customerKey, code } = fields;
  const isAbout =
    kind === 'inquiry_answer' &&
    messageId === asked.messageId &&
    product === asked.product &&
    customerKey === asked.customerKey &&
    isCode(code);
  if (!isAbout) return undefined;
  if (code !== '00') return { code };
  const bill = readBill(recordOf(fields['bill']));
  return bill && { code, bill };
}

function readBill(fields: Readonly<Record<string, unknown>>): InquiryAnswer | undefined {
  const { inquiryReference, customerName, validUntilMs, periods, amount, minimum } = fields;
  const isGood =
    isText(inquiryReference, /^[A-Z0-9]{8,32}$/) &&
    // oxlint-disable-next-line no-control-regex -- keeping them out is the point
    isText(customerName, /^[^\x00-\x1f]{1,140}$/) &&
    Number.isSafeInteger(validUntilMs) &&
    Array.isArray(periods) &&
    periods.length <= PERIODS_MAX;
  if (!isGood) return undefined;
  const read = periods.map((one) => readPeriod(recordOf(one)));
  const amountSen = amount === undefined ? undefined : parseIdr(amount);
  const minimumSen = minimum === undefined ? undefined : parseIdr(minimum);
  if (!read.every((one) => one !== undefined)) return undefined;
  if ((amount !== undefined && !amountSen) || (minimum !== undefined && !minimumSen))
    return undefined;
  return {
    inquiryReference,
    customerName,
    validUntilMs: Number(validUntilMs),
    periods: read,
    ...(amountSen && { amountSen }),
    ...(minimumSen && { minimumSen }),
  };
}

function readPeriod({ period, amount }: Readonly<Record<string, unknown>>): BillPeriod | undefined {
  const amountSen = parseIdr(amount);
  return isText(period, /^\d{4}-(0[1-9]|1[0-2])$/) && amountSen ? { period, amountSen } : undefined;
}

/** Reads the answer to a payment or an advice about this instruction; undefined when it speaks of anything else, another amount
 * included. */
export function readPaymentAnswer(
  value: unknown,
  asked: {
    readonly kind: 'payment' | 'advice';
    readonly messageId: string;
    readonly instruction: BillerInstruction;
  },
): PaymentAnswer | undefined {
  const fields = recordOf(value);
  const { instruction } = asked;
  const { code } = fields;
  const isAbout =
    fields['kind'] === `${asked.kind}_answer` &&
    fields['messageId'] === asked.messageId &&
    fields['reference'] === instruction.reference &&
    fields['product'] === instruction.product &&
    fields['customerKey'] === instruction.customerKey &&
    fields['amount'] === formatIdr(BigInt(instruction.amountSen)) &&
    isCode(code);
  if (!isAbout) return undefined;
  const receipt = readReceipt(recordOf(fields['receipt']));
  return receipt && { code, receipt };
}

/** The fields that we know, each in its form; a token has 20 digits. */
function readReceipt(fields: Readonly<Record<string, unknown>>): Receipt | undefined {
  const receipt: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!RECEIPT_FIELDS.has(name)) continue;
    if (!isText(value, name === 'token' ? /^\d{20}$/ : VALUE)) return undefined;
    receipt[name] = value;
  }
  return receipt;
}

function isCode(value: unknown): value is string {
  return isText(value, /^\d\d$/);
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}
