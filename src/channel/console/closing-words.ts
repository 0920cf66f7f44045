/** Why an incident is not closed, in both languages. */
import type { ClosingRefusal } from '../../incident/closing.ts';
import type { Language } from './words.ts';

type Words = { readonly title: string; readonly detail: string; readonly wayOut: string };

/** By reason. */
export const CLOSING_WORDS: Readonly<Record<ClosingRefusal, Readonly<Record<Language, Words>>>> = {
  not_open: {
    id: {
      title: 'Insiden tidak terbuka',
      detail: 'Insiden ini sudah ditutup atau tidak ada.',
      wayOut: 'Muat ulang halaman.',
    },
    en: {
      title: 'Incident not open',
      detail: 'This incident is closed, or there is none.',
      wayOut: 'Reload the page.',
    },
  },
  restricted: {
    id: {
      title: 'Pembatasan masih berlaku',
      detail: 'Satu atau lebih pembatasan dari insiden ini belum dilepas.',
      wayOut: 'Lepaskan dulu di ruang Pemulihan.',
    },
    en: {
      title: 'Still restricted',
      detail: 'One or more restrictions of this incident are not released.',
      wayOut: 'Release them first in the room Recovery.',
    },
  },
  breaks_open: {
    id: {
      title: 'Selisih belum selesai',
      detail: 'Masih ada selisih dari insiden ini yang belum dijelaskan.',
      wayOut: 'Selesaikan dulu di ruang Pencocokan.',
    },
    en: {
      title: 'Breaks are open',
      detail: 'A break of this incident has no explanation yet.',
      wayOut: 'End it first in the room Match.',
    },
  },
  same_person: {
    id: {
      title: 'Perlu orang kedua',
      detail: 'Anda yang menulis laporannya; orang lain yang harus menyetujui.',
      wayOut: 'Minta rekan yang berwenang.',
    },
    en: {
      title: 'A second person is needed',
      detail: 'You wrote the report; somebody else must agree.',
      wayOut: 'Ask an authorised colleague.',
    },
  },
  not_asked: {
    id: {
      title: 'Laporan sudah berubah',
      detail: 'Laporan yang Anda baca sudah diganti atau sudah disetujui.',
      wayOut: 'Muat ulang halaman dan baca yang terbaru.',
    },
    en: {
      title: 'The report has changed',
      detail: 'The report that you read was replaced or agreed to.',
      wayOut: 'Reload the page and read the new one.',
    },
  },
};
