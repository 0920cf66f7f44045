/** What a connector asks the hub about the world and about our settlement account: participants, position, sums of a date. Undefined
 * is "nobody answered, or not to be believed". */
import { fetchSigned, type Link } from './exchange.ts';
import { parseMessage } from './parse.ts';
import { parseParticipants, type ParticipantList } from './participant-list.ts';
import type { AccountReport } from './report.ts';
import { localMs } from './event.ts';

/** An older report may be an old one played again. */
const REPORT_AGE_MS_MAX = 5 * 60_000;

/** Who is open and who is closed. */
export async function fetchParticipants(link: Link): Promise<ParticipantList | undefined> {
  const body = await fetchSigned(link, { path: '/participants', what: 'participants' });
  const list = body && parseParticipants({ body, bic: link.bank.bic, nowMs: link.time.now() });
  if (body && !list) link.onForged({ what: 'participants' });
  return list;
}

/** Our settlement account now (camt.052). */
export function fetchPosition(link: Link): Promise<AccountReport | undefined> {
  return fetchReport(link, { path: '/position', of: 'position' });
}

/** Opening, closing and sums of a date (camt.053). */
export async function fetchBalances(
  link: Link,
  businessDate: string,
): Promise<AccountReport | undefined> {
  const report = await fetchReport(link, {
    path: `/balances?date=${businessDate}`,
    of: 'statement',
  });
  if (report && report.reportId !== businessDate) {
    link.onForged({ what: 'balances' });
    return undefined;
  }
  return report;
}

async function fetchReport(
  link: Link,
  input: { readonly path: string; readonly of: AccountReport['of'] },
): Promise<AccountReport | undefined> {
  const body = await fetchSigned(link, { path: input.path, what: input.of });
  if (!body) return undefined;
  const parsed = parseMessage(body);
  const report = parsed.ok && parsed.message.kind === 'account_report' ? parsed.message : undefined;
  const isGood =
    report !== undefined &&
    report.of === input.of &&
    report.account === link.bank.bic &&
    report.header.from === link.bank.hubBic &&
    report.header.to === link.bank.bic &&
    Math.abs(link.time.now() - localMs(report.madeAt)) <= REPORT_AGE_MS_MAX;
  if (!isGood) link.onForged({ what: input.of });
  return isGood ? report : undefined;
}
