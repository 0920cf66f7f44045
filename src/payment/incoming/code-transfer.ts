/** QRIS Transfer to a customer of ours: a credit like one over the switch, pending until the settlement names it (I12), once per message. That no message of this
 * network takes it back is why it is asked about, and a check that found nothing takes its key (ADR 0022). */
import { DbFault } from '../../db/pool.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { QrisTransferRequest } from '../../rail/notice-qris.ts';
import type { PaymentContext } from '../context.ts';
import {
  draftCredit,
  postCredit,
  refusedInsert,
  type IncomingCredit,
  type Target,
} from './draft.ts';
import { orphanEvent } from '../event.ts';
import { writeEvents } from '../outcome.ts';
import { isDeclined, screenNetwork } from '../screening/network.ts';
import { customerPanOf } from '../qris-draft.ts';
import type { PaymentRow } from '../row.ts';
import { maskedPan } from './sale.ts';

/** DE39. Source: docs/rail/qris.md, "QRIS Transfer". */
const CODE = {
  invalid: '12',
  restricted: '57',
  aboveAmount: '61',
  notFound: '76',
  notActive: '78',
  unavailable: '91',
  duplicate: '94',
} as const;

/** Books it as pending, or says why not. The same message gets the same answer for ever. */
export async function takeCodeTransfer(
  context: PaymentContext,
  notice: QrisTransferRequest,
): Promise<NoticeAnswer> {
  const known = await context.looks.received({ bank: notice.fromBank, id: notice.bizMsgIdr });
  if (known) return answerAgain(context, { known, notice });
  // An approval that the network does not hear would be a credit that it does not know of. Its check finds nothing.
  if (context.time.now() >= notice.deadlineMs) return refused(CODE.unavailable);
  const key = `in:qris:${notice.bizMsgIdr}`;
  const { deadlineMs: _deadline, ...body } = notice;
  const requestHash = sha256(canonicalJson(body));
  const target = await targetOf(context, notice, key);
  const insert = await draftCredit(context, creditOf(notice), target);
  try {
    const result = await postCredit(context, { requestHash, key, insert });
    // The ledger keeps its own no under the key.
    if (!result.ok && result.reason !== 'key_conflict') {
      const code = kept(result.reason === 'account_not_found' ? CODE.notFound : CODE.notActive);
      const no = { requestHash, key: `${key}:refused`, insert: refusedInsert(insert, code) };
      await postCredit(context, no);
    }
  } catch (error) {
    // The same message in the same moment, or its check, was first.
    if (!(error instanceof DbFault && error.constraint === 'payment_inbound')) throw error;
  }
  const row = await context.looks.received({ bank: notice.fromBank, id: notice.bizMsgIdr });
  return row ? answerAgain(context, { known: row, notice }) : refused(CODE.unavailable);
}

async function targetOf(
  context: PaymentContext,
  notice: QrisTransferRequest,
  key: string,
): Promise<Target> {
  const amountSen = BigInt(notice.amountSen);
  const [account] = await context.facts.accounts([notice.beneficiary]);
  const gate = context.gate.decide({
    rail: 'qris',
    direction: 'in',
    channel: 'network',
    bank: notice.fromBank,
    product: 'transfer',
    account: notice.beneficiary,
    amountSen,
    cohortBucket: account?.cohortBucket ?? 9_999,
    isStaff: account?.isStaff ?? false,
  });
  if (gate.kind === 'stop' || (gate.kind === 'cap' && amountSen > gate.capSen))
    return { ok: false, code: kept(CODE.restricted), key };
  if (amountSen > (await context.settings()).qrisCapSen)
    return { ok: false, code: kept(CODE.aboveAmount), key };
  const institution = context.bank.bankCode;
  // A code that names an account of ours with somebody else's alias was not made here.
  const isOurs =
    account?.customerId !== undefined &&
    customerPanOf({ institution, payer: account.customerId }) === notice.payeePan;
  if (!account || !isOurs) return { ok: false, code: kept(CODE.notFound), key };
  const { number, customerId, name } = account;
  const screened = await screenNetwork(context, {
    channel: 'network',
    kind: 'credit',
    amountSen,
    // An alias: who is on the list by the account behind it is not met here.
    payer: { bank: notice.fromBank, account: notice.payerPan },
    payee: { bank: context.bank.bic, account: number },
  });
  if (isDeclined(screened)) return { ok: false, code: kept(CODE.restricted), key, screened };
  return { ok: true, account: number, name, key, customerId };
}

function creditOf(notice: QrisTransferRequest): IncomingCredit {
  return {
    rail: 'qris',
    paymentKind: 'qris_transfer_in',
    bizMsgIdr: notice.bizMsgIdr,
    msgId: notice.rrn,
    fromBank: notice.fromBank,
    debtorName: notice.payerName,
    debtorAccount: maskedPan(notice.payerPan),
    creditorAccount: notice.beneficiary,
    creditorName: '',
    amountSen: notice.amountSen,
    remittance: 'QRIS Transfer',
  };
}

async function answerAgain(
  context: PaymentContext,
  { known, notice }: { readonly known: PaymentRow; readonly notice: QrisTransferRequest },
): Promise<NoticeAnswer> {
  const isSame =
    known.kind === 'qris_transfer_in' &&
    String(known.amountSen) === notice.amountSen &&
    known.msgId === notice.rrn;
  if (!isSame) {
    const { bizMsgIdr, fromBank: bank } = notice;
    context.log.warn({ bizMsgIdr, bank }, 'payment.credit_duplicate');
    const told = { bizMsgIdr, bank, why: 'duplicate_credit' };
    await writeEvents(context, [orphanEvent(context.time.now(), 'outcome_contradicted', told)]);
    return refused(CODE.duplicate);
  }
  if (known.state === 'rejected')
    return refused(/^RC(\d\d)$/.exec(known.outcomeCode ?? '')?.[1] ?? CODE.invalid);
  // DE38: the end of the payment's own id, so that both sides find it.
  return { taken: true, approved: true, approvalCode: known.id.slice(-6) };
}

/** As a row keeps a code of the switch. */
function kept(code: string): string {
  return `RC${code}`;
}

function refused(code: string): NoticeAnswer {
  return { taken: true, approved: false, code };
}
