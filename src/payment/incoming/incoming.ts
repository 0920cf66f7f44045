/** Credits that other banks send us: pending first, spendable on settlement, once per (bank, BizMsgIdr) (I12). A credit that
 * cannot be booked after settlement goes back as a return of its own (return.ts). */
import { DbFault } from '../../db/pool.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { CHART } from '../../kernel/bank.ts';
import type { MessageTemplate } from '../../notify/template.ts';
import { assert } from '../../kernel/assert.ts';
import type { PostRefusal, PostResult } from '../../ledger/port.ts';
import { draftCredit, postCredit, refusedInsert, type Target } from './draft.ts';
import type {
  CreditNotice,
  CreditSettledNotice,
  EnquiryNotice,
  NoticeAnswer,
} from '../../rail/notice.ts';
import type { EvidenceSource } from '../../rail/contract.ts';
import type { PaymentInsert } from '../change.ts';
import type { PaymentContext } from '../context.ts';
import { orphanEvent, paymentEvent } from '../event.ts';
import { isCapturedByStatement, networkOf, networkRailOf } from '../kind.ts';
import { messageOf } from '../message.ts';
import { endHolds, reread, writeEvents } from '../outcome.ts';
import { giveCreditAway } from './return.ts';
import type { PaymentRow } from '../row.ts';
import { settleSale, unsettledMessages } from './sale.ts';
import { countRejectedReturns, findPayment, findSent } from '../store.ts';
import { isDeclined, screenNetwork } from '../screening/network.ts';

/** U-codes of domain.md 2.6. */
const CODE = {
  notFound: 'U101',
  notActive: 'U102',
  originalNotFound: 'U106',
  notAccepted: 'U110',
  unavailable: 'U129',
  duplicate: 'U149',
} as const;

/** U-codes, DE39. */
const ENQUIRY_CODE = {
  bifast: { notFound: CODE.notFound, notActive: CODE.notActive },
  switch: { notFound: '76', notActive: '78' },
} as const;

const REFUSED_AS: Partial<Readonly<Record<PostRefusal, string>>> = {
  account_not_found: CODE.notFound,
  account_closed: CODE.notActive,
  account_frozen: CODE.notActive,
};

const ID_TEXT = /^[\x20-\x7e]{1,64}$/;
const AMOUNT_SEN = /^[1-9]\d{0,17}$/;

