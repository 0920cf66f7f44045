/** What the switch asks of us: transfers to our customers, answered when the commit stands, and reversals of them. A credit is
 * pending until the network's own settlement names it (I12); the same request gets the same answer for ever. */
import { assert } from '../../kernel/assert.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import type { PostRefusal } from '../../ledger/port.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { SwitchReversalNotice, TransferInRequest } from '../../rail/notice-switch.ts';
import type { PaymentContext } from '../context.ts';
import { hashOf, kept, orDuplicate, refused, refuseDuplicate } from './answer.ts';
import {
  draftCredit,
  postCredit,
  refusedInsert,
  type IncomingCredit,
  type Target,
} from './draft.ts';
import { paymentEvent } from '../event.ts';
import { rejectCredit } from './incoming.ts';
import { reread, writeEvents } from '../outcome.ts';
import type { PaymentRow } from '../row.ts';
import { findPayment } from '../store.ts';
import { isDeclined, screenNetwork } from '../screening/network.ts';

/** DE39. Source: domain.md 4.5. */
const CODE = {
  approved: '00',
  invalid: '12',
  restricted: '57',
  notFound: '76',
  notActive: '78',
  unavailable: '91',
} as const;

const TAKEN_BACK = 'REVERSED';

const REFUSED_AS: Partial<Readonly<Record<PostRefusal, string>>> = {
  account_not_found: CODE.notFound,
  account_closed: CODE.notActive,
  account_frozen: CODE.notActive,
};

/** Answers what the switch asks. */
export async function takeSwitchRequest(
  context: PaymentContext,
  notice: TransferInRequest,
): Promise<NoticeAnswer> {
  return takeTransfer(context, notice);
}

async function takeTransfer(
  context: PaymentContext,
  notice: TransferInRequest,
): Promise<NoticeAnswer> {
  const known = await rowOf(context, notice);
  if (known) return isSame(known, notice) ? answerOf(known) : refuseDuplicate(context, notice);
  // An approval that the network does not hear would be a credit that it does not know of.
  if (context.time.now() >= notice.deadlineMs) return refused(CODE.unavailable);
  const target = await targetOf(context, notice);
  const insert = await draftCredit(context, creditOf(notice), target);
  const { key } = target;
  const requestHash = hashOf(notice);
  const result = await orDuplicate(() => postCredit(context, { requestHash, key, insert }));
  if (result === 'duplicate') return refuseDuplicate(context, notice);
  if (result.ok) {
    const row = await findPayment(context.db, result.posted.paymentId);
    assert(row, 'a posted credit has its row');
    return answerOf(row);
  }
  if (result.reason === 'key_conflict') return refuseDuplicate(context, notice);
  const code = REFUSED_AS[result.reason] ?? CODE.invalid;
  await postCredit(context, {
    requestHash,
    key: `${key}:refused`,
    insert: refusedInsert(insert, kept(code)),
  });
  return refused(code);
}

/** Takes back a transfer that its sender reverses, wholly: what was given to the customer for good stays (domain.md 4.8 rule 6). One
 * that never came is remembered under the key of its request, which is then refused. */
export async function takeSwitchReversal(
  context: PaymentContext,
  notice: SwitchReversalNotice,
): Promise<NoticeAnswer> {
  const row = await rowOf(context, notice);
  if (!row) return rememberReversal(context, notice);
  // Ids are one space for all that a bank asks, and only a transfer is taken back by its sender: at a till the goods are gone.
  if (row.kind !== 'switch_in') {
    await writeEvents(context, [
      paymentEvent(row, context.time.now(), 'outcome_contradicted', {
        why: 'reversal_of_other_kind',
      }),
    ]);
    return { taken: false, code: CODE.invalid };
  }
  if (String(row.amountSen) !== notice.amountSen) return { taken: false, code: '13' };
  if (row.state === 'rejected') return { taken: true };
  if (row.state !== 'pending_credit' || notice.keptSen !== '0') {
    await writeEvents(context, [
      paymentEvent(row, context.time.now(), 'outcome_contradicted', {
        why: 'reversal_of_settled_credit',
      }),
    ]);
    return { taken: false, code: CODE.invalid };
  }
  const back = await rejectCredit(context, row, { code: TAKEN_BACK, source: 'rail_notice' });
  // Somebody else ended it meanwhile: what it is now decides.
  const now = back ?? (await reread(context, row.id));
  return now.state === 'rejected' ? { taken: true } : { taken: false, code: CODE.invalid };
}

