/** What a machine of ours says of itself: notes that people put in, its counters beside the ledger, and a reversal that the network has
 * not taken in a day. The cash in a machine is an account of ours (`machineAccount`), below zero by what lies in it. */
import { recordEvents } from '../audit/record.ts';
import { CHART, machineAccount } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import type { PaymentInsert } from '../payment/change.ts';
import { paymentEvent } from '../payment/event.ts';
import type { PaymentRow } from '../payment/row.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { MachineReport, ReversalGivenUp } from '../rail/notice-switch.ts';
import type { CardContext } from './context.ts';
import { RESPONSE } from './decide.ts';
import { NOBODYS_BUCKET } from './draft.ts';
import { insertReport, type ReportVerdict } from './store-machine.ts';
import { datesOf, postCard, type CardPost } from './write.ts';
import { legsOf } from '../payment/lines.ts';

/** Writes a report down beside what the ledger says now; a difference that no open reversal explains is told to people (runbook
 * machine_differs). Idempotent by the report's id. */
export async function takeMachineReport(
  context: CardContext,
  report: MachineReport,
): Promise<NoticeAnswer> {
  return report.what === 'load' ? takeLoad(context, report) : takeTotals(context, report);
}

/** What of the counted and the booked cash is to be thought. A machine that still owes reversals cannot agree yet. Pure. */
export function verdictOf(report: {
  readonly cashSen: bigint;
  readonly ledgerSen: bigint;
  readonly owedCount: number;
}): ReportVerdict {
  if (report.cashSen === report.ledgerSen) return 'balanced';
  return report.owedCount > 0 ? 'owed' : 'differs';
}

async function takeTotals(context: CardContext, report: MachineReport): Promise<NoticeAnswer> {
  const balance = await context.ledger.balance(machineAccount(report.terminal));
  if (!balance) return { taken: false, code: RESPONSE.notAtThisMachine };
  // What other banks' cards drew is held until the network settles it, and has left the machine all the same.
  const ledgerSen = -(balance.postedSen + balance.pendingCreditSen);
  const cashSen = BigInt(report.cashSen);
  const verdict = verdictOf({ cashSen, ledgerSen, owedCount: report.owedCount });
  const nowMs = context.time.now();
  const isNew = await context.db.tx(async (tx) => {
    if (!(await insertReport(tx, { report, ledgerSen, verdict, nowMs }))) return false;
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: `machine.${verdict}`,
        subject: report.terminal,
        data: {
          reportId: report.bizMsgIdr,
          businessDate: report.businessDate,
          cashSen,
          ledgerSen,
          owedCount: report.owedCount,
        },
      },
    ]);
    return true;
  });
  if (isNew && verdict === 'differs')
    context.log.error({ terminal: report.terminal }, 'card.machine_differs');
  return { taken: true };
}

async function takeLoad(context: CardContext, report: MachineReport): Promise<NoticeAnswer> {
  if (BigInt(report.cashSen) === 0n) return { taken: false, code: RESPONSE.badAmount };
  const insert = await draftLoad(context, report);
  const result = await postCard(context, {
    key: `in:switch:${report.bizMsgIdr}`,
    body: { what: 'load', terminal: report.terminal, cashSen: report.cashSen },
    paymentId: insert.row.id,
    dates: datesOf(insert),
    legs: legsOf(insert.lines, 'single'),
    writes: [insert],
  });
  if (result.ok) return { taken: true };
  return {
    taken: false,
    code: result.reason === 'key_conflict' ? RESPONSE.duplicate : RESPONSE.notAtThisMachine,
  };
}

async function draftLoad(context: CardContext, report: MachineReport): Promise<PaymentInsert> {
  const nowMs = context.time.now();
  const row: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: 'atm_load',
    channel: 'network',
    state: 'settled',
    previousState: 'new',
    debitAccount: machineAccount(report.terminal),
    creditAccount: CHART.vault,
    debtorName: report.terminal,
    creditorName: '',
    amountSen: sen(BigInt(report.cashSen)),
    feeSen: sen(0n),
    remark: '',
    cohortBucket: NOBODYS_BUCKET,
    isStaff: false,
    isSynthetic: false,
    bizMsgIdr: report.bizMsgIdr,
    outcomeCode: 'RC00',
    outcomeSource: 'engine',
    madeAtMs: nowMs,
    ...(await datesNow(context)),
    changedAtMs: nowMs,
    settledAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const { debitAccount, creditAccount, amountSen } = row;
  return {
    kind: 'insert',
    row,
    lines: [{ line: 'principal', amountSen, debitAccount, creditAccount }],
    events: (now) => [paymentEvent(now, nowMs, now.state, { terminal: report.terminal })],
    messages: [],
  };
}

async function datesNow(context: CardContext): Promise<CardPost['dates']> {
  const nowMs = context.time.now();
  const { onusCutOverMinute } = await context.settings();
  return {
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, Number(onusCutOverMinute)),
  };
}

/** The network has not answered a reversal of ours for a day: its bank may have taken the customer's money for cash that never came out.
 * People settle it (runbook reversal_given_up). A crash may have it told twice, never not at all. */
export async function takeGivenUp(
  context: CardContext,
  notice: ReversalGivenUp,
): Promise<NoticeAnswer> {
  const row = await context.looks.withdrawal({
    bank: notice.fromBank,
    id: notice.bizMsgIdr,
  });
  const nowMs = context.time.now();
  context.log.error({ bizMsgIdr: notice.bizMsgIdr }, 'card.reversal_given_up');
  await context.db.tx((tx) =>
    recordEvents(tx, [
      {
        atMs: nowMs,
        kind: 'machine.reversal_given_up',
        subject: row?.id ?? notice.bizMsgIdr,
        data: {
          bizMsgIdr: notice.bizMsgIdr,
          bank: notice.fromBank,
          amountSen: notice.amountSen,
          keptSen: notice.keptSen,
        },
      },
    ]),
  );
  return { taken: true };
}
