/** The words of showing a code that do not come from the server, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  title: 'Tunjukkan kode',
  way: 'Cara memakai QRIS',
  scan: 'Baca kode',
  show: 'Tunjukkan kode',
  receive: 'Terima',
  intro:
    'Kasir memindai kode di layar Anda, lalu uangnya langsung dibayar sampai batas yang Anda tentukan.',
  limit: 'Batas kode',
  limitHint: (max: string) => `Kasir tidak bisa mengambil lebih dari ini. Paling banyak ${max}.`,
  limitRule: 'Isi batas lebih dari nol.',
  make: 'Buat kode',
  making: 'Membuat kode.',
  codeLabel: (limit: string, until: string) =>
    `Kode QRIS Anda untuk kasir. Batas ${limit}. Berlaku sekali, sampai ${until}.`,
  upTo: 'Batas',
  left: (seconds: number) => `Berlaku ${seconds} detik lagi`,
  once: 'Kode ini hanya untuk satu kali bayar. Jangan kirim fotonya ke siapa pun.',
  from: 'Dari rekening',
  end: 'Batalkan kode',
  renew: 'Buat kode baru',
  refused: (amount: string) => `Kasir meminta ${amount}.`,
  expired: 'Kode sudah tidak berlaku.',
  expiredWhy:
    'Belum ada yang dibayar dan tidak ada uang yang keluar. Buat kode baru bila masih di kasir.',
  cancelled: 'Kode dibatalkan.',
  cancelledWhy: 'Tidak ada uang yang keluar.',
  triedTooOften: 'Kode ditutup setelah beberapa kali ditolak.',
  triedTooOftenWhy:
    'Tidak ada uang yang keluar. Periksa nominalnya dengan kasir, lalu buat kode baru.',
  noNews: 'Kami belum mendapat kabar dari bank.',
  noNewsWhy:
    'Kode di layar tetap bisa dipindai. Bila sudah dipindai, lihat hasilnya di Riwayat sebelum membayar lagi.',
  unsure: 'Waktu kode habis, dan belum ada kabar dari bank.',
  unsureWhy: 'Jangan bayar lagi sebelum melihat Riwayat: kode mungkin sudah dibayar.',
  history: 'Lihat Riwayat',
  paid: 'Sudah dibayar.',
};

const EN: typeof ID = {
  title: 'Show a code',
  way: 'What to do by QRIS',
  scan: 'Read a code',
  show: 'Show a code',
  receive: 'Receive',
  intro:
    'The till scans the code on your screen and is paid at once, up to the limit that you set.',
  limit: 'Limit of the code',
  limitHint: (max) => `The till cannot take more than this. At most ${max}.`,
  limitRule: 'Enter a limit above zero.',
  make: 'Make a code',
  making: 'Making the code.',
  codeLabel: (limit, until) =>
    `Your QRIS code for the till. Limit ${limit}. Good once, until ${until}.`,
  upTo: 'Limit',
  left: (seconds) => `Good for ${seconds} more seconds`,
  once: 'This code pays once. Send a picture of it to nobody.',
  from: 'From account',
  end: 'Cancel the code',
  renew: 'Make a new code',
  refused: (amount) => `The till asked for ${amount}.`,
  expired: 'The code has expired.',
  expiredWhy: 'Nothing was paid and no money left. Make a new code if you are still at the till.',
  cancelled: 'The code was cancelled.',
  cancelledWhy: 'No money left.',
  triedTooOften: 'The code was closed after several refusals.',
  triedTooOftenWhy: 'No money left. Check the amount with the till, then make a new code.',
  noNews: 'We have no news from the bank yet.',
  noNewsWhy:
    'The code on the screen can still be scanned. If it was, look into History before you pay again.',
  unsure: 'The code’s time is over, and there is no news from the bank.',
  unsureWhy: 'Do not pay again before you looked into History: the code may have paid.',
  history: 'See History',
  paid: 'Paid.',
};

/** All of it. */
export const PRESENTED_WORDS: Readonly<Record<Language, typeof ID>> = { id: ID, en: EN };
