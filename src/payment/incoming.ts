/** Credits that other banks send us: pending first, spendable on settlement, once per (bank, BizMsgIdr) (I12). A credit that
 * cannot be booked after settlement goes back as a return of its own (return.ts). */
import { DbFault } from '../db/pool.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { CHART } from '../kernel/bank.ts';
import { assert } from '../kernel/assert.ts';
import { newId } from '../kernel/ids.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import type { PostRefusal, PostResult } from '../ledger/port.ts';
import type {
  CreditNotice,
  CreditSettledNotice,
  EnquiryNotice,
  NoticeAnswer,
} from '../rail/notice.ts';
import { paymentCompanion, type PaymentInsert } from './change.ts';
import { dueAtOf, lastWordFrom } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { orphanEvent, paymentEvent } from './event.ts';
import { messageOf } from './message.ts';
import { endHolds, reread, writeEvents } from './outcome.ts';
import { giveCreditAway } from './return.ts';
import type { PaymentRow } from './row.ts';
import { countRejectedReturns, findPayment, findReceived, findSent } from './store.ts';
import { plainText } from './text.ts';

/** U-codes of domain.md 2.6. */
const CODE = {
  notFound: 'U101',
  notActive: 'U102',
  originalNotFound: 'U106',
  notAccepted: 'U110',
  unavailable: 'U129',
  duplicate: 'U149',
} as const;

const REFUSED_AS: Partial<Readonly<Record<PostRefusal, string>>> = {
  account_not_found: CODE.notFound,
  account_closed: CODE.notActive,
  account_frozen: CODE.notActive,
};

const ID_TEXT = /^[\x20-\x7e]{1,64}$/;
const AMOUNT_SEN = /^[1-9]\d{0,17}$/;

/** Where a credit goes, or the code it is refused with. */
type Target =
  | {
      readonly ok: true;
      readonly account: string;
      readonly key: string;
      readonly original?: PaymentRow;
      readonly customerId?: string | undefined;
    }
  | { readonly ok: false; readonly code: string; readonly key: string };

/** Answers who owns an account; the bank's own accounts do not exist for the network. */
export async function answerEnquiry(
  context: PaymentContext,
  notice: EnquiryNotice,
): Promise<NoticeAnswer> {
  if (!ID_TEXT.test(notice.account)) return { taken: false, code: CODE.notFound };
  const [account] = await context.facts.accounts([notice.account]);
  if (!account) return { taken: false, code: CODE.notFound };
  if (account.state === 'closed') return { taken: false, code: CODE.notActive };
  return { taken: true, accountName: account.name, accountType: account.accountType };
}

/** Books a credit as pending, or says why not. The same notice again gets the same answer; another body under the same id
 * is refused as a duplicate and told. */
export async function takeCredit(
  context: PaymentContext,
  notice: CreditNotice,
): Promise<NoticeAnswer> {
  if (
    !ID_TEXT.test(notice.bizMsgIdr) ||
    !ID_TEXT.test(notice.fromBank) ||
    !AMOUNT_SEN.test(notice.amountSen)
  )
    return { taken: false, code: CODE.notAccepted };
  const target = await targetOf(context, notice);
  const insert = await draftCredit(context, notice, target);
  const result = await postOnce(context, notice, { target, insert });
  if (result === 'duplicate') return refuseDuplicate(context, notice);
  if (result.ok) {
    const row = await findPayment(context.db, result.posted.paymentId);
    assert(row, 'a posted credit has its row');
    // `previous` tells a refusal at the door from a pending credit that was turned away later.
    return row.state === 'rejected' && row.previousState === 'new'
      ? { taken: false, code: row.outcomeCode ?? CODE.notAccepted }
      : { taken: true };
  }
  if (result.reason === 'key_conflict') return refuseDuplicate(context, notice);
  if (target.ok && target.original) return takeIntoSuspense(context, notice, { target, insert });
  const code = REFUSED_AS[result.reason] ?? CODE.notAccepted;
  // The ledger keeps its refusal under the key; this row keeps the story.
  await postCredit(context, notice, {
    target: { ok: false, code, key: `${target.key}:refused` },
    insert: refusedInsert(insert, code),
  });
  return { taken: false, code };
}

