/** What the switch tells the bank about a business date: every approval and every reversal, totals per bank and flow, the net
 * position, and a MAC over all of it. Pure. Format: sim/switch/README.md. */
import { sha256 } from '../../src/kernel/canonical.ts';
import type { Book, Entry, Movement } from './book.ts';
import { retailMac } from './crypto.ts';
import { amountText } from './private-data.ts';

/** What the bank owes (negative) or is owed for one movement. Cash that its ATM paid out, what its shops scanned, and money for its customers and
 * merchants, is owed to it; a reversal is the other way round. */
export function positionOf(movement: Movement): bigint {
  const { entry, kind, amountSen } = movement;
  const isOwedToBank =
    entry.direction === 'from_bank'
      ? ['withdrawal', 'qris_presented'].includes(entry.flow)
      : !['withdrawal', 'deposit', 'qris_presented'].includes(entry.flow);
  return isOwedToBank === (kind === 'original') ? amountSen : -amountSen;
}

/** The settlement of `date` as text; `OPEN` while the date is. */
export function settlementText(input: {
  readonly book: Book;
  readonly date: string;
  readonly bank: string;
  readonly macKey: Uint8Array;
}): string {
  const { book, date } = input;
  const movements = book.movements(date);
  const state = book.date() > date ? 'CLOSED' : 'OPEN';
  let creditSen = 0n;
  let debitSen = 0n;
  const lines = movements.map((movement, index) => {
    const position = positionOf(movement);
    if (position > 0n) creditSen += position;
    else debitSen -= position;
    return line(movement, index + 1, position);
  });
  const netSen = creditSen - debitSen;
  const text = [
    `H|PULIH SWITCH|${input.bank}|${date}|360|${state}`,
    ...lines,
    ...totals(movements),
    `E|${lines.length}|${creditSen}|${debitSen}|${netSen}`,
    '',
  ].join('\n');
  const digest = sha256(Buffer.from(text, 'latin1')).toString('hex');
  return `${text}M|${retailMac(input.macKey, Buffer.from(digest, 'ascii'))}\n`;
}

function line(movement: Movement, number: number, position: bigint): string {
  const { entry, kind, amountSen } = movement;
  return [
    'D',
    number,
    ...named(entry),
    entry.stan,
    entry.transmittedAt,
    entry.acquirer,
    entry.rrn,
    kind === 'original' ? 'O' : 'R',
    amountText(amountSen),
    position < 0n ? 'D' : 'C',
    entry.approvalCode ?? '',
  ].join('|');
}

function totals(movements: readonly Movement[]): readonly string[] {
  const sums = new Map<string, { count: number; sen: bigint }>();
  for (const movement of movements) {
    const key = named(movement.entry).join('|');
    const sum = sums.get(key) ?? { count: 0, sen: 0n };
    sums.set(key, { count: sum.count + 1, sen: sum.sen + positionOf(movement) });
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { count, sen }]) => `T|${key}|${count}|${sen}`);
}

function named(entry: Entry): readonly string[] {
  return [entry.direction, entry.flow, entry.bank];
}
