/** What is wrong with a settlement file as a whole, beside its lines: another date's, one that was sent before, or one that is no longer what
 * it was when it was read. Pure. */
import { sha256 } from '../kernel/canonical.ts';
import type { FileFault } from '../rail/journal-entry.ts';
import type { SettlementLine } from '../rail/notice.ts';

/** What is wrong with a file of a date; `before` = the lines of the date before it. A file of another date and one that only repeats an
 * earlier one must not be taken: what it lacks would be called not settled. */
export function faultOf(
  lines: readonly SettlementLine[],
  of: { readonly date: string; readonly before: readonly SettlementLine[] },
): FileFault | undefined {
  if (lines.some(({ businessDate }) => businessDate !== of.date)) return 'wrong_date';
  const known = new Set(of.before.map(nameOf));
  const isRepeat = lines.length > 0 && lines.every((line) => known.has(nameOf(line)));
  return isRepeat ? 'duplicate' : undefined;
}

/** True when two readings of one file say the same, in whatever order. */
export function saysSame(
  one: readonly SettlementLine[],
  other: readonly SettlementLine[],
): boolean {
  return one.length === other.length && textOf(one) === textOf(other);
}

/** A fingerprint of lines in their order, to be kept in place of them. */
export function hashOf(lines: readonly SettlementLine[]): string {
  const text = lines.map((line) => `${line.lineId}|${nameOf(line)}`).join('\n');
  return sha256(text).toString('hex');
}

/** One money movement under its network's id, whichever file names it. */
function nameOf({ direction, bizMsgIdr, counterpartyBank, amountSen }: SettlementLine): string {
  return [direction, bizMsgIdr, counterpartyBank, amountSen].join('|');
}

function textOf(lines: readonly SettlementLine[]): string {
  return lines
    .map((line) => `${line.lineId}|${line.businessDate}|${nameOf(line)}`)
    .toSorted()
    .join('\n');
}
