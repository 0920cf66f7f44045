/** Refunds that merchants of other banks send back by QRIS, and their banks' checks of them. A refund is a credit of its own to the payer:
 * pending until the settlement names it (I12), once per message and once per refund number, together never more than was paid. */
import { assert } from '../../kernel/assert.ts';
import { sha256 } from '../../kernel/canonical.ts';
import type { Counter, PostRefusal } from '../../ledger/port.ts';
import { sen } from '../../kernel/money.ts';
import { wibDate } from '../../kernel/time.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { QrisCheckRequest, QrisRefundRequest } from '../../rail/notice-qris.ts';
import { switchIdOfRrn } from '../../rail/switch/id.ts';
import type { PaymentContext } from '../context.ts';
import { answerOf, hashOf, kept, orDuplicate, refused, refuseDuplicate } from './answer.ts';
import {
  draftCredit,
  postCredit,
  refusedInsert,
  type IncomingCredit,
  type Target,
} from './draft.ts';
import { paymentEvent } from '../event.ts';
import { writeEvents } from '../outcome.ts';
import { customerPanOf } from '../qris-draft.ts';
import type { PaymentRow } from '../row.ts';
import { findPayment, findPresentedByRrn, findSent } from '../store.ts';

/** DE39. Source: docs/rail/qris.md, "Messages over the switch". */
const CODE = {
  unknown: '25',
  aboveLeft: '61',
  restricted: '57',
  notActive: '78',
  unavailable: '91',
  duplicate: '94',
  invalid: '12',
} as const;

const REFUSED_AS: Partial<Readonly<Record<PostRefusal, string>>> = {
  limit_exceeded: CODE.aboveLeft,
  account_not_found: CODE.notActive,
  account_closed: CODE.notActive,
  account_frozen: CODE.notActive,
};

/** How long a message may take to be here. */
const SENT_BEFORE_MS = 60_000;

/** States in which the merchant has, or may have, what it gives back. */
const REFUNDABLE: ReadonlySet<PaymentRow['state']> = new Set([
  'sending',
  'accepted',
  'unknown',
  'review',
  'settled',
]);

/** Books a refund as pending, or says why not. The same message again gets the same answer. */
export async function takeQrisRefund(
  context: PaymentContext,
  notice: QrisRefundRequest,
): Promise<NoticeAnswer> {
  const known = await rowOf(context, { bank: notice.fromBank, id: notice.bizMsgIdr });
  if (known) return answerAgain(context, { known, notice });
  // An approval that the network does not hear would be a credit that it does not know of.
  if (context.time.now() >= notice.deadlineMs) return refused(CODE.unavailable);
  const original = await originalOf(context, notice);
  if (!original) return refuse(context, notice, CODE.unknown);
  if (!REFUNDABLE.has(original.state)) {
    await writeEvents(context, [
      paymentEvent(original, context.time.now(), 'outcome_contradicted', {
        why: 'refund_of_unpaid',
        bizMsgIdr: notice.bizMsgIdr,
      }),
    ]);
    return refuse(context, notice, CODE.unknown);
  }
  if (isStopped(context, { notice, original })) return refuse(context, notice, CODE.restricted);
  return book(context, { notice, original });
}

async function book(
  context: PaymentContext,
  { notice, original }: { readonly notice: QrisRefundRequest; readonly original: PaymentRow },
): Promise<NoticeAnswer> {
  const { debitAccount: account, debtorName: name, customerId } = original;
  const key = `qris-refund:${original.id}:${notice.refundNumber}`;
  const target: Target = { ok: true, account, name, customerId, original, key };
  const counter = leftOf(original, BigInt(notice.amountSen));
  const draft = await draftCredit(context, creditOf(notice, original), target);
  const insert = { ...draft, row: { ...draft.row, countedIn: counter.key } };
  const requestHash = hashOf(notice);
  const result = await orDuplicate(() =>
    postCredit(context, { requestHash, key, insert, counters: [counter] }),
  );
  // A check of the same moment was answered "not known": that is kept.
  if (result === 'duplicate') return answerKnown(context, notice);
  if (result.ok) {
    const row = await findPayment(context.db, result.posted.paymentId);
    assert(row, 'a posted refund has its row');
    return answerOf(row, CODE.unknown);
  }
  // The number was used by another message: what became of that one its own check says.
  if (result.reason === 'key_conflict') return refused(CODE.duplicate);
  return refuse(context, notice, REFUSED_AS[result.reason] ?? CODE.invalid);
}

/** Says what became of a refund, from what is committed. "Not known" is kept, so that the refund is refused should it still come. */
export async function takeQrisCheck(
  context: PaymentContext,
  notice: QrisCheckRequest,
): Promise<NoticeAnswer> {
  const asked = { bank: notice.fromBank, id: notice.originalId };
  const row = (await rowOf(context, asked)) ?? (await rememberUnknown(context, notice));
  if (!row) return refused(CODE.unavailable);
  if (row.state === 'rejected') return refused(CODE.unknown);
  return row.kind === 'qris_refund_in' && String(row.amountSen) === notice.amountSen
    ? answerOf(row, CODE.unknown)
    : refused(CODE.invalid);
}

