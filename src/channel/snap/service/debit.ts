/** debit/payment-host-to-host (54), status (55), cancel (57), refund (58): a partner takes a payment from a customer's account by the
 * customer's token. Wire only: limits, once-only and money are the direct debit slice's and the engine's. Source: domain.md 3.4, 3.6. */
import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr, sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import { giveBackDebit, type ReturnResult } from '../../../direct-debit/give-back.ts';
import { takeDebit } from '../../../direct-debit/pay.ts';
import { selectDebit, selectLastMerchant, type DirectDebit } from '../../../direct-debit/store.ts';
import { findAccountToken } from '../../grant/account-token.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import { demandOtp } from './challenge.ts';
import { REFUSAL_CASE, type CaseName } from '../code.ts';
import { chooseAccount, customerAccess } from '../entitlement.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { dayOf } from '../partner/partner.ts';
import type { Service, ServiceContext } from '../serve.ts';

/** Takes a payment, once per partnerReferenceNo. */
export const debitPayment: Service = async (context, { caller, body, headers }) => {
  const partnerId = caller.partner.id;
  const reference = body.text('partnerReferenceNo');
  const merchantAccount = await merchant(context, { partnerId, partnerReferenceNo: reference });
  if (merchantAccount === undefined) return answer({ service: '54', caseName: 'inProgress' });
  const amountSen = body.sen('amount');
  // A repeat must learn what became of the first, also when the ceiling has come down since.
  if (
    amountSen > caller.partner.amount_max_sen &&
    !(await selectDebit(context.db, { partnerId, partnerReferenceNo: reference }))
  )
    throw new SnapRefusal('aboveLimit', 'amount.value');
  const access = await accessOf(context, { partnerId, headers, body });
  if (!access) {
    // A no would be taken for the end of a payment that was made before its token ended.
    if (await selectDebit(context.db, { partnerId, partnerReferenceNo: reference }))
      return answer({ service: '54', caseName: 'inProgress' });
    throw new SnapRefusal('inactiveAccount', 'bankCardToken');
  }
  const more = (body.raw['additionalInfo'] ?? {}) as { readonly accountNo?: unknown };
  if (more.accountNo !== undefined && typeof more.accountNo !== 'string')
    throw new SnapRefusal('invalidFormat', 'additionalInfo.accountNo');
  const account = chooseAccount(access.accounts, {
    account: more.accountNo,
    field: 'additionalInfo.accountNo',
  });
  const requestHash = sha256(`54|${reference}|${amountSen}|${account}|${access.customerId}`);
  const asked = { partnerId, partnerReferenceNo: reference, requestHash, amountSen };
  const open = await demandOtp(context, {
    ...asked,
    service: '54',
    isKnown: (await selectDebit(context.db, asked)) !== undefined,
    access,
    name: caller.partner.name,
    body,
  });
  if (open) return open;
  const result = await takeDebit(debitContext(context), {
    ...asked,
    grant: {
      id: access.grantId,
      customerId: access.customerId,
      // A grant with this scope has both (access_grant_debit_has_limits).
      limitSen: access.limits?.perPaymentSen ?? sen(0n),
      dayLimitSen: access.limits?.perDaySen ?? sen(0n),
    },
    account,
    merchantAccount,
    remark: body.optionalText('remark') ?? '',
    ...dayOf(caller.partner),
  });
  if (!result.ok) {
    // To the partner 404xx18 means failed, 409xx01 that the first went through (domain.md 3.4).
    const isPaid = result.original.outcome === 'paid';
    throw new SnapRefusal(isPaid ? 'duplicateReference' : 'inconsistent', 'partnerReferenceNo');
  }
  const { debit } = result;
  const caseName = outcomeCase(debit.outcome);
  if (caseName !== 'successful') return answer({ service: '54', caseName });
  return answer({
    service: '54',
    caseName,
    fields: {
      referenceNo: debit.id,
      partnerReferenceNo: reference,
      approvalCode: debit.id.slice(-6),
      amount: amountObject(formatIdr(debit.amountSen)),
      transactionDate: wibIso(debit.madeAtMs),
    },
  });
};

/** Whose account, by the account's own token or by the customer's. */
async function accessOf(
  context: ServiceContext,
  {
    body,
    ...asked
  }: { readonly partnerId: string; readonly headers: IncomingHttpHeaders; readonly body: ReadBody },
): Promise<Awaited<ReturnType<typeof customerAccess>> | undefined> {
  const token = body.optionalText('bankCardToken');
  if (token === undefined) return customerAccess(context, { ...asked, scope: 'debit' });
  const { partnerId, headers } = asked;
  // One of them says who pays; two could say two things.
  if (headers['authorization-customer'] !== undefined)
    throw new SnapRefusal('invalidFormat', 'Authorization-Customer');
  const access = await findAccountToken(context, { partnerId, token });
  if (!access) throw new SnapRefusal('invalidAccount', 'bankCardToken');
  return access === 'ended' ? undefined : access;
}

/** What became of it, refunds included. */
export const debitStatus: Service = async (context, { caller, body }) => {
  const debit = await original(context, caller.partner.id, body);
  const [latestTransactionStatus, transactionStatusDesc] = statusOf(debit);
  return answer({
    service: '55',
    caseName: 'successful',
    fields: {
      originalPartnerReferenceNo: debit.partnerReferenceNo,
      originalReferenceNo: debit.id,
      serviceCode: '54',
      latestTransactionStatus,
      transactionStatusDesc,
      transAmount: amountObject(formatIdr(debit.amountSen)),
      refundAmount: amountObject(formatIdr(debit.returnedSen)),
      transactionDate: wibIso(debit.madeAtMs),
    },
  });
};

