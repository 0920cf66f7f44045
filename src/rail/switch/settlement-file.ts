/** The switch's settlement of a business date, from bytes whose MAC was checked. Whatever does not add up makes the whole file none:
 * half a settlement would call the other half not settled (I12). Pure. Format: docs/rail/switch.md section 11. */
import { sha256 } from '../../kernel/canonical.ts';
import type { SettlementLine } from '../notice.ts';
import { bankOfCode } from './institution.ts';
import { instantOf, switchIdOfRrn, switchRequestId } from './id.ts';

/** What a file says. */
export interface SettlementFile {
  /** Nothing will be added: what is not in it did not settle. */
  readonly isClosed: boolean;
  /** Of the rail that was asked for: transfers and cash both ways, or QRIS payments and refunds. What was wholly taken back is left
   * out, what was in part stands with its first amount. */
  readonly lines: readonly SettlementLine[];
  /** Lines of other flows. */
  readonly otherCount: number;
}

/** A file in two: what its MAC covers, and the MAC. Undefined when it has none. */
export function splitFile(
  text: string,
): { readonly covered: string; readonly mac: string } | undefined {
  const match = /^([^]*\n)M\|([0-9A-F]{16})\n$/.exec(text);
  return match ? { covered: match[1]!, mac: match[2]! } : undefined;
}

/** What is authenticated: the SHA-256 of the bytes, in lower-case hex, so that a device that takes one message checks any file. */
export function macDataOf(covered: string): Buffer {
  return Buffer.from(sha256(Buffer.from(covered, 'latin1')).toString('hex'), 'ascii');
}

interface Detail {
  readonly number: number;
  readonly direction: 'from_bank' | 'to_bank';
  readonly flow: string;
  readonly bank: string;
  readonly stan: string;
  readonly transmittedAt: string;
  readonly acquirer: string;
  readonly rrn: string;
  readonly isReversal: boolean;
  readonly amountSen: bigint;
  readonly isOwedToUs: boolean;
}

const HEADER = /^H\|[^|\n]{1,40}\|(\d{3})\|(\d{4}-\d\d-\d\d)\|360\|(OPEN|CLOSED)$/;
const DETAIL =
  /^D\|(\d{1,9})\|(from_bank|to_bank)\|([a-z_]{1,20})\|(\d{0,3})\|(\d{6})\|(\d{10})\|(\d{1,11})\|([0-9A-Za-z]{1,12})\|([OR])\|(\d{12})\|([CD])\|[0-9A-Za-z]{0,6}$/;
const TOTAL = /^T\|[a-z_]{1,20}\|[a-z_]{1,20}\|\d{0,3}\|\d{1,9}\|-?\d{1,18}$/;
const END = /^E\|(\d{1,9})\|(\d{1,18})\|(\d{1,18})\|(-?\d{1,18})$/;

/** The business date that a file names; undefined where its head is none. */
export function dateOfFile(covered: string): string | undefined {
  return HEADER.exec(covered.split('\n', 1)[0] ?? '')?.[2];
}

/** The rails that one file settles. */
export type FileRail = 'switch' | 'qris';

/** Reads what the MAC covers; undefined when it is not the file of this bank and date, or does not add up. */
export function parseSettlementFile(
  covered: string,
  input: {
    readonly institution: string;
    readonly businessDate: string;
    readonly rail: FileRail;
  },
): SettlementFile | undefined {
  const rows = covered.split('\n');
  const header = HEADER.exec(rows[0] ?? '');
  const end = END.exec(rows.at(-2) ?? '');
  if (!header || !end || rows.at(-1) !== '') return undefined;
  if (header[1] !== input.institution || header[2] !== input.businessDate) return undefined;
  const body = rows.slice(1, -2);
  const details = body.filter((row) => row.startsWith('D|')).map(readDetail);
  if (!body.every((row) => row.startsWith('D|') || TOTAL.test(row))) return undefined;
  if (!details.every((one) => one !== undefined) || !addsUp(details, end)) return undefined;
  const known = details.filter((one) => railOf(one) === input.rail);
  const takenBack = new Set(known.filter((one) => one.isReversal).map(originalOf));
  const lines = known
    .filter((one) => !one.isReversal && !takenBack.has(originalOf(one)))
    .map((one) => lineOf(one, input));
  return lines.every((line) => line !== undefined)
    ? { isClosed: header[3] === 'CLOSED', lines, otherCount: details.length - known.length }
    : undefined;
}

function readDetail(row: string, index: number): Detail | undefined {
  const match = DETAIL.exec(row);
  if (!match || Number(match[1]) !== index + 1) return undefined;
  return {
    number: Number(match[1]),
    direction: match[2] === 'from_bank' ? 'from_bank' : 'to_bank',
    flow: match[3]!,
    bank: match[4]!,
    stan: match[5]!,
    transmittedAt: match[6]!,
    acquirer: match[7]!,
    rrn: match[8]!,
    isReversal: match[9] === 'R',
    amountSen: BigInt(match[10]!),
    isOwedToUs: match[11] === 'C',
  };
}

function addsUp(details: readonly Detail[], end: readonly string[]): boolean {
  const sum = (isOwedToUs: boolean): bigint =>
    details
      .filter((one) => one.isOwedToUs === isOwedToUs)
      .reduce((all, one) => all + one.amountSen, 0n);
  const [credit, debit] = [sum(true), sum(false)];
  return (
    Number(end[1]) === details.length &&
    BigInt(end[2]!) === credit &&
    BigInt(end[3]!) === debit &&
    BigInt(end[4]!) === credit - debit
  );
}

/** Transfers both ways, and cash both ways: with our cards at other banks, and with theirs at our machines; QRIS payments and refunds both ways,
 * and with codes that our customers showed. */
function railOf({ flow }: Detail): FileRail | undefined {
  if (flow.startsWith('qris')) return 'qris';
  return flow === 'transfer' || flow === 'withdrawal' ? 'switch' : undefined;
}

/** What a line and the line that takes it back have in common. */
function originalOf(one: Detail): string {
  return [one.direction, one.stan, one.transmittedAt, one.acquirer, one.amountSen].join('|');
}

function lineOf(
  one: Detail,
  input: { readonly institution: string; readonly businessDate: string },
): SettlementLine | undefined {
  const nearMs = Date.parse(`${input.businessDate}T05:00:00Z`);
  // Cash that a machine of ours gave out comes back to us, and so does what a shown code pays a shop of ours; that one has an id of ours.
  const isOurs = one.direction === 'from_bank' && one.flow !== 'withdrawal';
  const isOut = isOurs && one.flow !== 'qris_presented';
  const bizMsgIdr = isOurs
    ? switchIdOfRrn(one.rrn, { institution: input.institution, nearMs })
    : switchRequestId(one, nearMs);
  const bank = bankOfCode(one.bank);
  const settledAtMs = instantOf(one.transmittedAt, nearMs);
  if (bizMsgIdr === undefined || bank === undefined || settledAtMs === undefined) return undefined;
  return {
    lineId: `${input.businessDate.replaceAll('-', '')}.${one.number}`,
    direction: isOut ? 'out' : 'in',
    bizMsgIdr,
    amountSen: String(one.amountSen),
    counterpartyBank: bank,
    connector: '',
    settledAtMs,
    businessDate: input.businessDate,
    ...(one.flow === 'withdrawal' && one.direction === 'to_bank' && { isCash: true }),
    ...(one.flow === 'qris_presented' && !isOurs && { isShown: true }),
  };
}
