/** Answers a request for cash with one of our cards: who and what, PIN, limits, then approval, hold, row, event and message in one
 * commit under the network's id. Everything that says no is as durable as a yes. Source: ADR 0021, domain.md 4.8. */
import { machineAccount } from '../kernel/bank.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { Counter, PostResult } from '../ledger/port.ts';
import { isThrottled, throttleCounters } from '../payment/limits.ts';
import { legsOf } from '../payment/lines.ts';
import type { PaymentRow } from '../payment/row.ts';
import { screenNetwork } from '../payment/screening/network.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import { hasReturn } from '../payment/store.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { Screened } from '../risk/screen.ts';
import type { CardRequest, PinChangeRequest } from '../rail/notice-switch.ts';
import { checkChip } from './chip.ts';
import type { CardContext } from './context.ts';
import {
  RESPONSE,
  codeOfPin,
  codeOfRefusal,
  codeOfRisk,
  decideAmount,
  decideBeforePin,
  type CardDecision,
  type CardLimits,
  type ResponseCode,
} from './decide.ts';
import { approvalCodeOf, draftApproval, draftRefusal, type Drafting } from './draft.ts';
import { amountOf, draftDeposit, draftOwnWithdrawal, isAtOurs, postOfOwn, sidesOf } from './own.ts';
import { checkPin } from './pin.ts';
import type { Card } from './port.ts';
import { clearTries } from './store.ts';
import { datesOf, postCard } from './write.ts';

/** The durable key of what the switch asked for. A reversal that comes first takes it, and the request finds it taken. */
export function requestKey(bizMsgIdr: string): string {
  return `in:switch:${bizMsgIdr}`;
}

/** What is known when a card asks. */
export interface Presented {
  readonly decision: CardDecision;
  readonly card: Card | undefined;
  readonly account: AccountFacts | undefined;
  readonly settings: PaymentSettings;
  /** What counts in the minute of a throttle. */
  readonly throttles: readonly Counter[];
}

/** How restrictions tell a machine of ours from another bank's: the first stays open when the network is stopped (domain.md 7.7). */
function placeOf(request: CardRequest | PinChangeRequest) {
  if (isAtOurs(request)) return { rail: 'onus', direction: 'out', channel: 'atm' } as const;
  const bank = request.fromBank;
  return { rail: 'switch', direction: 'in', channel: 'network', bank } as const;
}

/** Looks up the card and decides what can be decided without its PIN. */
export async function present(
  context: CardContext,
  request: CardRequest | PinChangeRequest,
): Promise<Presented> {
  const [card, settings] = await Promise.all([
    context.looks.byToken(context.tokenOf(request.card.pan)),
    context.settings(),
  ]);
  const [account] = card ? await context.facts.accounts([card.account]) : [];
  const amountSen = BigInt(request.amountSen);
  const gate = context.gate.decide({
    ...placeOf(request),
    product: 'cash',
    account: card?.account ?? '',
    amountSen,
    cohortBucket: account?.cohortBucket ?? 9_999,
    isStaff: account?.isStaff ?? false,
  });
  const decision = decideBeforePin({
    card,
    expiry: request.card.expiry,
    amountSen,
    nowMs: context.time.now(),
    deadlineMs: request.deadlineMs,
    gate,
  });
  const throttles = throttleCounters(gate, {
    amountSen: sen(amountSen),
    atMs: context.time.now(),
  });
  return { decision, card, account, settings, throttles };
}

/** Answers one request for cash, or to pay cash in. Idempotent by the network's id. */
export async function takeWithdrawal(
  context: CardContext,
  request: CardRequest,
): Promise<NoticeAnswer> {
  const [known, presented] = await Promise.all([
    context.looks.withdrawal({ bank: request.fromBank, id: request.bizMsgIdr }),
    present(context, request),
  ]);
  if (known) return answerAgain(context, { request, known, card: presented.card });
  const { decision, account, settings, throttles } = presented;
  if (!decision.ok) return refuse(context, { request, presented, decision });
  const { card } = decision;
  const chip = await checkChip(context, { card, presented: request.card, settings });
  if (!chip.ok) return refuse(context, { request, presented, decision: chip });
  const pin = await checkPin(context, { card, presented: request.card });
  faultPoint('card.afterPin');
  const bounds =
    codeOfPin(pin) ?? decideAmount(amountOf(request), limitsOf(request, card, settings));
  // After the PIN: who found a card learns nothing of its account.
  const screened = bounds === undefined ? await screenCash(context, request, card) : undefined;
  const code = bounds ?? (screened && codeOfRisk(screened));
  if (code !== undefined) {
    if (pin.kind === 'right') await context.db.tx((tx) => clearTries(tx, [card.id]));
    return refuse(context, { request, presented, decision: { ok: false, code }, screened });
  }
  const from = { request, card, account, settings };
  const answer = await (request.what === 'deposit'
    ? approveDeposit(context, from, throttles)
    : approve(context, from, throttles));
  return withResponse(answer, chip.arpc);
}

