/** What core and gateway say to each other: bodies of the paths in `GATEWAY_PATH`, read from untrusted JSON on both sides. */
import type { RailName } from '../authorisation/instruction.ts';
import type { RailAnswer } from './contract.ts';

export interface SendBody {
  readonly instruction: unknown;
  readonly token: unknown;
}

/** `refused` = the gateway will not take this from this sender; nothing left. */
export type GatewayAnswer =
  | RailAnswer
  | { readonly outcome: 'not_reached'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly reason: string };

export type RecallAnswer =
  | { readonly known: 'never_seen' | 'voided' | 'intent' }
  | { readonly known: 'outcome'; readonly answer: RailAnswer }
  | { readonly known: 'not_reached'; readonly reason: string };

export type EnquiryAnswer =
  | { readonly found: true; readonly name: string; readonly accountType: string }
  | { readonly found: false; readonly code: string }
  | { readonly found: 'unknown'; readonly reason: string };

/** An amount that may be paid of a bill, and how many periods it covers; 0 where it has none. Sen as decimal text. */
export interface BillChoice {
  readonly amountSen: string;
  readonly periodCount: number;
}

/** A bill as a biller states it. `range` = any whole rupiah in it may be paid too. */
export interface Bill {
  readonly found: true;
  /** The network's own reference of this inquiry: the payment must quote it. */
  readonly inquiryReference: string;
  readonly customerName: string;
  readonly validUntilMs: number;
  readonly periods: readonly { readonly period: string; readonly amountSen: string }[];
  readonly choices: readonly BillChoice[];
  readonly range?: { readonly minSen: string; readonly maxSen: string };
}

export type BillAnswer =
  | Bill
  | { readonly found: false; readonly code: string }
  | { readonly found: 'unknown'; readonly reason: string };

/** Body of `GATEWAY_PATH.statement`: fetch the statement of a business date now, BI-FAST's unless `rail` names another. */
export interface StatementBody {
  readonly businessDate: string;
  readonly rail?: RailName;
}

/** Reads an answer about a payment; undefined when it is none. */
export function readGatewayAnswer(value: unknown): GatewayAnswer | undefined {
  const fields = recordOf(value);
  const { outcome, reason, code, isFinal, receipt } = fields;
  switch (outcome) {
    case 'accepted':
      return typeof isFinal === 'boolean' && typeof code === 'string'
        ? { outcome, isFinal, code, ...(isBox(receipt) && { receipt }) }
        : undefined;
    case 'rejected':
      return typeof code === 'string' ? { outcome, code } : undefined;
    case 'not_sent':
    case 'unknown':
    case 'not_reached':
    case 'refused':
      return typeof reason === 'string' ? { outcome, reason } : undefined;
    default:
      return undefined;
  }
}

/** Reads the answer of `recall`; undefined when it is none. */
export function readRecallAnswer(value: unknown): RecallAnswer | undefined {
  const { known, answer, reason } = recordOf(value);
  if (known === 'never_seen' || known === 'voided' || known === 'intent') return { known };
  if (known === 'not_reached' && typeof reason === 'string') return { known, reason };
  const read = readGatewayAnswer(answer);
  if (known !== 'outcome' || !read || read.outcome === 'not_reached' || read.outcome === 'refused')
    return undefined;
  return { known, answer: read };
}

/** Reads the answer of `enquireAccount`; undefined when it is none. */
export function readEnquiryAnswer(value: unknown): EnquiryAnswer | undefined {
  const { found, name, accountType, code, reason } = recordOf(value);
  if (found === true && typeof name === 'string' && typeof accountType === 'string')
    return { found, name, accountType };
  if (found === false && typeof code === 'string') return { found, code };
  if (found === 'unknown' && typeof reason === 'string') return { found, reason };
  return undefined;
}

/** A sealed receipt, by its form; what is in it only core can say. */
function isBox(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= RECEIPT_CHARS_MAX && /^v1\.[\w-]+$/.test(value)
  );
}

/** Reads the answer of `enquireBill`; undefined when it is none. */
export function readBillAnswer(value: unknown): BillAnswer | undefined {
  const fields = recordOf(value);
  const { found, code, reason, inquiryReference, customerName, validUntilMs } = fields;
  if (found === false && typeof code === 'string') return { found, code };
  if (found === 'unknown' && typeof reason === 'string') return { found, reason };
  const { periods, choices, range } = fields;
  const isGood =
    found === true &&
    typeof inquiryReference === 'string' &&
    typeof customerName === 'string' &&
    typeof validUntilMs === 'number' &&
    isList(periods, (one) => typeof one['period'] === 'string' && isAmount(one['amountSen'])) &&
    isList(
      choices,
      (one) => Number.isSafeInteger(one['periodCount']) && isAmount(one['amountSen']),
    );
  if (!isGood) return undefined;
  const { minSen, maxSen } = recordOf(range);
  if (range !== undefined && !(isAmount(minSen) && isAmount(maxSen))) return undefined;
  return {
    found,
    inquiryReference,
    customerName,
    validUntilMs,
    // Each element was checked above.
    periods: periods as Bill['periods'],
    choices: choices as Bill['choices'],
    ...(range !== undefined && { range: { minSen: String(minSen), maxSen: String(maxSen) } }),
  };
}

const RECEIPT_CHARS_MAX = 4_096;
const LIST_MAX = 50;

function isList(
  value: unknown,
  isGood: (one: Readonly<Record<string, unknown>>) => boolean,
): value is readonly unknown[] {
  return (
    Array.isArray(value) && value.length <= LIST_MAX && value.every((one) => isGood(recordOf(one)))
  );
}

function isAmount(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value);
}

/** The fields of a JSON object; none for anything else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
