/** Takes a withdrawal back, wholly or to what was really paid out (0400, 0420, DE95): once per request, whatever comes how often and in
 * which order. The ledger decides: the request and its reversal take the same durable key, and a hold ends once (T7). ADR 0021. */
import { recordEvents } from '../audit/record.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import type { Counter, Leg, PostResult } from '../ledger/port.ts';
import type { PaymentChange } from '../payment/change.ts';
import { paymentEvent } from '../payment/event.ts';
import { OPEN_STATES } from '../payment/outcome.ts';
import { legsOf } from '../payment/lines.ts';
import type { PaymentRow } from '../payment/row.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { CardContext } from './context.ts';
import { RESPONSE } from './decide.ts';
import { draftReturn } from './draft.ts';
import { messageOfCard } from './message.ts';
import type { CardNotice } from './port.ts';
import { datesOf, postCard } from './write.ts';

type Reversal = Extract<CardNotice, { kind: 'reversal' }>;

/** What of it the customer keeps having drawn; 0 = nothing came out. */
interface TakeBack {
  readonly row: PaymentRow;
  readonly keptSen: bigint;
}

/** What a reversal may take back. */
const KINDS: Readonly<Record<Reversal['what'], readonly string[]>> = {
  withdrawal: ['card_withdrawal', 'atm_withdrawal'],
  deposit: ['atm_deposit'],
  acquired: ['atm_acquired'],
};

const DONE: NoticeAnswer = { taken: true };

/** Answers one reversal. `taken` = it holds, now or since before; a code otherwise. */
export async function takeReversal(context: CardContext, notice: Reversal): Promise<NoticeAnswer> {
  const asked = { bank: notice.fromBank, id: notice.bizMsgIdr };
  let row = await context.looks.withdrawal(asked);
  if (!row) {
    const isFirst = await remember(context, notice);
    if (isFirst) return DONE;
    row = await context.looks.withdrawal(asked);
    // The ledger refused the request itself: nothing moved.
    if (!row) return DONE;
  }
  if (row.state === 'refused') return DONE;
  if (!KINDS[notice.what].includes(row.kind)) {
    await tell(context, row, 'flow_differs');
    return { taken: false, code: RESPONSE.invalid };
  }
  if (BigInt(notice.amountSen) !== row.amountSen) {
    await tell(context, row, 'amount_differs');
    return { taken: false, code: RESPONSE.badAmount };
  }
  return reverseWithdrawal(context, { row, keptSen: BigInt(notice.keptSen) });
}

/** The request never came: its key is taken, for ever and not only for 24 h, so that it is refused should it still come. True when this
 * or an earlier reversal took it. */
async function remember(context: CardContext, notice: Reversal): Promise<boolean> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const result = await postCard(context, {
    key: `in:switch:${notice.bizMsgIdr}`,
    body: { what: 'reversal_first' },
    paymentId: newId('pay', nowMs, context.random),
    dates: {
      valueDate: wibDate(nowMs),
      businessDate: businessDate(nowMs, Number(settings.switchCutOverMinute)),
    },
    legs: [],
    writes: [],
  });
  if (!result.ok) return false;
  if (!result.repeated)
    await context.db.tx((tx) =>
      recordEvents(tx, [
        {
          atMs: nowMs,
          kind: 'card.reversed_unseen',
          subject: notice.bizMsgIdr,
          data: { bank: notice.fromBank, amountSen: notice.amountSen },
        },
      ]),
    );
  return true;
}

/** Ends the hold: voided, or posted with what was paid out. When the settlement was faster, the money goes back as a payment of its own. */
async function reverseWithdrawal(context: CardContext, back: TakeBack): Promise<NoticeAnswer> {
  const { row, keptSen } = back;
  if (keptSen >= row.amountSen) return DONE;
  // At our own machine nothing was held for our own card.
  if (row.kind === 'atm_withdrawal' || row.kind === 'atm_deposit')
    return returnSettled(context, back);
  const result = await postCard(context, {
    key: `reversal:${row.id}`,
    body: { keptSen: String(keptSen) },
    paymentId: row.id,
    dates: datesOf({ row }),
    legs: legsOfEnd(back),
    counters: givenBack(back),
    writes: [changeOf(context, back)],
  });
  faultPoint('card.afterReversal');
  if (result.ok) return DONE;
  if (result.reason === 'key_conflict') {
    await tell(context, row, 'reversals_differ');
    return { taken: false, code: RESPONSE.duplicate };
  }
  assert(
    result.reason === 'hold_not_held',
    `a reversal ends a hold that stands, or one that ended (${result.reason})`,
  );
  return returnSettled(context, back);
}

