/** The words for what standing orders refuse, in both languages. */
import type { MakeRefusal } from '../../standing/port.ts';
import type { ProblemKind } from './refusal.ts';

/** Exhaustive: a new reason does not compile until it has words. */
export const STANDING_REFUSALS = {
  date_invalid: {
    status: 422,
    field: 'firstDate',
    id: { title: 'Tanggal ini tidak ada.', wayOut: 'Pilih tanggal dari kalender.' },
    en: { title: 'There is no such date.', wayOut: 'Choose a date from the calendar.' },
  },
  date_not_ahead: {
    status: 422,
    field: 'firstDate',
    id: {
      title: 'Tanggal pertama paling cepat besok.',
      wayOut: 'Pilih besok atau sesudahnya. Untuk hari ini, pilih Sekarang.',
    },
    en: {
      title: 'The first date is tomorrow at the earliest.',
      wayOut: 'Choose tomorrow or later. For today, choose Now.',
    },
  },
  date_too_far: {
    status: 422,
    field: 'firstDate',
    id: {
      title: 'Tanggal pertama paling lama satu tahun lagi.',
      wayOut: 'Pilih tanggal yang lebih dekat.',
    },
    en: {
      title: 'The first date is one year ahead at most.',
      wayOut: 'Choose a nearer date.',
    },
  },
  end_invalid: {
    status: 422,
    field: 'end',
    id: {
      title: 'Akhir pengulangan belum benar.',
      wayOut: 'Isi jumlah 1 sampai 520 kali, atau tanggal yang tidak sebelum tanggal pertama.',
    },
    en: {
      title: 'The end of the repetition is not right yet.',
      wayOut: 'Enter 1 to 520 times, or a date that is not before the first date.',
    },
  },
  too_many_orders: {
    status: 409,
    id: {
      title: 'Anda sudah punya 20 transfer terjadwal.',
      wayOut: 'Batalkan satu yang tidak diperlukan lagi, lalu coba lagi.',
    },
    en: {
      title: 'You have 20 standing orders already.',
      wayOut: 'Cancel one that you no longer need, then try again.',
    },
  },
  order_over: {
    status: 409,
    id: {
      title: 'Transfer terjadwal ini sudah berakhir.',
      wayOut: 'Buat transfer terjadwal baru bila diperlukan.',
    },
    en: {
      title: 'This standing order is over.',
      wayOut: 'Make a new one if you need it.',
    },
  },
} as const satisfies Readonly<Record<MakeRefusal | 'order_over', ProblemKind>>;
