/** The words of a merchant's own page, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  title: 'Toko',
  empty: 'Belum ada toko',
  emptyWhy:
    'Pedagang yang menerima QRIS lewat bank kami dan dananya masuk ke rekening Anda tampil di sini.',
  today: 'Hari ini',
  sold: 'Penjualan',
  count: (n: number) => `${n} pembayaran`,
  discount: 'Biaya QRIS (MDR)',
  refunded: 'Direfund',
  pending: 'Menunggu masuk',
  pendingHelp: (n: number) =>
    `${n} pembayaran dari bank lain. Barang boleh diserahkan; dana masuk setelah penyelesaian antarbank, paling cepat besok.`,
  account: 'Masuk ke rekening',
  nmid: 'NMID',
  codes: 'Kode QRIS cetak',
  codeOf: (terminal: string) => `Terminal ${terminal}`,
  codeAlt: (name: string, terminal: string) => `Kode QRIS ${name}, terminal ${terminal}`,
  print: 'Cetak kode',
  printLead: 'Pindai untuk membayar dengan aplikasi apa pun yang menerima QRIS.',
  sales: 'Pembayaran masuk',
  salesWithin: (days: number) => `${days} hari terakhir, dapat direfund selama itu.`,
  noSales: 'Belum ada pembayaran.',
  newest: 'Hanya yang terbaru ditampilkan.',
  states: {
    settled: 'Sudah masuk',
    pending: 'Menunggu masuk',
    checking: 'Sedang dipastikan',
    failed: 'Tidak jadi',
  },
  given: (amount: string) => `direfund ${amount}`,
  refund: 'Refund',
  refundTitle: 'Refund ke pembayar',
  refundLead: (left: string) => `Paling banyak ${left}. Biaya QRIS kembali sebanding.`,
  refundPending:
    'Dana penjualan ini belum masuk. Refund diambil sekarang dari saldo rekening toko; biaya QRIS dihitung dari sisanya.',
  amount: 'Nominal refund',
  all: 'Semua',
  reason: 'Alasan',
  reasonHint: 'Pembayar membaca nama toko dan nominal, bukan alasannya.',
  give: (amount: string) => `Refund ${amount}`,
  amountRule: 'Isi nominal yang tidak lebih dari sisa penjualan.',
  done: (amount: string) => `${amount} direfund.`,
  onItsWay: 'Refund sedang diproses. Jangan diulangi.',
  unsure: 'Belum pasti apakah refund tercatat',
  unsureWhy: 'Tekan lagi: permintaan yang sama tidak pernah dibukukan dua kali.',
  again: 'Periksa lagi',
  keep: 'Jangan refund',
};

type ShopWords = typeof ID;

const EN: ShopWords = {
  title: 'Shop',
  empty: 'No shop yet',
  emptyWhy:
    'Merchants that take QRIS through our bank and whose money goes to an account of yours appear here.',
  today: 'Today',
  sold: 'Sales',
  count: (n) => `${n} ${n === 1 ? 'payment' : 'payments'}`,
  discount: 'QRIS fee (MDR)',
  refunded: 'Refunded',
  pending: 'On its way',
  pendingHelp: (n) =>
    `${n} ${n === 1 ? 'payment' : 'payments'} from other banks. Goods may be handed over; the money arrives after the banks have settled, tomorrow at the earliest.`,
  account: 'Goes to account',
  nmid: 'NMID',
  codes: 'Printed QRIS codes',
  codeOf: (terminal) => `Terminal ${terminal}`,
  codeAlt: (name, terminal) => `QRIS code of ${name}, terminal ${terminal}`,
  print: 'Print code',
  printLead: 'Scan to pay with any app that takes QRIS.',
  sales: 'Payments received',
  salesWithin: (days) => `The last ${days} days; they can be refunded for that long.`,
  noSales: 'No payment yet.',
  newest: 'Only the newest are shown.',
  states: {
    settled: 'Received',
    pending: 'On its way',
    checking: 'Being checked',
    failed: 'Did not happen',
  },
  given: (amount) => `${amount} refunded`,
  refund: 'Refund',
  refundTitle: 'Refund to the payer',
  refundLead: (left) => `At most ${left}. The QRIS fee comes back in proportion.`,
  refundPending:
    'The money of this sale has not arrived. The refund is taken now from the shop’s balance; the QRIS fee is taken of what is left.',
  amount: 'Amount to refund',
  all: 'All of it',
  reason: 'Reason',
  reasonHint: 'The payer reads the shop’s name and the amount, not the reason.',
  give: (amount) => `Refund ${amount}`,
  amountRule: 'Enter an amount that is not more than what is left of the sale.',
  done: (amount) => `${amount} refunded.`,
  onItsWay: 'The refund is in progress. Do not repeat it.',
  unsure: 'It is not certain yet whether the refund was recorded',
  unsureWhy: 'Press again: the same request is never booked twice.',
  again: 'Check again',
  keep: 'Do not refund',
};

/** By language. */
export const SHOP_WORDS: Readonly<Record<Language, ShopWords>> = { id: ID, en: EN };
