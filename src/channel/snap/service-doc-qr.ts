/** What the document says of the services of QRIS codes. */
import { AMOUNT_SCHEMA, idr, textSchema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);
/** V2 of domain.md 1.11: a merchant of another bank asks for Rp125.000. */
const CONTENT =
  '00020101021226720019ID.CO.CONTOHBNI.WWW0119936000091234567890302150000000000004560303UME51440014ID.CO.QRIS.WWW0215ID10200000004560303UME5204541153033605409125000.005802ID5921TOKO SINTETIS MANDIRI6007BANDUNG61054011162430115INV2026080100010513REF00000000010703K026304209F';

/** Services 47 and 48. */
export const QR_DOCS: Readonly<Record<'47' | '48', ServiceDoc>> = {
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
};
