/** Reads what the switch asks of us for QRIS (src/rail/notice-qris.ts), field by field (I12). Pure. */
import type {
  QrisPaymentRequest,
  QrisPresentedRequest,
  QrisRefundRequest,
  QrisRequestNotice,
} from '../../rail/notice-qris.ts';
import { REQUEST_ID, is, readRequestBase, type Fields } from './field.ts';

const RRN = /^\d{12}$/;
const AMOUNT = /^[1-9]\d{0,17}$/;
const MONTH_DAY = /^\d{4}$/;
const REFUND_NUMBER = /^[\x21-\x7e]{1,30}$/;
const CUSTOMER_PAN = /^\d{16,19}$/;
const MERCHANT_PAN = /^\d{9,19}$/;
const WORDS = /^[\x20-\x7e]{0,40}$/;
const NMID = /^ID\d{13}$/;
/** As the rail reads it (docs/rail/qris.md, DE48 CD). */
const CODE_DATA = /^(?:[0-9A-F]{2}){8,49}$/;

/** Each field of a payment. */
const PAYMENT_FORMS: Readonly<
  Record<
    Exclude<keyof QrisPaymentRequest, keyof QrisRefundRequest> | 'customerPan' | 'merchantPan',
    { readonly form: RegExp; readonly mayMiss?: true }
  >
> = {
  customerPan: { form: CUSTOMER_PAN },
  merchantPan: { form: MERCHANT_PAN },
  nmid: { form: NMID, mayMiss: true },
  criteria: { form: /^[A-Z]{3}$/ },
  tipSen: { form: /^(0|[1-9]\d{0,11})$/ },
  terminal: { form: /^[\x20-\x7e]{1,16}$/ },
  reference: { form: /^[\x20-\x7e]{1,25}$/, mayMiss: true },
  billNumber: { form: /^[\x20-\x7e]{1,25}$/, mayMiss: true },
};

/** The request in these fields of a notice; undefined when it is none. */
export function readQrisRequest(fields: Fields): QrisRequestNotice | undefined {
  const base = readRequestBase(fields, { rail: 'qris', rrn: RRN, amount: AMOUNT });
  if (!base) return undefined;
  switch (fields['what']) {
    case 'qris_payment':
      return readPayment(base, fields);
    case 'qris_presented':
      return readPresented(base, fields);
    case 'qris_transfer': {
      const { payeePan, beneficiary, payerPan, payerName } = fields;
      return is(payeePan, CUSTOMER_PAN) &&
        is(beneficiary, /^[0-9A-Za-z]{1,15}$/) &&
        is(payerPan, CUSTOMER_PAN) &&
        is(payerName, /^[\x20-\x7e]{1,25}$/)
        ? { ...base, what: 'qris_transfer', payeePan, beneficiary, payerPan, payerName }
        : undefined;
    }
    case 'qris_refund': {
      const { originalRrn, originalDate, refundNumber } = fields;
      const { customerPan, merchantPan, merchantName } = fields;
      return is(originalRrn, RRN) &&
        is(originalDate, MONTH_DAY) &&
        is(refundNumber, REFUND_NUMBER) &&
        is(customerPan, CUSTOMER_PAN) &&
        is(merchantPan, MERCHANT_PAN) &&
        is(merchantName, WORDS)
        ? {
            ...base,
            what: 'qris_refund',
            originalRrn,
            originalDate,
            refundNumber,
            customerPan,
            merchantPan,
            merchantName,
          }
        : undefined;
    }
    case 'qris_check': {
      const { of, originalId } = fields;
      return is(originalId, REQUEST_ID) &&
        (of === 'payment' || of === 'presented' || of === 'transfer' || of === 'refund')
        ? { ...base, what: 'qris_check', of, originalId }
        : undefined;
    }
    default:
      return undefined;
  }
}

function readPresented(
  base: Omit<
    QrisPresentedRequest,
    'what' | 'customerPan' | 'codeData' | 'merchantPan' | 'merchantName' | 'nmid'
  >,
  fields: Fields,
): QrisPresentedRequest | undefined {
  const { customerPan, codeData, merchantPan, merchantName, nmid } = fields;
  const isWhole =
    is(customerPan, CUSTOMER_PAN) &&
    is(codeData, CODE_DATA) &&
    is(merchantPan, MERCHANT_PAN) &&
    is(merchantName, WORDS);
  if (!isWhole || (nmid !== undefined && !is(nmid, NMID))) return undefined;
  return {
    ...base,
    what: 'qris_presented',
    customerPan,
    codeData,
    merchantPan,
    merchantName,
    ...(nmid !== undefined && { nmid }),
  };
}

function readPayment(
  base: Omit<QrisPaymentRequest, 'what' | keyof typeof PAYMENT_FORMS>,
  fields: Fields,
): QrisPaymentRequest | undefined {
  const entries = Object.entries(PAYMENT_FORMS).map(([name, form]) => {
    const value = fields[name];
    const isLeftOut = value === undefined && form.mayMiss === true;
    return { name, value, isGood: isLeftOut || is(value, form.form), isLeftOut };
  });
  if (!entries.every(({ isGood }) => isGood)) return undefined;
  const said = entries
    .filter(({ isLeftOut }) => !isLeftOut)
    .map(({ name, value }) => [name, value]);
  // Each field was compared with its form.
  return { ...base, what: 'qris_payment', ...Object.fromEntries(said) } as QrisPaymentRequest;
}
