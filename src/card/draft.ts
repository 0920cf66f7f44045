/** The rows that cards make in `payment`: cash that was approved or refused, money that goes back, a fee. Pure but for ids. */
import { createHash } from 'node:crypto';
import { CHART } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import type { PaymentInsert } from '../payment/change.ts';
import { dueAtOf, lastWordFrom } from '../payment/clock.ts';
import { paymentEvent } from '../payment/event.ts';
import { holdsOf } from '../payment/lines.ts';
import { riskFacts, screenedEvents } from '../payment/screening/said.ts';
import type { PaymentLine, PaymentRow } from '../payment/row.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import { plainText } from '../payment/text.ts';
import type { CardRequest } from '../rail/notice-switch.ts';
import type { Screened } from '../risk/screen.ts';
import type { CardContext } from './context.ts';
import type { ResponseCode } from './decide.ts';
import { messageOfCard } from './message.ts';
import type { Card } from './port.ts';

/** What each row is made from. */
export interface Drafting {
  readonly request: CardRequest;
  readonly card: Card;
  readonly account: AccountFacts | undefined;
  readonly settings: PaymentSettings;
}

/** What a request becomes. */
type CardKind = 'card_withdrawal' | 'card_fee' | 'atm_withdrawal' | 'atm_deposit';

/** Characters of a name. */
export const NAME_MAX = 140;
/** Of a payment that no customer of ours makes. */
export const NOBODYS_BUCKET = 9_999;

/** DE38: follows from the payment, so that a repeat of the request gets the same. */
export function approvalCodeOf(paymentId: string): string {
  const number = createHash('sha256').update(paymentId).digest().readUInt32BE(0) % 1_000_000;
  return String(number).padStart(6, '0');
}

/** Cash that is approved: held until the network settles it, told to the customer at once. */
export function draftApproval(
  context: CardContext,
  from: Drafting & { readonly feeSen: Sen; readonly countedIn: string },
): PaymentInsert {
  const base = baseRow(context, { ...from, kind: 'card_withdrawal' });
  const nowMs = base.madeAtMs;
  const open: PaymentRow = {
    ...base,
    ...lastWordFrom({ rail: 'switch', nowMs }, from.settings),
    state: 'accepted',
    feeSen: from.feeSen,
    countedIn: from.countedIn,
    outcomeCode: 'RC00',
    outcomeSource: 'engine',
  };
  const row: PaymentRow = { ...open, dueAtMs: dueAtOf(open, nowMs, from.settings) };
  const lines = [
    line(row, { name: 'principal', to: CHART.switchCards, amountSen: row.amountSen }),
    line(row, { name: 'fee', to: CHART.switchFee, amountSen: row.feeSen }),
  ].filter(({ amountSen }) => amountSen > 0n);
  return {
    kind: 'insert',
    row,
    lines,
    holds: holdsOf(lines),
    events: (now) => [paymentEvent(now, nowMs, now.state, { cardId: from.card.id })],
    messages: messageOfCard(context, row, 'card.withdrawn'),
  };
}

/** Cash that is refused: no money, but a row, so that a repeat is refused with the same code whatever has changed meanwhile. */
export function draftRefusal(
  context: CardContext,
  from: Drafting & {
    readonly kind: CardKind;
    readonly code: ResponseCode;
    readonly isRestricted: boolean;
    readonly screened?: Screened | undefined;
  },
): PaymentInsert {
  const row: PaymentRow = {
    ...baseRow(context, from),
    state: 'refused',
    outcomeCode: `RC${from.code}`,
    outcomeSource: 'engine',
  };
  return {
    kind: 'insert',
    row,
    lines: [],
    events: (now) => [
      paymentEvent(now, now.madeAtMs, now.state, {
        cardId: from.card.id,
        ...riskFacts(from.screened),
      }),
      ...screenedEvents(now, from.screened),
    ],
    messages: from.isRestricted ? messageOfCard(context, row, 'card.restricted') : [],
  };
}