/** Gives all of it back, on the day it was taken. */
export const debitCancel: Service = async (context, { caller, body }) => {
  const debit = await original(context, caller.partner.id, body);
  const result = await giveBackDebit(debitContext(context), {
    debit,
    kind: 'cancel',
    partnerRefundNo: debit.id,
    requestHash: sha256(`57|${debit.id}`),
    amountSen: debit.amountSen,
    reason: body.optionalText('reason') ?? '',
    partnerName: caller.partner.name,
  });
  if (!result.ok) return returnRefused('57', result);
  return answer({
    service: '57',
    caseName: 'successful',
    fields: {
      originalPartnerReferenceNo: debit.partnerReferenceNo,
      originalReferenceNo: debit.id,
      cancelTime: wibIso(result.returned.madeAtMs),
      transactionDate: wibIso(debit.madeAtMs),
    },
  });
};

/** Gives some or all of it back, once per partnerRefundNo. */
export const debitRefund: Service = async (context, { caller, body }) => {
  const debit = await original(context, caller.partner.id, body);
  const amountSen = body.sen('refundAmount');
  const partnerRefundNo = body.text('partnerRefundNo');
  if (amountSen <= 0n) throw new SnapRefusal('invalidAmount', 'refundAmount.value');
  const result = await giveBackDebit(debitContext(context), {
    debit,
    kind: 'refund',
    partnerRefundNo,
    requestHash: sha256(`58|${debit.id}|${amountSen}`),
    amountSen,
    reason: body.optionalText('reason') ?? '',
    partnerName: caller.partner.name,
  });
  if (!result.ok) return returnRefused('58', result);
  return answer({
    service: '58',
    caseName: 'successful',
    fields: {
      originalPartnerReferenceNo: debit.partnerReferenceNo,
      originalReferenceNo: debit.id,
      refundNo: result.returned.id,
      partnerRefundNo,
      refundAmount: amountObject(formatIdr(result.returned.amountSen)),
      refundTime: wibIso(result.returned.madeAtMs),
    },
  });
};

/** The account that a debit goes to. Where that ended nothing new is taken, and a repeat still hears what became of it: undefined while
 * nobody knows, which the sweep ends without paying. */
async function merchant(
  context: ServiceContext,
  asked: { readonly partnerId: string; readonly partnerReferenceNo: string },
): Promise<string | undefined> {
  const row = await selectLastMerchant(context.db, asked.partnerId);
  if (row?.ended_at === null) return row.account;
  const known = row && (await selectDebit(context.db, asked));
  if (!known) throw new SnapRefusal('featureNotAllowed', 'no merchant account');
  return known.outcome === undefined ? undefined : row.account;
}

/** The debit that a request is about, only the partner's own, by its reference; ours must agree where it is given. */
async function original(
  context: ServiceContext,
  partnerId: string,
  body: ReadBody,
): Promise<DirectDebit> {
  const partnerReferenceNo = body.text('originalPartnerReferenceNo');
  const ours = body.optionalText('originalReferenceNo');
  const debit = await selectDebit(context.db, { partnerId, partnerReferenceNo });
  if (!debit || (ours !== undefined && ours !== debit.id))
    throw new SnapRefusal('transactionNotFound');
  return debit;
}

function debitContext(context: ServiceContext) {
  return { ...context, bic: context.bank.bic };
}

/** A reference that another service used is `inconsistent`: to the partner of a debit 404xx18 means failed (domain.md 3.4). */
function outcomeCase(outcome: string | undefined): CaseName {
  if (outcome === undefined) return 'inProgress';
  if (outcome === 'paid') return 'successful';
  if (outcome === 'token_limit') return 'tokenLimit';
  if (outcome === 'abandoned') return 'cancelled';
  return Object.hasOwn(REFUSAL_CASE, outcome)
    ? REFUSAL_CASE[outcome as keyof typeof REFUSAL_CASE]
    : 'doNotHonor';
}

function statusOf(debit: DirectDebit): readonly [string, string] {
  if (debit.outcome === undefined) return ['03', 'Pending'];
  if (debit.outcome !== 'paid') return ['06', 'Failed'];
  if (debit.isCancelled) return ['05', 'Canceled'];
  return debit.returnedSen === debit.amountSen ? ['04', 'Refunded'] : ['00', 'Success'];
}

function returnRefused(
  service: '57' | '58',
  result: Extract<ReturnResult, { ok: false }>,
): SnapAnswer {
  const { reason } = result;
  switch (reason) {
    case 'not_paid':
    case 'too_late':
      return answer({ service, caseName: 'invalidStatus', detail: reason.replace('_', ' ') });
    case 'over':
      // A cancellation asks for all: what was refunded before stands against it.
      return service === '57'
        ? answer({ service, caseName: 'invalidStatus', detail: 'partly given back' })
        : answer({ service, caseName: 'invalidAmount', detail: 'more than is left' });
    case 'conflict':
    case 'key_conflict':
      // To the partner 404xx18 means that the first refund went through (domain.md 3.4).
      return answer({
        service,
        caseName: result.original ? 'inconsistent' : 'invalidStatus',
        detail: 'partnerRefundNo',
      });
    case 'limit_exceeded':
      return answer({ service, caseName: 'internalError' });
    default:
      return answer({ service, caseName: REFUSAL_CASE[reason] });
  }
}
