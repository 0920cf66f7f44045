/** BI-FAST message ids: 30 and 27 characters, both from one sequence number. Source: docs/rail/bifast.md section 2. */
import { wibDate } from '../../kernel/time.ts';

/** `O` a participant's own message, `R` an answer, `H` made by the hub on its own. */
export type Originator = 'O' | 'R' | 'H';

export interface MessageIdParts {
  /** `yyyyMMdd`, WIB. */
  readonly day: string;
  readonly bic: string;
  readonly trxType: string;
  readonly originator: Originator;
  readonly channelCode: string;
  /** 1–99,999,999. */
  readonly sequence: number;
}

const BIZ_MSG_IDR = /^(\d{8})([A-Z0-9]{8})(\d{3})([ORH])(\d{2})(\d{8})$/;
const MSG_ID = /^(\d{8})([A-Z0-9]{8})(\d{3})(\d{8})$/;

/** Both ids of one message. Throws RangeError for a sequence that does not fit. */
export function messageIds(parts: MessageIdParts): {
  readonly bizMsgIdr: string;
  readonly msgId: string;
} {
  if (!Number.isSafeInteger(parts.sequence) || parts.sequence < 0 || parts.sequence > 99_999_999) {
    throw new RangeError('Cannot make a BI-FAST id: the sequence does not fit in 8 digits');
  }
  const sequence = String(parts.sequence).padStart(8, '0');
  const head = `${parts.day}${parts.bic}${parts.trxType}`;
  return {
    bizMsgIdr: `${head}${parts.originator}${parts.channelCode}${sequence}`,
    msgId: `${head}${sequence}`,
  };
}

/** The parts of a BizMsgIdr; undefined when it is not one (length, alphabet, calendar date). */
export function parseBizMsgIdr(text: unknown): MessageIdParts | undefined {
  const match = typeof text === 'string' ? BIZ_MSG_IDR.exec(text) : null;
  if (!match || !isDay(match[1]!)) return undefined;
  const [, day, bic, trxType, originator, channelCode, sequence] = match as unknown as string[];
  return {
    day: day!,
    bic: bic!,
    trxType: trxType!,
    originator: originator as Originator,
    channelCode: channelCode!,
    sequence: Number(sequence),
  };
}

/** True for a well-formed MsgId. */
export function isMsgId(text: unknown): text is string {
  const match = typeof text === 'string' ? MSG_ID.exec(text) : null;
  return match !== null && isDay(match[1]!);
}

/** True when a BizMsgIdr and a MsgId come from one sequence number. */
export function areOneMessage(ids: {
  readonly bizMsgIdr: string;
  readonly msgId: string;
}): boolean {
  const parts = parseBizMsgIdr(ids.bizMsgIdr);
  return parts !== undefined && messageIds(parts).msgId === ids.msgId;
}

/** The WIB day of an instant as ids write it: `20260801`. */
export function idDay(nowMs: number): string {
  return wibDate(nowMs).replaceAll('-', '');
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(day: string): boolean {
  const year = Number(day.slice(0, 4));
  const month = Number(day.slice(4, 6));
  const date = Number(day.slice(6));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const dayCount = month === 2 && isLeap ? 29 : DAYS[month - 1];
  return dayCount !== undefined && date >= 1 && date <= dayCount;
}
