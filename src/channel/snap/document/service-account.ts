/** What the document says of customers' tokens and of balances, history and statements (74, 12, 13, 14). */
import { AMOUNT_SCHEMA, idr, textSchema, type Schema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);
const instant = textSchema(25, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$');
const free: Schema = { type: 'object' };
const freeList: Schema = { type: 'array', maxItems: 10 };
const AT = '2026-08-01T10:00:00+07:00';
const PAYMENT = 'pay_01K1J5V8Q0000000000000000A';

/** The entries. */
export const ACCOUNT_DOCS = {
  '74': {
    en: {
      title: 'Access token of a customer',
      text: 'Turns the code that a customer’s consent gave, or the refresh token before, into a pair of tokens. A code or refresh token works once; one that comes twice ends the permission.',
    },
    id: {
      title: 'Token akses nasabah',
      text: 'Menukar kode dari persetujuan nasabah, atau refresh token sebelumnya, menjadi sepasang token. Kode dan refresh token berlaku sekali; yang datang dua kali mengakhiri izin.',
    },
    request: {
      grantType: 'authorization_code',
      authCode: 'q8Z3bq2rJ5n0v1c7x9s4d6f8g0h2j4k6l8m0n2p4q6r',
      additionalInfo: { redirectUrl: 'https://toko-nusantara.example/kembali' },
    },
    answer: {
      accessToken: textSchema(2048),
      tokenType: textSchema(6, '^Bearer$'),
      accessTokenExpiryTime: instant,
      refreshToken: textSchema(512),
      refreshTokenExpiryTime: instant,
    },
    optional: [],
    answerExample: {
      accessToken: 'c0Z3…',
      tokenType: 'Bearer',
      accessTokenExpiryTime: '2026-08-16T10:00:00+07:00',
      refreshToken: 'r7Q1…',
      refreshTokenExpiryTime: '2026-10-30T10:00:00+07:00',
    },
    cases: ['unauthorized'],
  },
  '12': {
    en: {
      title: 'Transaction history',
      text: 'Entries of an account that you may read, newest first. 31 days at most, a year back at most. Go on with the cursor: no entry is lost or told twice.',
    },
    id: {
      title: 'Riwayat transaksi',
      text: 'Mutasi rekening yang boleh Anda baca, terbaru lebih dulu. Paling lama 31 hari, paling jauh satu tahun. Lanjutkan dengan cursor: tidak ada yang hilang atau ganda.',
    },
    request: {
      fromDateTime: '2026-07-25T00:00:00+07:00',
      toDateTime: '2026-08-01T10:00:00+07:00',
      pageSize: 10,
      additionalInfo: { accountNo: '1999000001' },
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      detailData: { type: 'array', maxItems: 50, items: free },
      additionalInfo: free,
    },
    optional: ['partnerReferenceNo'],
    answerExample: {
      referenceNo: '20260801000001',
      detailData: [
        {
          dateTime: AT,
          amount: idr('125000.00'),
          remark: 'Arisan',
          sourceOfFunds: [{ source: 'BALANCE', amount: idr('125000.00') }],
          status: 'SUCCESS',
          type: 'TRANSFER_OUT',
          additionalInfo: { transactionId: '4711', referenceNo: PAYMENT },
        },
      ],
      additionalInfo: { hasMore: 'N' },
    },
    cases: ['invalidCustomerToken', 'customerTokenNotFound', 'notPermitted'],
  },
  '13': {
    en: {
      title: 'One transaction',
      text: 'By your own partnerReferenceNo, or by the referenceNo of an entry.',
    },
    id: {
      title: 'Rincian transaksi',
      text: 'Dengan partnerReferenceNo Anda, atau referenceNo dari satu mutasi.',
    },
    request: { originalPartnerReferenceNo: '2026080100000001' },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      amount: AMOUNT_SCHEMA,
      cancelledTime: instant,
      dateTime: instant,
      refundAmount: AMOUNT_SCHEMA,
      remark: textSchema(140),
      sourceOfFunds: freeList,
      status: textSchema(9, '^(INIT|SUCCESS|CANCELLED|CLOSED)$'),
      type: textSchema(12, '^TRANSFER_(IN|OUT)$'),
    },
    optional: ['partnerReferenceNo', 'cancelledTime', 'sourceOfFunds'],
    answerExample: {
      referenceNo: PAYMENT,
      partnerReferenceNo: '2026080100000001',
      amount: idr('125000.00'),
      dateTime: AT,
      refundAmount: idr('0.00'),
      remark: '',
      sourceOfFunds: [{ source: 'BALANCE', amount: idr('125000.00') }],
      status: 'SUCCESS',
      type: 'TRANSFER_OUT',
    },
    cases: ['invalidCustomerToken', 'customerTokenNotFound', 'transactionNotFound'],
  },
  '14': {
    en: {
      title: 'Bank statement',
      text: 'Entries with the balance before and after each, totals and both balances of the whole period. 504xx00: summing needs more time, ask again.',
    },
    id: {
      title: 'Mutasi rekening',
      text: 'Mutasi dengan saldo sebelum dan sesudahnya, jumlah dan kedua saldo seluruh periode. 504xx00: penjumlahan perlu waktu, tanyakan lagi.',
    },
    request: {
      accountNo: '1999000001',
      fromDateTime: '2026-07-01T00:00:00+07:00',
      toDateTime: '2026-07-31T23:59:59+07:00',
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      balance: freeList,
      totalCreditEntries: free,
      totalDebitEntries: free,
      hasMore: textSchema(1, '^[YN]$'),
      lastRecordDateTime: instant,
      detailData: { type: 'array', maxItems: 100, items: free },
      additionalInfo: free,
    },
    optional: ['partnerReferenceNo', 'lastRecordDateTime', 'additionalInfo'],
    answerExample: {
      referenceNo: '20260801000001',
      balance: [
        {
          amount: { ...idr('875000.00'), dateTime: AT },
          startingBalance: { ...idr('1000000.00'), dateTime: AT },
          endingBalance: { ...idr('875000.00'), dateTime: AT },
        },
      ],
      totalCreditEntries: { numberOfEntries: '0', amount: idr('0.00') },
      totalDebitEntries: { numberOfEntries: '1', amount: idr('125000.00') },
      hasMore: 'N',
      lastRecordDateTime: AT,
      detailData: [
        {
          detailBalance: {
            startAmount: [{ amount: idr('1000000.00') }],
            endAmount: [{ amount: idr('875000.00') }],
          },
          amount: idr('125000.00'),
          originAmount: idr('125000.00'),
          transactionDate: AT,
          remark: '',
          transactionId: '4711',
          type: 'DEBIT',
          transactionDetailStatus: 'SUCCESS',
          detailInfo: { line: 'TRANSFER', referenceNo: PAYMENT },
        },
      ],
    },
    cases: ['invalidCustomerToken', 'customerTokenNotFound', 'notPermitted', 'timeout'],
  },
} as const satisfies Readonly<Record<string, ServiceDoc>>;
