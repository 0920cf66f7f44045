/** What the document says of the service that takes alarms. */
import { textSchema, type ServiceDoc } from './service-schema.ts';

const reference = textSchema(64);

/** Of `/fraud/alarm`. */
export const ALARM_DOCS: Readonly<Record<'99', ServiceDoc>> = {
  '99': {
    en: {
      title: 'Fraud alarm',
      text: 'Tell us that something is wrong with a rail (bifast, switch, qris, biller). Our people see it at once; a rail that nobody looks after for ten minutes is slowed. The same partnerReferenceNo is the same alarm. Not a service of SNAP; send no names and no account numbers.',
    },
    id: {
      title: 'Peringatan fraud',
      text: 'Beri tahu kami bila ada yang tidak beres pada suatu layanan (bifast, switch, qris, biller). Petugas kami langsung melihatnya; layanan yang sepuluh menit tidak ditangani akan diperlambat. partnerReferenceNo yang sama adalah peringatan yang sama. Bukan layanan SNAP; jangan kirim nama dan nomor rekening.',
    },
    request: { partnerReferenceNo: 'FRD-2026-0222-1', rail: 'bifast' },
    answer: { referenceNo: reference, partnerReferenceNo: reference, rail: textSchema(10) },
    optional: [],
    answerExample: {
      referenceNo: 'xal_01K1J5V8Q0000000000000000A',
      partnerReferenceNo: 'FRD-2026-0222-1',
      rail: 'bifast',
    },
    cases: ['tooManyActivities', 'inconsistent'],
  },
};
