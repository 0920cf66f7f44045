import { formatRupiah } from '../kernel/money.ts';
import { wibClock, wibDate } from '../kernel/time.ts';
import { CARD_TEXTS } from './card-text.ts';
import { STANDING_TEXTS } from './standing-text.ts';
import type { Language, MessageParams, MessageTemplate } from './template.ts';

/** A message as the customer reads it. */
export interface RenderedMessage {
  readonly title: string;
  readonly body: string;
}

export interface Words {
  readonly amount: string;
  readonly total: string;
  readonly name: string;
  readonly reference: string;
  readonly at: string;
  readonly promise: string;
}

export type Text = (words: Words) => RenderedMessage;
type PaymentTemplate = Extract<MessageTemplate, `payment.${string}` | `card.${string}`>;

/** Wording: domain.md 8.1 and 8.2 (4, 5). Bahasa first. */
const TEXTS: Readonly<Record<Language, Readonly<Record<PaymentTemplate, Text>>>> = {
  id: {
    'payment.pending': (w) => ({
      title: 'Sedang diproses',
      body: `Transfer ${w.amount} ke ${w.name} sedang diproses. Saldo Anda sudah terpotong. Jangan ulangi transaksi. Kami kabari paling lambat ${w.promise}. Jika tidak berhasil, dana kembali otomatis. No. referensi ${w.reference}.`,
    }),
    'payment.promise_renewed': (w) => ({
      title: 'Masih diproses',
      body: `Transfer ${w.amount} ke ${w.name} masih kami pastikan ke jaringan. Jangan ulangi transaksi. Kabar berikutnya paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.review': (w) => ({
      title: 'Sedang diperiksa petugas',
      body: `Transfer ${w.amount} ke ${w.name} sedang diperiksa petugas kami. Jangan ulangi transaksi. Kabar berikutnya paling lambat ${w.promise}. No. referensi ${w.reference}.`,
    }),
    'payment.settled': (w) => ({
      title: 'Berhasil',
      body: `Transfer ${w.amount} ke ${w.name} berhasil pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.refunded': (w) => ({
      title: 'Dana dikembalikan',
      body: `Transfer ke ${w.name} tidak berhasil. Dana ${w.total} dari transaksi ${w.reference}, termasuk biaya, telah dikembalikan ke rekening Anda pada ${w.at}.`,
    }),
    'payment.cancelled': (w) => ({
      title: 'Dibatalkan',
      body: `Transfer ${w.amount} ke ${w.name} dibatalkan sebelum dikirim. Dana ${w.total} sudah kembali pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.received': (w) => ({
      title: 'Dana masuk',
      body: `${w.amount} dari ${w.name} sudah masuk ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'payment.returned': (w) => ({
      title: 'Dana dikembalikan bank tujuan',
      body: `Bank tujuan mengembalikan transfer Anda. ${w.amount} sudah kembali ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    ...CARD_TEXTS.id,
  },
  en: {
    'payment.pending': (w) => ({
      title: 'In progress',
      body: `Your transfer of ${w.amount} to ${w.name} is in progress. Your account has been debited. Do not repeat it. We will tell you by ${w.promise}. If it does not succeed the money comes back by itself. Reference ${w.reference}.`,
    }),
    'payment.promise_renewed': (w) => ({
      title: 'Still in progress',
      body: `We are still confirming your transfer of ${w.amount} to ${w.name} with the network. Do not repeat it. Next news by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.review': (w) => ({
      title: 'Being checked by our staff',
      body: `Your transfer of ${w.amount} to ${w.name} is being checked by our staff. Do not repeat it. Next news by ${w.promise}. Reference ${w.reference}.`,
    }),
    'payment.settled': (w) => ({
      title: 'Successful',
      body: `Your transfer of ${w.amount} to ${w.name} succeeded at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.refunded': (w) => ({
      title: 'Money returned',
      body: `Your transfer to ${w.name} did not succeed. ${w.total} of transaction ${w.reference}, fee included, came back to your account at ${w.at}.`,
    }),
    'payment.cancelled': (w) => ({
      title: 'Cancelled',
      body: `Your transfer of ${w.amount} to ${w.name} was cancelled before it was sent. ${w.total} came back at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.received': (w) => ({
      title: 'Money received',
      body: `${w.amount} from ${w.name} arrived in your account at ${w.at}. Reference ${w.reference}.`,
    }),
    'payment.returned': (w) => ({
      title: 'Returned by the other bank',
      body: `The other bank returned your transfer. ${w.amount} is back in your account since ${w.at}. Reference ${w.reference}.`,
    }),
    ...CARD_TEXTS.en,
  },
};

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
  if (isStanding(template)) return STANDING_TEXTS[language][template](params);
  const atMs = Number(params.atMs);
  const amount = BigInt(params.amountSen);
  return TEXTS[language][template]({
    amount: formatRupiah(amount),
    total: formatRupiah(amount + BigInt(params.feeSen ?? '0')),
    name: params.name,
    reference: params.reference,
    at: clockOf(atMs, atMs),
    promise: params.promiseAtMs === undefined ? '-' : clockOf(Number(params.promiseAtMs), atMs),
  });
}

function isStanding(template: MessageTemplate): template is keyof (typeof STANDING_TEXTS)['id'] {
  return template.startsWith('standing_order.');
}
