/** A bank's settlement account as the hub shows it: the position now (camt.052) and the sums of a date (camt.053). */
import type { WireResponse } from '../../src/kernel/wire.ts';
import { empty, signed } from './answer.ts';
import type { FeedLine } from './book.ts';
import { hubDate, hubIds, type HubContext } from './context.ts';
import { renderReport } from './proxy-render.ts';

const WIB_MS = 7 * 3_600_000;

/** camt.052: opening of the current date, booked now, free now. */
export function answerPosition(hub: HubContext, bank: string): WireResponse {
  const date = hubDate(hub);
  const nowMs = hub.time.now();
  const { openingSen, lines } = dayOf(hub, { bank, date });
  const ids = hubIds(hub, { trxType: '000', originator: 'H', channel: '99' });
  const body = renderReport({
    what: 'position',
    to: bank,
    nowMs,
    ids,
    reportId: ids.msgId,
    account: bank,
    balances: [
      { kind: 'OPBD', amountSen: openingSen, atMs: startOf(date) },
      { kind: 'ITBD', amountSen: openingSen + net(lines), atMs: nowMs },
      { kind: 'ITAV', amountSen: hub.book.balance(bank), atMs: nowMs },
    ],
    counted: lines,
  });
  return signed(hub, 200, body);
}

/** camt.053: opening and closing of a date and its sums; the lines are in the statement. */
export function answerBalances(
  hub: HubContext,
  input: { readonly bank: string; readonly date: string | null },
): WireResponse {
  const { bank, date } = input;
  if (date === null || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return empty(400);
  const { openingSen, lines } = dayOf(hub, { bank, date });
  const ids = hubIds(hub, { trxType: '000', originator: 'H', channel: '99' });
  const body = renderReport({
    what: 'statement',
    to: bank,
    nowMs: hub.time.now(),
    ids,
    reportId: date,
    account: bank,
    balances: [
      { kind: 'OPBD', amountSen: openingSen, atMs: startOf(date) },
      { kind: 'CLBD', amountSen: openingSen + net(lines), atMs: startOf(date) + 86_400_000 },
    ],
    counted: lines,
  });
  return signed(hub, 200, body);
}

function dayOf(
  hub: HubContext,
  input: { readonly bank: string; readonly date: string },
): { readonly openingSen: bigint; readonly lines: readonly FeedLine[] } {
  const all = hub.book.feed(input.bank);
  const before = all.filter(({ businessDate }) => businessDate < input.date);
  const prefundSen = hub.participants.get(input.bank)?.prefundSen ?? 0n;
  return {
    openingSen: prefundSen + net(before),
    lines: all.filter(({ businessDate }) => businessDate === input.date),
  };
}

function net(lines: readonly FeedLine[]): bigint {
  return lines.reduce(
    (sum, { direction, amountSen }) => sum + BigInt(amountSen) * (direction === 'in' ? 1n : -1n),
    0n,
  );
}

function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) - WIB_MS;
}
