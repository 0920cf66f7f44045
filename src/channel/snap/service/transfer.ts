/** transfer-intrabank (17) and transfer-interbank (18): wire to command, outcome to code. No rule of money lives here; what the
 * partner's own profile says (its accounts, its ceiling, what a reused reference means) does. */
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr, type Sen } from '../../../kernel/money.ts';
import { wibClock } from '../../../kernel/time.ts';
import type { PaymentView, SubmitResult, TransferRoute } from '../../../payment/port.ts';
import { recordOf } from '../../../rail/gateway-wire.ts';
import { isFinal } from '../../../payment/state.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import type { Caller } from '../authenticate.ts';
import { paymentCase, REFUSAL_CASE, type CaseName } from '../code.ts';
import { BANK_CLOSED } from './inquiry.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { dayOf, ownsAccount } from '../partner/partner.ts';
import { isTransfer } from './sent.ts';
import type { Service, ServiceContext } from '../serve.ts';

/** How long an interbank transfer waits for its outcome before it says "in progress". */
export const INTERBANK_WAIT_MS = 10_000;

/** Fields of a request that its answer repeats, in this order. */
const ECHO = [
  'beneficiaryAccountNo',
  'beneficiaryBankCode',
  'currency',
  'customerReference',
  'sourceAccountNo',
  'transactionDate',
  'originatorInfos',
  'additionalInfo',
];

/** Transfers inside the bank. */
export const transferIntrabank: Service = async (context, { caller, body }) =>
  transfer(context, {
    service: '17',
    caller,
    body,
    creditorBank: context.bank.bic,
    creditorName: '',
  });

/** `additionalInfo.switcher` to the way that it means. Source: domain.md 3.6. */
const SWITCHER: Readonly<Record<string, TransferRoute>> = { BIFAST: 'bifast', ONLINE: 'switch' };

/** Transfers to another bank, over the way that the request or else the partner's contract names. */
export const transferInterbank: Service = async (context, { caller, body }) => {
  const bank = await context.banks(body.text('beneficiaryBankCode'));
  if (!bank) throw new SnapRefusal('bankNotSupported', 'beneficiaryBankCode');
  if (bank.bic === context.bank.bic)
    throw new SnapRefusal('invalidRouting', 'use transfer-intrabank');
  return transfer(context, {
    service: '18',
    caller,
    body,
    creditorBank: bank.bic,
    creditorName: body.text('beneficiaryAccountName'),
    route: routeOf(body) ?? caller.partner.route,
  });
};

function routeOf(body: ReadBody): TransferRoute | undefined {
  const info = body.raw['additionalInfo'];
  const asked = info === null || info === undefined ? undefined : recordOf(info)['switcher'];
  if (asked === undefined) return undefined;
  const route = typeof asked === 'string' && Object.hasOwn(SWITCHER, asked) && SWITCHER[asked];
  if (!route) throw new SnapRefusal('invalidFormat', 'additionalInfo.switcher');
  return route;
}

interface TransferInput {
  readonly service: '17' | '18';
  readonly caller: Caller;
  readonly body: ReadBody;
  readonly creditorBank: string;
  readonly creditorName: string;
  readonly route?: TransferRoute;
}

async function transfer(context: ServiceContext, input: TransferInput): Promise<SnapAnswer> {
  const { service, caller, body } = input;
  const partner = caller.partner;
  const reference = body.text('partnerReferenceNo');
  const amount = body.sen('amount');
  const refusal = profileRefusal({ caller, body, amount });
  // A repeat must learn what became of the first, also when the profile has become narrower since.
  if (refusal && !(await context.engine.findByPartnerReference(partner.id, reference)))
    throw refusal;

  const result = await context.engine.submit({
    channel: 'snap',
    mayWait: true,
    key: `snap:${partner.id}:${reference}`,
    requestHash: sha256(Buffer.concat([Buffer.from(`${service}:`), caller.bodySha])),
    debitAccount: body.text('sourceAccountNo'),
    creditorBank: input.creditorBank,
    creditorAccount: body.text('beneficiaryAccountNo'),
    creditorName: input.creditorName,
    amount,
    ...(input.route && { route: input.route }),
    remark: body.optionalText('remark') ?? '',
    partnerId: partner.id,
    partnerReferenceNo: reference,
    ...dayOf(partner),
  });
  if (!result.ok) return refused(context, { ...input, result, reference });
  const payment =
    service === '18' && !isFinal(result.payment.state)
      ? await outcomeOf(context, result.payment)
      : result.payment;
  return told({ service, body, payment, amount });
}