/** An id that came before as something else (a credit, then a return) has another key, but the row's own id stops it. */
async function postOnce(
  context: PaymentContext,
  notice: CreditNotice,
  input: { readonly target: Target; readonly insert: PaymentInsert },
): Promise<PostResult | 'duplicate'> {
  try {
    return await postCredit(context, notice, input);
  } catch (error) {
    if (error instanceof DbFault && error.constraint === 'payment_inbound') return 'duplicate';
    throw error;
  }
}

async function targetOf(context: PaymentContext, notice: CreditNotice): Promise<Target> {
  const key = `in:${notice.fromBank}:${notice.bizMsgIdr}`;
  if (notice.trxType === '011') return targetOfReturn(context, notice, key);
  if (!ID_TEXT.test(notice.creditorAccount)) return { ok: false, code: CODE.notFound, key };
  const [account] = await context.facts.accounts([notice.creditorAccount]);
  const gate = context.gate.decide({
    rail: 'bifast',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    account: notice.creditorAccount,
    amountSen: BigInt(notice.amountSen),
    cohortBucket: account?.cohortBucket ?? 9_999,
    isStaff: account?.isStaff ?? false,
  });
  const isStopped =
    gate.kind === 'stop' || (gate.kind === 'cap' && BigInt(notice.amountSen) > gate.capSen);
  if (isStopped) return { ok: false, code: CODE.unavailable, key };
  return account
    ? { ok: true, account: account.number, key, customerId: account.customerId }
    : { ok: false, code: CODE.notFound, key };
}

/** A return of a payment of ours is credited to its debtor, at most what was sent and once (T7): the key is the original's, so
 * a second return under another id is a conflict. One that was turned away at settlement frees the next. */
async function targetOfReturn(
  context: PaymentContext,
  notice: CreditNotice,
  key: string,
): Promise<Target> {
  const related = notice.relatedEndToEndId ?? '';
  const original = ID_TEXT.test(related) ? (await findSent(context.db, [related]))[0] : undefined;
  if (!original || original.counterpartyBank !== notice.fromBank)
    return { ok: false, code: CODE.originalNotFound, key };
  // What was given back already, or never left, cannot come back a second time.
  const mayReturn =
    original.state === 'settled' ||
    original.state === 'accepted' ||
    original.state === 'unknown' ||
    original.state === 'review';
  if (!mayReturn || BigInt(notice.amountSen) > original.amountSen)
    return { ok: false, code: CODE.notAccepted, key };
  const [known] = await findReceived(context.db, {
    bank: notice.fromBank,
    ids: [notice.bizMsgIdr],
  });
  const turn = await countRejectedReturns(context.db, {
    paymentId: original.id,
    beforeMs: known?.madeAtMs ?? context.time.now() + 1,
  });
  return {
    ok: true,
    account: original.debitAccount,
    key: `returned:${original.id}:${turn}`,
    original,
    customerId: original.customerId,
  };
}

async function draftCredit(
  context: PaymentContext,
  notice: CreditNotice,
  target: Target,
): Promise<PaymentInsert> {
  const nowMs = context.time.now();
  const settings = await context.settings();
  const lastWord = lastWordFrom({ rail: notice.rail, nowMs }, settings);
  const original = target.ok ? target.original : undefined;
  const open: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: 'bifast_in',
    channel: 'network',
    state: 'pending_credit',
    previousState: 'new',
    customerId: target.ok ? target.customerId : undefined,
    debitAccount: plainText(notice.debtorAccount, 64),
    creditAccount: target.ok ? target.account : plainText(notice.creditorAccount, 64),
    debtorName: plainText(notice.debtorName, 140),
    creditorName: plainText(notice.creditorName, 140),
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
    businessDate: businessDate(nowMs, Number(settings.bifastCutOverMinute)),
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
        debitAccount: CHART.bifastIn,
        creditAccount: row.creditAccount,
      },
    ],
    holds: { principal: 0 },
    events: (now) => [paymentEvent(now, now.madeAtMs, now.state)],
    messages: [],
  };
  return target.ok ? insert : refusedInsert(insert, target.code);
}

