/** The SQL of machines' reports. Time is a parameter. */
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { MachineReport } from '../rail/notice-switch.ts';

/** What became of a comparison; SQL checks the same words (`atm_report.verdict`). */
export type ReportVerdict = 'balanced' | 'owed' | 'differs';

/** Writes a report; false when it was written before. */
export async function insertReport(
  tx: Tx,
  input: {
    readonly report: MachineReport;
    readonly ledgerSen: bigint;
    readonly verdict: ReportVerdict;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { report, ledgerSen, verdict, nowMs } = input;
  const rows = await tx.query(sql`
    insert into atm_report (id, terminal, business_date, cash_sen, dispensed_sen, deposited_sen, owed_count, ledger_sen, verdict, made_at)
    values (${report.bizMsgIdr}, ${report.terminal}, ${report.businessDate}, ${report.cashSen}, ${report.dispensedSen}, ${report.depositedSen},
      ${report.owedCount}, ${ledgerSen}, ${verdict}, ${new Date(nowMs)})
    on conflict (id) do nothing returning id`);
  return rows.length === 1;
}
