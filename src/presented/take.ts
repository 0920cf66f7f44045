/** Answers a till that scanned a customer's code: what the code may pay, then approval, hold, row, used code, event and message in one
 * commit under the network's id. A no is as durable as a yes. Whoever got no answer asks by a check, and nothing is ever taken back by
 * a message: the shop may have handed over its goods (ADR 0022, 0033). */
import { recordEvents } from '../audit/record.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import { codeCounter, countedInOf, countersOf, throttleCounters } from '../payment/limits.ts';
import { legsOf } from '../payment/lines.ts';
import { orphanEvent } from '../payment/event.ts';
import type { PaymentRow } from '../payment/row.ts';
import { isDeclined } from '../payment/screening/network.ts';
import { findPresented } from '../payment/store.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { Screened } from '../risk/screen.ts';
import type { QrisPresentedRequest } from '../rail/notice-qris.ts';
import { secretHashOf } from './content.ts';
import type { PresentedContext } from './context.ts';
import { codeOfRefusal, lifeOf, refusePresented, RESPONSE, type ResponseCode } from './decide.ts';
import { draftApproval, draftRefusal, type Drafting } from './draft.ts';
import { gateOf, screenOf } from './gate.ts';
import type { PresentedNotice } from './port.ts';
import { selectBySecret } from './store.ts';
import { postPresented } from './write.ts';

type Check = Extract<PresentedNotice, { what: 'qris_check' }>;

/** Answers one message. Idempotent by the network's id. */
export function takePresented(
  context: PresentedContext,
  notice: PresentedNotice,
): Promise<NoticeAnswer> {
  return notice.what === 'qris_check' ? answerCheck(context, notice) : pay(context, notice);
}

async function pay(
  context: PresentedContext,
  request: QrisPresentedRequest,
): Promise<NoticeAnswer> {
  const known = await findPresented(context.db, { bank: request.fromBank, id: request.bizMsgIdr });
  if (known) return answerAgain(context, { request, known });
  // Nothing is kept, so a check will find nothing, and the message is refused from then on.
  if (context.time.now() >= request.deadlineMs) return declined(RESPONSE.unavailable);
  const code = await selectBySecret(context.db, secretHashOf(request.codeData));
  // What is nobody's has no row to write to; nobody draws 128 bits by chance, so it stays nobody's.
  if (code?.pan !== request.customerPan) return declined(RESPONSE.noCode);
  const [settings, [account]] = await Promise.all([
    context.settings(),
    context.facts.accounts([code.account]),
  ]);
  if (!account) return declined(RESPONSE.noCode);
  const { amountSen: amount, fromBank: bank, merchantPan, nmid } = request;
  const amountSen = BigInt(amount);
  const payee = { bank, account: merchantPan, ...(nmid !== undefined && { nmid }) };
  const gate = gateOf(context, { account, amountSen, payee });
  const from: Drafting = { request, code, account, settings };
  const screened = await screenOf(context, { account, amountSen, payee });
  const nowMs = context.time.now();
  const said = refusePresented({
    code,
    amountSen,
    minimumSen: settings.qrisMinimumSen,
    capSen: settings.qrisCapSen,
    nowMs,
    gate,
  });
  const response = said ?? (isDeclined(screened) ? RESPONSE.notPermitted : undefined);
  if (response !== undefined)
    // A till that goes on asking for a code that has ended leaves no trail of rows.
    return lifeOf(code, nowMs) === 'waiting'
      ? writeRefusal(context, {
          ...from,
          response,
          key: keyOf(request.bizMsgIdr),
          ...(said === undefined && { screened }),
        })
      : declined(response);
  return approve(context, from, throttleCounters(gate, { amountSen: sen(amountSen), atMs: nowMs }));
}

async function approve(
  context: PresentedContext,
  from: Drafting,
  throttles: ReturnType<typeof throttleCounters>,
): Promise<NoticeAnswer> {
  const { request, code, settings } = from;
  // The same counters as a payment that the customer makes: nobody gets a day's limit twice by showing a code.
  const counters = countersOf(
    {
      customer: code.customerId,
      channel: 'mobile',
      kind: 'qris_out',
      day: wibDate(context.time.now()),
    },
    { amountSen: sen(BigInt(request.amountSen)), settings },
  );
  const insert = draftApproval(context, { ...from, countedIn: countedInOf(counters) });
  const { row, lines } = insert;
  const result = await postPresented(context, {
    key: keyOf(request.bizMsgIdr),
    body: bodyOf(request, code.id),
    paymentId: row.id,
    dates: row,
    legs: legsOf(lines, 'hold'),
    counters: [codeCounter(code.id), ...counters, ...throttles],
    writes: [insert],
    paid: { codeId: code.id, paymentId: row.id },
  });
  faultPoint('presented.afterApproval');
  if (result.ok && !result.repeated) return answerInTime(context, { request, row });
  if (result.ok || result.reason === 'key_conflict') return answerTaken(context, request);
  // The ledger keeps its own no under the payment's key.
  const key = `${keyOf(request.bizMsgIdr)}:refused`;
  return writeRefusal(context, { ...from, response: codeOfRefusal(result), key });
}