/** Answers who owns an account; the bank's own accounts do not exist for the network. */
export async function answerEnquiry(
  context: PaymentContext,
  notice: EnquiryNotice,
): Promise<NoticeAnswer> {
  const { notFound, notActive } = ENQUIRY_CODE[notice.rail];
  if (!ID_TEXT.test(notice.account)) return { taken: false, code: notFound };
  const [account] = await context.facts.accounts([notice.account]);
  if (!account) return { taken: false, code: notFound };
  if (account.state === 'closed') return { taken: false, code: notActive };
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
  await postCredit(context, {
    requestHash: hashOf(notice),
    key: `${target.key}:refused`,
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
    const { insert, target } = input;
    return await postCredit(context, { requestHash: hashOf(notice), key: target.key, insert });
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
  if (!account) return { ok: false, code: CODE.notFound, key };
  const screened = await screenNetwork(context, {
    channel: 'network',
    kind: 'credit',
    amountSen: BigInt(notice.amountSen),
    payer: { bank: notice.fromBank, account: notice.debtorAccount },
    payee: { bank: context.bank.bic, account: account.number },
  });
  return isDeclined(screened)
    ? { ok: false, code: CODE.notAccepted, key, screened }
    : { ok: true, account: account.number, key, customerId: account.customerId };
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
  const known = await context.looks.received({ bank: notice.fromBank, id: notice.bizMsgIdr });
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

function hashOf(notice: CreditNotice): Buffer {
  return sha256(canonicalJson(notice));
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
  const result = await postCredit(context, {
    requestHash: hashOf(notice),
    key: target.key,
    insert: { ...insert, row, lines },
  });
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
  const row = await context.looks.received({ bank: notice.fromBank, id: notice.bizMsgIdr });
  // What the network asked for can still be taken back while the date is open: only its statement captures.
  if (row && isCapturedByStatement(row)) return { taken: true };
  // Merchants get their money with the closed statement (T+1), unless the bank gives it as soon as the network's file names it.
  if (row?.kind === 'qris_in' && (await context.settings()).qrisSettleDays > 0n)
    return { taken: true };
  const { fromBank: bank, bizMsgIdr, amountSen: settledSen } = notice;
  // The closed statement says what becomes of it.
  if (row?.state === 'pending_credit' && isShort(row, settledSen)) return { taken: true };
  return settleCredit(context, { row, bank, bizMsgIdr, settledSen });
}

function isShort(row: PaymentRow, settledSen: string | undefined): boolean {
  return settledSen !== undefined && BigInt(settledSen) < row.amountSen;
}

/** The network settled another amount than its message said: the difference is for people. Less than was said makes nothing spendable, and
 * the pending credit ends; more than was said makes spendable what was said. True when it ended. */
async function endsShort(
  context: PaymentContext,
  row: PaymentRow,
  settledSen: string | undefined,
): Promise<boolean> {
  if (settledSen === undefined || BigInt(settledSen) === row.amountSen) return false;
  await writeEvents(context, [
    paymentEvent(row, context.time.now(), 'outcome_contradicted', {
      why: 'amount_differs',
      saidAmountSen: settledSen,
    }),
  ]);
  if (!isShort(row, settledSen)) return false;
  context.log.error({ paymentId: row.id }, 'payment.credit_settled_short');
  await rejectCredit(context, row, { code: 'AMOUNT_DIFFERS', source: 'statement' });
  return true;
}

/** Makes a pending credit spendable. Where it cannot be booked any more it goes back or into suspense, never nowhere. */
export async function settleCredit(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow | undefined;
    readonly bank: string;
    readonly bizMsgIdr: string;
    /** Sen as decimal text. */
    readonly settledSen?: string | undefined;
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
  if (await endsShort(context, row, input.settledSen)) return { taken: true };
  if (row.kind === 'qris_in') {
    await settleSale(context, row, networkOf('qris').settledCode);
    return { taken: true };
  }
  const settled = await endHolds(context, row, {
    kind: 'post',
    key: `settle:${row.id}`,
    from: ['pending_credit'],
    to: 'settled',
    set: {
      outcomeCode: networkOf(networkRailOf(row)).settledCode,
      outcomeSource: 'rail_notice',
      settledAtMs: context.time.now(),
    },
    messages: (now) =>
      messageOf(now, now.changedAtMs, {
        template: creditTemplate(now),
        random: context.random,
      }),
  });
  if (!settled && (await reread(context, row.id)).state === 'pending_credit')
    await giveCreditAway(context, row);
  return { taken: true };
}

function creditTemplate({ kind, relatedPaymentId }: PaymentRow): MessageTemplate {
  if (kind === 'qris_refund_in') return 'qris.refunded';
  return relatedPaymentId === undefined ? 'payment.received' : 'payment.returned';
}

/** A credit that no statement holds, or that its sender takes back, did not come: the pending credit is voided. */
export function rejectCredit(
  context: PaymentContext,
  row: PaymentRow,
  said: { readonly code: string; readonly source: EvidenceSource } = {
    code: 'NOT_IN_STATEMENT',
    source: 'statement',
  },
): Promise<PaymentRow | undefined> {
  return endHolds(context, row, {
    kind: 'void',
    key: `reject:${row.id}`,
    from: ['pending_credit'],
    to: 'rejected',
    set: { outcomeCode: said.code, outcomeSource: said.source },
    ...(row.kind === 'qris_in' && { also: 'sale_unsettled' }),
    messages: (now) => (now.kind === 'qris_in' ? unsettledMessages(context, now) : []),
  });
}
