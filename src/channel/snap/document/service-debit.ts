/** What the document says of direct debits (54, 55, 57, 58). */
import { AMOUNT_SCHEMA, idr, textSchema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);
const instant = textSchema(25, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$');
const AT = '2026-08-01T10:00:00+07:00';

/** The entries. */
export const DEBIT_DOCS = {
  '54': {
    en: {
      title: 'Direct debit',
      text: 'Takes a payment from a customer’s account by the customer’s token, within the limits that the customer set. Once per partnerReferenceNo. From the bank’s threshold on the customer gets a code first: 4035413 brings a chargeToken, and the same request goes again with it and otp.',
    },
    id: {
      title: 'Debit langsung',
      text: 'Mengambil pembayaran dari rekening nasabah dengan token nasabah, dalam batas yang ditetapkannya. Sekali per partnerReferenceNo. Mulai batas bank, nasabah lebih dulu menerima kode: 4035413 membawa chargeToken, lalu permintaan yang sama dikirim lagi bersama chargeToken dan otp.',
    },
    request: {
      partnerReferenceNo: 'd-1',
      amount: idr('60000.00'),
      additionalInfo: { accountNo: '1990000001' },
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      approvalCode: textSchema(6),
      amount: AMOUNT_SCHEMA,
      transactionDate: instant,
    },
    optional: [],
    answerExample: {
      referenceNo: 'ddb_01K1J5V8Q0000000000000000A',
      partnerReferenceNo: 'd-1',
      approvalCode: '00000A',
      amount: idr('60000.00'),
      transactionDate: AT,
    },
    cases: [
      'inProgress',
      'invalidCustomerToken',
      'customerTokenNotFound',
      'aboveLimit',
      'tooManyActivities',
      'doNotHonor',
      'notAtThisTime',
      'otpBlocked',
      'otpExpired',
      'otpSent',
      'insufficientFunds',
      'notPermitted',
      'tokenLimit',
      'inactiveAccount',
      'accountLimit',
      'invalidRouting',
      'cancelled',
      'otpNeeded',
      'invalidAccount',
      'invalidAmount',
      'otpInvalid',
      'inconsistent',
      'duplicateReference',
    ],
  },
  '55': {
    en: {
      title: 'Direct debit: status',
      text: 'What became of it: 00 paid, 03 not known yet, 04 all refunded, 05 cancelled, 06 not taken.',
    },
    id: {
      title: 'Debit langsung: status',
      text: 'Hasilnya: 00 dibayar, 03 belum diketahui, 04 dikembalikan seluruhnya, 05 dibatalkan, 06 tidak diambil.',
    },
    request: { originalPartnerReferenceNo: 'd-1', serviceCode: '54' },
    answer: {
      originalPartnerReferenceNo: reference,
      originalReferenceNo: reference,
      serviceCode: textSchema(2),
      latestTransactionStatus: textSchema(2, '^\\d\\d$'),
      transactionStatusDesc: textSchema(50),
      transAmount: AMOUNT_SCHEMA,
      refundAmount: AMOUNT_SCHEMA,
      transactionDate: instant,
    },
    optional: [],
    answerExample: {
      originalPartnerReferenceNo: 'd-1',
      originalReferenceNo: 'ddb_01K1J5V8Q0000000000000000A',
      serviceCode: '54',
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      transAmount: idr('60000.00'),
      refundAmount: idr('0.00'),
      transactionDate: AT,
    },
    cases: ['transactionNotFound'],
  },
  '57': {
    en: {
      title: 'Direct debit: cancel',
      text: 'Gives all of it back, on the WIB day it was taken, once.',
    },
    id: {
      title: 'Debit langsung: batal',
      text: 'Mengembalikan seluruhnya pada hari yang sama (WIB), sekali.',
    },
    request: { originalPartnerReferenceNo: 'd-1', reason: 'Stok habis' },
    answer: {
      originalPartnerReferenceNo: reference,
      originalReferenceNo: reference,
      cancelTime: instant,
      transactionDate: instant,
    },
    optional: [],
    answerExample: {
      originalPartnerReferenceNo: 'd-1',
      originalReferenceNo: 'ddb_01K1J5V8Q0000000000000000A',
      cancelTime: AT,
      transactionDate: AT,
    },
    cases: [
      'transactionNotFound',
      'invalidStatus',
      'insufficientFunds',
      'doNotHonor',
      'inactiveAccount',
    ],
  },
  '58': {
    en: {
      title: 'Direct debit: refund',
      text: 'Gives some or all of it back, once per partnerRefundNo, together never more than was taken.',
    },
    id: {
      title: 'Debit langsung: pengembalian',
      text: 'Mengembalikan sebagian atau seluruhnya, sekali per partnerRefundNo, bersama-sama tidak lebih dari yang diambil.',
    },
    request: {
      originalPartnerReferenceNo: 'd-1',
      partnerRefundNo: 'f-1',
      refundAmount: idr('20000.00'),
      reason: 'Retur',
    },
    answer: {
      originalPartnerReferenceNo: reference,
      originalReferenceNo: reference,
      refundNo: reference,
      partnerRefundNo: reference,
      refundAmount: AMOUNT_SCHEMA,
      refundTime: instant,
    },
    optional: [],
    answerExample: {
      originalPartnerReferenceNo: 'd-1',
      originalReferenceNo: 'ddb_01K1J5V8Q0000000000000000A',
      refundNo: 'ddr_01K1J5V8Q0000000000000000A',
      partnerRefundNo: 'f-1',
      refundAmount: idr('20000.00'),
      refundTime: AT,
    },
    cases: [
      'transactionNotFound',
      'invalidStatus',
      'invalidAmount',
      'inconsistent',
      'insufficientFunds',
      'doNotHonor',
      'inactiveAccount',
    ],
  },
} as const satisfies Readonly<Record<string, ServiceDoc>>;
