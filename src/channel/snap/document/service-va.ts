/** What the document says of virtual accounts (24 to 27). */
import { idr, type Schema, type ServiceDoc } from './service-schema.ts';

const free: Schema = { type: 'object' };
const AT = '2026-08-01T10:00:00+07:00';

/** The entries. */
export const VA_DOCS = {
  '24': {
    en: {
      title: 'Virtual account: inquiry',
      text: 'What a bill of our corporate customer asks now. For partners with a bill channel.',
    },
    id: {
      title: 'Virtual account: inquiry',
      text: 'Yang ditagih sekarang oleh nasabah korporasi kami. Untuk mitra kanal tagihan.',
    },
    request: {
      partnerServiceId: '      77',
      customerNo: '000001',
      virtualAccountNo: '      77000001',
      inquiryRequestId: 'i-1',
    },
    answer: { virtualAccountData: free },
    optional: [],
    answerExample: {
      virtualAccountData: {
        inquiryStatus: '00',
        inquiryReason: { english: 'Success', indonesia: 'Sukses' },
        partnerServiceId: '      77',
        customerNo: '000001',
        virtualAccountNo: '      77000001',
        inquiryRequestId: 'i-1',
        virtualAccountName: 'SISWA SATU',
        totalAmount: idr('150000.00'),
        billDetails: [],
        virtualAccountTrxType: 'C',
        feeAmount: idr('0.00'),
      },
    },
    cases: ['invalidBill', 'paidBill', 'expiredBill'],
  },
  '25': {
    en: {
      title: 'Virtual account: payment',
      text: 'Pays once per paymentRequestId, for ever; a repeat (flagAdvise) gets the very first answer.',
    },
    id: {
      title: 'Virtual account: pembayaran',
      text: 'Membayar sekali per paymentRequestId, selamanya; pengulangan (flagAdvise) mendapat jawaban pertama.',
    },
    request: {
      partnerServiceId: '      77',
      customerNo: '000001',
      virtualAccountNo: '      77000001',
      paymentRequestId: 'i-1',
      paidAmount: idr('150000.00'),
      trxDateTime: AT,
      flagAdvise: 'N',
    },
    answer: { virtualAccountData: free },
    optional: [],
    answerExample: {
      virtualAccountData: {
        paymentFlagReason: { english: 'Success', indonesia: 'Sukses' },
        partnerServiceId: '      77',
        customerNo: '000001',
        virtualAccountNo: '      77000001',
        trxDateTime: AT,
        paymentRequestId: 'i-1',
        paidAmount: idr('150000.00'),
        totalAmount: idr('150000.00'),
        referenceNo: 'vap_01K1J5V8Q0000000000000000A',
        paymentFlagStatus: '00',
      },
    },
    cases: [
      'invalidBill',
      'invalidAmount',
      'paidBill',
      'expiredBill',
      'inconsistent',
      'invalidStatus',
      'insufficientFunds',
      'notAtThisTime',
      'doNotHonor',
      'inactiveAccount',
      'aboveLimit',
      'accountLimit',
      'tooManyActivities',
    ],
  },
  '26': {
    en: {
      title: 'Virtual account: status',
      text: 'What became of a payment. Not found is not proof of failure before your cut-off.',
    },
    id: {
      title: 'Virtual account: status',
      text: 'Hasil suatu pembayaran. Tidak ditemukan belum berarti gagal sebelum batas waktu Anda.',
    },
    request: {
      partnerServiceId: '      77',
      customerNo: '000001',
      virtualAccountNo: '      77000001',
      paymentRequestId: 'i-1',
    },
    answer: { virtualAccountData: free },
    optional: [],
    answerExample: {
      virtualAccountData: {
        paymentFlagReason: { english: 'Success', indonesia: 'Sukses' },
        partnerServiceId: '      77',
        customerNo: '000001',
        virtualAccountNo: '      77000001',
        paymentRequestId: 'i-1',
        paidAmount: idr('150000.00'),
        referenceNo: 'vap_01K1J5V8Q0000000000000000A',
        paymentFlagStatus: '00',
        transactionDate: AT,
      },
    },
    cases: ['transactionNotFound'],
  },
  '27': {
    en: {
      title: 'Virtual account: create',
      text: 'Makes a virtual account under your own service id.',
    },
    id: {
      title: 'Virtual account: buat',
      text: 'Membuat virtual account di bawah service id Anda.',
    },
    request: {
      partnerServiceId: '      77',
      customerNo: '000001',
      virtualAccountNo: '      77000001',
      virtualAccountName: 'SISWA SATU',
      trxId: 't-1',
      totalAmount: idr('150000.00'),
      virtualAccountTrxType: 'C',
      expiredDate: '2026-08-31T23:59:59+07:00',
    },
    answer: { virtualAccountData: free },
    optional: [],
    answerExample: {
      virtualAccountData: {
        partnerServiceId: '      77',
        customerNo: '000001',
        virtualAccountNo: '      77000001',
        virtualAccountName: 'SISWA SATU',
        trxId: 't-1',
        totalAmount: idr('150000.00'),
        virtualAccountTrxType: 'C',
        expiredDate: '2026-08-31T23:59:59+07:00',
      },
    },
    cases: ['notPermitted', 'invalidAmount'],
  },
} as const satisfies Readonly<Record<string, ServiceDoc>>;
