/** The words of standing orders that do not come from the server, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  whenTitle: 'Kapan?',
  now: 'Sekarang',
  later: 'Terjadwal',
  planLater: 'Jadwalkan untuk nanti',
  repetition: 'Pengulangan',
  repetitions: { once: 'Sekali', weekly: 'Mingguan', monthly: 'Bulanan' },
  firstDate: 'Tanggal',
  firstDateRepeated: 'Mulai tanggal',
  firstDateHint: 'Paling cepat besok.',
  firstDateRule: 'Tanggal belum dipilih.',
  end: 'Berakhir',
  ends: { never: 'Sampai dibatalkan', until: 'Tanggal', times: 'Jumlah' },
  untilDate: 'Sampai tanggal',
  untilRule: 'Tanggal akhir belum dipilih.',
  times: 'Berapa kali',
  timesRule: 'Isi jumlah 1 sampai 520.',

  confirmTitle: 'Periksa transfer terjadwal',
  when: 'Kapan',
  firstDates: 'Tanggal terdekat',
  feeMax: 'Biaya paling tinggi',
  totalMax: 'Total paling tinggi, setiap kali',
  make: (amount: string) => `Jadwalkan ${amount}`,
  making: 'Sedang menyimpan. Jangan tutup halaman ini.',
  noAnswer: 'Belum ada jawaban dari bank',
  noAnswerWhy:
    'Masukkan PIN dan tekan sekali lagi: permintaan yang sama tidak pernah dibuat dua kali.',
  made: 'Transfer terjadwal dibuat',

  listTitle: 'Transfer terjadwal',
  empty: 'Belum ada transfer terjadwal',
  emptyWhy: 'Kirim uang rutin tanpa mengingat tanggalnya. Pilih Terjadwal saat membuat transfer.',
  makeOne: 'Buat transfer terjadwal',
  next: (date: string) => `Berikutnya ${date}`,

  detailTitle: 'Rincian transfer terjadwal',
  runs: 'Riwayat jadwal',
  noRuns: 'Belum ada tanggal yang tiba.',
  pause: 'Jeda',
  pauseTitle: 'Jeda transfer terjadwal?',
  pauseWhy:
    'Tidak ada yang dikirim selama dijeda, dan tanggal yang lewat tidak dikirim belakangan. Anda dapat melanjutkannya kapan saja.',
  paused: 'Transfer terjadwal dijeda',
  resume: 'Lanjutkan',
  resumeTitle: 'Lanjutkan transfer terjadwal?',
  resumeWhy: 'Dijalankan lagi mulai tanggal berikutnya. Tanggal yang sudah lewat tidak dikirim.',
  resumed: 'Transfer terjadwal dilanjutkan',
  cancel: 'Batalkan',
  cancelTitle: 'Batalkan transfer terjadwal?',
  cancelWhy:
    'Tidak ada lagi yang dikirim, dan ini tidak dapat dilanjutkan. Transfer yang sudah dijalankan tidak berubah.',
  cancelled: 'Transfer terjadwal dibatalkan',
  keep: 'Kembali',
  openOrder: 'Lihat transfer terjadwal',
};

type StandingWords = typeof ID;

const EN: StandingWords = {
  whenTitle: 'When?',
  now: 'Now',
  later: 'Scheduled',
  planLater: 'Schedule it for later',
  repetition: 'Repetition',
  repetitions: { once: 'Once', weekly: 'Weekly', monthly: 'Monthly' },
  firstDate: 'Date',
  firstDateRepeated: 'Starting on',
  firstDateHint: 'Tomorrow at the earliest.',
  firstDateRule: 'No date is chosen yet.',
  end: 'Ends',
  ends: { never: 'When cancelled', until: 'On a date', times: 'After' },
  untilDate: 'Until',
  untilRule: 'No end date is chosen yet.',
  times: 'How many times',
  timesRule: 'Enter a number from 1 to 520.',

  confirmTitle: 'Check the standing order',
  when: 'When',
  firstDates: 'First dates',
  feeMax: 'Fee at most',
  totalMax: 'Total at most, each time',
  make: (amount) => `Schedule ${amount}`,
  making: 'Saving. Do not close this page.',
  noAnswer: 'No answer from the bank yet',
  noAnswerWhy: 'Enter the PIN and press once more: the same request is never made twice.',
  made: 'Standing order made',

  listTitle: 'Standing orders',
  empty: 'No standing orders yet',
  emptyWhy:
    'Send money regularly without keeping dates in mind. Choose Scheduled when you make a transfer.',
  makeOne: 'Make a standing order',
  next: (date) => `Next on ${date}`,

  detailTitle: 'Standing order',
  runs: 'Dates so far',
  noRuns: 'No date has come yet.',
  pause: 'Pause',
  pauseTitle: 'Pause this standing order?',
  pauseWhy:
    'Nothing is sent while it is paused, and dates that pass are not sent later. You can resume it at any time.',
  paused: 'Standing order paused',
  resume: 'Resume',
  resumeTitle: 'Resume this standing order?',
  resumeWhy: 'It runs again from the next date on. Dates that have passed are not sent.',
  resumed: 'Standing order resumed',
  cancel: 'Cancel',
  cancelTitle: 'Cancel this standing order?',
  cancelWhy:
    'Nothing more is sent, and it cannot be resumed. Transfers that were made do not change.',
  cancelled: 'Standing order cancelled',
  keep: 'Back',
  openOrder: 'See standing order',
};

/** Every word; both languages have the same keys by type. */
export const STANDING_WORDS: Readonly<Record<Language, StandingWords>> = { id: ID, en: EN };
