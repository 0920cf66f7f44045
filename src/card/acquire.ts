/** Cash with another bank's card at a machine of ours, which that bank has approved: what it owes us and what leaves the machine are
 * held in one commit, and only then may the machine give it out. The network's statement captures; a reversal ends the hold
 * (`reverse.ts`). The card is none of our business and is not known here. ADR 0024. */
import { isRefusedBy } from '../gate/action.ts';
import { assert } from '../kernel/assert.ts';
import { CHART, machineAccount } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { Counter } from '../ledger/port.ts';
import type { PaymentInsert } from '../payment/change.ts';
import { dueAtOf, lastWordFrom } from '../payment/clock.ts';
import { paymentEvent } from '../payment/event.ts';
import { isThrottled, throttleCounters } from '../payment/limits.ts';
import { holdsOf, legsOf } from '../payment/lines.ts';
import type { PaymentLine, PaymentRow } from '../payment/row.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import { plainText } from '../payment/text.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { AcquiredRequest } from '../rail/notice-switch.ts';
import type { CardContext } from './context.ts';
import { codeOfRefusal, RESPONSE } from './decide.ts';
import { approvalCodeOf, clockOf, NAME_MAX, NOBODYS_BUCKET } from './draft.ts';
import { declined, requestKey } from './withdraw.ts';
import { datesOf, postCard } from './write.ts';

/** Whether the machine may give it out. Idempotent by the id of the message that went over the switch. */
export async function takeAcquired(
  context: CardContext,
  request: AcquiredRequest,
): Promise<NoticeAnswer> {
  const known = await context.looks.withdrawal({ bank: request.fromBank, id: request.bizMsgIdr });
  if (known) return answerKnown(context, request, known);
  if (context.time.now() >= request.deadlineMs) return declined(RESPONSE.late);
  const gate = context.gate.decide({
    rail: 'switch',
    direction: 'out',
    channel: 'atm',
    product: 'cash',
    bank: request.fromBank,
    account: '',
    amountSen: BigInt(request.amountSen),
    cohortBucket: NOBODYS_BUCKET,
    isStaff: false,
  });
  if (isRefusedBy(gate, BigInt(request.amountSen))) return declined(RESPONSE.notPermitted);
  const of = { amountSen: sen(BigInt(request.amountSen)), atMs: context.time.now() };
  return hold(context, request, throttleCounters(gate, of));
}

async function hold(
  context: CardContext,
  request: AcquiredRequest,
  counters: readonly Counter[],
): Promise<NoticeAnswer> {
  const insert = draftAcquired(context, { request, settings: await context.settings() });
  const result = await postCard(context, {
    key: requestKey(request.bizMsgIdr),
    body: { what: request.what, fromBank: request.fromBank, amountSen: request.amountSen },
    paymentId: insert.row.id,
    dates: datesOf(insert),
    legs: legsOf(insert.lines, 'hold'),
    counters,
    writes: [insert],
  });
  const known = await context.looks.withdrawal({ bank: request.fromBank, id: request.bizMsgIdr });
  if (known) return answerKnown(context, request, known);
  // A reversal came first and took the key: nothing may come out.
  assert(!result.ok, 'what is held has its row');
  if (result.reason === 'key_conflict') return declined(RESPONSE.invalid);
  if (isThrottled(result)) return declined(RESPONSE.notPermitted);
  return declined(
    result.account === machineAccount(request.terminal)
      ? RESPONSE.notAtThisMachine
      : codeOfRefusal(result.reason, { count: 0n, countMax: 1n }),
  );
}

/** What was held too late to be said is taken back by the gateway, here and at the network: only it knows what left. */
function answerKnown(
  context: CardContext,
  request: AcquiredRequest,
  row: PaymentRow,
): NoticeAnswer {
  const isSame = row.kind === 'atm_acquired' && row.amountSen === BigInt(request.amountSen);
  if (!isSame) return declined(RESPONSE.duplicate);
  if (row.state !== 'accepted') return declined(RESPONSE.invalid);
  if (context.time.now() < request.deadlineMs)
    return { taken: true, approved: true, approvalCode: approvalCodeOf(row.id) };
  context.log.warn({ paymentId: row.id }, 'card.approved_too_late');
  return declined(RESPONSE.late);
}

function draftAcquired(
  context: CardContext,
  from: { readonly request: AcquiredRequest; readonly settings: PaymentSettings },
): PaymentInsert {
  const { request, settings } = from;
  const nowMs = context.time.now();
  const open: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: 'atm_acquired',
    channel: 'network',
    state: 'accepted',
    previousState: 'new',
    debitAccount: CHART.switchAcquired,
    creditAccount: machineAccount(request.terminal),
    debtorName: '',
    creditorName: plainText(request.place, NAME_MAX) || request.terminal,
    counterpartyBank: request.fromBank,
    amountSen: sen(BigInt(request.amountSen)),
    feeSen: sen(settings.machineAcquirerFeeSen),
    remark: '',
    cohortBucket: NOBODYS_BUCKET,
    isStaff: false,
    isSynthetic: false,
    bizMsgIdr: request.bizMsgIdr,
    outcomeCode: 'RC00',
    outcomeSource: 'rail_answer',
    ...clockOf(nowMs, settings),
    ...lastWordFrom({ rail: 'switch', nowMs }, settings),
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const row: PaymentRow = { ...open, dueAtMs: dueAtOf(open, nowMs, settings) };
  const lines = [
    line('principal', row.creditAccount, row.amountSen),
    line('fee', CHART.switchFee, row.feeSen),
  ].filter(({ amountSen }) => amountSen > 0n);
  return {
    kind: 'insert',
    row,
    lines,
    holds: holdsOf(lines),
    events: (now) => [
      paymentEvent(now, nowMs, now.state, { terminal: request.terminal, rrn: request.rrn }),
    ],
    messages: [],
  };
}

function line(name: PaymentLine['line'], creditAccount: string, amountSen: Sen): PaymentLine {
  return { line: name, amountSen, debitAccount: CHART.switchAcquired, creditAccount };
}
