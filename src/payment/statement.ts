/** The settlement statement of a business date: the last word (I2). Lines settle what they name; what no statement of the
 * dates in question names did not settle, and `advance` gives it back. */
import type { SettlementLine, StatementNotice, NoticeAnswer } from '../rail/notice.ts';
import type { PaymentContext } from './context.ts';
import { keyOf } from './look.ts';
import { orphanEvent, paymentEvent } from './event.ts';
import { settleCredit } from './incoming/incoming.ts';
import { applyOutcome, refund, writeEvents } from './outcome.ts';
import { isCapturedByStatement, networkOf, networkRailOf } from './kind.ts';
import type { PaymentRow } from './row.ts';
import { isFinal } from './state.ts';
import { countStatements, insertStatement, wakeForStatement } from './store-facts.ts';
import { findReceived, findSent } from './store.ts';

/** Lines worked on together: their postings share the ledger's batches. */
const CHUNK = 200;

/** Posts what a statement says; after its last part marks it as applied, so that a crash in between repeats the harmless part. */
export async function takeStatement(
  context: PaymentContext,
  notice: StatementNotice,
): Promise<NoticeAnswer> {
  const out = notice.lines.filter((line) => line.direction === 'out');
  for (let at = 0; at < out.length; at += CHUNK)
    await settleSent(context, notice.rail, out.slice(at, at + CHUNK));
  const received = notice.lines.filter((line) => line.direction === 'in');
  for (let at = 0; at < received.length; at += CHUNK)
    await settleReceived(context, notice.rail, received.slice(at, at + CHUNK));
  if (notice.hasMore) return { taken: true };
  const nowMs = context.time.now();
  await insertStatement(context.db, {
    rail: notice.rail,
    businessDate: notice.businessDate,
    nowMs,
  });
  await wakeForStatement(context.db, { businessDate: notice.businessDate, nowMs });
  context.log.info(
    { rail: notice.rail, businessDate: notice.businessDate, lines: notice.lines.length },
    'payment.statement_applied',
  );
  return { taken: true };
}

/** True when every statement that could hold the payment has been applied: from the date it was made for to the last one
 * it can have been booked on. */
export async function isStatementComplete(
  context: PaymentContext,
  row: PaymentRow,
): Promise<boolean> {
  if (row.statementDate === undefined) return false;
  const dayMs = 86_400_000;
  const days =
    Math.round((Date.parse(row.statementDate) - Date.parse(row.businessDate)) / dayMs) + 1;
  const applied = await countStatements(context.db, {
    rail: networkRailOf(row),
    from: row.businessDate,
    to: row.statementDate,
  });
  return applied >= days;
}

async function settleSent(
  context: PaymentContext,
  rail: StatementNotice['rail'],
  lines: readonly SettlementLine[],
): Promise<void> {
  const rows = new Map(
    (
      await findSent(
        context.db,
        lines.map((line) => line.bizMsgIdr),
      )
    ).map((row) => [row.bizMsgIdr, row]),
  );
  await Promise.all(
    lines.map(async (line) => {
      const row = rows.get(line.bizMsgIdr);
      // The statement of one rail says nothing about what another carried.
      if (!row || networkRailOf(row) !== rail) {
        await writeEvents(context, [
          orphanEvent(context.time.now(), 'outcome_contradicted', {
            bizMsgIdr: line.bizMsgIdr,
            bank: line.counterpartyBank,
            why: 'statement_names_unknown_id',
          }),
        ]);
        return;
      }
      // The network settled another amount under our id: our instruction is spent all the same, the difference is a break.
      if (BigInt(line.amountSen) !== row.amountSen) {
        await writeEvents(context, [
          paymentEvent(row, context.time.now(), 'outcome_contradicted', {
            why: 'amount_differs',
            saidAmountSen: line.amountSen,
          }),
        ]);
      }
      await applyOutcome(context, row, {
        answer: {
          outcome: 'accepted',
          isFinal: true,
          code: networkOf(networkRailOf(row)).settledCode,
        },
        source: 'statement',
        settledAtMs: line.settledAtMs,
      });
    }),
  );
}

async function settleReceived(
  context: PaymentContext,
  rail: StatementNotice['rail'],
  lines: readonly SettlementLine[],
): Promise<void> {
  const named = lines.map((line) => ({ bank: line.counterpartyBank, id: line.bizMsgIdr }));
  const rows = new Map(
    (await findReceived(context.db, named))
      // The statement of one rail says nothing about what came over another.
      .filter((row) => networkRailOf(row) === rail)
      .map((row) => [keyOf({ bank: row.counterpartyBank!, id: row.bizMsgIdr! }), row]),
  );
  await Promise.all(
    lines.map(({ counterpartyBank: bank, bizMsgIdr, amountSen: settledSen }) => {
      const row = rows.get(keyOf({ bank, id: bizMsgIdr }));
      if (row && isCapturedByStatement(row)) return captureApproved(context, row, settledSen);
      return settleCredit(context, { row, bank, bizMsgIdr, settledSen });
    }),
  );
}

/** How a scanned code ended that the network settled with less than it had approved. */
const SHORT = 'AMOUNT_DIFFERS';

/** What the network asked for and settled: with a card or a shown code of ours what was held is the network's, at a machine of ours it owes us
 * what came out. */
async function captureApproved(
  context: PaymentContext,
  row: PaymentRow,
  settledSen: string,
): Promise<void> {
  if (row.state === 'refused') {
    await writeEvents(context, [
      paymentEvent(row, context.time.now(), 'outcome_contradicted', {
        why: 'settled_after_refusal',
      }),
    ]);
    return;
  }
  if (row.kind === 'qris_scanned' && BigInt(settledSen) !== row.amountSen) {
    if (row.outcomeCode === SHORT) return;
    if (!isFinal(row.state))
      await writeEvents(context, [
        paymentEvent(row, context.time.now(), 'outcome_contradicted', {
          why: 'amount_differs',
          saidAmountSen: settledSen,
        }),
      ]);
    // Spendable is what the settlement says (I12): less than was said makes nothing spendable, and the difference is for people.
    if (BigInt(settledSen) < row.amountSen && !isFinal(row.state)) {
      await refund(context, row, { code: SHORT, source: 'statement' });
      return;
    }
  }
  const code = networkOf(networkRailOf(row)).settledCode;
  await applyOutcome(context, row, {
    answer: { outcome: 'accepted', isFinal: true, code },
    source: 'statement',
  });
}
