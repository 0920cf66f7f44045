/** Reads a network's feed pages and statements from bytes whose signature was checked; which ids its lines may name is the rail's.
 * Source: docs/rail/bifast.md section 5; docs/rail/biller.md section 7. */
import { parseJson } from '../kernel/wire.ts';
import type { SettlementLine } from './notice.ts';

/** An older or newer page may be an old one played again to hide new lines. */
const PAGE_AGE_MS_MAX = 5 * 60_000;

/** True for an id that the rail's network may name. */
type IsId = (value: unknown) => boolean;

export interface FeedPage {
  readonly cursor: string;
  readonly lines: readonly SettlementLine[];
}

export interface Statement {
  readonly businessDate: string;
  /** No line can be added any more: what is not in it did not settle. */
  readonly isComplete: boolean;
  readonly lines: readonly SettlementLine[];
}

/** A feed page that answers what was asked, now, by this bank; undefined otherwise. */
export function parseFeed(input: {
  readonly body: Uint8Array;
  readonly bic: string;
  readonly isId: IsId;
  readonly after: string;
  readonly nowMs: number;
}): FeedPage | undefined {
  const page = fresh(input);
  if (!page || page['after'] !== input.after) return undefined;
  const { cursor } = page;
  if (
    typeof cursor !== 'string' ||
    !/^\d{1,18}$/.test(cursor) ||
    BigInt(cursor) < BigInt(input.after)
  )
    return undefined;
  const lines = readLines(page['lines'], input.isId);
  return lines && { cursor, lines };
}

/** The statement of the date that was asked; undefined otherwise. */
export function parseStatement(input: {
  readonly body: Uint8Array;
  readonly bic: string;
  readonly isId: IsId;
  readonly businessDate: string;
  readonly nowMs: number;
}): Statement | undefined {
  const page = fresh(input);
  if (!page || page['businessDate'] !== input.businessDate || typeof page['complete'] !== 'boolean')
    return undefined;
  const lines = readLines(page['lines'], input.isId);
  if (!lines || lines.some(({ businessDate }) => businessDate !== input.businessDate))
    return undefined;
  return { businessDate: input.businessDate, isComplete: page['complete'], lines };
}

/** A page for this bank that was made now; undefined otherwise. */
export function fresh(input: {
  readonly body: Uint8Array;
  readonly bic: string;
  readonly nowMs: number;
}): Record<string, unknown> | undefined {
  const value = parseJson(input.body);
  if (!isRecord(value) || value['bank'] !== input.bic) return undefined;
  const madeAtMs = value['madeAtMs'];
  if (!Number.isSafeInteger(madeAtMs) || Math.abs(input.nowMs - Number(madeAtMs)) > PAGE_AGE_MS_MAX)
    return undefined;
  return value;
}

function readLines(value: unknown, isId: IsId): readonly SettlementLine[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const lines = value.map((line) => readLine(line, isId));
  return lines.every((line) => line !== undefined) ? lines : undefined;
}

function readLine(value: unknown, isId: IsId): SettlementLine | undefined {
  if (!isRecord(value)) return undefined;
  const {
    lineId,
    direction,
    bizMsgIdr,
    amountSen,
    counterpartyBank,
    connector,
    settledAtMs,
    businessDate,
  } = value;
  const isGood =
    isText(lineId, /^[\x21-\x7e]{1,64}$/) &&
    (direction === 'out' || direction === 'in') &&
    isId(bizMsgIdr) &&
    isText(amountSen, /^[1-9]\d{0,17}$/) &&
    isText(counterpartyBank, /^[A-Z0-9]{8}$/) &&
    isText(connector, /^[0-9a-f]{0,64}$/) &&
    Number.isSafeInteger(settledAtMs) &&
    isText(businessDate, /^\d{4}-\d\d-\d\d$/);
  if (!isGood) return undefined;
  // Rebuilt field by field: whatever else the hub sends does not enter the journal.
  return {
    lineId,
    direction,
    bizMsgIdr: bizMsgIdr as string, // checked by `isId`, which takes text only
    amountSen,
    counterpartyBank,
    connector,
    settledAtMs: Number(settledAtMs),
    businessDate,
  };
}

/** A string of that form. */
export function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** A JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
