/** What the document says of the services of QRIS codes. */
import type { CaseName } from '../code.ts';
import { AMOUNT_SCHEMA, idr, textSchema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);
/** V2 of domain.md 1.11: a merchant of another bank asks for Rp125.000. */
const CONTENT =
  '00020101021226720019ID.CO.CONTOHBNI.WWW0119936000091234567890302150000000000004560303UME51440014ID.CO.QRIS.WWW0215ID10200000004560303UME5204541153033605409125000.005802ID5921TOKO SINTETIS MANDIRI6007BANDUNG61054011162430115INV2026080100010513REF00000000010703K026304209F';

const instant = textSchema(25, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$');
const AT = '2026-08-01T10:00:00+07:00';
/** What a later service says of the original. */
const named = { originalReferenceNo: reference, originalPartnerReferenceNo: reference };
const NAMED = {
  originalReferenceNo: 'qrc_01K1J5V8Q0000000000000000A',
  originalPartnerReferenceNo: '2026080100000047',
};
/** What giving money back can end in. */
const BACK_CASES: readonly CaseName[] = [
  'transactionNotFound',
  'invalidMerchant',
  'invalidStatus',
  'inconsistent',
  'insufficientFunds',
  'inactiveAccount',
  'doNotHonor',
  'notAtThisTime',
  'notPermitted',
];

/** Services 47, 48, 50, 51, 77 and 78. */
export const QR_DOCS: Readonly<Record<'47' | '48' | '50' | '51' | '77' | '78', ServiceDoc>> = {
  '47': {
    en: {
      title: 'QRIS code, generate',
      text: "A code of one of the partner's own merchants: dynamic with an amount, paid once and only until its validity ends; the terminal's static code without one.",
    },
    id: {
      title: 'Buat kode QRIS',
      text: 'Kode merchant milik mitra: dinamis bila ada nominal, dibayar satu kali dan hanya sampai masa berlakunya habis; tanpa nominal, kode statis terminal itu.',
    },
    request: {
      partnerReferenceNo: '2026080100000047',
      amount: idr('125000.00'),
      merchantId: 'mer_demo1',
      terminalId: 'A01',
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      qrContent: textSchema(512),
      qrImage: { type: 'string', description: 'PNG, Base64' },
      merchantName: textSchema(25),
      storeId: textSchema(64),
      terminalId: textSchema(16),
      additionalInfo: { type: 'object' },
    },
    optional: ['storeId', 'additionalInfo'],
    answerExample: {
      referenceNo: 'qrc_01K1J5V8Q0000000000000000A',
      partnerReferenceNo: '2026080100000047',
      qrContent: CONTENT,
      qrImage: 'iVBORw0KGgo=',
      merchantName: 'TOKO SINTETIS MANDIRI',
      terminalId: 'A01',
      additionalInfo: { validityPeriod: '2026-08-01T10:15:00+07:00' },
    },
    cases: [
      'invalidMerchant',
      'invalidTerminal',
      'invalidAmount',
      'aboveLimit',
      'inconsistent',
      'duplicateReference',
    ],
  },
  '48': {
    en: {
      title: 'QRIS code, decode',
      text: "What a merchant's code says. No money moves. Codes for transfer, withdrawal and deposit are refused here.",
    },
    id: {
      title: 'Baca kode QRIS',
      text: 'Isi kode merchant. Tidak ada dana yang berpindah. Kode transfer, tarik tunai, dan setor tunai ditolak di sini.',
    },
    request: {
      partnerReferenceNo: '2026080100000048',
      qrContent: CONTENT,
      scanTime: '2026-08-01T10:00:00+07:00',
    },
    answer: {
      referenceNo: textSchema(36),
      partnerReferenceNo: reference,
      merchantName: textSchema(25),
      merchantCategory: textSchema(32),
      merchantLocation: textSchema(25),
      merchantInfos: {
        type: 'array',
        maxItems: 20,
        items: {
          type: 'object',
          properties: { merchantPAN: textSchema(19, '^\\d{16,19}$'), acquirerName: textSchema(50) },
          required: ['merchantPAN', 'acquirerName'],
          additionalProperties: false,
        },
      },
      transactionAmount: AMOUNT_SCHEMA,
      feeAmount: AMOUNT_SCHEMA,
    },
    optional: ['transactionAmount', 'feeAmount'],
    answerExample: {
      referenceNo: '20260801000048',
      partnerReferenceNo: '2026080100000048',
      merchantName: 'TOKO SINTETIS MANDIRI',
      merchantCategory: '5411',
      merchantLocation: 'BANDUNG',
      merchantInfos: [{ merchantPAN: '9360000912345678903', acquirerName: 'BNI' }],
      transactionAmount: idr('125000.00'),
      feeAmount: idr('0.00'),
    },
    cases: ['invalidAmount', 'aboveLimit', 'notPermitted', 'bankNotSupported'],
  },
  '50': {
    en: {
      title: 'QRIS payment',
      text: 'Pays a merchant, ours or of another bank, from a customer’s account by the customer’s token with the scope `qris`, within the limits that the customer set. Once per partnerReferenceNo. The code is `additionalInfo.qrContent`; `amount` is without the tip, `feeAmount` is the tip. From the bank’s threshold on the customer gets a code first: 4035013 brings a verificationId, and the same request goes again with it and otp. 2025000: not known yet, ask 51.',
    },
    id: {
      title: 'Pembayaran QRIS',
      text: 'Membayar merchant, milik kami atau bank lain, dari rekening nasabah dengan token nasabah ber-scope `qris`, dalam batas yang ditetapkannya. Sekali per partnerReferenceNo. Kodenya `additionalInfo.qrContent`; `amount` tanpa tip, `feeAmount` tip. Mulai batas bank, nasabah lebih dulu menerima kode: 4035013 membawa verificationId, lalu permintaan yang sama dikirim lagi bersama verificationId dan otp. 2025000: belum diketahui, tanyakan 51.',
    },
    request: {
      partnerReferenceNo: '2026080100000050',
      amount: idr('125000.00'),
      feeAmount: idr('0.00'),
      additionalInfo: { qrContent: CONTENT, accountNo: '1990000001' },
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      transactionDate: instant,
      amount: AMOUNT_SCHEMA,
      feeAmount: AMOUNT_SCHEMA,
      verificationId: textSchema(64),
    },
    optional: ['verificationId'],
    answerExample: {
      referenceNo: 'pay_01K1J5V8Q0000000000000000A',
      partnerReferenceNo: '2026080100000050',
      transactionDate: AT,
      amount: idr('125000.00'),
      feeAmount: idr('0.00'),
    },
    cases: [
      'inProgress',
      'invalidCustomerToken',
      'customerTokenNotFound',
      'aboveLimit',
      'suspectedFraud',
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
      'invalidStatus',
      'invalidRouting',
      'bankNotSupported',
      'cancelled',
      'otpNeeded',
      'invalidMerchant',
      'invalidAccount',
      'invalidAmount',
      'paidBill',
      'otpInvalid',
      'expiredBill',
      'duplicateReference',
    ],
  },
  '51': {
    en: {
      title: 'QRIS payment, status',
      text: "With service code 50 what became of a payment that you made for a customer: 00 paid, 02 and 03 not known yet, 04 given back, 06 not paid. With 47 what became of a code or a sale of one of the partner's own merchants: 01 not paid yet, 00 paid, 04 all refunded, 05 cancelled, 06 expired. `isSettled` N: paid, and spendable when its network settles.",
    },
    id: {
      title: 'Status pembayaran QRIS',
      text: 'Dengan kode layanan 50, hasil pembayaran yang Anda buat untuk nasabah: 00 dibayar, 02 dan 03 belum diketahui, 04 dikembalikan, 06 tidak dibayar. Dengan 47, hasil kode atau penjualan merchant milik mitra: 01 belum dibayar, 00 dibayar, 04 dikembalikan seluruhnya, 05 dibatalkan, 06 kedaluwarsa. `isSettled` N: dibayar, dan dapat dipakai setelah penyelesaian jaringan.',
    },
    request: {
      originalPartnerReferenceNo: '2026080100000047',
      serviceCode: '47',
      merchantId: 'mer_demo1',
    },
    answer: {
      ...named,
      serviceCode: textSchema(2),
      latestTransactionStatus: textSchema(2, '^\\d\\d$'),
      transactionStatusDesc: textSchema(50),
      paidTime: instant,
      amount: AMOUNT_SCHEMA,
      feeAmount: AMOUNT_SCHEMA,
      terminalId: textSchema(16),
      additionalInfo: { type: 'object' },
    },
    optional: [
      'originalPartnerReferenceNo',
      'paidTime',
      'amount',
      'feeAmount',
      'terminalId',
      'additionalInfo',
    ],
    answerExample: {
      ...NAMED,
      serviceCode: '47',
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      paidTime: AT,
      amount: idr('125000.00'),
      terminalId: 'A01',
      additionalInfo: {
        paymentReferenceNo: 'pay_01K1J5V8Q0000000000000000A',
        isSettled: 'Y',
        merchantDiscount: idr('875.00'),
        refundAmount: idr('0.00'),
      },
    },
    cases: ['transactionNotFound', 'invalidMerchant'],
  },
  '77': {
    en: {
      title: 'QRIS payment, cancel',
      text: 'An unpaid code is called back for good. A sale of the same WIB day, of which nothing was refunded, goes back whole.',
    },
    id: {
      title: 'Batalkan pembayaran QRIS',
      text: 'Kode yang belum dibayar ditarik selamanya. Penjualan hari yang sama (WIB) yang belum dikembalikan, dikembalikan seluruhnya.',
    },
    request: {
      originalPartnerReferenceNo: '2026080100000047',
      merchantId: 'mer_demo1',
      reason: 'Pesanan batal',
    },
    answer: { ...named, cancelTime: instant },
    optional: ['originalPartnerReferenceNo'],
    answerExample: { ...NAMED, cancelTime: AT },
    cases: [...BACK_CASES, 'inProgress'],
  },
  '78': {
    en: {
      title: 'QRIS payment, refund',
      text: 'Gives some or all of a sale back within 30 days, once per partnerRefundNo, together never more than was paid. A refused number stays refused: another try takes another number.',
    },
    id: {
      title: 'Pengembalian pembayaran QRIS',
      text: 'Mengembalikan sebagian atau seluruh penjualan dalam 30 hari, sekali per partnerRefundNo, bersama-sama tidak lebih dari yang dibayar. Nomor yang ditolak tetap ditolak: percobaan lain memakai nomor lain.',
    },
    request: {
      originalPartnerReferenceNo: '2026080100000047',
      merchantId: 'mer_demo1',
      partnerRefundNo: 'RF-1',
      refundAmount: idr('25000.00'),
      reason: 'Barang habis',
    },
    answer: {
      ...named,
      refundNo: reference,
      partnerRefundNo: reference,
      refundAmount: AMOUNT_SCHEMA,
      refundTime: instant,
    },
    optional: ['originalPartnerReferenceNo'],
    answerExample: {
      ...NAMED,
      refundNo: 'pay_01K1J5V8Q0000000000000000B',
      partnerRefundNo: 'RF-1',
      refundAmount: idr('25000.00'),
      refundTime: AT,
    },
    cases: [...BACK_CASES, 'invalidAmount', 'inProgress'],
  },
};
