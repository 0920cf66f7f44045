/** Customers of other banks who pay merchants of ours over the switch: once per message, pending until the settlement names it (I12), the
 * discount in the commit that makes it spendable. Whom a code pays the merchant slice has found before; the money and the answers are here. */
import { DbFault } from '../../db/pool.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import type { PostRefusal } from '../../ledger/port.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { QrisPaymentRequest } from '../../rail/notice-qris.ts';
import type { PaymentInsert } from '../change.ts';
import type { PaymentContext } from '../context.ts';
import {
  draftCredit,
  postCredit,
  refusedInsert,
  type IncomingCredit,
  type Target,
} from './draft.ts';
import { orphanEvent } from '../event.ts';
import { codeCounters } from '../limits.ts';
import { messageOf } from '../message.ts';
import { endHolds, reread, writeEvents } from '../outcome.ts';
import type { MerchantTerms } from '../port.ts';
import { giveCreditAway } from './return.ts';
import type { PaymentRow } from '../row.ts';
import { discountLegs } from '../sale/scan-end.ts';
import type { Screened } from '../../risk/screen.ts';
import { isDeclined, screenNetwork } from '../screening/network.ts';

/** Whom a message pays, or the DE39 that it is refused with. */
export type SaleTarget =
  | {
      readonly ok: true;
      readonly account: string;
      readonly name: string;
      readonly terms: MerchantTerms;
    }
  | { readonly ok: false; readonly code: string };

/** DE39. Source: docs/rail/qris.md, "Messages over the switch". */
const CODE = {
  invalid: '12',
  unknown: '25',
  codeOver: '54',
  closed: '57',
  unavailable: '91',
  duplicate: '94',
} as const;

const REFUSED_AS: Partial<Readonly<Record<PostRefusal, string>>> = {
  limit_exceeded: CODE.codeOver,
  account_not_found: CODE.closed,
  account_closed: CODE.closed,
  account_frozen: CODE.closed,
};

/** Takes a payment, or says why not. The same message gets the same answer for ever, whatever became of merchant or code. */
export async function receiveSale(
  context: PaymentContext,
  notice: QrisPaymentRequest,
  target: SaleTarget,
): Promise<NoticeAnswer> {
  const known = await rowOf(context, notice);
  if (known) return answerAgain(context, { known, notice });
  // An approval that the network does not hear would be a sale that it does not know of. Nothing is kept: its check finds nothing.
  if (context.time.now() >= notice.deadlineMs) return refused(CODE.unavailable);
  if (!target.ok) return refuse(context, { notice, code: target.code, key: keyOf(notice) });
  if (await isStopped(context, notice, target))
    return refuse(context, { notice, code: CODE.closed, key: keyOf(notice) });
  const screened = await screenNetwork(context, {
    channel: 'network',
    kind: 'sale',
    amountSen: BigInt(notice.amountSen),
    // An alias: who is on the list by the account behind it is not met here.
    payer: { bank: notice.fromBank, account: notice.customerPan },
    payee: { bank: context.bank.bic, account: target.account },
    merchant: target.terms.id,
  });
  if (isDeclined(screened))
    return refuse(context, { notice, code: CODE.closed, key: keyOf(notice), screened });
  return book(context, { notice, target });
}

async function book(
  context: PaymentContext,
  input: { readonly notice: QrisPaymentRequest; readonly target: SaleTarget & { ok: true } },
): Promise<NoticeAnswer> {
  const { notice, target } = input;
  const key = keyOf(notice);
  const insert = await draftSale(context, { ...input, key });
  const result = await orDuplicate(() =>
    postCredit(context, {
      requestHash: hashOf(notice),
      key,
      insert,
      counters: codeCounters(target.terms),
    }),
  );
  // The same message in the same moment, or its check, was first.
  if (result === 'duplicate' || (!result.ok && result.reason === 'key_conflict'))
    return answerKnown(context, notice);
  if (result.ok && result.repeated) return answerKnown(context, notice);
  if (result.ok) {
    context.waiters.tell(insert.row);
    return answerOf(insert.row);
  }
  const code = REFUSED_AS[result.reason] ?? CODE.invalid;
  return refuse(context, { notice, code, key: `${key}:refused` });
}

