/** Cash at machines of ours: what is drawn or paid in moves at once between the customer and the machine's own account, because nobody
 * else settles it. What did not come out, or was not kept, goes back as a payment of its own (`reverse.ts`). ADR 0024. */
import { machineAccount } from '../kernel/bank.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { legsOf } from '../payment/lines.ts';
import { paymentEvent } from '../payment/event.ts';
import type { PaymentInsert } from '../payment/change.ts';
import type { PaymentRow } from '../payment/row.ts';
import type { CardRequest } from '../rail/notice-switch.ts';
import type { CardContext } from './context.ts';
import { baseRow, type Drafting } from './draft.ts';
import { messageOfCard } from './message.ts';
import { datesOf, type CardPost } from './write.ts';

/** True at a machine of ours: its PIN came under the key of one. Only the gateway's link of our machines says so. */
export function isAtOurs({ card }: Pick<CardRequest, 'card'>): boolean {
  return card.pinKey.startsWith('tpk.');
}

/** Cash that a machine of ours may give out: settled at once. */
export function draftOwnWithdrawal(
  context: CardContext,
  from: Drafting & { readonly countedIn: string },
): PaymentInsert {
  const machine = machineAccount(from.request.terminal);
  const base = baseRow(context, { ...from, kind: 'atm_withdrawal' });
  return settledInsert(context, {
    row: { ...base, creditAccount: machine, countedIn: from.countedIn },
    cardId: from.card.id,
    template: 'card.withdrawn',
  });
}

/** Cash that a machine of ours has counted and keeps: spendable at once. */
export function draftDeposit(context: CardContext, from: Drafting): PaymentInsert {
  const base = baseRow(context, { ...from, kind: 'atm_deposit' });
  return settledInsert(context, {
    row: {
      ...base,
      debitAccount: machineAccount(from.request.terminal),
      creditAccount: base.debitAccount,
      debtorName: base.creditorName,
      creditorName: base.debtorName,
    },
    cardId: from.card.id,
    template: 'card.deposited',
  });
}

function settledInsert(
  context: CardContext,
  input: {
    readonly row: PaymentRow;
    readonly cardId: string;
    readonly template: 'card.withdrawn' | 'card.deposited';
  },
): PaymentInsert {
  const { cardId, template } = input;
  const row: PaymentRow = {
    ...input.row,
    state: 'settled',
    settledAtMs: input.row.madeAtMs,
    outcomeCode: 'RC00',
    outcomeSource: 'engine',
  };
  return {
    kind: 'insert',
    row,
    lines: [
      {
        line: 'principal',
        amountSen: row.amountSen,
        debitAccount: row.debitAccount,
        creditAccount: row.creditAccount,
      },
    ],
    events: (now) => [paymentEvent(now, now.madeAtMs, now.state, { cardId })],
    messages: messageOfCard(context, row, template),
  };
}

/** What of a row is at the machine, and what at the customer. */
export function sidesOf(row: PaymentRow): { readonly machine: string; readonly customer: string } {
  return row.kind === 'atm_deposit'
    ? { machine: row.debitAccount, customer: row.creditAccount }
    : { machine: row.creditAccount, customer: row.debitAccount };
}

/** The posting of what `draft…` made. */
export function postOfOwn(
  insert: PaymentInsert,
): Pick<CardPost, 'paymentId' | 'dates' | 'legs' | 'writes'> {
  return {
    paymentId: insert.row.id,
    dates: datesOf(insert),
    legs: legsOf(insert.lines, 'single'),
    writes: [insert],
  };
}

/** The amount of a request. */
export function amountOf({ amountSen }: Pick<CardRequest, 'amountSen'>): Sen {
  return sen(BigInt(amountSen));
}
