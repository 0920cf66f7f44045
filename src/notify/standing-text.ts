/** What a customer reads about a standing order: what happened, why, what happens to the money, what can be done. Bahasa first. */
import { formatRupiah } from '../kernel/money.ts';
import { wibClock, wibDate } from '../kernel/time.ts';
import { STANDING_REASONS, type StandingReason } from './standing-reason.ts';
import type { Language, MessageParams, MessageTemplate } from './template.ts';

type StandingTemplate = Extract<MessageTemplate, `standing_order.${string}`>;
type Text = (params: MessageParams) => { readonly title: string; readonly body: string };

/** Why a date was not paid, as a clause after "because", and what the reader can do. */
export interface ReasonWords {
  readonly why: string;
  readonly todo: string;
}

/** The words of every reason. */
export const STANDING_REASON_WORDS: Readonly<
  Record<Language, Readonly<Record<StandingReason, ReasonWords>>>
> = {
  id: {
    insufficient_funds: {
      why: 'saldo belum cukup untuk nominal dan biayanya',
      todo: 'Anda dapat mengirimnya sendiri setelah saldo cukup.',
    },
    above_daily_limit: {
      why: 'batas transfer harian Anda sudah terpakai',
      todo: 'Anda dapat mengirimnya sendiri besok.',
    },
    restricted: {
      why: 'layanan transfer ini sedang kami batasi sementara',
      todo: 'Lihat keadaan layanan di Beranda.',
    },
    bank_closed: {
      why: 'bank tujuan sedang tidak menerima BI-FAST',
      todo: 'Anda dapat memakai rekening penerima di bank lain.',
    },
    payee_unconfirmed: {
      why: 'bank tujuan belum menjawab siapa pemilik rekening penerima',
      todo: 'Anda dapat mengirimnya sendiri setelah nama penerima muncul.',
    },
    busy: {
      why: 'antrean transaksi kami sedang penuh',
      todo: 'Anda dapat mengirimnya sendiri.',
    },
    payee_name_changed: {
      why: 'nama pemilik rekening tujuan tidak lagi sama dengan yang Anda setujui',
      todo: 'Tanyakan kepada penerima, lalu buat transfer terjadwal baru.',
    },
    payee_not_found: {
      why: 'rekening tujuan tidak ditemukan lagi',
      todo: 'Minta nomor rekening baru kepada penerima, lalu buat transfer terjadwal baru.',
    },
    fee_higher: {
      why: 'biaya transfer sekarang lebih tinggi dari yang Anda setujui',
      todo: 'Buat transfer terjadwal baru bila Anda setuju dengan biaya yang baru.',
    },
    account_closed: {
      why: 'salah satu rekeningnya sudah ditutup',
      todo: 'Periksa rekening asal dan rekening tujuan.',
    },
    account_frozen: {
      why: 'salah satu rekeningnya sedang dibekukan',
      todo: 'Hubungi kami untuk penjelasan.',
    },
    amount_outside_limits: {
      why: 'nominalnya di luar batas transfer yang berlaku',
      todo: 'Buat transfer terjadwal baru dengan nominal lain.',
    },
    not_possible: {
      why: 'transfer ini tidak dapat kami jalankan',
      todo: 'Hubungi kami untuk penjelasan.',
    },
    late: {
      why: 'sistem kami tidak dapat menjalankannya tepat waktu',
      todo: 'Kirim sendiri bila masih diperlukan.',
    },
    paused: { why: 'transfer terjadwal ini dijeda', todo: 'Lanjutkan bila Anda ingin.' },
    cancelled: {
      why: 'transfer terjadwal ini dibatalkan',
      todo: 'Buat yang baru bila diperlukan.',
    },
  },
  en: {
    insufficient_funds: {
      why: 'your balance did not cover the amount and its fee',
      todo: 'You can send it yourself once your balance covers it.',
    },
    above_daily_limit: {
      why: 'your daily transfer limit was used up',
      todo: 'You can send it yourself tomorrow.',
    },
    restricted: {
      why: 'we have restricted this transfer service for the time being',
      todo: 'See the state of the service on the home screen.',
    },
    bank_closed: {
      why: 'the receiving bank is not accepting BI-FAST',
      todo: 'You can use an account of the payee at another bank.',
    },
    payee_unconfirmed: {
      why: 'the receiving bank has not said who owns the payee’s account',
      todo: 'You can send it yourself once the payee’s name appears.',
    },
    busy: { why: 'our payment queue was full', todo: 'You can send it yourself.' },
    payee_name_changed: {
      why: 'the name on the payee’s account is no longer the one you agreed to',
      todo: 'Ask the payee, then make a new standing order.',
    },
    payee_not_found: {
      why: 'the payee’s account can no longer be found',
      todo: 'Ask the payee for a new account number, then make a new standing order.',
    },
    fee_higher: {
      why: 'the fee is now higher than the one you agreed to',
      todo: 'Make a new standing order if you agree to the new fee.',
    },
    account_closed: {
      why: 'one of the accounts is closed',
      todo: 'Check the source and the payee’s account.',
    },
    account_frozen: {
      why: 'one of the accounts is frozen',
      todo: 'Contact us for an explanation.',
    },
    amount_outside_limits: {
      why: 'the amount is outside the limits for a transfer',
      todo: 'Make a new standing order with another amount.',
    },
    not_possible: {
      why: 'we cannot make this transfer',
      todo: 'Contact us for an explanation.',
    },
    late: {
      why: 'our system could not make it in time',
      todo: 'Send it yourself if it is still needed.',
    },
    paused: { why: 'this standing order is paused', todo: 'Resume it if you like.' },
    cancelled: { why: 'this standing order was cancelled', todo: 'Make a new one if you need it.' },
  },
};