/** The same credit, turned away at the door: no money, no customer. */
function refusedInsert(from: PaymentInsert, code: string): PaymentInsert {
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

function postCredit(
  context: PaymentContext,
  notice: CreditNotice,
  input: { readonly target: Target; readonly insert: PaymentInsert },
): Promise<PostResult> {
  const { row, lines } = input.insert;
  return context.ledger.post({
    key: input.target.key,
    requestHash: sha256(canonicalJson(notice)),
    paymentId: row.id,
    legs: lines.map((line) => ({
      kind: 'hold',
      line: line.line,
      debit: line.debitAccount,
      credit: line.creditAccount,
      amount: line.amountSen as Sen,
    })),
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    companion: { of: paymentCompanion, row: [input.insert] },
  });
}

async function refuseDuplicate(
  context: PaymentContext,
  notice: CreditNotice,
): Promise<NoticeAnswer> {
  context.log.warn(
    { bizMsgIdr: notice.bizMsgIdr, bank: notice.fromBank },
    'payment.credit_duplicate',
  );
  await writeEvents(context, [
    orphanEvent(context.time.now(), 'outcome_contradicted', {
      bizMsgIdr: notice.bizMsgIdr,
      bank: notice.fromBank,
      why: 'duplicate_credit',
    }),
  ]);
  return { taken: false, code: CODE.duplicate };
}

/** The payer's account is closed since: money that is ours to give back waits in suspense for people, not at the other bank. */
async function takeIntoSuspense(
  context: PaymentContext,
  notice: CreditNotice,
  input: { readonly target: Target; readonly insert: PaymentInsert },
): Promise<NoticeAnswer> {
  const { insert } = input;
  const row: PaymentRow = { ...insert.row, creditAccount: CHART.bifastSuspense };
  const lines = insert.lines.map((line) => ({ ...line, creditAccount: CHART.bifastSuspense }));
  const target = { ...input.target, key: `${input.target.key}:suspense` };
  const result = await postCredit(context, notice, { target, insert: { ...insert, row, lines } });
  if (result.ok) return { taken: true };
  return result.reason === 'key_conflict'
    ? refuseDuplicate(context, notice)
    : { taken: false, code: CODE.notAccepted };
}

/** The hub's word that a credit is settled. */
export async function takeCreditSettled(
  context: PaymentContext,
  notice: CreditSettledNotice,
): Promise<NoticeAnswer> {
  if (!ID_TEXT.test(notice.bizMsgIdr) || !ID_TEXT.test(notice.fromBank))
    return { taken: false, code: CODE.originalNotFound };
  const [row] = await findReceived(context.db, { bank: notice.fromBank, ids: [notice.bizMsgIdr] });
  return settleCredit(context, { row, bank: notice.fromBank, bizMsgIdr: notice.bizMsgIdr });
}

/** Makes a pending credit spendable. Where it cannot be booked any more it goes back or into suspense, never nowhere. */
export async function settleCredit(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow | undefined;
    readonly bank: string;
    readonly bizMsgIdr: string;
  },
): Promise<NoticeAnswer> {
  const { row } = input;
  if (!row) {
    await writeEvents(context, [
      orphanEvent(context.time.now(), 'credit_unknown', {
        bizMsgIdr: input.bizMsgIdr,
        bank: input.bank,
        why: 'settled_without_credit',
      }),
    ]);
    return { taken: false, code: CODE.originalNotFound };
  }
  if (row.state === 'settled' || row.state === 'returned') return { taken: true };
  if (row.state !== 'pending_credit') {
    await writeEvents(context, [
      paymentEvent(row, context.time.now(), 'outcome_contradicted', {
        why: 'settled_after_rejection',
      }),
    ]);
    return { taken: false, code: CODE.originalNotFound };
  }
  const settled = await endHolds(context, row, {
    kind: 'post',
    key: `settle:${row.id}`,
    from: ['pending_credit'],
    to: 'settled',
    set: { outcomeCode: 'U000', outcomeSource: 'rail_notice', settledAtMs: context.time.now() },
    messages: (now) =>
      messageOf(now, now.changedAtMs, {
        template: now.relatedPaymentId === undefined ? 'payment.received' : 'payment.returned',
        random: context.random,
      }),
  });
  if (!settled && (await reread(context, row.id)).state === 'pending_credit')
    await giveCreditAway(context, row);
  return { taken: true };
}

/** A credit that no statement holds did not come: the pending credit is voided. */
export function rejectCredit(
  context: PaymentContext,
  row: PaymentRow,
): Promise<PaymentRow | undefined> {
  return endHolds(context, row, {
    kind: 'void',
    key: `reject:${row.id}`,
    from: ['pending_credit'],
    to: 'rejected',
    set: { outcomeCode: 'NOT_IN_STATEMENT', outcomeSource: 'statement' },
    messages: () => [],
  });
}
