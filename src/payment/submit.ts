/** Takes one transfer: gate, then risk, then the ledger, in one commit with the payment's row. Owns the order of the stages up
 * to the hold; what happens to a held payment afterwards is advance.ts. */
import { DbFault } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { newId } from '../kernel/ids.ts';
import { sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import {
  LedgerBusy,
  type AuthorisationDraft,
  type Counter,
  type Leg,
  type Posted,
  type PostRequest,
  type PostResult,
} from '../ledger/port.ts';
import { LEASE_MS } from './clock.ts';
import { completeInsert, paymentCompanion, type PaymentInsert } from './change.ts';
import { billAuthorisation, type BillDraft } from './bill/draft.ts';
import { cleaned } from './command.ts';
import type { PaymentContext } from './context.ts';
import { decideSubmit, type Withholding } from './decide-submit.ts';
import { proxyText } from '../rail/bifast/proxy.ts';
import { numberOf, termsOf } from './kind.ts';
import {
  codeCounters,
  countedInOf,
  countersOf,
  partnerCounters,
  reasonOf,
  throttleCounters,
} from './limits.ts';
import { holdsOf, legsOf, linesOf } from './lines.ts';
import { messageOf } from './message.ts';
import type { SubmitRefusal, SubmitResult, TransferCommand } from './port.ts';
import { paymentView, type PaymentRow } from './row.ts';
import type { PaymentSettings } from './settings.ts';
import type { Restriction } from '../gate/restriction.ts';
import { announceUse, proofFacts, tellThrottled, type Announce } from './announce.ts';
import { announceScreened, tellAsked } from './screening/said.ts';
import { isKeyKnown } from './screening/store.ts';
import { transferAuthorisation } from './transfer-draft.ts';
import { gatherSubmitFacts, spenderOf, type GatheredFacts } from './submit-facts.ts';
import { draftWithheld } from './screening/withheld-draft.ts';

/** A payment in the making: its row, its money and its authorisation. */
interface Draft {
  readonly insert: PaymentInsert;
  readonly legs: readonly Leg[];
  readonly counters?: readonly Counter[];
  readonly authorisation?: AuthorisationDraft;
}

/** Takes a transfer. Durable when it answers, idempotent by `key`: the same key and body gets the first answer again, whatever
 * the gate says now; another body gets `key_conflict`. Throws DbFault when the outcome cannot be known here. */
export async function submit(
  context: PaymentContext,
  asked: TransferCommand,
): Promise<SubmitResult> {
  return submitWith(context, { command: cleaned(asked) });
}

/** Takes a bill in the same way: its creditor is the aggregator. */
export function submitBill(
  context: PaymentContext,
  asked: TransferCommand,
  bill: BillDraft,
): Promise<SubmitResult> {
  return submitWith(context, { command: cleaned(asked), bill });
}

interface Asked {
  readonly command: TransferCommand;
  readonly bill?: BillDraft;
}

async function submitWith(context: PaymentContext, asked: Asked): Promise<SubmitResult> {
  if (asked.command.amount <= 0n)
    return { ok: false, repeated: false, reason: 'amount_not_positive' };
  const settings = await context.settings();
  try {
    return await submitOnce(context, asked, settings);
  } catch (error) {
    if (error instanceof LedgerBusy) return { ok: false, repeated: false, reason: 'busy' };
    throw error;
  }
}

async function submitOnce(
  context: PaymentContext,
  asked: Asked,
  settings: PaymentSettings,
): Promise<SubmitResult> {
  const { command, bill } = asked;
  const gathered = await gatherSubmitFacts(context, {
    ...command,
    ...(bill && {
      bill: { product: bill.product.code, feeClass: bill.product.feeClass, problem: bill.problem },
    }),
  });
  assert(
    !command.merchant || gathered.facts.kind === 'onus',
    'a merchant of ours is paid within the bank',
  );
  assert(
    !(command.qris ?? command.codeTransfer) || gathered.facts.kind.startsWith('qris'),
    'who is named by a code of another bank is paid over the network',
  );
  const decision = decideSubmit(gathered.facts, settings);
  if (decision.ok) {
    const draft = draftPayment(context, { ...asked, settings, gathered, ...decision });
    const answer = await post(context, command, draft);
    if (!answer.ok && !answer.repeated && answer.reason === 'throttled')
      await tellThrottled(context, draft.insert.row, gathered.facts.gate);
    return answer;
  }
  const draft = draftRefused(context, { ...asked, settings, gathered, ...decision });
  const { questions } = decision;
  // A question refuses nothing: the key stays free for the answer, unless it has its own already.
  if (questions && !(await isKeyKnown(context.db, command.key))) {
    await tellAsked(context, draft.insert.row, questions);
    const { reason } = decision;
    const { lastAtMs } = gathered;
    return {
      ok: false,
      repeated: false,
      reason,
      questions,
      ...(lastAtMs !== undefined && { lastAtMs }),
    };
  }
  const answer = await post(context, command, draft);
  return answer.ok || !decision.restriction
    ? answer
    : { ...answer, restriction: decision.restriction };
}

async function post(
  context: PaymentContext,
  command: TransferCommand,
  draft: Draft,
): Promise<SubmitResult> {
  const { row } = draft.insert;
  const request: PostRequest = {
    key: command.key,
    requestHash: command.requestHash,
    paymentId: row.id,
    legs: draft.legs,
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    ...(draft.counters && { counters: draft.counters }),
    ...(draft.authorisation && { authorisation: draft.authorisation }),
    companion: { of: paymentCompanion, row: [draft.insert] },
  };
  const result = await postKnowing(context, request);
  faultPoint('payment.afterHold');
  if (!result.ok) return refusalOf(result);
  // A commit whose answer was lost is found again under our own payment's id: that is this payment, not a repeat.
  if (result.repeated && result.posted.paymentId !== row.id) return repeat(context, result.posted);
  return answerFresh(context, { insert: draft.insert, posted: result.posted });
}

function refusalOf(result: Extract<PostResult, { ok: false }>): SubmitResult {
  const { repeated, reason, counter } = result;
  return {
    ok: false,
    repeated,
    reason: reason === 'limit_exceeded' ? reasonOf(counter ?? '') : reason,
  };
}

/** Posts; when the commit's outcome is unknown, asks again under the same key, once: the second answer is the truth. */
async function postKnowing(context: PaymentContext, request: PostRequest): Promise<PostResult> {
  try {
    return await context.ledger.post(request);
  } catch (error) {
    if (!(error instanceof DbFault && error.commitUnknown)) throw error;
    context.log.warn({ paymentId: request.paymentId }, 'payment.commit_unknown');
    return context.ledger.post(request);
  }
}

function answerFresh(
  context: PaymentContext,
  input: { readonly insert: PaymentInsert; readonly posted: Posted },
): SubmitResult {
  const row = completeInsert(input.insert, input.posted);
  if (row.state === 'refused')
    return { ok: false, repeated: false, reason: row.outcomeCode as SubmitRefusal };
  context.waiters.tell(row);
  if (row.state === 'held') context.sendSoon(row, input.posted.instruction);
  return { ok: true, repeated: false, payment: paymentView(row) };
}

async function repeat(context: PaymentContext, posted: Posted): Promise<SubmitResult> {
  // By the set: ten thousand repeats at once do not queue for a connection each.
  const row = await context.looks.byId(posted.paymentId);
  assert(row, 'a posted payment has its row');
  // Refused rows were written by this file: the code is one of ours.
  if (row.state === 'refused')
    return { ok: false, repeated: true, reason: row.outcomeCode as SubmitRefusal };
  return { ok: true, repeated: true, payment: paymentView(row) };
}

interface DraftInput extends Asked {
  readonly settings: PaymentSettings;
  readonly gathered: GatheredFacts;
  readonly withholding?: Withholding;
}

function draftPayment(context: PaymentContext, input: DraftInput): Draft {
  const { command } = input;
  const spender = spenderOf(command, input.gathered);
  const amountSen = command.amount;
  const counters = [
    ...countersOf(spender, { amountSen, settings: input.settings }),
    ...partnerCounters({ ...command, day: spender.day, amountSen }),
  ];
  const draft = draftOf(context, input);
  const row: PaymentRow = { ...draft.insert.row, countedIn: countedInOf(counters) };
  const { bill } = input;
  return {
    ...draft,
    counters: [
      ...counters,
      ...throttleCounters(input.gathered.facts.gate, { amountSen, atMs: row.madeAtMs }),
      ...codeCounters(command.merchant),
      ...(bill ? bill.counters(row.madeAtMs) : []),
    ],
    insert: { ...draft.insert, row, ...paidOf(row, input), ...(bill && { bill: bill.detail }) },
  };
}

/** What waits for a person is no sign that the payee is known. */
function paidOf(row: PaymentRow, { gathered }: DraftInput): Pick<PaymentInsert, 'paid'> {
  const { keeps } = gathered;
  return keeps && row.state !== 'withheld'
    ? { paid: { ...keeps, amountSen: row.amountSen, atMs: row.madeAtMs } }
    : {};
}

function draftOf(context: PaymentContext, input: DraftInput): Draft {
  const { withholding, gathered } = input;
  if (withholding)
    return draftWithheld(context, {
      ...input,
      withholding,
      screened: gathered.facts.screened,
      base: baseRow(context, input),
      price: gathered.price,
      accountType: gathered.debtor!.accountType, // decided: the debtor is known
    });
  return gathered.facts.kind === 'onus' ? draftOnus(context, input) : draftSent(context, input);
}

/** The fields that every kind shares. */
function baseRow(context: PaymentContext, { command, settings, gathered }: DraftInput): PaymentRow {
  const { facts, debtor, atMs: nowMs } = gathered;
  const cutOver = numberOf(settings, termsOf(facts.kind).cutOverMinute);
  return {
    id: newId('pay', nowMs, context.random),
    kind: facts.kind,
    channel: command.channel,
    state: 'held',
    previousState: 'new',
    customerId: debtor?.customerId ?? command.customerId,
    partnerId: command.partnerId,
    partnerReferenceNo: command.partnerReferenceNo,
    debitAccount: command.debitAccount,
    creditAccount: command.creditorAccount,
    debtorName: debtor?.name ?? '',
    creditorName: command.creditorName,
    counterpartyBank: facts.kind === 'onus' ? undefined : command.creditorBank,
    ...(command.creditorProxy && { creditorProxy: proxyText(command.creditorProxy) }),
    amountSen: command.amount,
    feeSen: gathered.price.feeSen,
    remark: command.remark,
    consentId: command.consentId,
    bulkId: command.bulk?.id,
    cohortBucket: debtor?.cohortBucket ?? 9_999,
    isStaff: debtor?.isStaff ?? false,
    isSynthetic: command.channel === 'synthetic',
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, cutOver),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}

function draftOnus(context: PaymentContext, input: DraftInput): Draft {
  const base = baseRow(context, input);
  const row: PaymentRow = {
    ...base,
    state: 'settled',
    settledAtMs: base.madeAtMs,
    outcomeCode: 'U000',
  };
  const { creditor } = input.gathered;
  const { merchant } = input.command;
  // The partner's server is told by the answer itself; people get a message too, payer and payee.
  const isPersonal = row.channel === 'mobile' || merchant !== undefined;
  const messages = isPersonal
    ? [
        ...messageOf(row, row.madeAtMs, { template: 'payment.settled', random: context.random }),
        ...messageOf(
          { ...row, kind: 'bifast_in', customerId: creditor?.customerId },
          row.madeAtMs,
          { template: 'payment.received', random: context.random },
        ),
      ]
    : [];
  const announce = announceAsked(context, { ...input, row });
  const lines = linesOf(row, input.gathered.price, merchant);
  return {
    insert: {
      kind: 'insert',
      row,
      lines,
      events: merchant?.code ? announceUse(announce, merchant.code.id) : announce,
      messages,
      ...(merchant && { sale: merchant }),
      ...(merchant?.code && { usesCode: merchant.code.id }),
    },
    legs: legsOf(lines, 'single'),
  };
}

function announceAsked(
  context: PaymentContext,
  input: DraftInput & { readonly row: PaymentRow },
): Announce {
  const { row, gathered, command } = input;
  const of = { row, screened: gathered.facts.screened };
  return announceScreened(context, of, proofFacts(context, command.proof));
}

/** Leaves over a network: held now, sent after the commit. */
function draftSent(context: PaymentContext, input: DraftInput): Draft {
  const base = baseRow(context, input);
  const row: PaymentRow = {
    ...base,
    jti: newId('jti', base.madeAtMs, context.random),
    promiseAtMs: base.madeAtMs + Number(input.settings.promiseMs),
    dueAtMs: base.madeAtMs,
    leasedUntilMs: base.madeAtMs + LEASE_MS,
  };
  const lines = linesOf(row, input.gathered.price);
  const { accountType } = input.gathered.debtor!; // decided: the debtor is known
  return {
    insert: {
      kind: 'insert',
      row,
      lines,
      holds: holdsOf(lines),
      events: announceAsked(context, { ...input, row }),
      messages: [],
    },
    legs: legsOf(lines, 'hold'),
    authorisation: input.bill
      ? billAuthorisation(context, { row, accountType, bill: input.bill.detail })
      : transferAuthorisation(context, { row, accountType, command: input.command }),
  };
}

/** A refusal decided before the ledger: no money, but a row, so that the same key gets the same answer for ever. */
function draftRefused(
  context: PaymentContext,
  input: DraftInput & { readonly reason: SubmitRefusal; readonly restriction?: Restriction },
): Draft {
  const base = baseRow(context, input);
  const row: PaymentRow = {
    ...base,
    state: 'refused',
    feeSen: sen(0n),
    outcomeCode: input.reason,
    outcomeSource: 'engine',
  };
  return {
    insert: {
      kind: 'insert',
      row,
      lines: [],
      events: announceScreened(
        context,
        { row, screened: input.gathered.facts.screened },
        { restriction: input.restriction?.id },
      ),
      messages: [],
    },
    legs: [],
  };
}
