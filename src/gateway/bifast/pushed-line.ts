/** Settled lines that the hub pushes (camt.054), besides the feed that is read: the same lines, each known by its `lineId`, so that whichever comes
 * first enters the journal and the other one is nothing new. */
import { localMs } from '../../rail/bifast/event.ts';
import type { AccountReport, ReportEntry } from '../../rail/bifast/report.ts';
import type { SettlementLine } from '../../rail/notice.ts';
import { takeLines } from '../settlement.ts';
import type { BifastContext } from './host.ts';

/** As a page of the feed: what was said longer ago may be an old message played again, and the feed tells it anyway. */
const AGE_MS_MAX = 5 * 60_000;

/** Writes what is new of a message of the hub; true once it is on disk, or needs not be. False: it is of another account. */
export async function takePushed(context: BifastContext, report: AccountReport): Promise<boolean> {
  if (report.account !== context.bank.bic) return false;
  const ageMs = Math.abs(context.time.now() - localMs(report.madeAt));
  // Written so that an instant that is none is old.
  if (!(ageMs <= AGE_MS_MAX)) {
    context.log.warn({ count: report.entries.length }, 'gateway.pushed_line_old');
    return true;
  }
  await takeLines(context, 'bifast', report.entries.map(lineOf));
  return true;
}

function lineOf(entry: ReportEntry): SettlementLine {
  return {
    lineId: entry.lineId,
    direction: entry.direction,
    bizMsgIdr: entry.endToEndId,
    amountSen: String(entry.amountSen),
    counterpartyBank: entry.counterpartyBank,
    connector: entry.connector,
    settledAtMs: localMs(entry.bookedAt),
    businessDate: entry.valueDate,
  };
}
