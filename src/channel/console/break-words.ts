/** What can be refused about a break, in the reader's language. */
import type { ProposalRefusal } from '../../reconcile/proposal.ts';
import { ASK_WORDS } from './words.ts';

type Words = { readonly title: string; readonly detail: string; readonly wayOut: string };

const RELOAD = { id: 'Muat ulang halaman.', en: 'Reload the page.' } as const;

export const BREAK_WORDS = {
  bad_signature: ASK_WORDS.bad_signature,
  same_person: ASK_WORDS.same_person,
  not_yours: ASK_WORDS.not_yours,
  not_found: {
    status: 404,
    id: { title: 'Tidak ditemukan', detail: 'Selisih ini tidak ada.', wayOut: RELOAD.id },
    en: { title: 'Not found', detail: 'There is no such break.', wayOut: RELOAD.en },
  },
  break_closed: {
    status: 409,
    id: { title: 'Sudah selesai', detail: 'Selisih ini sudah ditutup.', wayOut: RELOAD.id },
    en: { title: 'Already closed', detail: 'This break is closed.', wayOut: RELOAD.en },
  },
  break_changed: {
    status: 409,
    id: {
      title: 'Selisih berubah',
      detail: 'Nilainya atau usulannya berubah sejak Anda melihatnya. Tidak ada yang dibukukan.',
      wayOut: 'Muat ulang, lalu usulkan lagi.',
    },
    en: {
      title: 'The break changed',
      detail: 'Its amount or its proposal changed since you saw it. Nothing was posted.',
      wayOut: 'Reload and propose again.',
    },
  },
  already_open: {
    status: 409,
    id: {
      title: 'Sudah diusulkan',
      detail: 'Sebuah usulan menunggu orang kedua.',
      wayOut: 'Setujui atau minta pengusul menariknya.',
    },
    en: {
      title: 'Already proposed',
      detail: 'A proposal waits for a second person.',
      wayOut: 'Approve it, or ask its author to take it back.',
    },
  },
  not_proposed: {
    status: 409,
    id: {
      title: 'Sudah diputuskan',
      detail: 'Usulan ini tidak menunggu lagi.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'Already decided',
      detail: 'This proposal does not wait any more.',
      wayOut: RELOAD.en,
    },
  },
  account_refused: {
    status: 422,
    id: {
      title: 'Rekening tidak dapat dipakai',
      detail: 'Koreksi hanya antara dua rekening bank sendiri: penyelesaian, nostro, penampungan.',
      wayOut: 'Pilih dua rekening yang berbeda dari daftar.',
    },
    en: {
      title: 'Account cannot be used',
      detail:
        'A correction moves between two of the bank’s own accounts: settlement, nostro, suspense.',
      wayOut: 'Choose two different accounts of the list.',
    },
  },
  amount_above_break: {
    status: 422,
    id: {
      title: 'Nominal terlalu besar',
      detail: 'Koreksi tidak boleh melebihi nilai selisih.',
      wayOut: 'Isi nominal sampai nilai selisih.',
    },
    en: {
      title: 'Amount too large',
      detail: 'A correction is at most the amount of its break.',
      wayOut: 'Enter at most that amount.',
    },
  },
  posting_refused: {
    status: 409,
    id: {
      title: 'Buku besar menolak',
      detail: 'Pembukuan ditolak. Tidak ada yang dibukukan.',
      wayOut: 'Periksa rekening, lalu usulkan lagi.',
    },
    en: {
      title: 'The ledger refused',
      detail: 'The posting was refused. Nothing was posted.',
      wayOut: 'Check the accounts and propose again.',
    },
  },
  too_many_notes: {
    status: 409,
    id: {
      title: 'Catatan tidak tersimpan',
      detail: 'Selisih ini tidak ada, atau sudah memiliki 100 catatan.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'Note not kept',
      detail: 'There is no such break, or it has 100 notes.',
      wayOut: RELOAD.en,
    },
  },
} as const satisfies Record<
  ProposalRefusal,
  { readonly status: number; readonly id: Words; readonly en: Words }
>;