async function draftSale(
  context: PaymentContext,
  input: {
    readonly notice: QrisPaymentRequest;
    readonly target: SaleTarget & { ok: true };
    readonly key: string;
  },
): Promise<PaymentInsert> {
  const { notice, target, key } = input;
  const { account, name, terms } = target;
  const [owner] = await context.facts.accounts([account]);
  const credited: Target = { ok: true, account, name, key, customerId: owner?.customerId };
  const draft = await draftCredit(context, creditOf(notice), credited);
  const { row } = draft;
  const { code } = terms;
  return {
    ...draft,
    sale: { ...terms, customerPan: notice.customerPan },
    ...(code && { usesCode: code.id }),
    events: (now, posted) => [
      ...draft.events(now, posted),
      ...(code
        ? [
            {
              atMs: now.madeAtMs,
              kind: 'merchant_code.used',
              subject: code.id,
              data: { payment: now.id },
            },
          ]
        : []),
    ],
    // The shop must hear it now: somebody stands at the till.
    messages: messageOf(row, row.madeAtMs, { template: 'qris.sale', random: context.random }),
  };
}

/** What became of a payment, from what is committed. "Not known" is kept under the payment's own key, which refuses it from then on. */
export async function answerSaleCheck(
  context: PaymentContext,
  asked: {
    readonly fromBank: string;
    readonly originalId: string;
    readonly rrn: string;
    readonly amountSen: string;
    readonly of: 'payment' | 'presented' | 'transfer' | 'refund';
  },
): Promise<NoticeAnswer> {
  const original = { fromBank: asked.fromBank, bizMsgIdr: asked.originalId };
  const row = (await rowOf(context, original)) ?? (await rememberUnknown(context, asked));
  if (!row) return refused(CODE.unavailable);
  if (row.state === 'rejected') return refused(CODE.unknown);
  return row.kind === kindOf(asked) && String(row.amountSen) === asked.amountSen
    ? answerOf(row)
    : refused(CODE.invalid);
}

/** What is asked about: a payment to a merchant, or to a customer (QRIS Transfer). */
function kindOf({ of }: Parameters<typeof answerSaleCheck>[1]): 'qris_in' | 'qris_transfer_in' {
  return of === 'transfer' ? 'qris_transfer_in' : 'qris_in';
}

async function rememberUnknown(
  context: PaymentContext,
  asked: Parameters<typeof answerSaleCheck>[1],
): Promise<PaymentRow | undefined> {
  const { fromBank, originalId: bizMsgIdr, rrn, amountSen } = asked;
  const key = keyOf({ bizMsgIdr });
  const credit = {
    ...NOBODY,
    paymentKind: kindOf(asked),
    bizMsgIdr,
    msgId: rrn,
    fromBank,
    amountSen,
  };
  const insert = await draftCredit(context, credit, { ok: false, code: kept(CODE.unknown), key });
  await orDuplicate(() => postCredit(context, { requestHash: sha256(key), key, insert }));
  return rowOf(context, { fromBank, bizMsgIdr });
}

/** Makes a sale spendable and takes the discount, in one commit. Where it cannot be booked any more it waits for people, never nowhere. */
export async function settleSale(
  context: PaymentContext,
  row: PaymentRow,
  settledCode: string,
): Promise<void> {
  const more = await discountLegs(context, row);
  const settled = await endHolds(context, row, {
    kind: 'post',
    key: `settle:${row.id}`,
    from: ['pending_credit'],
    to: 'settled',
    set: {
      outcomeCode: settledCode,
      outcomeSource: 'statement',
      settledAtMs: context.time.now(),
    },
    more,
    messages: () => [],
  });
  if (!settled && (await reread(context, row.id)).state === 'pending_credit')
    await giveCreditAway(context, row);
}

async function isStopped(
  context: PaymentContext,
  notice: QrisPaymentRequest,
  { account, terms }: SaleTarget & { ok: true },
): Promise<boolean> {
  const amountSen = BigInt(notice.amountSen);
  const [owner] = await context.facts.accounts([account]);
  const gate = context.gate.decide({
    rail: 'qris',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    product: 'qris',
    account,
    ...(terms.nmid !== undefined && { merchant: terms.nmid }),
    amountSen,
    cohortBucket: owner?.cohortBucket ?? 9_999,
    isStaff: owner?.isStaff ?? false,
  });
  return gate.kind === 'stop' || (gate.kind === 'cap' && amountSen > gate.capSen);
}

const NOBODY = {
  rail: 'qris',
  paymentKind: 'qris_in',
  debtorName: '',
  debtorAccount: '',
  creditorAccount: '',
  creditorName: '',
  remittance: '',
} as const;

