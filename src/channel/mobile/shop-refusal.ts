/** The words for what refunds of sales refuse, in both languages. */
import type { RefundRefusal } from '../../payment/port.ts';
import type { ProblemKind } from './refusal.ts';

type OwnRefusal = Extract<
  RefundRefusal,
  'sale_not_found' | 'sale_not_made' | 'refund_window_over' | 'above_sale' | 'refund_conflict'
>;

/** Exhaustive: a new reason does not compile until it has words. Others are those of every payment. */
export const SHOP_REFUSALS: Readonly<Record<OwnRefusal, ProblemKind>> = {
  sale_not_found: {
    status: 404,
    id: { title: 'Penjualan ini tidak ditemukan.', wayOut: 'Muat ulang Toko dan pilih lagi.' },
    en: { title: 'This sale was not found.', wayOut: 'Reload Shop and choose again.' },
  },
  sale_not_made: {
    status: 409,
    id: {
      title: 'Penjualan ini tidak jadi, jadi tidak ada yang dikembalikan.',
      wayOut: 'Muat ulang Toko untuk melihat keadaannya.',
    },
    en: {
      title: 'This sale did not happen, so there is nothing to give back.',
      wayOut: 'Reload Shop to see where it stands.',
    },
  },
  refund_window_over: {
    status: 409,
    id: {
      title: 'Batas waktu refund sudah lewat.',
      wayOut: 'Kembalikan dengan transfer biasa bila perlu.',
    },
    en: { title: 'The time for a refund is over.', wayOut: 'Use a transfer if you need to.' },
  },
  above_sale: {
    status: 422,
    field: 'amount',
    id: {
      title: 'Nominal ini lebih dari yang tersisa dari penjualan.',
      wayOut: 'Periksa refund sebelumnya dan kurangi nominal.',
    },
    en: {
      title: 'This is more than is left of the sale.',
      wayOut: 'Check earlier refunds and lower the amount.',
    },
  },
  refund_conflict: {
    status: 409,
    id: {
      title: 'Permintaan ini sudah dipakai untuk refund lain.',
      wayOut: 'Muat ulang Toko dan mulai lagi.',
    },
    en: {
      title: 'This request was used for another refund.',
      wayOut: 'Reload Shop and start again.',
    },
  },
};