/** What the rules of risk say of the customer's account, which pays or is paid in cash. */
function screenCash(context: CardContext, request: CardRequest, card: Card): Promise<Screened> {
  const customer = { bank: context.bank.bic, account: card.account };
  const isPaidIn = request.what === 'deposit';
  return screenNetwork(context, {
    channel: isAtOurs(request) ? 'atm' : 'network',
    kind: isPaidIn ? 'deposit' : 'cash',
    amountSen: amountOf(request),
    ...(isPaidIn ? { payee: customer } : { payer: customer, account: card.account }),
  });
}

/** An approval with the cryptogram by which the card knows us. */
export function withResponse(answer: NoticeAnswer, arpc: string | undefined): NoticeAnswer {
  return arpc !== undefined && answer.taken && answer.approved ? { ...answer, arpc } : answer;
}

function limitsOf(
  { what }: Pick<CardRequest, 'what'>,
  card: Card,
  settings: PaymentSettings,
): CardLimits {
  return {
    capSen: what === 'deposit' ? settings.machineDepositCapSen : settings.cardWithdrawalCapSen,
    dailySenMax: card.dailySenMax ?? settings.cardDailySen,
    dailyCountMax:
      card.dailyCountMax === undefined ? settings.cardDailyCount : BigInt(card.dailyCountMax),
  };
}

async function approve(
  context: CardContext,
  from: Drafting,
  throttles: readonly Counter[],
): Promise<NoticeAnswer> {
  const { request, card, settings } = from;
  const limits = limitsOf(request, card, settings);
  const amount = amountOf(request);
  // `prune_counters` in SQL knows this form.
  const counter: Counter = {
    kind: 'spend',
    key: `day|${card.id}|${wibDate(context.time.now())}`,
    amount,
    amountMax: limits.dailySenMax,
    countMax: limits.dailyCountMax,
  };
  const isOurs = isAtOurs(request);
  const countedIn = counter.key;
  const insert = isOurs
    ? draftOwnWithdrawal(context, { ...from, countedIn })
    : draftApproval(context, { ...from, feeSen: sen(settings.cardWithdrawalFeeSen), countedIn });
  const result = await postCard(context, {
    ...postOfOwn(insert),
    key: requestKey(request.bizMsgIdr),
    body: bodyOf(request, card),
    ...(!isOurs && { legs: legsOf(insert.lines, 'hold') }),
    counters: [counter, ...throttles],
    cleared: card.id,
  });
  faultPoint('card.afterApproval');
  if (result.ok && !result.repeated)
    return answerInTime(context, { request, account: card.account, paymentId: insert.row.id });
  const counted = (await context.ledger.counted([counter.key])).get(counter.key);
  const count = counted?.count ?? 0n;
  return refusePosted(context, { from, result, count, countMax: limits.dailyCountMax });
}

/** The machine has counted the notes and keeps them as soon as it hears yes. */
async function approveDeposit(
  context: CardContext,
  from: Drafting,
  throttles: readonly Counter[],
): Promise<NoticeAnswer> {
  const { request, card } = from;
  const insert = draftDeposit(context, from);
  const result = await postCard(context, {
    ...postOfOwn(insert),
    key: requestKey(request.bizMsgIdr),
    body: bodyOf(request, card),
    counters: throttles,
    cleared: card.id,
  });
  faultPoint('card.afterApproval');
  return result.ok && !result.repeated
    ? answerInTime(context, { request, account: card.account, paymentId: insert.row.id })
    : refusePosted(context, { from, result, count: 0n, countMax: 1n });
}

/** What the ledger did not post now. A right PIN forgives the wrong ones before it all the same. */
async function refusePosted(
  context: CardContext,
  input: {
    readonly from: Drafting;
    readonly result: PostResult;
    readonly count: bigint;
    readonly countMax: bigint;
  },
): Promise<NoticeAnswer> {
  const { from, result, count, countMax } = input;
  const { request, card } = from;
  await context.db.tx((tx) => clearTries(tx, [card.id]));
  if (result.ok || result.reason === 'key_conflict') return answerTaken(context, { request, card });
  if (isThrottled(result))
    return writeRefusal(context, { ...from, code: RESPONSE.notPermitted, isRestricted: true });
  const isNoMachine = isAtOurs(request) && result.account === machineAccount(request.terminal);
  const code = isNoMachine
    ? RESPONSE.notAtThisMachine
    : codeOfRefusal(result.reason, { count, countMax });
  return writeRefusal(context, { ...from, code, isRestricted: false });
}

/** The same card and amount under the same id is the same request; its PIN block may be another one. */
function bodyOf(request: CardRequest, card: Card): Readonly<Record<string, string>> {
  const { what, fromBank, amountSen, rrn, terminal } = request;
  return { what, fromBank, amountSen, rrn, terminal, cardId: card.id };
}

/** An approval, or nothing when it is too late to be said. Not taken back here: a copy of the request may have been answered in time, and
 * only the gateway knows what left (ADR 0013). */
