/** The words for what lists of transfers refuse, in both languages. */
import type { ChangeRefusal, UploadRefusal } from '../../bulk/port.ts';
import { SAFE, type ProblemKind } from './refusal.ts';

/** Exhaustive but for what the channel and the engine have words for. */
export const BULK_REFUSALS = {
  file_empty: {
    status: 422,
    field: 'file',
    id: {
      title: 'Berkas ini tidak berisi baris.',
      wayOut: 'Isi satu baris untuk setiap penerima.',
    },
    en: { title: 'This file holds no rows.', wayOut: 'Give one row for each payee.' },
  },
  file_header: {
    status: 422,
    field: 'file',
    id: {
      title: 'Baris pertama bukan judul kolom yang diminta.',
      wayOut: 'Baris pertama harus: bank,account,name,amount,remark.',
    },
    en: {
      title: 'The first line is not the head that is asked for.',
      wayOut: 'The first line must be: bank,account,name,amount,remark.',
    },
  },
  file_malformed: {
    status: 422,
    field: 'file',
    id: {
      title: 'Berkas ini tidak dapat dibaca sebagai CSV.',
      wayOut: 'Periksa tanda kutip pada baris yang disebut, lalu unggah lagi.',
    },
    en: {
      title: 'This file cannot be read as CSV.',
      wayOut: 'Check the quotes in the named line, then upload it again.',
    },
  },
  file_too_long: {
    status: 422,
    field: 'file',
    id: {
      title: 'Berkas ini berisi lebih banyak baris daripada yang disepakati.',
      wayOut: 'Bagi menjadi beberapa berkas.',
    },
    en: {
      title: 'This file has more rows than was agreed.',
      wayOut: 'Divide it into several files.',
    },
  },
  bulk_not_agreed: {
    status: 403,
    id: {
      title: 'Transfer massal belum disepakati untuk Anda.',
      wayOut: 'Hubungi cabang Anda. Transfer satu per satu tetap dapat dilakukan.',
    },
    en: {
      title: 'Bulk transfers are not agreed for you.',
      wayOut: 'Contact your branch. Single transfers remain possible.',
    },
  },
  too_many_bulks: {
    status: 409,
    id: {
      title: 'Sepuluh daftar Anda belum selesai.',
      wayOut: 'Batalkan atau selesaikan satu, lalu unggah lagi.',
    },
    en: {
      title: 'Ten of your lists are not over yet.',
      wayOut: 'Cancel or finish one, then upload again.',
    },
  },
  bulk_not_ready: {
    status: 409,
    id: {
      title: 'Daftar ini masih diperiksa.',
      wayOut: `Tunggu sampai semua baris diperiksa. ${SAFE.id}`,
    },
    en: {
      title: 'This list is still being checked.',
      wayOut: `Wait until all rows are checked. ${SAFE.en}`,
    },
  },
  bulk_over: {
    status: 409,
    id: {
      title: 'Daftar ini sudah berjalan atau berakhir.',
      wayOut: 'Muat ulang untuk melihat keadaannya.',
    },
    en: {
      title: 'This list already runs or is over.',
      wayOut: 'Reload to see how it stands.',
    },
  },
} as const satisfies Readonly<
  Record<Exclude<UploadRefusal | ChangeRefusal, 'not_found' | 'key_conflict'>, ProblemKind>
>;
