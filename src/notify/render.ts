import { formatRupiah } from '../kernel/money.ts';
import { wibClock, wibDate } from '../kernel/time.ts';
import { ACCESS_TEXTS, isAccess } from './access-text.ts';
import { BULK_TEXTS, isBulk } from './bulk-text.ts';
import { CARD_TEXTS } from './card-text.ts';
import { STANDING_TEXTS } from './standing-text.ts';
import type { Language, MessageParams, MessageTemplate } from './template.ts';

/** A message as the customer reads it. */
export interface RenderedMessage {
  readonly title: string;
  readonly body: string;
}

export interface Words {
  /** A transfer, or what else was paid. */
  readonly what: string;
  readonly amount: string;
  readonly total: string;
  readonly name: string;
  readonly reference: string;
  readonly at: string;
  readonly promise: string;
}

export type Text = (words: Words) => RenderedMessage;
type PaymentTemplate = Extract<
  MessageTemplate,
  `payment.${string}` | `card.${string}` | `qris.${string}`
>;

/** Wording: domain.md 8.1 and 8.2 (4, 5). Bahasa first. */
const TEXTS: Readonly<Record<Language, Readonly<Record<PaymentTemplate, Text>>>> = {
  id: {
    'payment.pending': (w) => ({
      title: 'Sedang diproses',
      body: `${w.what} ${w.amount} ke ${w.name} sedang diproses. Saldo Anda sudah terpotong. Jangan ulangi transaksi. Kami kabari paling lambat ${w.promise}. Jika tidak berhasil, dana kembali otomatis. No. referensi ${w.reference}.`,
    }),
    'payment.promise_renewed': (w) => ({
      title: 'Masih diproses',
      body: `${w.what} ${w.amount} ke ${w.name} masih kami pastikan ke jaringan. Jangan ulangi transaksi. Kabar berikutnya paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.review': (w) => ({
      title: 'Sedang diperiksa petugas',
      body: `${w.what} ${w.amount} ke ${w.name} sedang diperiksa petugas kami. Jangan ulangi transaksi. Kabar berikutnya paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.settled': (w) => ({
      title: 'Berhasil',
      body: `${w.what} ${w.amount} ke ${w.name} berhasil pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.refunded': (w) => ({
      title: 'Dana dikembalikan',
      body: `${w.what} ke ${w.name} tidak berhasil. Dana ${w.total} dari transaksi ${w.reference}, termasuk biaya, telah dikembalikan ke rekening Anda pada ${w.at}.`,
    }),
    'payment.cancelled': (w) => ({
      title: 'Dibatalkan',
      body: `${w.what} ${w.amount} ke ${w.name} dibatalkan sebelum dikirim. Dana ${w.total} sudah kembali pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.withheld': (w) => ({
      title: 'Ditahan untuk pemeriksaan',
      body: `${w.what} ${w.amount} ke ${w.name} kami tahan sementara untuk pemeriksaan. Dana belum dikirim dan tetap di rekening Anda. Jangan ulangi transaksi. Kami kabari paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.released': (w) => ({
      title: 'Pemeriksaan selesai',
      body: `Pemeriksaan ${w.what} ${w.amount} ke ${w.name} selesai dan dana sedang dikirim. Kami kabari paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.not_released': (w) => ({
      title: 'Tidak dikirim',
      body: `${w.what} ${w.amount} ke ${w.name} tidak kami kirim karena pemeriksaannya tidak dapat kami selesaikan. Dana ${w.total} bebas digunakan lagi sejak ${w.at}. Bila Anda memang ingin melakukan transaksi ini, hubungi kami dengan no. referensi ${w.reference}.`,
    }),
    'payment.received': (w) => ({
      title: 'Dana masuk',
      body: `${w.amount} dari ${w.name} sudah masuk ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.returned': (w) => ({
      title: 'Dana dikembalikan bank tujuan',
      body: `Bank tujuan mengembalikan transfer Anda. ${w.amount} sudah kembali ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'qris.presented': (w) => ({
      title: 'Pembayaran QRIS',
      body: `${w.amount} dibayar ke ${w.name} dengan kode yang Anda tunjukkan, pada ${w.at}. Bukan Anda? Segera hubungi kami. No. referensi ${w.reference}.`,
    }),
    'qris.refunded': (w) => ({
      title: 'Dana kembali dari penjual',
      body: `${w.name} mengembalikan ${w.amount} dari pembayaran QRIS Anda. Dana sudah masuk ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'qris.sale': (w) => ({
      title: 'Pembayaran QRIS diterima',
      body: `${w.amount} dibayar dari bank lain pada ${w.at}. Barang boleh diserahkan; dana masuk ke rekening setelah penyelesaian antarbank. No. referensi ${w.reference}.`,
    }),
    'qris.sale_unsettled': (w) => ({
      title: 'Pembayaran QRIS tidak diselesaikan',
      body: `${w.amount} dari bank lain tidak ada dalam penyelesaian antarbank dan tidak masuk ke rekening. Kami menelusurinya; hubungi kami dengan no. referensi ${w.reference}.`,
    }),
    ...CARD_TEXTS.id,
  },
  en: {
    'payment.pending': (w) => ({
      title: 'In progress',
      body: `Your ${w.what} of ${w.amount} to ${w.name} is in progress. Your account has been debited. Do not repeat it. We will tell you by ${w.promise}. If it does not succeed the money comes back by itself. Reference ${w.reference}.`,
    }),
    'payment.promise_renewed': (w) => ({
      title: 'Still in progress',
      body: `We are still confirming your ${w.what} of ${w.amount} to ${w.name} with the network. Do not repeat it. Next news by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.review': (w) => ({
      title: 'Being checked by our staff',
      body: `Your ${w.what} of ${w.amount} to ${w.name} is being checked by our staff. Do not repeat it. Next news by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.settled': (w) => ({
      title: 'Successful',
      body: `Your ${w.what} of ${w.amount} to ${w.name} succeeded at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.refunded': (w) => ({
      title: 'Money returned',
      body: `Your ${w.what} to ${w.name} did not succeed. ${w.total} of transaction ${w.reference}, fee included, came back to your account at ${w.at}.`,
    }),
    'payment.cancelled': (w) => ({
      title: 'Cancelled',
      body: `Your ${w.what} of ${w.amount} to ${w.name} was cancelled before it was sent. ${w.total} came back at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.withheld': (w) => ({
      title: 'Held for a check',
      body: `We are holding your ${w.what} of ${w.amount} to ${w.name} for a check. The money has not been sent and stays in your account. Do not repeat it. We will tell you by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.released': (w) => ({
      title: 'Check finished',
      body: `The check of your ${w.what} of ${w.amount} to ${w.name} is finished and the money is being sent. We will tell you by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.not_released': (w) => ({
      title: 'Not sent',
      body: `We did not send your ${w.what} of ${w.amount} to ${w.name}, because we could not finish checking it. ${w.total} is free again since ${w.at}. If you do want to make this transaction, contact us with reference ${w.reference}.`,
    }),
    'payment.received': (w) => ({
      title: 'Money received',
      body: `${w.amount} from ${w.name} arrived in your account at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.returned': (w) => ({
      title: 'Returned by the other bank',
      body: `The other bank returned your transfer. ${w.amount} is back in your account since ${w.at}. Reference ${w.reference}.`,
    }),
    'qris.presented': (w) => ({
      title: 'QRIS payment',
      body: `${w.amount} paid to ${w.name} with the code that you showed, at ${w.at}. Was it not you? Call us at once. Reference ${w.reference}.`,
    }),
    'qris.refunded': (w) => ({
      title: 'Refund from a seller',
      body: `${w.name} refunded ${w.amount} of your QRIS payment. The money is in your account since ${w.at}. Reference ${w.reference}.`,
    }),
    'qris.sale': (w) => ({
      title: 'QRIS payment received',
      body: `${w.amount} was paid from another bank at ${w.at}. Goods may be handed over; the money arrives after the banks have settled. Reference ${w.reference}.`,
    }),
    'qris.sale_unsettled': (w) => ({
      title: 'QRIS payment not settled',
      body: `${w.amount} from another bank is not in the banks' settlement and does not arrive. We are looking into it; contact us with reference ${w.reference}.`,
    }),
    ...CARD_TEXTS.en,
  },
};

const WHAT = {
  id: { transfer: 'Transfer', bill: 'Pembayaran' },
  en: { transfer: 'transfer', bill: 'payment' },
} as const;

/** `14:32 WIB`, with the date when it is another WIB day than `nearMs`. */
export function clockOf(ms: number, nearMs: number): string {
  return wibDate(ms) === wibDate(nearMs) ? wibClock(ms) : `${wibDate(ms)} ${wibClock(ms)}`;
}

/** Makes the words of a message in the reader's language. Pure: the same row reads the same for ever. */
export function renderMessage(
  template: MessageTemplate,
  params: MessageParams,
  language: Language,
): RenderedMessage {
  if (template === 'proxy.moved') return PROXY_MOVED[language](params);
  if (isStanding(template)) return STANDING_TEXTS[language][template](params);
  if (isBulk(template)) return BULK_TEXTS[language][template](params);
  if (isAccess(template)) return ACCESS_TEXTS[language][template](params);
  const atMs = Number(params.atMs);
  const amount = BigInt(params.amountSen);
  return TEXTS[language][template]({
    what: WHAT[language][params.isBill === 'yes' ? 'bill' : 'transfer'],
    amount: formatRupiah(amount),
    total: formatRupiah(amount + BigInt(params.feeSen ?? '0')),
    name: params.name,
    reference: params.reference,
    at: clockOf(atMs, atMs),
    promise: params.promiseAtMs === undefined ? '-' : clockOf(Number(params.promiseAtMs), atMs),
  });
}

/** `name` is the proxy, masked. Whoever did not move it must be able to say so. */
const PROXY_MOVED: Readonly<Record<Language, (params: MessageParams) => RenderedMessage>> = {
  id: ({ name }) => ({
    title: 'Proxy Anda pindah ke bank lain',
    body: `${name} sekarang terdaftar di bank lain. Uang yang dikirim ke nomor atau e-mail ini tidak lagi masuk ke rekening Anda di sini. Bukan Anda yang memindahkan? Segera hubungi kami.`,
  }),
  en: ({ name }) => ({
    title: 'Your proxy moved to another bank',
    body: `${name} is registered at another bank now. Money sent to this number or e-mail no longer arrives in your account here. Was it not you who moved it? Contact us at once.`,
  }),
};

function isStanding(template: MessageTemplate): template is keyof (typeof STANDING_TEXTS)['id'] {
  return template.startsWith('standing_order.');
}