function creditOf(notice: QrisPaymentRequest): IncomingCredit {
  const what = notice.billNumber ?? notice.reference;
  return {
    ...NOBODY,
    bizMsgIdr: notice.bizMsgIdr,
    msgId: notice.rrn,
    fromBank: notice.fromBank,
    debtorName: 'Pembayar QRIS',
    // Whole it stands with the sale, where a refund needs it.
    debtorAccount: maskedPan(notice.customerPan),
    creditorAccount: notice.merchantPan,
    amountSen: notice.amountSen,
    remittance: what === undefined ? 'QRIS' : `QRIS ${what}`,
  };
}

/** A customer's alias as a statement shows it. */
export function maskedPan(pan: string): string {
  return `${pan.slice(0, 8)}${'*'.repeat(Math.max(0, pan.length - 12))}${pan.slice(-4)}`;
}

/** Keeps a refusal under the message's own id: the same message gets it again, whatever changes meanwhile. */
async function refuse(
  context: PaymentContext,
  input: {
    readonly notice: QrisPaymentRequest;
    readonly code: string;
    readonly key: string;
    readonly screened?: Screened;
  },
): Promise<NoticeAnswer> {
  const { notice, code, ...rest } = input;
  const { key } = rest;
  const draft = await draftCredit(context, creditOf(notice), {
    ok: false,
    code: kept(code),
    ...rest,
  });
  const insert = refusedInsert(draft, kept(code));
  const requestHash = hashOf(notice);
  await orDuplicate(() => postCredit(context, { requestHash, key, insert }));
  return answerKnown(context, notice);
}

async function answerKnown(
  context: PaymentContext,
  notice: QrisPaymentRequest,
): Promise<NoticeAnswer> {
  const known = await rowOf(context, notice);
  return known ? answerAgain(context, { known, notice }) : refused(CODE.unavailable);
}

/** The same message once more; another body under its id is a duplicate, and told. */
async function answerAgain(
  context: PaymentContext,
  { known, notice }: { readonly known: PaymentRow; readonly notice: QrisPaymentRequest },
): Promise<NoticeAnswer> {
  const isSame =
    known.kind === 'qris_in' &&
    String(known.amountSen) === notice.amountSen &&
    known.msgId === notice.rrn;
  if (isSame) return answerOf(known);
  const { bizMsgIdr, fromBank: bank } = notice;
  context.log.warn({ bizMsgIdr, bank }, 'payment.credit_duplicate');
  await writeEvents(context, [
    orphanEvent(context.time.now(), 'outcome_contradicted', {
      bizMsgIdr,
      bank,
      why: 'duplicate_credit',
    }),
  ]);
  return refused(CODE.duplicate);
}

function answerOf(row: PaymentRow): NoticeAnswer {
  if (row.state === 'rejected')
    return refused(/^RC(\d\d)$/.exec(row.outcomeCode ?? '')?.[1] ?? CODE.unknown);
  // DE38: the end of the payment's own id, so that both sides find it.
  return { taken: true, approved: true, approvalCode: row.id.slice(-6) };
}

async function rowOf(
  context: PaymentContext,
  of: { readonly fromBank: string; readonly bizMsgIdr: string },
): Promise<PaymentRow | undefined> {
  return context.looks.received({ bank: of.fromBank, id: of.bizMsgIdr });
}

function keyOf({ bizMsgIdr }: { readonly bizMsgIdr: string }): string {
  return `in:qris:${bizMsgIdr}`;
}

/** Whatever of it may differ between a request and its repeat is left out. */
function hashOf({ deadlineMs: _deadline, ...notice }: QrisPaymentRequest): Buffer {
  return sha256(canonicalJson(notice));
}

async function orDuplicate<T>(post: () => Promise<T>): Promise<T | 'duplicate'> {
  try {
    return await post();
  } catch (error) {
    if (error instanceof DbFault && error.constraint === 'payment_inbound') return 'duplicate';
    throw error;
  }
}

/** As a row keeps a code of the switch. */
function kept(code: string): string {
  return `RC${code}`;
}

function refused(code: string): NoticeAnswer {
  return { taken: true, approved: false, code };
}

/** A sale that its network never settled: the shop hears it, for its goods may be gone. */
export function unsettledMessages(context: PaymentContext, row: PaymentRow) {
  return messageOf(row, row.changedAtMs, {
    template: 'qris.sale_unsettled',
    random: context.random,
  });
}