function profileRefusal(input: {
  readonly caller: Caller;
  readonly body: ReadBody;
  readonly amount: Sen;
}): SnapRefusal | undefined {
  const { partner } = input.caller;
  if (!ownsAccount(partner, input.body.text('sourceAccountNo')))
    return new SnapRefusal('notPermitted', 'sourceAccountNo');
  if (input.amount <= 0n) return new SnapRefusal('invalidAmount', 'amount.value');
  if (input.amount > partner.amount_max_sen) return new SnapRefusal('aboveLimit', 'amount.value');
  return undefined;
}

/** Waits for the outcome of a payment that is durable and held: whatever goes wrong from here on, it is in progress, not failed (I2). */
export async function outcomeOf(
  context: ServiceContext,
  payment: PaymentView,
): Promise<PaymentView> {
  try {
    return await context.engine.awaitOutcome(payment.id, INTERBANK_WAIT_MS);
  } catch (error) {
    context.log.error(
      { paymentId: payment.id, fault: (error as Error).name },
      'snap.outcome_unreadable',
    );
    return payment;
  }
}

function told(input: {
  readonly service: '17' | '18';
  readonly body: ReadBody;
  readonly payment: PaymentView;
  readonly amount: Sen;
}): SnapAnswer {
  const { service, body, payment } = input;
  const caseName = paymentCase(payment);
  const fields: Record<string, unknown> = {
    referenceNo: payment.id,
    partnerReferenceNo: body.text('partnerReferenceNo'),
    amount: amountObject(formatIdr(input.amount)),
  };
  for (const name of ECHO) if (Object.hasOwn(body.raw, name)) fields[name] = body.raw[name];
  return answer({ service, caseName, fields });
}

async function refused(
  context: ServiceContext,
  input: TransferInput & {
    readonly result: Extract<SubmitResult, { ok: false }>;
    readonly reference: string;
  },
): Promise<SnapAnswer> {
  const { service, caller, result, reference } = input;
  const { reason, restriction } = result;
  if (reason === 'key_conflict' || reason === 'reference_conflict') {
    const original = await sentBefore(context, { partnerId: caller.partner.id, reference });
    return answer({
      service,
      caseName: conflictCase(original, caller.partner.duplicate_conflict),
      detail: 'partnerReferenceNo',
    });
  }
  // A cap of a restriction and a full stop are one outcome with one code (T4): a repeat knows the reason, not the restriction.
  const nextUpdateAtMs = reason === 'restricted' ? (restriction?.nextUpdateAtMs ?? 0) : 0;
  const closed = reason === 'bank_closed' ? BANK_CLOSED : undefined;
  const detail =
    nextUpdateAtMs > context.time.now() ? `next update ${wibClock(nextUpdateAtMs)}` : closed;
  return answer({ service, caseName: REFUSAL_CASE[reason], detail });
}

/** What the partner sent under its reference. */
async function sentBefore(
  context: ServiceContext,
  of: { readonly partnerId: string; readonly reference: string },
): Promise<PaymentView | undefined> {
  const payment = await context.engine.findByPartnerReference(of.partnerId, of.reference);
  return payment && (await isTransfer(context, payment.id)) ? payment : undefined;
}

/** Partners book 404xx18 and 409xx01 as success of the original (domain.md 3.4), so they are said only where its money moves or
 * moved. A conflict is answered after the original's commit: without a payment the ledger had refused it. */
function conflictCase(original: PaymentView | undefined, isDuplicateConflict: boolean): CaseName {
  const isFailed = !original || (isFinal(original.state) && original.state !== 'settled');
  if (isFailed) return 'invalidStatus';
  return isDuplicateConflict ? 'duplicateReference' : 'inconsistent';
}
