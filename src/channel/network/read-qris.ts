/** Reads what the switch asks of us for QRIS (src/rail/notice-qris.ts), field by field (I12). Pure. */
import type { QrisRequestNotice } from '../../rail/notice-qris.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Year, DE7, DE32, DE11. */
const REQUEST_ID = /^\d{31}$/;
const RRN = /^\d{12}$/;
const BANK = /^[A-Z0-9]{8}$/;
const AMOUNT = /^[1-9]\d{0,17}$/;
const MONTH_DAY = /^\d{4}$/;
const REFUND_NUMBER = /^[\x21-\x7e]{1,30}$/;
const CUSTOMER_PAN = /^\d{16,19}$/;
const MERCHANT_PAN = /^\d{9,19}$/;
const WORDS = /^[\x20-\x7e]{0,40}$/;

/** The request in these fields of a notice; undefined when it is none. */
export function readQrisRequest(fields: Fields): QrisRequestNotice | undefined {
  const { bizMsgIdr, rrn, fromBank, amountSen, deadlineMs } = fields;
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(rrn, RRN) && is(fromBank, BANK) && is(amountSen, AMOUNT);
  if (!isGood || typeof deadlineMs !== 'number' || !Number.isSafeInteger(deadlineMs))
    return undefined;
  const base = {
    kind: 'request',
    rail: 'qris',
    bizMsgIdr,
    rrn,
    fromBank,
    amountSen,
    deadlineMs,
  } as const;
  switch (fields['what']) {
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
      return is(originalId, REQUEST_ID) && (of === 'payment' || of === 'refund')
        ? { ...base, what: 'qris_check', of, originalId }
        : undefined;
    }
    default:
      return undefined;
  }
}

function is(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}
