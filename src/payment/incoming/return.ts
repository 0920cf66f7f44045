/** What happens to a settled credit that cannot be booked: it goes back to its sender as a return (trxType 011) with an
 * authorisation of its own, or, when it was itself a return, into suspense for people. */
import { CHART } from '../../kernel/bank.ts';
import { newId } from '../../kernel/ids.ts';
import { businessDate, wibDate } from '../../kernel/time.ts';
import {
  completeInsert,
  paymentCompanion,
  type PaymentChange,
  type PaymentInsert,
} from '../change.ts';
import { LEASE_MS } from '../clock.ts';
import type { PaymentContext } from '../context.ts';
import { paymentEvent } from '../event.ts';
import { networkOf, networkRailOf } from '../kind.ts';
import type { PaymentRow } from '../row.ts';
import { sha256 } from '../../kernel/canonical.ts';

/** Moves a settled but unbookable credit out of the pending account in one commit: its hold is voided, the money goes to
 * suspense, and from there a held return leaves under a new authorisation. */
export async function giveCreditAway(context: PaymentContext, credit: PaymentRow): Promise<void> {
  // A switch has no return: what cannot be booked waits for people.
  if (credit.relatedPaymentId !== undefined || credit.kind !== 'bifast_in')
    return keepInSuspense(context, credit);
  const row = await draftReturn(context, credit);
  const nowMs = row.madeAtMs;
  const returned = endOfCredit(credit, {
    to: 'returned',
    nowMs,
    extra: { returnPaymentId: row.id },
  });
  const insert: PaymentInsert = {
    kind: 'insert',
    row,
    lines: [
      {
        line: 'principal',
        amountSen: row.amountSen,
        debitAccount: CHART.bifastSuspense,
        creditAccount: CHART.bifastOut,
      },
    ],
    holds: { principal: 2 },
    events: (now) => [paymentEvent(now, nowMs, now.state, { relatedPaymentId: credit.id })],
    messages: [],
  };
  const key = `return:${credit.id}`;
  const result = await context.ledger.post({
    key,
    requestHash: sha256(key),
    paymentId: row.id,
    legs: [
      { kind: 'void', line: 'principal', holdId: credit.principalHold! },
      {
        kind: 'single',
        line: 'principal',
        debit: CHART.bifastIn,
        credit: CHART.bifastSuspense,
        amount: credit.amountSen,
      },
      {
        kind: 'hold',
        line: 'principal',
        debit: CHART.bifastSuspense,
        credit: CHART.bifastOut,
        amount: credit.amountSen,
      },
    ],
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    authorisation: authorisationOf(context, { row, credit }),
    companion: { of: paymentCompanion, row: [returned, insert] },
  });
  if (!result.ok || result.repeated) {
    if (!result.ok)
      context.log.error({ paymentId: credit.id, reason: result.reason }, 'payment.return_refused');
    return;
  }
  context.sendSoon(completeInsert(insert, result.posted), result.posted.instruction);
}

/** It came back to a payer whose account is gone, or over a rail without returns: people find the owner. */
async function keepInSuspense(context: PaymentContext, credit: PaymentRow): Promise<void> {
  const nowMs = context.time.now();
  const terms = networkOf(networkRailOf(credit));
  const key = `suspense:${credit.id}`;
  const result = await context.ledger.post({
    key,
    requestHash: sha256(key),
    paymentId: credit.id,
    legs: [
      { kind: 'void', line: 'principal', holdId: credit.principalHold! },
      {
        kind: 'single',
        line: 'principal',
        debit: terms.settlementIn,
        credit: terms.suspense,
        amount: credit.amountSen,
      },
    ],
    valueDate: credit.valueDate,
    businessDate: credit.businessDate,
    companion: {
      of: paymentCompanion,
      row: [endOfCredit(credit, { to: 'settled', nowMs, extra: { heldIn: terms.suspense } })],
    },
  });
  if (!result.ok)
    context.log.error({ paymentId: credit.id, reason: result.reason }, 'payment.suspense_refused');
}

function endOfCredit(
  credit: PaymentRow,
  input: {
    readonly to: 'returned' | 'settled';
    readonly nowMs: number;
    readonly extra: Readonly<Record<string, unknown>>;
  },
): PaymentChange {
  return {
    kind: 'change',
    id: credit.id,
    from: ['pending_credit'],
    to: input.to,
    atMs: input.nowMs,
    set: {
      outcomeCode: credit.kind === 'bifast_in' ? 'U102' : 'RC78',
      outcomeSource: 'engine',
      settledAtMs: input.nowMs,
    },
    events: (now) => [paymentEvent(now, input.nowMs, now.state, input.extra)],
    messages: () => [],
  };
}

async function draftReturn(context: PaymentContext, credit: PaymentRow): Promise<PaymentRow> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  return {
    id: newId('pay', nowMs, context.random),
    kind: 'bifast_return',
    channel: 'network',
    state: 'held',
    previousState: 'new',
    debitAccount: CHART.bifastSuspense,
    creditAccount: credit.debitAccount,
    debtorName: credit.creditorName,
    creditorName: credit.debtorName,
    counterpartyBank: credit.counterpartyBank,
    amountSen: credit.amountSen,
    feeSen: credit.feeSen,
    remark: '',
    cohortBucket: 9_999,
    isStaff: false,
    isSynthetic: credit.isSynthetic,
    jti: newId('jti', nowMs, context.random),
    relatedPaymentId: credit.id,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, Number(settings.bifastCutOverMinute)),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    dueAtMs: nowMs,
    leasedUntilMs: nowMs + LEASE_MS,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}

function authorisationOf(
  context: PaymentContext,
  input: { readonly row: PaymentRow; readonly credit: PaymentRow },
) {
  const { row, credit } = input;
  return {
    jti: row.jti!,
    audience: context.audience,
    // Return and reversal: trxType 011, LclInstrm 99, CtgyPurp 01199 (domain.md 2.5).
    series: { bic: context.bank.bic, trxType: '011', channelCode: '99' },
    instruction: {
      version: 1,
      env: context.env,
      rail: 'bifast',
      direction: 'out',
      kind: 'return',
      paymentId: row.id,
      attempt: 1,
      amountSen: String(row.amountSen),
      currency: 'IDR',
      debtor: {
        bank: context.bank.bic,
        account: credit.creditAccount,
        accountType: 'SVGS',
        name: credit.creditorName,
      },
      creditor: {
        bank: credit.counterpartyBank!,
        account: credit.debitAccount,
        accountType: 'SVGS',
        name: credit.debtorName,
      },
      channelCode: '99',
      channel: 'network',
      categoryPurpose: '01199',
      remittance: '',
      relatedEndToEndId: credit.bizMsgIdr!,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  } as const;
}
