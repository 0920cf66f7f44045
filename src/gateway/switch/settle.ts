/** The switch's settlement: its file of a date, read again and again while the date is open (the feed) and once it is closed (the
 * statement). A file without a right MAC posts nothing and raises P1 (I12). How the file is brought here is configuration. */
import { businessDate } from '../../kernel/time.ts';
import type { SettlementLine } from '../../rail/notice.ts';
import {
  macDataOf,
  dateOfFile,
  parseSettlementFile,
  splitFile,
  type FileRail,
  type SettlementFile,
} from '../../rail/switch/settlement-file.ts';
import type { DatedFault, SettlementSource } from '../host.ts';
import { hashOf } from '../file-fault.ts';
import type { SwitchContext } from './line.ts';

/** A file is as long as the day is: not every second. */
const READ_MS = 5_000;
/** Lines of a page of the feed. */
const PAGE_LINES_MAX = 500;
/** A cursor is a date (8 digits) and a count of its lines (8 digits). */
const LINES_BASE = 100_000_000n;
const DAY_MS = 86_400_000;
const FAULTS_MAX = 20;

/** Makes the source of one of the rails that the file settles. `onIncoming` hears of each incoming payment that the feed names. */
export function makeSettlementSource(
  context: SwitchContext,
  rail: FileRail,
  onIncoming: (line: SettlementLine) => Promise<void>,
): SettlementSource {
  let readAtMs = Number.NEGATIVE_INFINITY;
  let taken: { readonly date: string; readonly total: number; readonly hash: string } | undefined;
  // A day's file has hundreds of pages: it is fetched, checked and taken apart once for all of them.
  let held: { readonly date: string; readonly file: SettlementFile } | undefined;
  let faults: DatedFault[] = [];
  const onFault = (one: DatedFault): void => void (faults = [one, ...faults].slice(0, FAULTS_MAX));
  return {
    takeFaults() {
      const found = faults;
      faults = [];
      return found;
    },
    async feed(after) {
      const nowMs = context.time.now();
      const { date, count } = positionOf(after, today(context, nowMs));
      const isHeld = held?.date === date && count < held.file.lines.length;
      if (!isHeld) {
        held = undefined;
        if (nowMs - readAtMs < READ_MS && nowMs >= readAtMs) return undefined;
        readAtMs = nowMs;
      }
      const file = held?.file ?? (await readFile(context, { rail, date, onFault }));
      if (!file) return undefined;
      // The day's file only grows: what was read of it must stand in it as it stood.
      if (
        !isHeld &&
        taken?.date === date &&
        hashOf(file.lines.slice(0, taken.total)) !== taken.hash
      )
        onFault({ businessDate: date, fault: 'changed' });
      const lines = file.lines.slice(count, count + PAGE_LINES_MAX);
      for (const line of lines) if (line.direction === 'in') await onIncoming(line);
      const total = count + lines.length;
      const isAll = total >= file.lines.length;
      held = isAll ? undefined : { date, file };
      if (isAll) taken = { date, total, hash: hashOf(file.lines.slice(0, total)) };
      const isOver = file.isClosed && isAll && date < today(context, nowMs);
      const cursor = isOver ? cursorOf(nextDate(date), 0) : cursorOf(date, total);
      // The next day's file may lie there already.
      if (isOver) readAtMs = Number.NEGATIVE_INFINITY;
      return { cursor, lines };
    },
    async statement(date) {
      const file = await readFile(context, { rail, date, onFault });
      return file && { isComplete: file.isClosed, lines: file.lines };
    },
  };
}

async function readFile(
  context: SwitchContext,
  {
    rail,
    date,
    onFault,
  }: {
    readonly rail: FileRail;
    readonly date: string;
    readonly onFault: (one: DatedFault) => void;
  },
): Promise<SettlementFile | undefined> {
  const { log, knocks } = context;
  const read = await readChecked(context, date).catch((error: unknown) => {
    log.warn({ date, cause: String(error) }, 'switch.settlement_not_read');
    return undefined;
  });
  if (!read) return undefined;
  const { parts, isRight } = read;
  const file =
    parts &&
    isRight &&
    parseSettlementFile(parts.covered, {
      institution: context.bank.bankCode,
      businessDate: date,
      rail,
    });
  if (file) return file;
  const saidDate = isRight && parts ? dateOfFile(parts.covered) : undefined;
  if (saidDate !== undefined && saidDate !== date) {
    log.error({ date, saidDate }, 'switch.settlement_of_other_date');
    onFault({ businessDate: date, fault: 'wrong_date' });
    return undefined;
  }
  log.error({ date, hasMac: parts !== undefined, isRight }, 'switch.settlement_refused');
  await knocks.record({
    kind: 'forged',
    reason: 'bad_signature',
    weight: 'none',
    what: 'settlement',
    peer: context.setting.name,
    fingerprint: '',
  });
  return undefined;
}

async function readChecked(context: SwitchContext, date: string) {
  const text = await context.settlementFile(date);
  if (text === undefined) return undefined;
  const parts = splitFile(text);
  const isRight = parts && (await context.keys.isMacRight(macDataOf(parts.covered), parts.mac));
  return { parts, isRight };
}

function today({ limits }: SwitchContext, nowMs: number): string {
  return businessDate(nowMs, limits.cutOverMinute);
}

function nextDate(date: string): string {
  return new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
}

function cursorOf(date: string, count: number): string {
  return String(BigInt(date.replaceAll('-', '')) * LINES_BASE + BigInt(count));
}

function positionOf(cursor: string, first: string): { date: string; count: number } {
  const value = /^\d{16}$/.test(cursor) ? cursor : cursorOf(first, 0);
  const date = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6, 8)}`;
  return { date, count: Number(value.slice(8)) };
}