async function rememberReversal(
  context: PaymentContext,
  notice: SwitchReversalNotice,
): Promise<NoticeAnswer> {
  const { bizMsgIdr, fromBank, amountSen } = notice;
  // Nothing moved and nothing will: an amount of 0 has nothing to remember.
  if (amountSen === '0') return { taken: true };
  const key = keyOf(bizMsgIdr);
  const credit: IncomingCredit = {
    rail: 'switch',
    bizMsgIdr,
    msgId: '',
    fromBank,
    debtorName: '',
    debtorAccount: '',
    creditorAccount: '',
    creditorName: '',
    amountSen,
    remittance: '',
  };
  const insert = await draftCredit(context, credit, { ok: false, code: TAKEN_BACK, key });
  const result = await orDuplicate(() =>
    postCredit(context, { requestHash: sha256(canonicalJson(notice)), key, insert }),
  );
  if (result !== 'duplicate' && result.ok) return { taken: true };
  // Its original came in the same moment.
  const row = await rowOf(context, notice);
  return row ? takeSwitchReversal(context, notice) : { taken: false, code: CODE.unavailable };
}

async function rowOf(
  context: PaymentContext,
  { fromBank, bizMsgIdr }: { readonly fromBank: string; readonly bizMsgIdr: string },
): Promise<PaymentRow | undefined> {
  return context.looks.received({ bank: fromBank, id: bizMsgIdr });
}

function isSame(row: PaymentRow, notice: TransferInRequest): boolean {
  const isReversed = row.outcomeCode === TAKEN_BACK;
  return (
    row.kind === 'switch_in' &&
    String(row.amountSen) === notice.amountSen &&
    (isReversed || row.creditAccount === notice.creditorAccount)
  );
}

function answerOf(row: PaymentRow): NoticeAnswer {
  if (row.state === 'rejected')
    return refused(/^RC(\d\d)$/.exec(row.outcomeCode ?? '')?.[1] ?? CODE.invalid);
  return {
    taken: true,
    approved: true,
    // DE38: the end of the payment's own id, so that both sides find it.
    approvalCode: row.id.slice(-6),
    accountName: row.creditorName,
  };
}

async function targetOf(context: PaymentContext, notice: TransferInRequest): Promise<Target> {
  const { creditorAccount, fromBank, bizMsgIdr } = notice;
  const key = keyOf(bizMsgIdr);
  const [account] = await context.facts.accounts([creditorAccount]);
  const amountSen = BigInt(notice.amountSen);
  const gate = context.gate.decide({
    rail: 'switch',
    direction: 'in',
    channel: 'network',
    bank: fromBank,
    account: creditorAccount,
    amountSen,
    cohortBucket: account?.cohortBucket ?? 9_999,
    isStaff: account?.isStaff ?? false,
  });
  const isStopped = gate.kind === 'stop' || (gate.kind === 'cap' && amountSen > gate.capSen);
  if (isStopped) return { ok: false, code: kept(CODE.restricted), key };
  if (!account) return { ok: false, code: kept(CODE.notFound), key };
  const { number, customerId, name } = account;
  const screened = await screenNetwork(context, {
    channel: 'network',
    kind: 'credit',
    amountSen,
    payer: { bank: fromBank, account: notice.debtorAccount },
    payee: { bank: context.bank.bic, account: number },
  });
  if (isDeclined(screened)) return { ok: false, code: kept(CODE.restricted), key, screened };
  return { ok: true, account: number, name, key, customerId };
}

function creditOf(notice: TransferInRequest): IncomingCredit {
  const { bizMsgIdr, rrn, fromBank, debtorName, debtorAccount, creditorAccount } = notice;
  return {
    rail: 'switch',
    bizMsgIdr,
    msgId: rrn,
    fromBank,
    debtorName,
    debtorAccount,
    creditorAccount,
    creditorName: '',
    amountSen: notice.amountSen,
    remittance: notice.remark,
  };
}

function keyOf(requestId: string): string {
  return `in:switch:${requestId}`;
}