const CALENDAR = {
  id: {
    days: ['Min', 'Sen', 'Sel', 'Rab', 'Kam', 'Jum', 'Sab'],
    months: ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'],
  },
  en: {
    days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
    months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  },
} as const satisfies Readonly<Record<Language, object>>;

/** A WIB date for people: `Sab 29 Mar 2025`. Source: UI.md. */
export function dateText(date: string, language: Language): string {
  const at = new Date(`${date}T00:00:00Z`);
  const { days, months } = CALENDAR[language];
  return `${days[at.getUTCDay()]} ${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

interface Said {
  readonly amount: string;
  readonly name: string;
  readonly date: string;
  readonly why: string;
  readonly todo: string;
  readonly again: string;
  readonly next: string | undefined;
  readonly reference: string;
}

function saidOf(params: MessageParams, language: Language): Said {
  const { reason, date, nextDate, nextAtMs } = params;
  const known = STANDING_REASONS.find((one) => one === reason) ?? 'not_possible';
  const atMs = Number(params.atMs);
  const againMs = nextAtMs === undefined ? atMs : Number(nextAtMs);
  const clock = wibClock(againMs);
  const day = wibDate(againMs);
  return {
    amount: formatRupiah(BigInt(params.amountSen)),
    name: params.name,
    date: dateText(date ?? wibDate(atMs), language),
    again: day === wibDate(atMs) ? clock : `${dateText(day, language)}, ${clock}`,
    next: nextDate === undefined ? undefined : dateText(nextDate, language),
    reference: params.reference,
    ...STANDING_REASON_WORDS[language][known],
  };
}

type Words = (said: Said) => { readonly title: string; readonly body: string };

const TEXTS: Readonly<Record<Language, Readonly<Record<StandingTemplate, Words>>>> = {
  id: {
    'standing_order.made': (s) => ({
      title: 'Transfer terjadwal dibuat',
      body: `Transfer ${s.amount} ke ${s.name} kami jalankan mulai ${s.next ?? s.date}. Anda dapat menjeda atau membatalkannya kapan saja. No. referensi ${s.reference}.`,
    }),
    'standing_order.submitted': (s) => ({
      title: 'Transfer terjadwal dijalankan',
      body: `Transfer ${s.amount} ke ${s.name} untuk ${s.date} sudah kami jalankan. Hasilnya ada di rincian transfer.${s.next ? ` Berikutnya ${s.next}.` : ''} No. referensi ${s.reference}.`,
    }),
    'standing_order.waiting': (s) => ({
      title: 'Transfer terjadwal menunggu',
      body: `Transfer ${s.amount} ke ${s.name} untuk ${s.date} belum dijalankan karena ${s.why}. Saldo Anda tidak terpotong. ${s.next ? `Kami terus mencoba sampai ${s.next}.` : `Kami coba lagi pukul ${s.again}.`} Bila Anda ingin membayar dengan cara lain, jeda atau batalkan dulu transfer terjadwal ini. No. referensi ${s.reference}.`,
    }),
    'standing_order.missed': (s) => ({
      title: 'Transfer terjadwal tidak dijalankan',
      body: `Transfer ${s.amount} ke ${s.name} untuk ${s.date} tidak dijalankan karena ${s.why}. Saldo Anda tidak terpotong. ${s.todo}${s.next ? ` Tanggal berikutnya ${s.next}.` : ''} No. referensi ${s.reference}.`,
    }),
    'standing_order.paused': (s) => ({
      title: 'Transfer terjadwal dijeda',
      body: `Transfer ${s.amount} ke ${s.name} untuk ${s.date} tidak dijalankan karena ${s.why}. Saldo Anda tidak terpotong. Kami menjeda transfer terjadwal ini supaya tidak ada yang terkirim tanpa persetujuan Anda. ${s.todo} No. referensi ${s.reference}.`,
    }),
    'standing_order.ended': (s) => ({
      title: 'Transfer terjadwal selesai',
      body: `Transfer terjadwal ${s.amount} ke ${s.name} sudah sampai tanggal terakhirnya. Tidak ada lagi yang dijalankan. No. referensi ${s.reference}.`,
    }),
  },
  en: {
    'standing_order.made': (s) => ({
      title: 'Standing order made',
      body: `We will send ${s.amount} to ${s.name} from ${s.next ?? s.date} on. You can pause or cancel it at any time. Reference ${s.reference}.`,
    }),
    'standing_order.submitted': (s) => ({
      title: 'Standing order carried out',
      body: `We made the transfer of ${s.amount} to ${s.name} for ${s.date}. Its result is in the transfer’s details.${s.next ? ` Next on ${s.next}.` : ''} Reference ${s.reference}.`,
    }),
    'standing_order.waiting': (s) => ({
      title: 'Standing order is waiting',
      body: `The transfer of ${s.amount} to ${s.name} for ${s.date} has not been made yet because ${s.why}. Nothing was taken from your balance. ${s.next ? `We keep trying until ${s.next}.` : `We try again at ${s.again}.`} If you want to pay another way, pause or cancel this standing order first. Reference ${s.reference}.`,
    }),
    'standing_order.missed': (s) => ({
      title: 'Standing order not carried out',
      body: `The transfer of ${s.amount} to ${s.name} for ${s.date} was not made because ${s.why}. Nothing was taken from your balance. ${s.todo}${s.next ? ` The next date is ${s.next}.` : ''} Reference ${s.reference}.`,
    }),
    'standing_order.paused': (s) => ({
      title: 'Standing order paused',
      body: `The transfer of ${s.amount} to ${s.name} for ${s.date} was not made because ${s.why}. Nothing was taken from your balance. We paused this standing order so that nothing leaves without your consent. ${s.todo} Reference ${s.reference}.`,
    }),
    'standing_order.ended': (s) => ({
      title: 'Standing order finished',
      body: `The standing order of ${s.amount} to ${s.name} has reached its last date. Nothing more will be sent. Reference ${s.reference}.`,
    }),
  },
};

/** The texts by language and template. */
export const STANDING_TEXTS: Readonly<Record<Language, Readonly<Record<StandingTemplate, Text>>>> =
  { id: textsOf('id'), en: textsOf('en') };

function textsOf(language: Language): Readonly<Record<StandingTemplate, Text>> {
  const entries = Object.entries(TEXTS[language]).map(([template, words]) => [
    template,
    (params: MessageParams) => words(saidOf(params, language)),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<StandingTemplate, Text>>;
}