async function writeRefusal(
  context: PresentedContext,
  from: Drafting & {
    readonly response: ResponseCode;
    readonly key: string;
    readonly screened?: Screened;
  },
): Promise<NoticeAnswer> {
  const { request, code, response, key } = from;
  const insert = draftRefusal(context, from);
  // What is refused once is refused for ever: the payment's own key is taken, by this or by the ledger's own no.
  const result = await postPresented(context, {
    key,
    body: { ...bodyOf(request, code.id), response },
    paymentId: insert.row.id,
    dates: insert.row,
    legs: [],
    writes: [insert],
    refused: { codeId: code.id, code: response, amountSen: insert.row.amountSen },
  });
  return result.ok && !result.repeated ? declined(response) : answerTaken(context, request);
}

/** What became of it, from what is committed. "Not known" takes the payment's own key, with nothing under it: it and the payment cannot
 * both pass. */
async function answerCheck(context: PresentedContext, asked: Check): Promise<NoticeAnswer> {
  const original = { bank: asked.fromBank, id: asked.originalId };
  const row =
    (await findPresented(context.db, original)) ?? (await rememberUnknown(context, asked));
  // A check of something else under this id, or one that came with the payment itself: it asks again.
  if (row === 'kept') return declined(RESPONSE.unknown);
  if (!row) return declined(RESPONSE.unavailable);
  if (row.state === 'refused' || row.state === 'refunded') return declined(RESPONSE.unknown);
  return String(row.amountSen) === asked.amountSen && row.msgId === asked.rrn
    ? approved(row)
    : declined(RESPONSE.invalid);
}

async function rememberUnknown(
  context: PresentedContext,
  asked: Check,
): Promise<PaymentRow | 'kept' | undefined> {
  const nowMs = context.time.now();
  const day = wibDate(nowMs);
  const result = await postPresented(context, {
    key: keyOf(asked.originalId),
    body: { what: 'check_first' },
    paymentId: newId('pay', nowMs, context.random),
    dates: { valueDate: day, businessDate: day },
    legs: [],
    writes: [],
  });
  if (result.ok) return 'kept';
  return findPresented(context.db, { bank: asked.fromBank, id: asked.originalId });
}

/** The key is taken: by the same message before, by another body under its id, or by a check that came first. */
async function answerTaken(
  context: PresentedContext,
  request: QrisPresentedRequest,
): Promise<NoticeAnswer> {
  const known = await findPresented(context.db, { bank: request.fromBank, id: request.bizMsgIdr });
  if (known) return answerAgain(context, { request, known });
  context.log.warn({ bizMsgIdr: request.bizMsgIdr }, 'presented.request_after_check');
  return declined(RESPONSE.unknown);
}

/** The answer that was given, as far as it still holds; another body under its id is a duplicate, and told. */
async function answerAgain(
  context: PresentedContext,
  { request, known }: { readonly request: QrisPresentedRequest; readonly known: PaymentRow },
): Promise<NoticeAnswer> {
  const isSame =
    String(known.amountSen) === request.amountSen &&
    known.msgId === request.rrn &&
    known.creditAccount === request.merchantPan;
  if (!isSame) {
    const { bizMsgIdr, fromBank: bank } = request;
    context.log.warn({ bizMsgIdr, bank }, 'presented.duplicate');
    const why = 'duplicate_presented';
    const told = orphanEvent(context.time.now(), 'outcome_contradicted', { bizMsgIdr, bank, why });
    await context.db.tx((tx) => recordEvents(tx, [told]));
    return declined(RESPONSE.duplicate);
  }
  if (known.state === 'refused') return declined(known.outcomeCode?.slice(2) ?? RESPONSE.unknown);
  // Given back since, because no statement named it.
  if (known.state === 'refunded') return declined(RESPONSE.unknown);
  return answerInTime(context, { request, row: known });
}

/** An approval, or nothing when it is too late to be said: their check gets it. */
function answerInTime(
  context: PresentedContext,
  of: { readonly request: QrisPresentedRequest; readonly row: PaymentRow },
): NoticeAnswer {
  if (context.time.now() < of.request.deadlineMs) return approved(of.row);
  context.log.warn({ paymentId: of.row.id }, 'presented.approved_too_late');
  return { taken: true };
}

/** The same message says the same, whatever else of it differs. */
function bodyOf(request: QrisPresentedRequest, codeId: string): Readonly<Record<string, string>> {
  const { fromBank, amountSen, rrn, merchantPan } = request;
  return { what: 'qris_presented', fromBank, amountSen, rrn, merchantPan, codeId };
}

/** One name for all that comes over QRIS: a check of another kind can never say of it that it is not known. */
function keyOf(bizMsgIdr: string): string {
  return `in:qris:${bizMsgIdr}`;
}

function approved(row: PaymentRow): NoticeAnswer {
  // DE38: the end of the payment's own id, so that both sides find it.
  return { taken: true, approved: true, approvalCode: row.id.slice(-6) };
}

function declined(code: string): NoticeAnswer {
  return { taken: true, approved: false, code };
}
