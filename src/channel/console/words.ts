/** The console API's own sentences: problems, in the reader's language. */
import type { AskRefusal } from '../../recovery/ask.ts';

export type Language = 'id' | 'en';
type Words = { readonly title: string; readonly detail: string; readonly wayOut: string };

/** What went wrong with asking for or approving a release. */
export const ASK_WORDS = {
  bad_signature: {
    status: 403,
    id: {
      title: 'Tanda tangan ditolak',
      detail: 'Kata sandi salah, atau kunci Anda tidak terdaftar.',
      wayOut: 'Periksa kata sandi Anda.',
    },
    en: {
      title: 'Signature refused',
      detail: 'The password is wrong, or your key is not on the roster.',
      wayOut: 'Check your password.',
    },
  },
  not_restricted: {
    status: 404,
    id: {
      title: 'Tidak ada pembatasan',
      detail: 'Pembatasan ini sudah tidak berlaku.',
      wayOut: 'Muat ulang halaman.',
    },
    en: {
      title: 'No restriction',
      detail: 'This restriction is not in force any more.',
      wayOut: 'Reload the page.',
    },
  },
  not_narrower: {
    status: 409,
    id: {
      title: 'Bukan bagian dari pembatasan ini',
      detail: 'Cakupan yang baru harus lebih sempit dari yang berlaku.',
      wayOut: 'Muat ulang halaman.',
    },
    en: {
      title: 'Not a part of this restriction',
      detail: 'The new scope must be narrower than the one in force.',
      wayOut: 'Reload the page.',
    },
  },
  already_open: {
    status: 409,
    id: {
      title: 'Sudah diajukan',
      detail: 'Pelepasan untuk pembatasan ini sedang berjalan.',
      wayOut: 'Lanjutkan yang sudah ada.',
    },
    en: {
      title: 'Already asked',
      detail: 'A release of this restriction is under way.',
      wayOut: 'Go on with that one.',
    },
  },
  not_found: {
    status: 404,
    id: {
      title: 'Tidak ditemukan',
      detail: 'Pelepasan ini tidak ada.',
      wayOut: 'Muat ulang halaman.',
    },
    en: { title: 'Not found', detail: 'There is no such release.', wayOut: 'Reload the page.' },
  },
  not_proposed: {
    status: 409,
    id: {
      title: 'Sudah diputuskan',
      detail: 'Pelepasan ini tidak menunggu persetujuan lagi.',
      wayOut: 'Muat ulang halaman.',
    },
    en: {
      title: 'Already decided',
      detail: 'This release does not wait for approval any more.',
      wayOut: 'Reload the page.',
    },
  },
  same_person: {
    status: 403,
    id: {
      title: 'Perlu orang kedua',
      detail: 'Anda yang mengajukan; orang lain yang harus menyetujui.',
      wayOut: 'Minta rekan yang berwenang.',
    },
    en: {
      title: 'A second person is needed',
      detail: 'You asked for it; somebody else must approve.',
      wayOut: 'Ask an authorised colleague.',
    },
  },
  not_yours: {
    status: 403,
    id: {
      title: 'Bukan pengajuan Anda',
      detail: 'Hanya pengaju yang dapat menariknya.',
      wayOut: 'Hubungi pengaju.',
    },
    en: {
      title: 'Not your request',
      detail: 'Only its author can take it back.',
      wayOut: 'Ask the author.',
    },
  },
} as const satisfies Record<
  AskRefusal,
  { readonly status: number; readonly id: Words; readonly en: Words }
>;

/** Everything else that can be refused. */
export const CONSOLE_WORDS = {
  merchant_not_found: {
    status: 404,
    id: {
      title: 'Tidak ditemukan',
      detail: 'Pedagang atau terminal ini tidak ada.',
      wayOut: 'Kembali ke daftar pedagang.',
    },
    en: {
      title: 'Not found',
      detail: 'There is no such merchant or terminal.',
      wayOut: 'Go back to the list of merchants.',
    },
  },
  signin_refused: {
    status: 401,
    id: {
      title: 'Tidak dapat masuk',
      detail: 'Nama pengguna atau kata sandi salah, atau akses terkunci 15 menit.',
      wayOut: 'Coba lagi atau hubungi admin.',
    },
    en: {
      title: 'Cannot sign in',
      detail: 'Wrong user name or password, or access is locked for 15 minutes.',
      wayOut: 'Try again or ask an administrator.',
    },
  },
  not_allowed: {
    status: 403,
    id: {
      title: 'Tidak berwenang',
      detail: 'Peran Anda tidak dapat melakukan ini.',
      wayOut: 'Minta rekan yang berwenang.',
    },
    en: {
      title: 'Not allowed',
      detail: 'Your role cannot do this.',
      wayOut: 'Ask an authorised colleague.',
    },
  },
  password_wrong: {
    status: 403,
    id: {
      title: 'Kata sandi salah',
      detail: 'Tidak ada yang berubah.',
      wayOut: 'Periksa kata sandi Anda.',
    },
    en: {
      title: 'Wrong password',
      detail: 'Nothing has changed.',
      wayOut: 'Check your password.',
    },
  },
  confirm_needed: {
    status: 409,
    id: {
      title: 'Ketik untuk memastikan',
      detail: 'Cakupan ini luas. Ketik nama layanan untuk memastikan.',
      wayOut: 'Ketik persis seperti tertulis.',
    },
    en: {
      title: 'Type to confirm',
      detail: 'This scope is wide. Type the name of the service to confirm.',
      wayOut: 'Type it exactly as written.',
    },
  },
  malformed: {
    status: 400,
    id: {
      title: 'Isian tidak sah',
      detail: 'Ada isian yang kosong atau salah bentuk.',
      wayOut: 'Perbaiki isian yang ditandai.',
    },
    en: {
      title: 'Not valid',
      detail: 'A field is empty or has the wrong form.',
      wayOut: 'Correct the field that is marked.',
    },
  },
  internal: {
    status: 500,
    id: {
      title: 'Ada gangguan di sistem kami',
      detail: 'Hasilnya belum pasti.',
      wayOut: 'Muat ulang sebelum mengulang.',
    },
    en: {
      title: 'Something went wrong on our side',
      detail: 'The result is not certain.',
      wayOut: 'Reload before you try again.',
    },
  },
} as const satisfies Record<
  string,
  { readonly status: number; readonly id: Words; readonly en: Words }
>;

/** What went wrong with acknowledging an alarm from outside. */
export const EXTERNAL_WORDS = {
  not_open: {
    status: 409,
    id: {
      title: 'Tidak ada yang menunggu',
      detail: 'Peringatan ini tidak ada, atau sudah ada yang membacanya.',
      wayOut: 'Muat ulang halaman.',
    },
    en: {
      title: 'Nothing waits here',
      detail: 'There is no such alarm, or somebody has read it.',
      wayOut: 'Reload the page.',
    },
  },
} as const satisfies Readonly<Record<string, { status: number; id: Words; en: Words }>>;
