/** What the document says of the services of codes that shops scan. */
import { QR_DOCS } from './service-qr.ts';
import { AMOUNT_SCHEMA, idr, textSchema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);
const instant = textSchema(25, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$');
const AT = '2026-08-01T10:00:00+07:00';
const PAYMENT = 'pay_01K1J5V8Q0000000000000000A';
const OURS = '2026080100000060';
const NAMED = { originalReferenceNo: PAYMENT, originalPartnerReferenceNo: OURS };
const INFO = {
  paymentReferenceNo: PAYMENT,
  isSettled: 'N',
  merchantDiscount: idr('140.00'),
  refundAmount: idr('0.00'),
};

/** Services 60, 61, 62 and 80. */
export const SCAN_DOCS: Readonly<Record<'60' | '61' | '62' | '80', ServiceDoc>> = {
  '60': {
    en: {
      title: 'QRIS shown code, payment',
      text: "A till of the partner's own merchant scanned the code that a customer of any bank shows: charges it, once per partnerReferenceNo, and answers within ten seconds. 2006000 paid: hand over the goods (`isSettled` N: the money is spendable when its network settles). 2026000 not known yet: do not charge again, ask 61; it is known by `definiteBy` at the latest. Anything else: not charged. `scannerInfo.deviceId` names the till.",
    },
    id: {
      title: 'Pembayaran QRIS kode pembeli',
      text: 'Kasir merchant milik mitra memindai kode yang ditunjukkan nasabah bank mana pun: menagih sekali per partnerReferenceNo dan menjawab dalam sepuluh detik. 2006000 dibayar: barang boleh diserahkan (`isSettled` N: dana dapat dipakai setelah penyelesaian jaringan). 2026000 belum diketahui: jangan tagih lagi, tanyakan 61; paling lambat diketahui pada `definiteBy`. Selain itu: tidak ditagih. `scannerInfo.deviceId` menyebut kasirnya.',
    },
    request: {
      partnerReferenceNo: OURS,
      qrContent: 'hQVDUFYwMWEzTwegAAAGAiAgUAdRUklTQ1BNWgqTYAAJAAAAAAGPYxOfdBAAAQIDBAUGBwgJCgsMDQ4P',
      amount: idr('20000.00'),
      merchantId: 'mer_demo1',
      scannerInfo: { deviceId: 'A01' },
    },
    answer: {
      referenceNo: reference,
      partnerReferenceNo: reference,
      transactionDate: instant,
      amount: AMOUNT_SCHEMA,
      additionalInfo: { type: 'object' },
    },
    optional: ['additionalInfo'],
    answerExample: {
      referenceNo: PAYMENT,
      partnerReferenceNo: OURS,
      transactionDate: AT,
      amount: idr('20000.00'),
      additionalInfo: INFO,
    },
    cases: [
      'inProgress',
      'invalidMerchant',
      'invalidTerminal',
      'invalidAmount',
      'invalidAccount',
      'inactiveAccount',
      'insufficientFunds',
      'accountLimit',
      'aboveLimit',
      'tooManyActivities',
      'bankNotSupported',
      'doNotHonor',
      'notAtThisTime',
      'notPermitted',
      'cancelled',
      'inconsistent',
    ],
  },
  '61': {
    en: {
      title: 'QRIS shown code, status',
      text: 'What became of a code that a till scanned: 00 paid, 01 to 03 not known yet (known by `definiteBy`), 04 all refunded, 06 not charged.',
    },
    id: {
      title: 'Status QRIS kode pembeli',
      text: 'Hasil kode yang dipindai kasir: 00 dibayar, 01 sampai 03 belum diketahui (diketahui paling lambat pada `definiteBy`), 04 dikembalikan seluruhnya, 06 tidak ditagih.',
    },
    request: { originalPartnerReferenceNo: OURS, serviceCode: '60', merchantId: 'mer_demo1' },
    answer: QR_DOCS['51'].answer,
    optional: QR_DOCS['51'].optional,
    answerExample: {
      ...NAMED,
      serviceCode: '60',
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      paidTime: AT,
      amount: idr('20000.00'),
      terminalId: 'A01',
      additionalInfo: INFO,
    },
    cases: ['transactionNotFound', 'invalidMerchant'],
  },
  '62': {
    ...QR_DOCS['77'],
    en: {
      title: 'QRIS shown code, cancel',
      text: 'A sale of the same WIB day, of which nothing was refunded, goes back whole, as a refund of its own: a payment that was approved at a till is never taken back by a message.',
    },
    id: {
      title: 'Batalkan QRIS kode pembeli',
      text: 'Penjualan hari yang sama (WIB) yang belum dikembalikan, dikembalikan seluruhnya sebagai refund tersendiri: pembayaran yang disetujui di kasir tidak pernah ditarik dengan pesan.',
    },
    request: { originalPartnerReferenceNo: OURS, merchantId: 'mer_demo1', reason: 'Pesanan batal' },
    answerExample: { ...NAMED, cancelTime: AT },
  },
  '80': {
    ...QR_DOCS['78'],
    en: { ...QR_DOCS['78'].en, title: 'QRIS shown code, refund' },
    id: { ...QR_DOCS['78'].id, title: 'Pengembalian QRIS kode pembeli' },
    request: {
      ...QR_DOCS['78'].request,
      originalPartnerReferenceNo: OURS,
      partnerRefundNo: 'RF-2',
    },
    answerExample: { ...QR_DOCS['78'].answerExample, ...NAMED, partnerRefundNo: 'RF-2' },
  },
};