async function answerInTime(
  context: CardContext,
  of: { readonly request: CardRequest; readonly account: string; readonly paymentId: string },
): Promise<NoticeAnswer> {
  const { request, account, paymentId } = of;
  if (context.time.now() < request.deadlineMs) return approved(context, { account, paymentId });
  context.log.warn({ paymentId }, 'card.approved_too_late');
  return declined(RESPONSE.late);
}

/** The key is taken: by the same request before, by another body under the same id, or by a reversal that came first. */
async function answerTaken(
  context: CardContext,
  { request, card }: { readonly request: CardRequest; readonly card: Card },
): Promise<NoticeAnswer> {
  const known = await context.looks.withdrawal({
    bank: request.fromBank,
    id: request.bizMsgIdr,
  });
  if (known) return answerAgain(context, { request, known, card });
  context.log.warn({ bizMsgIdr: request.bizMsgIdr }, 'card.request_after_reversal');
  return declined(RESPONSE.invalid);
}

/** The answer that was given, as far as it still holds: what was taken back since is not approved a second time. */
async function answerAgain(
  context: CardContext,
  input: {
    readonly request: CardRequest;
    readonly known: PaymentRow;
    readonly card: Card | undefined;
  },
): Promise<NoticeAnswer> {
  const { request, known, card } = input;
  const isSame =
    known.amountSen === BigInt(request.amountSen) &&
    // A refusal stands under the customer's account whichever way the cash went.
    (customerOf(known) === card?.account || known.debitAccount === card?.account) &&
    (known.kind === 'atm_deposit') === (request.what === 'deposit');
  if (!isSame) return declined(RESPONSE.duplicate);
  switch (known.state) {
    case 'refused':
      return declined(known.outcomeCode?.slice(2) ?? RESPONSE.malfunction);
    case 'accepted':
      return answerInTime(context, {
        request,
        account: known.debitAccount,
        paymentId: known.id,
      });
    case 'refunded':
      return declined(RESPONSE.invalid);
    case 'settled':
      return answerSettled(context, request, known);
    default:
      return declined(RESPONSE.duplicate);
  }
}

function customerOf(row: PaymentRow): string {
  return sidesOf(row).customer;
}

/** What a machine of ours gave out or kept is settled from its first commit; the network's is when the network has moved it. */
async function answerSettled(
  context: CardContext,
  request: CardRequest,
  known: PaymentRow,
): Promise<NoticeAnswer> {
  if (known.kind === 'card_withdrawal') return declined(RESPONSE.duplicate);
  return (await hasReturn(context.db, known.id))
    ? declined(RESPONSE.invalid)
    : answerInTime(context, { request, account: customerOf(known), paymentId: known.id });
}

async function refuse(
  context: CardContext,
  input: {
    readonly request: CardRequest;
    readonly presented: Presented;
    readonly decision: Extract<CardDecision, { ok: false }>;
    readonly screened?: Screened | undefined;
  },
): Promise<NoticeAnswer> {
  const { request, presented, decision, screened } = input;
  const { card, account, settings } = presented;
  // Nothing is said in this case, so there is nothing to repeat; and a number that is nobody's has no row to write to.
  if (!card || decision.code === RESPONSE.late || request.what === 'balance')
    return declined(decision.code);
  return writeRefusal(context, {
    request,
    card,
    account,
    settings,
    code: decision.code,
    isRestricted: decision.isRestricted ?? false,
    screened,
  });
}

async function writeRefusal(
  context: CardContext,
  from: Drafting & {
    readonly code: ResponseCode;
    readonly isRestricted: boolean;
    readonly screened?: Screened | undefined;
  },
): Promise<NoticeAnswer> {
  const { request, card, code } = from;
  const insert = draftRefusal(context, { ...from, kind: kindOf(request) });
  const result = await postCard(context, {
    key: `${requestKey(request.bizMsgIdr)}:refused`,
    body: { ...bodyOf(request, card), code },
    paymentId: insert.row.id,
    dates: datesOf(insert),
    legs: [],
    writes: [insert],
  });
  return result.ok && !result.repeated ? declined(code) : answerTaken(context, { request, card });
}

function kindOf(request: CardRequest) {
  if (request.what === 'deposit') return 'atm_deposit' as const;
  return isAtOurs(request) ? ('atm_withdrawal' as const) : ('card_withdrawal' as const);
}

async function approved(
  context: CardContext,
  of: { readonly account: string; readonly paymentId: string },
): Promise<NoticeAnswer> {
  const balance = await context.ledger.balance(of.account);
  return {
    taken: true,
    approved: true,
    approvalCode: approvalCodeOf(of.paymentId),
    ...(balance && { availableSen: String(balance.availableSen) }),
  };
}

/** DE39 as an answer; nothing when it would come too late, for then nobody may say anything. */
export function declined(code: string): NoticeAnswer {
  if (code === RESPONSE.late) return { taken: true };
  return { taken: true, approved: false, code };
}
