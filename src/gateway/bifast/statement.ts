/** A statement is the last word about money (I2): a line that is missing from it gives back what has settled. So its lines are counted
 * and summed against the hub's own totals and balances of the date (camt.053) before it is believed. */
import type { BifastConnector } from '../../rail/bifast/connector.ts';
import type { AccountReport, BalanceKind } from '../../rail/bifast/report.ts';
import type { Statement } from '../../rail/settlement-page.ts';
import type { SettlementLine } from '../../rail/notice.ts';

/** The statement of a date, complete only when the hub's sums say the same. Undefined when nobody answered or the two differ; then it
 * is asked for again, and nothing is given back meanwhile. */
export async function checkedStatement(
  connector: Pick<BifastConnector, 'statement' | 'balances'>,
  input: { readonly businessDate: string; readonly onDiffers: () => void },
): Promise<Statement | undefined> {
  const statement = await connector.statement(input.businessDate);
  if (!statement?.isComplete) return statement;
  const sums = await connector.balances(input.businessDate);
  if (!sums) return { ...statement, isComplete: false };
  if (agrees(statement.lines, sums)) return statement;
  input.onDiffers();
  return undefined;
}

/** True when lines and sums tell one story: counts, sums, and opening plus what moved = closing. Pure. */
export function agrees(lines: readonly SettlementLine[], report: AccountReport): boolean {
  const { totals } = report;
  const opening = balanceOf(report, 'OPBD');
  const closing = balanceOf(report, 'CLBD');
  if (!totals || opening === undefined || closing === undefined) return false;
  const incoming = lines.filter(({ direction }) => direction === 'in');
  const outgoing = lines.filter(({ direction }) => direction === 'out');
  return (
    incoming.length === totals.inCount &&
    outgoing.length === totals.outCount &&
    sumOf(incoming) === totals.inSen &&
    sumOf(outgoing) === totals.outSen &&
    opening + totals.inSen - totals.outSen === closing
  );
}

function sumOf(lines: readonly SettlementLine[]): bigint {
  return lines.reduce((sum, { amountSen }) => sum + BigInt(amountSen), 0n);
}

function balanceOf(report: AccountReport, kind: BalanceKind): bigint | undefined {
  return report.balances.find((balance) => balance.kind === kind)?.amountSen;
}