/** A day's limit is for cash that came out; what came out in part counts whole. */
function givenBack({ row, keptSen }: TakeBack): readonly Counter[] {
  return keptSen === 0n && row.countedIn !== undefined
    ? [{ kind: 'give_back', key: row.countedIn, amount: row.amountSen }]
    : [];
}

function legsOfEnd({ row, keptSen }: TakeBack): readonly Leg[] {
  assert(row.principalHold !== undefined, `withdrawal ${row.id} has a hold`);
  const isWhole = keptSen === 0n;
  const legs: Leg[] = [
    isWhole
      ? { kind: 'void', line: 'principal', holdId: row.principalHold }
      : { kind: 'post', line: 'principal', holdId: row.principalHold, amount: sen(keptSen) },
  ];
  if (row.feeHold !== undefined)
    legs.push({ kind: isWhole ? 'void' : 'post', line: 'fee', holdId: row.feeHold });
  return legs;
}

function changeOf(context: CardContext, { row, keptSen }: TakeBack): PaymentChange {
  const nowMs = context.time.now();
  const isWhole = keptSen === 0n;
  return {
    kind: 'change',
    id: row.id,
    from: OPEN_STATES,
    to: isWhole ? 'refunded' : 'settled',
    atMs: nowMs,
    set: {
      outcomeCode: isWhole ? 'REVERSED' : 'PAID_IN_PART',
      outcomeSource: 'rail_notice',
      ...(!isWhole && { settledAtMs: nowMs }),
    },
    events: (now) => [
      paymentEvent(now, nowMs, now.state, { why: 'reversal', keptSen: String(keptSen) }),
    ],
    messages: (now) =>
      messageOfCard(
        context,
        { ...now, feeSen: isWhole ? now.feeSen : sen(0n) },
        isWhole ? 'card.returned' : 'card.returned_in_part',
        keptSen,
      ),
  };
}

/** The hold had ended: by the settlement, or by the statement's last word, which gave everything back already. */
async function returnSettled(context: CardContext, back: TakeBack): Promise<NoticeAnswer> {
  const { keptSen } = back;
  const row = await context.looks.withdrawal({
    bank: back.row.counterpartyBank!,
    id: back.row.bizMsgIdr!,
  });
  assert(row, 'a withdrawal stays');
  if (row.kind === 'atm_acquired') {
    // The network has paid us for cash that did not come out: people give it back to the card's bank.
    if (row.state === 'settled') await tell(context, row, 'reversed_after_settlement');
    return DONE;
  }
  if (row.state !== 'settled') {
    if (keptSen > 0n) await tell(context, row, 'paid_after_refund');
    return DONE;
  }
  const insert = draftReturn(context, {
    row,
    amountSen: sen(row.amountSen - keptSen),
    feeSen: sen(keptSen === 0n ? row.feeSen : 0n),
    settings: await context.settings(),
  });
  const result: PostResult = await postCard(context, {
    key: `reversal:${row.id}:settled`,
    body: { keptSen: String(keptSen) },
    paymentId: insert.row.id,
    dates: datesOf(insert),
    legs: legsOf(insert.lines, 'single'),
    counters: givenBack(back),
    writes: [insert],
  });
  if (result.ok) return DONE;
  if (result.reason === 'key_conflict') {
    await tell(context, row, 'reversals_differ');
    return { taken: false, code: RESPONSE.duplicate };
  }
  // The account is closed since, or what was paid in is spent: people settle it, and whoever reverses asks again.
  await tell(context, row, 'return_refused');
  return { taken: false, code: RESPONSE.malfunction };
}

/** What the network says and what is here do not agree: people look (runbook card_contradicted). */
async function tell(context: CardContext, row: PaymentRow, why: string): Promise<void> {
  context.log.error({ paymentId: row.id, why }, 'card.reversal_contradicted');
  await context.db.tx((tx) =>
    recordEvents(tx, [paymentEvent(row, context.time.now(), 'outcome_contradicted', { why })]),
  );
}
