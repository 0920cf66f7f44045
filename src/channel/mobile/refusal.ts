/** The words for what the payment engine refuses, in both languages: what happened and the way out. */
import { BILL_REFUSALS } from './bill-refusal.ts';
import type { Language } from '../../notify/template.ts';
import type { SubmitRefusal } from '../../payment/port.ts';

interface Words {
  /** What happened. */
  readonly title: string;
  /** What can be done now. */
  readonly wayOut: string;
}

/** One way to say no. */
export interface ProblemKind extends Readonly<Record<Language, Words>> {
  readonly status: number;
  /** The field it belongs to, where there is exactly one. */
  readonly field?: string;
}

/** Said where it is certain. */
export const SAFE = {
  id: 'Saldo Anda tidak terpotong.',
  en: 'Nothing was taken from your balance.',
} as const;

/** What was agreed is not what would be done now: nothing was taken, and the new quote is one step back. */
export const TERMS_CHANGED: ProblemKind = {
  status: 409,
  id: {
    title: 'Biaya atau isi persetujuan berubah sejak Anda melihatnya.',
    wayOut: `Periksa rincian yang baru, lalu setujui lagi. ${SAFE.id}`,
  },
  en: {
    title: 'The fee or terms changed since you saw them.',
    wayOut: `Check the new details and agree again. ${SAFE.en}`,
  },
};

const ABOVE_DAY: ProblemKind = {
  status: 422,
  field: 'amount',
  id: {
    title: 'Batas transfer harian Anda terlampaui.',
    wayOut: `Isi nominal yang lebih kecil atau coba lagi besok. ${SAFE.id}`,
  },
  en: {
    title: 'This goes over your daily limit.',
    wayOut: `Enter a smaller amount or try again tomorrow. ${SAFE.en}`,
  },
};