/** What a question costs. */
export function draftFee(
  context: CardContext,
  from: Drafting & { readonly feeSen: Sen },
): PaymentInsert {
  const base = baseRow(context, { ...from, kind: 'card_fee' });
  const row: PaymentRow = {
    ...base,
    state: 'settled',
    amountSen: from.feeSen,
    settledAtMs: base.madeAtMs,
    outcomeCode: 'RC00',
    outcomeSource: 'engine',
  };
  return {
    kind: 'insert',
    row,
    lines: [line(row, { name: 'principal', to: CHART.switchFee, amountSen: from.feeSen })],
    events: (now) => [paymentEvent(now, now.madeAtMs, now.state, { cardId: from.card.id })],
    messages: [],
  };
}

/** Money that goes back after the network had settled the withdrawal: a payment of its own, because what is settled stays. */
export function draftReturn(
  context: CardContext,
  from: {
    readonly row: PaymentRow;
    readonly amountSen: Sen;
    readonly feeSen: Sen;
    readonly settings: PaymentSettings;
  },
): PaymentInsert {
  const { row: original, amountSen, feeSen } = from;
  const nowMs = context.time.now();
  const isPaidIn = original.kind === 'atm_deposit';
  const { debit, credit } = wayBack(original);
  const row: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: isPaidIn ? 'atm_deposit_back' : 'card_return',
    channel: 'network',
    state: 'settled',
    previousState: 'new',
    customerId: original.customerId,
    debitAccount: debit,
    creditAccount: credit,
    debtorName: original.creditorName,
    creditorName: original.debtorName,
    counterpartyBank: original.counterpartyBank,
    amountSen,
    feeSen,
    remark: '',
    cohortBucket: original.cohortBucket,
    isStaff: original.isStaff,
    isSynthetic: original.isSynthetic,
    outcomeCode: 'RC00',
    outcomeSource: 'rail_notice',
    relatedPaymentId: original.id,
    ...clockOf(nowMs, from.settings),
    settledAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const lines: PaymentLine[] = [
    {
      line: 'principal',
      amountSen,
      debitAccount: row.debitAccount,
      creditAccount: row.creditAccount,
    },
    {
      line: 'fee',
      amountSen: feeSen,
      debitAccount: CHART.switchFee,
      creditAccount: row.creditAccount,
    },
  ];
  return {
    kind: 'insert',
    row,
    lines: lines.filter((one) => one.amountSen > 0n),
    events: (now) => [paymentEvent(now, nowMs, now.state, { relatedPaymentId: original.id })],
    messages: messageOfCard(
      context,
      { ...row, creditorName: isPaidIn ? original.debtorName : original.creditorName },
      isPaidIn ? 'card.deposit_returned' : 'card.returned',
    ),
  };
}

/** From where to where it goes back: the network has what it settled, a machine of ours what it gave out. */
function wayBack({ kind, debitAccount, creditAccount }: PaymentRow): {
  readonly debit: string;
  readonly credit: string;
} {
  return {
    debit: kind === 'card_withdrawal' ? CHART.switchCards : creditAccount,
    credit: debitAccount,
  };
}

/** What every row of a request says, before it is decided. */
export function baseRow(
  context: CardContext,
  from: Drafting & { readonly kind: CardKind },
): PaymentRow {
  const { request, card, account } = from;
  const nowMs = context.time.now();
  return {
    id: newId('pay', nowMs, context.random),
    kind: from.kind,
    channel: 'network',
    state: 'refused',
    previousState: 'new',
    customerId: card.customerId,
    debitAccount: card.account,
    creditAccount: request.terminal,
    debtorName: account?.name ?? '',
    creditorName: plainText(request.place, NAME_MAX) || request.terminal,
    counterpartyBank: request.fromBank,
    amountSen: sen(BigInt(request.amountSen)),
    feeSen: sen(0n),
    remark: '',
    cohortBucket: account?.cohortBucket ?? NOBODYS_BUCKET,
    isStaff: account?.isStaff ?? false,
    isSynthetic: false,
    bizMsgIdr: request.bizMsgIdr,
    ...clockOf(nowMs, from.settings),
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}

/** The dates of what is made now. */
export function clockOf(nowMs: number, settings: PaymentSettings) {
  return {
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, Number(settings.switchCutOverMinute)),
    changedAtMs: nowMs,
  };
}

function line(
  row: PaymentRow,
  to: { readonly name: PaymentLine['line']; readonly to: string; readonly amountSen: Sen },
): PaymentLine {
  return {
    line: to.name,
    amountSen: to.amountSen,
    debitAccount: row.debitAccount,
    creditAccount: to.to,
  };
}
