/** What a company reads about its lists of transfers. Bahasa first. */
import { formatRupiah } from '../kernel/money.ts';
import { BULK_REASONS, type BulkReason } from './bulk-reason.ts';
import type { Language, MessageParams, MessageTemplate } from './template.ts';

type BulkTemplate = Extract<MessageTemplate, `bulk.${string}`>;
type Text = (params: MessageParams) => { readonly title: string; readonly body: string };

/** Why a list stands still, and what can be done. */
export const BULK_REASON_WORDS: Readonly<Record<Language, Readonly<Record<BulkReason, string>>>> = {
  id: {
    insufficient_funds: 'Saldo rekening asal tidak cukup. Tambah saldo, lalu lanjutkan.',
    above_daily_limit:
      'Batas transfer massal hari ini tercapai. Lanjutkan besok sebelum waktunya habis.',
    not_agreed: 'Perjanjian transfer massal dengan bank sudah berakhir. Hubungi kami.',
    no_valid_row: 'Tidak ada baris yang dapat dibayar. Perbaiki berkas, lalu unggah lagi.',
  },
  en: {
    insufficient_funds: 'The source account does not cover it. Add money, then go on.',
    above_daily_limit:
      'The limit of bulk transfers of today is reached. Go on tomorrow, before its time is up.',
    not_agreed: 'The agreement with the bank about bulk transfers has ended. Contact us.',
    no_valid_row: 'No row can be paid. Mend the file, then upload it again.',
  },
};

const why = (params: MessageParams, language: Language): string => {
  const known = (BULK_REASONS as readonly string[]).includes(params.reason ?? '');
  return known ? ` ${BULK_REASON_WORDS[language][params.reason as BulkReason]}` : '';
};
const rows = (count: string | undefined): string => count ?? '0';
const money = ({ amountSen }: MessageParams): string => formatRupiah(BigInt(amountSen));

/** Words by language and template. `count` rows, `leftCount` rows that were left out. */
export const BULK_TEXTS: Readonly<Record<Language, Readonly<Record<BulkTemplate, Text>>>> = {
  id: {
    'bulk.ready': (p) => ({
      title: p.count === '0' ? 'Daftar tidak dapat dibayar' : 'Daftar siap disetujui',
      body: `Transfer massal ${p.name}: ${rows(p.count)} baris senilai ${money(p)} dapat dibayar, ${rows(p.leftCount)} baris bermasalah dan tidak ikut.${why(p, 'id') || ' Periksa dan setujui di Lainnya, Transfer massal. Belum ada uang yang keluar.'} No. referensi ${p.reference}.`,
    }),
    'bulk.paused': (p) => ({
      title: 'Transfer massal berhenti sementara',
      body: `Transfer massal ${p.name} berhenti sementara.${why(p, 'id')} Baris yang belum dibayar tetap di rekening Anda. No. referensi ${p.reference}.`,
    }),
    'bulk.done': (p) => ({
      title: 'Transfer massal selesai diproses',
      body: `Transfer massal ${p.name}: ${rows(p.count)} baris senilai ${money(p)} sudah didebit dan diteruskan, ${rows(p.leftCount)} baris tidak dibayar. Yang tidak berhasil kami kabari dan dananya kembali. Hasil tiap baris ada di Lainnya, Transfer massal. No. referensi ${p.reference}.`,
    }),
  },
  en: {
    'bulk.ready': (p) => ({
      title: p.count === '0' ? 'The list cannot be paid' : 'The list is ready to be agreed to',
      body: `Bulk transfer ${p.name}: ${rows(p.count)} rows worth ${money(p)} can be paid, ${rows(p.leftCount)} rows are faulty and left out.${why(p, 'en') || ' Check and agree under More, Bulk transfers. No money has left.'} Reference ${p.reference}.`,
    }),
    'bulk.paused': (p) => ({
      title: 'Bulk transfer paused',
      body: `Bulk transfer ${p.name} is paused.${why(p, 'en')} What was not paid is still in your account. Reference ${p.reference}.`,
    }),
    'bulk.done': (p) => ({
      title: 'Bulk transfer carried out',
      body: `Bulk transfer ${p.name}: ${rows(p.count)} rows worth ${money(p)} were debited and passed on, ${rows(p.leftCount)} rows were not paid. What does not succeed comes back and you are told. What became of each row is under More, Bulk transfers. Reference ${p.reference}.`,
    }),
  },
};

/** True for a message about a list. */
export function isBulk(template: MessageTemplate): template is BulkTemplate {
  return template.startsWith('bulk.');
}
