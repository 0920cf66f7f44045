/** Tells the banks of a settled line as soon as it is booked (camt.054), where the hub does so besides the feed. */
import type { Transfer } from './book.ts';
import { hubIds, type HubContext } from './context.ts';
import { deliver } from './deliver.ts';
import { renderReport } from './proxy-render.ts';

/** A line is tried for about five minutes; the feed tells in any case. */
const LINE_TRY_COUNT_MAX = 10;

/** Pushes the line of a settled transfer to both of its banks, where they are connected. */
export function pushLine(
  hub: HubContext,
  { fromBank, toBank, bizMsgIdr }: Pick<Transfer, 'fromBank' | 'toBank' | 'bizMsgIdr'>,
): void {
  if (!hub.faults.areLinesPushed) return;
  for (const bank of new Set([fromBank, toBank])) {
    if (!hub.clients.has(bank)) continue;
    const lines = hub.book.feed(bank).filter((line) => line.bizMsgIdr === bizMsgIdr);
    const ids = hubIds(hub, { trxType: '000', originator: 'H', channel: '99' });
    const body = renderReport({
      what: 'lines',
      to: bank,
      nowMs: hub.time.now(),
      ids,
      reportId: ids.msgId,
      account: bank,
      balances: [],
      lines,
    });
    hub.spawn(async () => {
      await deliver(hub, { bank, body, tryCountMax: LINE_TRY_COUNT_MAX, trxType: 'line' });
    });
  }
}