/** A row that says "never": the refund's own id is used up. The row that stands then, which may be the refund that came meanwhile. */
async function rememberUnknown(
  context: PaymentContext,
  notice: QrisCheckRequest,
): Promise<PaymentRow | undefined> {
  const { fromBank, originalId, rrn, amountSen } = notice;
  const credit = { ...NOBODY, bizMsgIdr: originalId, msgId: rrn, fromBank, amountSen };
  const key = `in:qris:${originalId}`;
  const insert = await draftCredit(context, credit, { ok: false, code: kept(CODE.unknown), key });
  await orDuplicate(() => postCredit(context, { requestHash: sha256(key), key, insert }));
  return rowOf(context, { bank: fromBank, id: originalId });
}

/** The payment of ours that is given back: named by its RRN, and of the very merchant, bank and payer. */
async function originalOf(
  context: PaymentContext,
  notice: QrisRefundRequest,
): Promise<PaymentRow | undefined> {
  const { bankCode: institution } = context.bank;
  const shown = await presentedOf(context, notice);
  if (shown) return shown;
  const id = switchIdOfRrn(notice.originalRrn, { institution, nearMs: context.time.now() });
  if (id === undefined || id.slice(4, 8) !== notice.originalDate) return undefined;
  const [row] = await findSent(context.db, [id]);
  const isOfIt =
    row?.kind === 'qris_out' &&
    row.counterpartyBank === notice.fromBank &&
    row.creditAccount === notice.merchantPan &&
    customerPanOf({ institution, payer: row.customerId ?? row.id }) === notice.customerPan;
  return isOfIt ? row : undefined;
}

/** The same for a payment with a code that our customer showed: its RRN is the shop's bank's own. */
async function presentedOf(
  context: PaymentContext,
  notice: QrisRefundRequest,
): Promise<PaymentRow | undefined> {
  const { originalRrn: rrn, originalDate, merchantPan, customerPan, fromBank: bank } = notice;
  const { bankCode: institution } = context.bank;
  const rows = await findPresentedByRrn(context.db, { bank, rrn });
  return rows.find(
    (row) =>
      row.creditAccount === merchantPan &&
      // Of their clock: a moment before ours.
      [row.madeAtMs, row.madeAtMs - SENT_BEFORE_MS].some(
        (atMs) => wibDate(atMs).slice(5).replace('-', '') === originalDate,
      ) &&
      customerPanOf({ institution, payer: row.customerId ?? row.id }) === customerPan,
  );
}

/** What is given back of one payment, counted under the ledger's lock. */
function leftOf(original: PaymentRow, amountSen: bigint): Counter {
  return {
    kind: 'spend',
    key: `refund|${original.id}`,
    amount: sen(amountSen),
    amountMax: original.amountSen,
  };
}

function isStopped(
  context: PaymentContext,
  { notice, original }: { readonly notice: QrisRefundRequest; readonly original: PaymentRow },
): boolean {
  const amountSen = BigInt(notice.amountSen);
  const gate = context.gate.decide({
    rail: 'qris',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    account: original.debitAccount,
    amountSen,
    cohortBucket: original.cohortBucket,
    isStaff: original.isStaff,
  });
  return gate.kind === 'stop' || (gate.kind === 'cap' && amountSen > gate.capSen);
}

const NOBODY = {
  rail: 'qris',
  paymentKind: 'qris_refund_in',
  debtorName: '',
  debtorAccount: '',
  creditorAccount: '',
  creditorName: '',
  remittance: '',
} as const;

function creditOf(notice: QrisRefundRequest, original: PaymentRow): IncomingCredit {
  return {
    ...NOBODY,
    bizMsgIdr: notice.bizMsgIdr,
    msgId: notice.rrn,
    fromBank: notice.fromBank,
    // As the payer knows the shop.
    debtorName: original.creditorName,
    debtorAccount: notice.merchantPan,
    amountSen: notice.amountSen,
    remittance: `Refund QRIS ${notice.refundNumber}`,
  };
}

/** Keeps a refusal under the message's own id: the same message gets it again, whatever changes meanwhile. */
async function refuse(
  context: PaymentContext,
  notice: QrisRefundRequest,
  code: string,
): Promise<NoticeAnswer> {
  const { bizMsgIdr, fromBank, rrn, amountSen, merchantPan } = notice;
  const key = `in:qris:${bizMsgIdr}`;
  const credit = {
    ...NOBODY,
    bizMsgIdr,
    msgId: rrn,
    fromBank,
    amountSen,
    debtorAccount: merchantPan,
  };
  const draft = await draftCredit(context, credit, { ok: false, code: kept(code), key });
  const insert = refusedInsert(draft, kept(code));
  const requestHash = hashOf(notice);
  const result = await orDuplicate(() => postCredit(context, { requestHash, key, insert }));
  return result === 'duplicate' ? answerKnown(context, notice) : refused(code);
}

async function answerKnown(
  context: PaymentContext,
  notice: QrisRefundRequest,
): Promise<NoticeAnswer> {
  const known = await rowOf(context, { bank: notice.fromBank, id: notice.bizMsgIdr });
  return known ? answerAgain(context, { known, notice }) : refused(CODE.unavailable);
}

/** The same message once more; another body under its id is a duplicate, and told. */
async function answerAgain(
  context: PaymentContext,
  { known, notice }: { readonly known: PaymentRow; readonly notice: QrisRefundRequest },
): Promise<NoticeAnswer> {
  if (known.kind === 'qris_refund_in' && String(known.amountSen) === notice.amountSen)
    return answerOf(known, CODE.unknown);
  return refuseDuplicate(context, notice);
}

async function rowOf(
  context: PaymentContext,
  { bank, id }: { readonly bank: string; readonly id: string },
): Promise<PaymentRow | undefined> {
  return context.looks.received({ bank, id });
}
