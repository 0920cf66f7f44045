/** qr-cpm-payment (60): a shop of the partner's scanned the code that a customer shows. Our own customer pays within the bank, another bank's over the
 * network; the till hears within ten seconds: paid, not paid, or being checked and by when that is known. Wire only. Source: domain.md 1.10,
 * 3.4, 3.5; docs/rail/qris.md, "Scanned by our shop". */
import { formatIdr, type Sen } from '../../../kernel/money.ts';
import { wibDate, wibIso } from '../../../kernel/time.ts';
import type { Merchant } from '../../../merchant/port.ts';
import { selectMerchant } from '../../../merchant/store.ts';
import type { PaymentView, SubmitRefusal } from '../../../payment/port.ts';
import { nnsOf } from '../../../rail/qris/code.ts';
import { decodeCpm, type CpmCode } from '../../../rail/qris/cpm.ts';
import { criteriaOf, decideMdr } from '../../../rail/qris/mdr.ts';
import { nnsOfBank } from '../../../rail/qris/nns.ts';
import { hasCheckDigit } from '../../../rail/qris/pan.ts';
import { bankOfNns } from '../../../rail/switch/institution.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import { REFUSAL_CASE, paymentCase, type CaseName } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import { saleInfo } from './qr-sale.ts';
import type { Service, ServiceContext } from '../serve.ts';

/** Somebody stands at the till. */
const TILL_WAIT_MS = 8_500;
const BILL_NUMBER = /^[\x20-\x7b\x7d\x7e]{1,25}$/;

/** Charges the customer whose code was scanned, once per partnerReferenceNo. */
export const scanPayment: Service = async (context, { caller, body }) => {
  const { partner } = caller;
  if ((body.optionalSen('feeAmount') ?? 0n) !== 0n)
    throw new SnapRefusal('invalidAmount', 'feeAmount.value');
  const merchant = await selectMerchant(context.db, body.text('merchantId'));
  if (merchant?.partnerId !== partner.id) throw new SnapRefusal('invalidMerchant', 'merchantId');
  const amount = body.sen('amount');
  if (amount <= 0n) throw new SnapRefusal('invalidAmount', 'amount.value');
  const partnerReferenceNo = body.text('partnerReferenceNo');
  const shown = readShown(body.text('qrContent'));
  const asked = {
    key: `snap:${partner.id}:${partnerReferenceNo}`,
    partnerId: partner.id,
    partnerReferenceNo,
    amount,
    ...shown,
    billNumber: billNumberOf(body),
  };
  const shop = shopOf(context, { merchant, amount, body });
  const isOwn = nnsOf(shown.customerPan) === nnsOfBank(context.bank.bankCode);
  const result = isOwn
    ? await context.presented.payOwn({ ...asked, merchant: shop })
    : await context.sales.scan({
        ...asked,
        issuerBank: issuerOf(shown.customerPan),
        merchant: shop,
      });
  if (!result.ok && result.reason === 'restricted' && shop.isClosed)
    throw new SnapRefusal('invalidMerchant', 'merchantId');
  if (!result.ok) return refused(result.reason);
  return told(context, { payment: await wordOn(context, result.payment), partnerReferenceNo });
};

/** Whom a code charges, and what makes it this one. */
function readShown(text: string): { readonly customerPan: string; readonly codeData: string } {
  const read = decodeCpm(text);
  if (!read.ok) throw new SnapRefusal('invalidFormat', `qrContent ${read.fault.code}`);
  const customerPan = panOf(read.code);
  if (!/^\d{16,19}$/.test(customerPan) || !hasCheckDigit(customerPan))
    throw new SnapRefusal('invalidFormat', 'qrContent cpm_value_invalid 5A');
  return { customerPan, codeData: read.code.qrisData };
}

/** 5A, or where it is not said the number in 57; F fills up. */
function panOf({ pan, track2 }: CpmCode): string {
  return (pan ?? track2?.split('D', 1)[0] ?? '').replace(/F$/, '');
}

function issuerOf(customerPan: string): string {
  const bank = bankOfNns(nnsOf(customerPan));
  if (bank === undefined) throw new SnapRefusal('bankNotSupported', 'qrContent nns_unknown');
  return bank;
}

