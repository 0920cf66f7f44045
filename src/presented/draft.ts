/** The rows that presented codes make in `payment`. Pure but for ids. */
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import type { PaymentInsert } from '../payment/change.ts';
import { dueAtOf, lastWordFrom } from '../payment/clock.ts';
import { paymentEvent } from '../payment/event.ts';
import { networkOf, numberOf } from '../payment/kind.ts';
import { holdsOf } from '../payment/lines.ts';
import { messageOf } from '../payment/message.ts';
import type { PaymentLine, PaymentRow } from '../payment/row.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import { plainText } from '../payment/text.ts';
import type { QrisPresentedRequest } from '../rail/notice-qris.ts';
import { riskFacts, screenedEvents } from '../payment/screening/said.ts';
import type { Screened } from '../risk/screen.ts';
import type { PresentedContext } from './context.ts';
import type { ResponseCode } from './decide.ts';
import type { PresentedCode } from './port.ts';

/** What each row is made from. */
export interface Drafting {
  readonly request: QrisPresentedRequest;
  readonly code: PresentedCode;
  readonly account: AccountFacts;
  readonly settings: PaymentSettings;
}

const NAME_MAX = 140;
const TERMS = networkOf('qris');

/** A payment that is approved: held until the network settles it, told to the customer at once (T3). */
export function draftApproval(
  context: PresentedContext,
  from: Drafting & { readonly countedIn: string | undefined },
): PaymentInsert {
  const base = baseRow(context, from);
  const nowMs = base.madeAtMs;
  const open: PaymentRow = {
    ...base,
    ...lastWordFrom({ rail: 'qris', nowMs }, from.settings),
    state: 'accepted',
    countedIn: from.countedIn,
    outcomeCode: 'RC00',
    outcomeSource: 'engine',
  };
  const row: PaymentRow = { ...open, dueAtMs: dueAtOf(open, nowMs, from.settings) };
  const lines: readonly PaymentLine[] = [
    {
      line: 'principal',
      amountSen: row.amountSen,
      debitAccount: row.debitAccount,
      creditAccount: TERMS.settlementOut,
    },
  ];
  return {
    kind: 'insert',
    row,
    lines,
    holds: holdsOf(lines),
    events: (now) => [
      paymentEvent(now, nowMs, now.state, { ...partiesOf(context, now), codeId: from.code.id }),
      {
        atMs: nowMs,
        kind: 'presented_code.used',
        subject: from.code.id,
        data: { payment: now.id },
      },
    ],
    messages: messageOf(row, nowMs, { template: 'qris.presented', random: context.random }),
  };
}

/** A payment that is refused: no money, but a row, so that a repeat is refused with the same code whatever has changed meanwhile. */
export function draftRefusal(
  context: PresentedContext,
  from: Drafting & { readonly response: ResponseCode; readonly screened?: Screened },
): PaymentInsert {
  const row: PaymentRow = {
    ...baseRow(context, from),
    state: 'refused',
    outcomeCode: `RC${from.response}`,
    outcomeSource: 'engine',
  };
  return {
    kind: 'insert',
    row,
    lines: [],
    events: (now) => [
      paymentEvent(now, now.madeAtMs, now.state, {
        ...partiesOf(context, now),
        codeId: from.code.id,
        ...riskFacts(from.screened),
      }),
      ...screenedEvents(now, from.screened),
    ],
    messages: [],
  };
}

function partiesOf({ bank, parties }: PresentedContext, row: PaymentRow) {
  return {
    payer: parties.keyOf({ bank: bank.bic, account: row.debitAccount }),
    payee: parties.keyOf({ bank: row.counterpartyBank ?? bank.bic, account: row.creditAccount }),
  };
}

function baseRow(
  context: PresentedContext,
  { request, code, account, settings }: Drafting,
): PaymentRow {
  const nowMs = context.time.now();
  return {
    id: newId('pay', nowMs, context.random),
    kind: 'qris_presented',
    // The customer agreed in the app.
    channel: 'mobile',
    state: 'refused',
    previousState: 'new',
    customerId: code.customerId,
    debitAccount: code.account,
    creditAccount: request.merchantPan,
    debtorName: account.name,
    creditorName: plainText(request.merchantName, NAME_MAX) || 'QRIS',
    counterpartyBank: request.fromBank,
    amountSen: sen(BigInt(request.amountSen)),
    feeSen: sen(0n),
    remark: '',
    cohortBucket: account.cohortBucket,
    isStaff: account.isStaff,
    isSynthetic: false,
    bizMsgIdr: request.bizMsgIdr,
    msgId: request.rrn,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, TERMS.cutOverMinute)),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}
