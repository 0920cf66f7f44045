/** What can be refused about an entry of treasury, in the reader's language. */
import type { TreasuryRefusal } from '../../reconcile/treasury.ts';
import { ASK_WORDS } from './words.ts';

type Words = { readonly title: string; readonly detail: string; readonly wayOut: string };

const RELOAD = { id: 'Muat ulang halaman.', en: 'Reload the page.' } as const;

export const TREASURY_WORDS = {
  bad_signature: ASK_WORDS.bad_signature,
  same_person: ASK_WORDS.same_person,
  not_yours: ASK_WORDS.not_yours,
  not_found: {
    status: 404,
    id: { title: 'Tidak ditemukan', detail: 'Catatan dana ini tidak ada.', wayOut: RELOAD.id },
    en: { title: 'Not found', detail: 'There is no such entry.', wayOut: RELOAD.en },
  },
  not_proposed: {
    status: 409,
    id: {
      title: 'Sudah diputuskan',
      detail: 'Catatan dana ini tidak menunggu lagi.',
      wayOut: RELOAD.id,
    },
    en: {
      title: 'Already decided',
      detail: 'This entry does not wait any more.',
      wayOut: RELOAD.en,
    },
  },
  reference_known: {
    status: 409,
    id: {
      title: 'Referensi sudah dicatat',
      detail: 'Perpindahan dana dengan referensi ini sudah dicatat. Tidak ada yang dibukukan lagi.',
      wayOut: 'Periksa referensinya, atau lihat daftar di bawah.',
    },
    en: {
      title: 'Reference is known',
      detail: 'A movement with this reference is entered already. Nothing was posted again.',
      wayOut: 'Check the reference, or see the list below.',
    },
  },
  posting_refused: {
    status: 409,
    id: {
      title: 'Buku besar menolak',
      detail: 'Pembukuan ditolak. Tidak ada yang dibukukan.',
      wayOut: 'Periksa rekening nostro, lalu coba lagi.',
    },
    en: {
      title: 'The ledger refused',
      detail: 'The posting was refused. Nothing was posted.',
      wayOut: 'Check the nostro accounts and try again.',
    },
  },
} as const satisfies Record<
  TreasuryRefusal,
  { readonly status: number; readonly id: Words; readonly en: Words }
>;