function shopOf(
  { time }: Pick<ServiceContext, 'time'>,
  of: { readonly merchant: Merchant; readonly amount: Sen; readonly body: ReadBody },
) {
  const { merchant, amount, body } = of;
  const { merchantClass, nmid } = merchant;
  return {
    terms: {
      id: merchant.id,
      nmid,
      mdrSen: decideMdr({ merchantClass, amountSen: amount, onDay: wibDate(time.now()) }),
      terminal: terminalOf(merchant, body),
    },
    account: merchant.settlementAccount,
    name: merchant.name,
    pan: merchant.pan,
    nmid,
    city: merchant.city,
    criteria: criteriaOf(merchantClass),
    merchantId: String(merchant.serial).padStart(15, '0'),
    isClosed: merchant.closedAtMs !== undefined,
  };
}

/** `scannerInfo.deviceId` names the till; the merchant's first where it is left out. */
function terminalOf({ terminals }: Merchant, body: ReadBody): string {
  const deviceId = textIn(body, { object: 'scannerInfo', name: 'deviceId' });
  if (deviceId === undefined) return terminals[0]!; // a merchant has one
  if (!terminals.includes(deviceId))
    throw new SnapRefusal('invalidTerminal', 'scannerInfo.deviceId');
  return deviceId;
}

function billNumberOf(body: ReadBody): string {
  const billNumber = textIn(body, { object: 'additionalInfo', name: 'billNumber' }) ?? '';
  if (billNumber !== '' && !BILL_NUMBER.test(billNumber))
    throw new SnapRefusal('invalidFormat', 'additionalInfo.billNumber');
  return billNumber;
}

function textIn(
  body: ReadBody,
  at: { readonly object: string; readonly name: string },
): string | undefined {
  const object = body.raw[at.object];
  if (typeof object !== 'object' || object === null) return undefined;
  const value = (object as Readonly<Record<string, unknown>>)[at.name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new SnapRefusal('invalidFormat', `${at.object}.${at.name}`);
  return value;
}

/** What is durable is in progress whatever goes wrong from here on, never failed (I2). */
async function wordOn(context: ServiceContext, payment: PaymentView): Promise<PaymentView> {
  try {
    return await context.engine.awaitOutcome(payment.id, TILL_WAIT_MS);
  } catch (error) {
    const fault = (error as Error).name;
    context.log.error({ paymentId: payment.id, fault }, 'snap.outcome_unreadable');
    return payment;
  }
}

async function told(
  context: ServiceContext,
  of: { readonly payment: PaymentView; readonly partnerReferenceNo: string },
): Promise<SnapAnswer> {
  const { payment, partnerReferenceNo } = of;
  const sale = await context.sales.find(payment.id);
  // Approved is paid: goods may be handed over, and the money is spendable when its network settles.
  const caseName = payment.state === 'accepted' ? 'successful' : scanCase(payment);
  return answer({
    service: '60',
    caseName,
    fields: {
      referenceNo: payment.id,
      partnerReferenceNo,
      transactionDate: wibIso(payment.madeAtMs),
      amount: amountObject(formatIdr(payment.amountSen)),
      ...(sale && { additionalInfo: saleInfo(sale, payment) }),
    },
  });
}

/** What the other bank's no means, where it is not what it means to a transfer. Source: docs/rail/qris.md, "Messages over the switch". */
const NO_CASE: Readonly<Record<string, CaseName>> = {
  RC14: 'invalidAccount',
  RC51: 'insufficientFunds',
  RC54: 'notPermitted',
  RC57: 'notPermitted',
  RC65: 'tooManyActivities',
};

function scanCase(payment: PaymentView): CaseName {
  const { state, outcomeCode = '' } = payment;
  return state === 'refunded' && Object.hasOwn(NO_CASE, outcomeCode)
    ? NO_CASE[outcomeCode]!
    : paymentCase(payment);
}

function refused(reason: SubmitRefusal | 'code_unknown'): SnapAnswer {
  if (reason === 'code_unknown')
    return answer({ service: '60', caseName: 'invalidAccount', detail: 'qrContent' });
  if (reason === 'code_used')
    return answer({ service: '60', caseName: 'notPermitted', detail: 'code used or over' });
  // 404xx18 says failed here, unlike for transfers (domain.md 3.4): nothing was charged under this body.
  return answer({ service: '60', caseName: REFUSAL_CASE[reason] });
}
