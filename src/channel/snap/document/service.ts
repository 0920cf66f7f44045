/** What the document says of each service beside the fields of its request, which are `field.ts`: words in both languages, an example that
 * runs against the demo bank, the form of the answer, and the cases that it can end in. A new service does not compile without. */
import type { CaseName, ServiceCode } from '../code.ts';
import { ACCOUNT_DOCS } from './service-account.ts';
import { ALARM_DOCS } from './service-alarm.ts';
import { DEBIT_DOCS } from './service-debit.ts';
import { QR_DOCS } from './service-qr.ts';
import { SCAN_DOCS } from './service-scan.ts';
import { VA_DOCS } from './service-va.ts';
import { AMOUNT_SCHEMA, idr, textSchema, type Schema, type ServiceDoc } from './service-schema.ts';

const account = textSchema(34);
const reference = textSchema(64);
const instant = textSchema(25, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$');
const free: Schema = { type: 'object' };
const freeList: Schema = { type: 'array', maxItems: 10 };
const AT = '2026-08-01T10:00:00+07:00';
const PAYMENT = 'pay_01K1J5V8Q0000000000000000A';

/** What every signed request can end in. */
export const SIGNED_CASES: readonly CaseName[] = [
  'successful',
  'badRequest',
  'invalidFormat',
  'missingField',
  'unauthorized',
  'invalidToken',
  'tokenNotFound',
  'featureNotAllowed',
  'notAllowed',
  'conflict',
  'tooManyRequests',
  'generalError',
  'internalError',
];

const TRANSFER_CASES: readonly CaseName[] = [
  'aboveLimit',
  'tooManyActivities',
  'doNotHonor',
  'notAtThisTime',
  'insufficientFunds',
  'notPermitted',
  'inactiveAccount',
  'accountLimit',
  'invalidStatus',
  'invalidRouting',
  'invalidAccount',
  'invalidAmount',
  'inconsistent',
  'duplicateReference',
];

const transferAnswer = {
  referenceNo: reference,
  partnerReferenceNo: reference,
  amount: AMOUNT_SCHEMA,
  beneficiaryAccountNo: account,
  currency: textSchema(3),
  customerReference: textSchema(30),
  sourceAccountNo: textSchema(19),
  transactionDate: instant,
  originatorInfos: freeList,
  additionalInfo: free,
} as const satisfies Readonly<Record<string, Schema>>;

const transferRequest = {
  partnerReferenceNo: '2026080100000001',
  amount: idr('125000.00'),
  beneficiaryAccountNo: '1990000002',
  sourceAccountNo: '1999000001',
  transactionDate: AT,
};

const inquiryAnswer = {
  referenceNo: reference,
  partnerReferenceNo: reference,
  beneficiaryAccountName: textSchema(140),
  beneficiaryAccountNo: account,
  beneficiaryAccountStatus: textSchema(4, '^\\d{4}$'),
  beneficiaryAccountType: textSchema(1, '^[DS]$'),
  currency: textSchema(3),
} as const satisfies Readonly<Record<string, Schema>>;

const inquiryExample = {
  referenceNo: '20260801000001',
  beneficiaryAccountName: 'Budi Santoso',
  beneficiaryAccountNo: '1990000002',
  beneficiaryAccountStatus: '0001',
  beneficiaryAccountType: 'S',
  currency: 'IDR',
};

/** Every service. */
export const SERVICE_DOCS: Readonly<Record<ServiceCode, ServiceDoc>> = {
  ...ACCOUNT_DOCS,
  ...VA_DOCS,
  ...DEBIT_DOCS,
  ...QR_DOCS,
  ...SCAN_DOCS,
  ...ALARM_DOCS,
  '73': {
    en: {
      title: 'Access token',
      text: 'A token for 900 seconds. The signature is SHA256withRSA over client id and timestamp.',
    },
    id: {
      title: 'Token akses',
      text: 'Token untuk 900 detik. Tanda tangan: SHA256withRSA atas client id dan waktu.',
    },
    request: { grantType: 'client_credentials' },
    answer: {
      accessToken: textSchema(2_048),
      tokenType: textSchema(6, '^Bearer$'),
      expiresIn: textSchema(5, '^\\d+$'),
    },
    optional: [],
    answerExample: { accessToken: 'k7V0…', tokenType: 'Bearer', expiresIn: '900' },
    cases: [],
  },
  '11': {
    en: {
      title: 'Balance',
      text: 'The balance of one of your own accounts: posted, held and available.',
    },
    id: {
      title: 'Saldo',
      text: 'Saldo salah satu rekening Anda: tercatat, ditahan, dan tersedia.',
    },
    request: { partnerReferenceNo: '2026080100000002', accountNo: '1999000001' },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      accountNo: textSchema(16),
      name: textSchema(140),
      accountInfos: {
        type: 'array',
        maxItems: 10,
        items: {
          type: 'object',
          properties: {
            balanceType: textSchema(25),
            amount: AMOUNT_SCHEMA,
            floatAmount: AMOUNT_SCHEMA,
            holdAmount: AMOUNT_SCHEMA,
            availableBalance: AMOUNT_SCHEMA,
            ledgerBalance: AMOUNT_SCHEMA,
            status: textSchema(4, '^\\d{4}$'),
          },
          required: ['balanceType', 'amount', 'holdAmount', 'availableBalance', 'status'],
          additionalProperties: false,
        },
      },
    },
    optional: ['partnerReferenceNo'],
    answerExample: {
      referenceNo: '20260801000002',
      partnerReferenceNo: '2026080100000002',
      accountNo: '1999000001',
      name: 'Toko Nusantara (demo)',
      accountInfos: [
        {
          balanceType: 'Cash',
          amount: idr('2000000000.00'),
          floatAmount: idr('0.00'),
          holdAmount: idr('127500.00'),
          availableBalance: idr('1999872500.00'),
          ledgerBalance: idr('2000000000.00'),
          status: '0001',
        },
      ],
    },
    cases: ['invalidCustomerToken', 'customerTokenNotFound', 'notPermitted', 'invalidAccount'],
  },
  '15': {
    en: { title: 'Account inquiry, internal', text: 'Who owns an account at this bank.' },
    id: { title: 'Cek rekening internal', text: 'Nama pemilik rekening di bank ini.' },
    request: { beneficiaryAccountNo: '1990000002' },
    answer: inquiryAnswer,
    optional: ['partnerReferenceNo'],
    answerExample: inquiryExample,
    cases: ['invalidAccount', 'inactiveAccount', 'doNotHonor', 'timeout'],
  },
  '16': {
    en: {
      title: 'Account inquiry, external',
      text: 'Who owns an account at another bank, asked over BI-FAST.',
    },
    id: {
      title: 'Cek rekening bank lain',
      text: 'Nama pemilik rekening di bank lain, ditanyakan lewat BI-FAST.',
    },
    request: { beneficiaryBankCode: '009', beneficiaryAccountNo: '1100000001' },
    answer: {
      ...inquiryAnswer,
      beneficiaryBankCode: textSchema(11),
      beneficiaryBankName: textSchema(50),
    },
    optional: ['partnerReferenceNo'],
    answerExample: {
      ...inquiryExample,
      beneficiaryAccountNo: '1100000001',
      beneficiaryBankCode: '009',
      beneficiaryBankName: 'Bank BNI',
    },
    cases: [
      'suspectedFraud',
      'doNotHonor',
      'notAtThisTime',
      'inactiveAccount',
      'invalidRouting',
      'bankNotSupported',
      'invalidAccount',
      'timeout',
    ],
  },
  '17': {
    en: {
      title: 'Transfer inside the bank',
      text: 'Moves money at once. partnerReferenceNo is its identity: the same body again gets the stored answer and pays nothing twice.',
    },
    id: {
      title: 'Transfer sesama bank',
      text: 'Dana berpindah seketika. partnerReferenceNo adalah identitasnya: isi yang sama dijawab dengan hasil tersimpan dan tidak dibayar dua kali.',
    },
    request: transferRequest,
    answer: transferAnswer,
    optional: ['currency', 'customerReference', 'originatorInfos', 'additionalInfo'],
    answerExample: { referenceNo: PAYMENT, ...transferRequest },
    cases: TRANSFER_CASES,
  },
  '18': {
    en: {
      title: 'Transfer to another bank',
      text: 'Over BI-FAST. Waits up to 10 seconds for the outcome; 2021800 says that the money is held and the transfer goes on: ask for its status.',
    },
    id: {
      title: 'Transfer ke bank lain',
      text: 'Lewat BI-FAST. Menunggu hasil paling lama 10 detik; 2021800 berarti dana ditahan dan transfer diteruskan: tanyakan statusnya.',
    },
    request: {
      ...transferRequest,
      partnerReferenceNo: '2026080100000003',
      beneficiaryAccountNo: '1100000001',
      beneficiaryAccountName: 'ASEP NUGROHO',
      beneficiaryBankCode: '009',
    },
    answer: { ...transferAnswer, beneficiaryBankCode: textSchema(11) },
    optional: ['currency', 'customerReference', 'originatorInfos', 'additionalInfo'],
    answerExample: {
      referenceNo: PAYMENT,
      ...transferRequest,
      partnerReferenceNo: '2026080100000003',
      beneficiaryAccountNo: '1100000001',
      beneficiaryBankCode: '009',
    },
    cases: ['inProgress', ...TRANSFER_CASES, 'suspectedFraud', 'bankNotSupported', 'cancelled'],
  },
  '36': {
    en: {
      title: 'Transfer status',
      text: 'What became of a transfer. Final are 00, 04, 05 and 06; a transfer that is not found is not proof of failure.',
    },
    id: {
      title: 'Status transfer',
      text: 'Hasil sebuah transfer. Akhir: 00, 04, 05, dan 06; tidak ditemukan bukan bukti gagal.',
    },
    request: { originalPartnerReferenceNo: '2026080100000001', serviceCode: '17' },
    answer: {
      originalPartnerReferenceNo: reference,
      originalReferenceNo: reference,
      serviceCode: textSchema(2),
      transactionDate: instant,
      amount: AMOUNT_SCHEMA,
      beneficiaryAccountNo: account,
      beneficiaryBankCode: textSchema(11),
      previousResponseCode: textSchema(7, '^\\d{7}$'),
      referenceNumber: textSchema(64),
      sourceAccountNo: textSchema(19),
      transactionId: reference,
      latestTransactionStatus: textSchema(2, '^\\d\\d$'),
      transactionStatusDesc: textSchema(50),
    },
    optional: ['beneficiaryBankCode'],
    answerExample: {
      originalPartnerReferenceNo: '2026080100000001',
      originalReferenceNo: PAYMENT,
      serviceCode: '17',
      transactionDate: AT,
      amount: idr('125000.00'),
      beneficiaryAccountNo: '1990000002',
      previousResponseCode: '2001700',
      referenceNumber: PAYMENT,
      sourceAccountNo: '1999000001',
      transactionId: PAYMENT,
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
    },
    cases: ['transactionNotFound', 'inconsistent'],
  },
};
