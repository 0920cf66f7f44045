/** What can be refused about merchants' requests and refunds at a branch, in the reader's language. */
import type { DeskRefusal } from '../../merchant/desk.ts';
import { ASK_WORDS, CONSOLE_WORDS } from './words.ts';

type Words = { readonly title: string; readonly detail: string; readonly wayOut: string };
type Problem = { readonly status: number; readonly id: Words; readonly en: Words };

const RELOAD = { id: 'Muat ulang halaman.', en: 'Reload the page.' } as const;

/** The ledger's own words: the merchant's account does not allow it. */
const ACCOUNT: Problem = {
  status: 409,
  id: {
    title: 'Rekening pedagang tidak dapat didebit',
    detail: 'Rekening ditutup, dibekukan, atau tidak ada. Tidak ada uang yang berpindah.',
    wayOut: 'Periksa rekeningnya, lalu ajukan lagi.',
  },
  en: {
    title: 'The merchant’s account cannot be debited',
    detail: 'It is closed, frozen, or not there. No money moved.',
    wayOut: 'Check the account, then ask again.',
  },
};
/** What no person at a counter can mend. */
const ODD: Problem = {
  status: 409,
  id: {
    title: 'Tidak dapat dijalankan',
    detail: 'Buku besar menolaknya. Tidak ada uang yang berpindah.',
    wayOut: 'Laporkan ke tim operasi dengan nomor pengajuannya.',
  },
  en: {
    title: 'Cannot be carried out',
    detail: 'The ledger refused it. No money moved.',
    wayOut: 'Tell operations the number of the request.',
  },
};
const LATER: Problem = {
  status: 503,
  id: {
    title: 'Belum dijalankan',
    detail: 'Sistem sedang sibuk. Belum ada uang yang berpindah.',
    wayOut: 'Setujui atau ajukan lagi sebentar lagi; hasilnya tetap satu kali.',
  },
  en: {
    title: 'Not carried out yet',
    detail: 'The system is busy. No money moved yet.',
    wayOut: 'Approve or ask again in a moment; it happens once.',
  },
};

/** Exhaustive: a new reason does not compile until it has words. */
export const DESK_WORDS: Readonly<Record<DeskRefusal, Problem>> = {
  merchant_not_found: CONSOLE_WORDS.merchant_not_found,
  same_person: ASK_WORDS.same_person,
  not_yours: ASK_WORDS.not_yours,
  not_found: {
    status: 404,
    id: { title: 'Tidak ditemukan', detail: 'Pengajuan ini tidak ada.', wayOut: RELOAD.id },
    en: { title: 'Not found', detail: 'There is no such request.', wayOut: RELOAD.en },
  },
  not_waiting: {
    status: 409,
    id: {
      title: 'Sudah diputuskan',
      detail: 'Pengajuan ini tidak menunggu lagi.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'Already decided',
      detail: 'This request does not wait any more.',
      wayOut: RELOAD.en,
    },
  },
  merchant_closed: {
    status: 409,
    id: { title: 'Sudah ditutup', detail: 'Pedagang ini sudah ditutup.', wayOut: RELOAD.id },
    en: { title: 'Closed already', detail: 'This merchant is closed.', wayOut: RELOAD.en },
  },
  nmid_taken: {
    status: 409,
    id: {
      title: 'NMID sudah terpakai',
      detail: 'Pedagang lain di bank kami memakai NMID ini.',
      wayOut: 'Periksa NMID dari repositori nasional.',
    },
    en: {
      title: 'This NMID is taken',
      detail: 'Another merchant of our bank has it.',
      wayOut: 'Check the NMID that the national repository gave.',
    },
  },
  key_taken: {
    status: 409,
    id: {
      title: 'Formulir ini sudah terkirim',
      detail: 'Isian lain sudah terkirim dari formulir yang sama.',
      wayOut: 'Tutup formulir dan mulai lagi.',
    },
    en: {
      title: 'This form was sent',
      detail: 'Something else was sent from the same form.',
      wayOut: 'Close the form and begin again.',
    },
  },
  sale_not_found: {
    status: 404,
    id: {
      title: 'Penjualan tidak ditemukan',
      detail: 'Bukan penjualan pedagang ini.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'Sale not found',
      detail: 'It is not one of this merchant.',
      wayOut: RELOAD.en,
    },
  },
  sale_not_made: {
    status: 409,
    id: {
      title: 'Penjualan ini tidak jadi',
      detail: 'Tidak ada uang yang dapat dikembalikan.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'This sale did not happen',
      detail: 'There is no money to give back.',
      wayOut: RELOAD.en,
    },
  },
  refund_window_over: {
    status: 409,
    id: {
      title: 'Batas waktu refund sudah lewat',
      detail: 'Penjualan ini terlalu lama untuk direfund.',
      wayOut: 'Pedagang dapat mengembalikannya dengan transfer biasa.',
    },
    en: {
      title: 'The time for a refund is over',
      detail: 'This sale is too old to be given back.',
      wayOut: 'The merchant can give it back with a transfer.',
    },
  },
  above_sale: {
    status: 422,
    id: {
      title: 'Lebih dari yang tersisa',
      detail: 'Semua refund bersama tidak boleh melebihi penjualannya.',
      wayOut: 'Kurangi nominalnya.',
    },
    en: {
      title: 'More than is left of the sale',
      detail: 'All refunds together cannot be more than the sale.',
      wayOut: 'Lower the amount.',
    },
  },
  insufficient_funds: {
    status: 409,
    id: {
      title: 'Saldo pedagang tidak cukup',
      detail: 'Refund diambil dari rekening pedagang. Tidak ada uang yang berpindah.',
      wayOut: 'Ajukan lagi setelah saldonya cukup.',
    },
    en: {
      title: 'The merchant lacks the money',
      detail: 'A refund is taken from the merchant’s account. No money moved.',
      wayOut: 'Ask again when the balance is enough.',
    },
  },
  restricted: {
    status: 409,
    id: {
      title: 'Sedang dibatasi',
      detail: 'Sebuah pembatasan menghentikan refund ini. Tidak ada uang yang berpindah.',
      wayOut: 'Lihat ruang Pembatasan.',
    },
    en: {
      title: 'Restricted now',
      detail: 'A restriction stops this refund. No money moved.',
      wayOut: 'See the room of restrictions.',
    },
  },
  throttled: LATER,
  busy: LATER,
  account_not_found: ACCOUNT,
  account_closed: ACCOUNT,
  account_frozen: ACCOUNT,
  refund_conflict: ODD,
  hold_not_found: ODD,
  hold_not_held: ODD,
  hold_expired: ODD,
  amount_above_hold: ODD,
  transfer_not_found: ODD,
  already_reversed: ODD,
  amount_above_transfer: ODD,
  same_account: ODD,
  amount_not_positive: ODD,
  amount_too_large: ODD,
  currency_not_supported: ODD,
  key_conflict: ODD,
};

/** Of a merchant to open: the account that its takings go to. */
export const SETTLEMENT_ACCOUNT: Problem = {
  status: 422,
  id: {
    title: 'Rekening tidak ditemukan',
    detail: 'Hasil penjualan hanya dapat masuk ke rekening nasabah kami yang belum ditutup.',
    wayOut: 'Periksa nomor rekeningnya.',
  },
  en: {
    title: 'Account not found',
    detail: 'Takings can only go to an account of a customer of ours that is not closed.',
    wayOut: 'Check the account number.',
  },
};