/** Refusals of the payment engine. Exhaustive: a new reason does not compile until it has words. */
export const REFUSALS: Readonly<Record<SubmitRefusal, ProblemKind>> = {
  code_used: {
    status: 409,
    id: {
      title: 'Kode ini sudah dibayar.',
      wayOut: `Minta penjual membuat kode yang baru bila masih ada yang harus dibayar. ${SAFE.id}`,
    },
    en: {
      title: 'This code has been paid already.',
      wayOut: `Ask the seller for a new code if anything is still due. ${SAFE.en}`,
    },
  },
  code_expired: {
    status: 409,
    id: {
      title: 'Masa berlaku kode ini sudah lewat.',
      wayOut: `Minta penjual membuat kode yang baru. ${SAFE.id}`,
    },
    en: {
      title: 'This code has expired.',
      wayOut: `Ask the seller to make a new code. ${SAFE.en}`,
    },
  },
  insufficient_funds: {
    status: 422,
    field: 'amount',
    id: {
      title: 'Saldo Anda tidak cukup untuk nominal dan biayanya.',
      wayOut: `Kurangi nominal atau isi saldo. ${SAFE.id}`,
    },
    en: {
      title: 'Your balance does not cover the amount and its fee.',
      wayOut: `Lower the amount or add money. ${SAFE.en}`,
    },
  },
  account_not_found: {
    status: 422,
    field: 'account',
    id: {
      title: 'Rekening tujuan tidak ditemukan.',
      wayOut: `Periksa lagi nomor rekening. ${SAFE.id}`,
    },
    en: {
      title: 'The destination account was not found.',
      wayOut: `Check the account number. ${SAFE.en}`,
    },
  },
  account_closed: {
    status: 422,
    field: 'account',
    id: {
      title: 'Rekening ini sudah ditutup.',
      wayOut: `Minta nomor rekening lain kepada penerima. ${SAFE.id}`,
    },
    en: {
      title: 'This account is closed.',
      wayOut: `Ask the payee for another account. ${SAFE.en}`,
    },
  },
  account_frozen: {
    status: 422,
    id: {
      title: 'Rekening ini sedang dibekukan.',
      wayOut: `Hubungi kami untuk penjelasan. ${SAFE.id}`,
    },
    en: { title: 'This account is frozen.', wayOut: `Contact us for an explanation. ${SAFE.en}` },
  },
  hold_not_found: internalKind(),
  hold_not_held: internalKind(),
  hold_expired: internalKind(),
  amount_above_hold: internalKind(),
  transfer_not_found: internalKind(),
  already_reversed: internalKind(),
  amount_above_transfer: internalKind(),
  currency_not_supported: internalKind(),
  same_account: {
    status: 422,
    field: 'account',
    id: { title: 'Rekening asal dan tujuan sama.', wayOut: 'Pilih rekening tujuan yang lain.' },
    en: {
      title: 'The source and destination are the same account.',
      wayOut: 'Choose another destination.',
    },
  },
  amount_not_positive: {
    status: 422,
    field: 'amount',
    id: { title: 'Nominal harus lebih dari nol.', wayOut: 'Isi nominal yang ingin dikirim.' },
    en: { title: 'The amount must be more than zero.', wayOut: 'Enter the amount to send.' },
  },
  amount_too_large: {
    status: 422,
    field: 'amount',
    id: { title: 'Nominal terlalu besar.', wayOut: 'Isi nominal yang lebih kecil.' },
    en: { title: 'The amount is too large.', wayOut: 'Enter a smaller amount.' },
  },
  key_conflict: {
    status: 409,
    id: {
      title: 'Permintaan ini sudah pernah dipakai untuk transfer lain.',
      wayOut: 'Lihat Riwayat, lalu mulai transfer baru bila perlu.',
    },
    en: {
      title: 'This request was already used for another transfer.',
      wayOut: 'See History, then start a new transfer if needed.',
    },
  },
  reference_conflict: {
    status: 409,
    id: {
      title: 'Permintaan ini sudah pernah dipakai untuk transfer lain.',
      wayOut: 'Lihat Riwayat, lalu mulai transfer baru bila perlu.',
    },
    en: {
      title: 'This request was already used for another transfer.',
      wayOut: 'See History, then start a new transfer if needed.',
    },
  },
  restricted: {
    status: 423,
    id: {
      title: 'Layanan ini sedang dibatasi.',
      wayOut: `Gunakan alternatif yang kami tunjukkan. ${SAFE.id}`,
    },
    en: {
      title: 'This service is restricted at the moment.',
      wayOut: `Use the alternative we show. ${SAFE.en}`,
    },
  },
  step_up_needed: {
    status: 423,
    id: {
      title: 'Transfer ini perlu pemeriksaan tambahan yang belum ada di aplikasi.',
      wayOut: `Lakukan di kantor cabang. ${SAFE.id}`,
    },
    en: {
      title: 'This transfer needs an extra check that the app does not offer yet.',
      wayOut: `Make it at a branch. ${SAFE.en}`,
    },
  },
  declined: {
    status: 403,
    id: {
      title: 'Transaksi ini kami tolak demi keamanan.',
      wayOut: `Hubungi kami bila Anda memang melakukan transaksi ini. ${SAFE.id}`,
    },
    en: {
      title: 'We declined this payment for safety.',
      wayOut: `Contact us if it was you who made it. ${SAFE.en}`,
    },
  },
  throttled: {
    status: 423,
    id: {
      title: 'Layanan ini untuk sementara kami batasi jumlahnya per menit.',
      wayOut: `Coba lagi satu menit lagi. ${SAFE.id}`,
    },
    en: {
      title: 'For now we let only so many of these pass per minute.',
      wayOut: `Try again in a minute. ${SAFE.en}`,
    },
  },
  above_rail_cap: {
    status: 422,
    field: 'amount',
    id: {
      title: 'Nominal melebihi batas per transaksi.',
      wayOut: `Isi nominal yang lebih kecil. ${SAFE.id}`,
    },
    en: {
      title: 'The amount is above the limit per transfer.',
      wayOut: `Enter a smaller amount. ${SAFE.en}`,
    },
  },
  below_rail_minimum: {
    status: 422,
    field: 'amount',
    id: { title: 'Nominal di bawah batas terkecil.', wayOut: 'Isi nominal yang lebih besar.' },
    en: { title: 'The amount is below the minimum.', wayOut: 'Enter a larger amount.' },
  },
  above_daily_limit: ABOVE_DAY,
  // Of payments through a partner, which ask nobody here.
  above_grant_limit: ABOVE_DAY,
  velocity: {
    status: 429,
    id: {
      title: 'Terlalu banyak transfer dalam waktu singkat.',
      wayOut: `Tunggu beberapa menit, lalu coba lagi. ${SAFE.id}`,
    },
    en: {
      title: 'Too many transfers in a short time.',
      wayOut: `Wait a few minutes, then try again. ${SAFE.en}`,
    },
  },
  fee_changed: TERMS_CHANGED,
  bank_unknown: {
    status: 422,
    field: 'bank',
    id: { title: 'Bank tujuan tidak dikenal di BI-FAST.', wayOut: 'Pilih bank dari daftar.' },
    en: { title: 'The bank is not known on BI-FAST.', wayOut: 'Choose a bank from the list.' },
  },
  bank_closed: {
    status: 422,
    field: 'bank',
    id: {
      title: 'Bank tujuan sedang tidak menerima BI-FAST.',
      wayOut: `Pilih rekening di bank lain atau coba lagi nanti. ${SAFE.id}`,
    },
    en: {
      title: 'The receiving bank is not accepting BI-FAST now.',
      wayOut: `Choose another bank or try again later. ${SAFE.en}`,
    },
  },
  busy: {
    status: 429,
    id: { title: 'Antrean transaksi sedang penuh.', wayOut: `Coba lagi sebentar lagi. ${SAFE.id}` },
    en: { title: 'Our payment queue is full.', wayOut: `Try again in a moment. ${SAFE.en}` },
  },
  ...BILL_REFUSALS,
};

/** Our own fault. */
export function internalKind(): ProblemKind {
  return {
    status: 500,
    id: { title: 'Ada kesalahan di pihak kami.', wayOut: 'Lihat Riwayat sebelum mencoba lagi.' },
    en: {
      title: 'Something went wrong on our side.',
      wayOut: 'Look at History before you try again.',
    },
  };
}
