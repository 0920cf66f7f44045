/** transfer/status (36): what became of a transfer, from the payment's own state. */
import { formatIdr } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import type { PaymentView } from '../../../payment/port.ts';
import { amountObject, answer } from '../answer.ts';
import { LATEST_STATUS, paymentCase, responseCode, type ServiceCode } from '../code.ts';
import { isTransfer } from './sent.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import type { Service, ServiceContext } from '../serve.ts';

const KINDS_OF: Readonly<Record<'17' | '18', readonly PaymentView['kind'][]>> = {
  '17': ['onus'],
  '18': ['bifast_out', 'switch_out'],
};

/** State of a transfer by the partner's reference or ours. A transfer that is not found is not proof of failure. */
export const transferStatus: Service = async (context, { caller, body }) => {
  const service = body.text('serviceCode');
  if (service !== '17' && service !== '18') throw new SnapRefusal('invalidFormat', 'serviceCode');
  const payment = await findOriginal(context, { partnerId: caller.partner.id, body });
  if (
    !payment ||
    payment.partnerId !== caller.partner.id ||
    !KINDS_OF[service].includes(payment.kind) ||
    !(await isTransfer(context, payment.id))
  )
    throw new SnapRefusal('transactionNotFound');
  const amount = body.optionalSen('amount');
  if (amount !== undefined && amount !== payment.amountSen)
    throw new SnapRefusal('inconsistent', 'amount.value');
  return answer({ service: '36', caseName: 'successful', fields: described(payment, service) });
};

async function findOriginal(
  context: ServiceContext,
  input: { readonly partnerId: string; readonly body: ReadBody },
): Promise<PaymentView | undefined> {
  const reference = input.body.optionalText('originalPartnerReferenceNo');
  const ours = input.body.optionalText('originalReferenceNo');
  if (reference === undefined && ours === undefined)
    throw new SnapRefusal('missingField', 'originalPartnerReferenceNo');
  const found =
    reference === undefined
      ? await context.engine.find(ours!)
      : await context.engine.findByPartnerReference(input.partnerId, reference);
  return ours === undefined || found?.id === ours ? found : undefined;
}

function described(payment: PaymentView, service: ServiceCode): Readonly<Record<string, unknown>> {
  const [latestTransactionStatus, transactionStatusDesc] = LATEST_STATUS[payment.state];
  return {
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.id,
    serviceCode: service,
    transactionDate: wibIso(payment.madeAtMs),
    amount: amountObject(formatIdr(payment.amountSen)),
    beneficiaryAccountNo: payment.creditAccount,
    ...(payment.counterpartyBank === undefined
      ? {}
      : { beneficiaryBankCode: payment.counterpartyBank }),
    previousResponseCode: responseCode(service, paymentCase(payment)),
    referenceNumber: payment.bizMsgIdr ?? payment.id,
    sourceAccountNo: payment.debitAccount,
    transactionId: payment.id,
    latestTransactionStatus,
    transactionStatusDesc,
  };
}
