/** An incoming credit in the making, whatever network brings it: pending first, with its row, in one commit (I12). */
import { newId } from '../../kernel/ids.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { businessDate, wibDate } from '../../kernel/time.ts';
import type { Counter, PostResult } from '../../ledger/port.ts';
import { paymentCompanion, type PaymentInsert } from '../change.ts';
import { dueAtOf, lastWordFrom } from '../clock.ts';
import type { PaymentContext } from '../context.ts';
import { networkOf, numberOf } from '../kind.ts';
import type { PaymentRow } from '../row.ts';
import { plainText } from '../text.ts';
import { announceScreened } from '../screening/said.ts';
import type { Screened } from '../../risk/screen.ts';

/** What a network says of a credit. */
export interface IncomingCredit {
  readonly rail: 'bifast' | 'switch' | 'qris';
  /** Absent: the rail's usual one. */
  readonly paymentKind?: 'qris_in' | 'qris_refund_in' | 'qris_transfer_in';
  readonly bizMsgIdr: string;
  readonly msgId: string;
  readonly fromBank: string;
  readonly debtorName: string;
  readonly debtorAccount: string;
  readonly creditorAccount: string;
  readonly creditorName: string;
  readonly amountSen: string;
  readonly remittance: string;
}

/** Where a credit goes, or the code it is refused with. */
export type Target =
  | {
      readonly ok: true;
      readonly account: string;
      readonly key: string;
      readonly original?: PaymentRow;
      readonly customerId?: string | undefined;
      /** Of the account, where the network does not say it. */
      readonly name?: string;
    }
  | {
      readonly ok: false;
      readonly code: string;
      readonly key: string;
      /** What the rules of risk say, where they were asked. */
      readonly screened?: Screened;
    };

/** A pending credit in the making: its row, and the hold from the network's account; or, where it is refused, the row alone. */
export async function draftCredit(
  context: PaymentContext,
  notice: IncomingCredit,
  target: Target,
): Promise<PaymentInsert> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const terms = networkOf(notice.rail);
  const lastWord = lastWordFrom({ rail: notice.rail, nowMs }, settings);
  const original = target.ok ? target.original : undefined;
  const open: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: notice.paymentKind ?? (notice.rail === 'switch' ? 'switch_in' : 'bifast_in'),
    channel: 'network',
    state: 'pending_credit',
    previousState: 'new',
    customerId: target.ok ? target.customerId : undefined,
    debitAccount: plainText(notice.debtorAccount, 64),
    creditAccount: target.ok ? target.account : plainText(notice.creditorAccount, 64),
    debtorName: plainText(notice.debtorName, 140),
    creditorName: plainText((target.ok && target.name) || notice.creditorName, 140),
    counterpartyBank: notice.fromBank,
    amountSen: sen(BigInt(notice.amountSen)),
    feeSen: sen(0n),
    remark: plainText(notice.remittance, 140),
    cohortBucket: original?.cohortBucket ?? 0,
    isStaff: original?.isStaff ?? false,
    isSynthetic: original?.isSynthetic ?? false,
    bizMsgIdr: notice.bizMsgIdr,
    msgId: plainText(notice.msgId, 64),
    relatedPaymentId: original?.id,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, terms.cutOverMinute)),
    changedAtMs: nowMs,
    statementDate: lastWord.statementDate,
    resolveByMs: lastWord.resolveByMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const row: PaymentRow = { ...open, dueAtMs: dueAtOf(open, nowMs, settings) };
  const insert: PaymentInsert = {
    kind: 'insert',
    row,
    lines: [
      {
        line: 'principal',
        amountSen: row.amountSen,
        debitAccount: terms.settlementIn,
        creditAccount: row.creditAccount,
      },
    ],
    holds: { principal: 0 },
    events: announceScreened(context, { row, screened: target.ok ? undefined : target.screened }),
    messages: [],
  };
  return target.ok ? insert : refusedInsert(insert, target.code);
}

/** The same credit, turned away at the door: no money, no customer. */
export function refusedInsert(from: PaymentInsert, code: string): PaymentInsert {
  const { holds: _holds, ...insert } = from;
  const {
    customerId: _customer,
    statementDate: _date,
    resolveByMs: _by,
    dueAtMs: _due,
    ...rest
  } = insert.row;
  return {
    ...insert,
    row: { ...rest, state: 'rejected', outcomeCode: code, outcomeSource: 'engine' },
    lines: [],
  };
}

/** Posts a credit's legs and its row under its key. */
export function postCredit(
  context: PaymentContext,
  input: {
    readonly requestHash: Buffer;
    readonly key: string;
    readonly insert: PaymentInsert;
    readonly counters?: readonly Counter[];
  },
): Promise<PostResult> {
  const { row, lines } = input.insert;
  return context.ledger.post({
    key: input.key,
    requestHash: input.requestHash,
    paymentId: row.id,
    legs: lines.map((line) => ({
      kind: 'hold',
      line: line.line,
      debit: line.debitAccount,
      credit: line.creditAccount,
      amount: line.amountSen as Sen,
    })),
    ...(input.counters && { counters: input.counters }),
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    companion: { of: paymentCompanion, row: [input.insert] },
  });
}
