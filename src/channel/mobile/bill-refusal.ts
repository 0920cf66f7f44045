/** Why a bill is not paid, in the customer's words. */
import type { BillRefusal } from '../../payment/port.ts';
import type { ProblemKind } from './refusal.ts';

const NOT_PAID = {
  id: 'Saldo Anda tidak berkurang.',
  en: 'Your balance has not changed.',
} as const;

/** One entry per reason. */
export const BILL_REFUSALS: Readonly<Record<BillRefusal, ProblemKind>> = {
  inquiry_unknown: {
    status: 409,
    id: { title: 'Tagihan ini belum dicek.', wayOut: `Cek tagihan dulu. ${NOT_PAID.id}` },
    en: { title: 'This bill was not looked up.', wayOut: `Look it up first. ${NOT_PAID.en}` },
  },
  inquiry_expired: {
    status: 409,
    id: {
      title: 'Hasil cek tagihan sudah kedaluwarsa.',
      wayOut: `Cek tagihan sekali lagi, lalu bayar. ${NOT_PAID.id}`,
    },
    en: {
      title: 'What we looked up is too old.',
      wayOut: `Look the bill up again, then pay. ${NOT_PAID.en}`,
    },
  },
  inquiry_used: {
    status: 409,
    id: {
      title: 'Tagihan ini sudah pernah Anda bayar dari hasil cek yang sama.',
      wayOut: `Lihat Riwayat, atau cek tagihan lagi. ${NOT_PAID.id}`,
    },
    en: {
      title: 'You paid this bill already from the same look-up.',
      wayOut: `See History, or look the bill up again. ${NOT_PAID.en}`,
    },
  },
  amount_not_offered: {
    status: 422,
    field: 'amount',
    id: { title: 'Nominal ini tidak bisa dibayar.', wayOut: 'Pilih nominal dari daftar.' },
    en: { title: 'This amount cannot be paid.', wayOut: 'Choose an amount from the list.' },
  },
  biller_closed: {
    status: 409,
    id: {
      title: 'Layanan ini tutup sekitar tengah malam.',
      wayOut: `Coba lagi setelah pukul 00.15 WIB. ${NOT_PAID.id}`,
    },
    en: {
      title: 'This service is closed around midnight.',
      wayOut: `Try again after 00:15 WIB. ${NOT_PAID.en}`,
    },
  },
  possible_duplicate: {
    status: 409,
    id: {
      title: 'Nomor dan nominal yang sama baru saja dibayar.',
      wayOut: `Jika memang ingin membayar lagi, pilih “Bayar lagi”. ${NOT_PAID.id}`,
    },
    en: {
      title: 'The same number and amount were paid a moment ago.',
      wayOut: `If you mean to pay again, choose “Pay again”. ${NOT_PAID.en}`,
    },
  },
};
