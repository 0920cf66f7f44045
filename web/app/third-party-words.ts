/** The words of third-party access that do not come from the server, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  title: 'Akses pihak ketiga',
  listTitle: 'Akses pihak ketiga',
  empty: 'Belum ada pihak yang diberi akses',
  emptyWhy:
    'Bila Anda menghubungkan aplikasi atau layanan lain dengan rekening Anda, izinnya tampil di sini dan dapat dicabut kapan saja.',
  askTitle: 'Beri akses?',
  asks: (partner: string) => `${partner} meminta izin untuk rekening Anda.`,
  may: 'Yang diizinkan',
  mayNot: 'Yang tidak dapat dilakukan',
  accounts: 'Rekening mana?',
  accountsRule: 'Pilih sedikitnya satu rekening.',
  noAccounts: 'Anda tidak punya rekening yang dapat dipilih.',
  until: 'Berapa lama?',
  days: (count: number) => `${count} hari`,
  limitEach: 'Paling banyak sekali bayar',
  limitDay: 'Paling banyak sehari',
  limitsRule: 'Isi kedua batas; batas sehari tidak kurang dari batas sekali bayar.',
  limitsWhy: 'Di bawah batas ini pembayaran diambil tanpa PIN Anda, dan Anda dikabari setiap kali.',
  replacing: 'Izin sebelumnya berakhir',
  replacingWhy: 'Izin yang pernah Anda berikan kepada pihak ini diganti oleh izin yang baru.',
  check: 'Periksa izin',
  refuse: 'Tolak dan kembali',
  agreement: 'Persetujuan Anda',
  goPin: 'Setuju, lanjut ke PIN',
  pinTitle: 'Masukkan PIN untuk memberi akses',
  give: 'Beri akses',
  leaving: 'Izin tercatat. Anda dibawa kembali ke pihak itu.',
  brokenLink: 'Tautan ini tidak lengkap',
  brokenLinkWhy: 'Mulai lagi dari aplikasi atau situs pihak yang meminta akses.',
  validity: 'Masa berlaku',
  revoke: 'Cabut akses',
  revokeTitle: (partner: string) => `Cabut akses ${partner}?`,
  revokeWhy:
    'Berlaku seketika: pihak ini tidak lagi punya akses ke rekening Anda. Anda dapat memberi akses lagi dari aplikasi atau situs mereka.',
  revoked: 'Akses dicabut',
  keep: 'Kembali',
  ended: 'Yang sudah berakhir',
};

type ThirdPartyWords = typeof ID;

const EN: ThirdPartyWords = {
  title: 'Third-party access',
  listTitle: 'Third-party access',
  empty: 'Nobody has been given access',
  emptyWhy:
    'When you connect another app or service with your accounts, its permission shows here and can be revoked at any time.',
  askTitle: 'Give access?',
  asks: (partner) => `${partner} asks for permission to your accounts.`,
  may: 'What it may do',
  mayNot: 'What it can never do',
  accounts: 'Which accounts?',
  accountsRule: 'Choose at least one account.',
  noAccounts: 'You have no account that can be chosen.',
  until: 'For how long?',
  days: (count) => `${count} days`,
  limitEach: 'At most per payment',
  limitDay: 'At most per day',
  limitsRule: 'Fill in both limits; a day must not be below one payment.',
  limitsWhy: 'Below these limits payments are taken without your PIN, and you are told each time.',
  replacing: 'The earlier permission ends',
  replacingWhy: 'The permission that you gave this party before is replaced by the new one.',
  check: 'Check the permission',
  refuse: 'Refuse and go back',
  agreement: 'Your agreement',
  goPin: 'Agree, go on to the PIN',
  pinTitle: 'Enter your PIN to give access',
  give: 'Give access',
  leaving: 'The permission is recorded. You are taken back to that party.',
  brokenLink: 'This link is not complete',
  brokenLinkWhy: 'Start again from the app or site of the party that asks for access.',
  validity: 'Validity',
  revoke: 'Revoke access',
  revokeTitle: (partner) => `Revoke the access of ${partner}?`,
  revokeWhy:
    'It takes effect at once: this party no longer has access to your accounts. You can give access again from their app or site.',
  revoked: 'Access revoked',
  keep: 'Back',
  ended: 'Ended',
};

/** Every word; both languages have the same keys by type. */
export const THIRD_PARTY_WORDS: Readonly<Record<Language, ThirdPartyWords>> = { id: ID, en: EN };
