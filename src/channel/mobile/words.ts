/** What the mobile channel says about the steps of a payment, about services and in a consent, in both languages. The words of a
 * payment's state and of messages are notify's. Wording: domain.md section 8. No rule is decided here. */
import type { Language } from '../../notify/template.ts';
import type { TransferRoute } from '../../payment/port.ts';
import type { ProxyStateName } from '../../payment/proxy/decide.ts';

export type StepKey =
  | 'received'
  | 'debited'
  | 'sent'
  | 'taken'
  | 'finished'
  | 'failed'
  | 'refunded'
  | 'cancelled'
  | 'announced'
  | 'credited';

interface MobileWords {
  readonly step: Readonly<Record<StepKey, string>>;
  readonly takenByBiller: string;
  readonly unknownNote: string;
  readonly examinedNote: string;
  readonly withheldNote: string;
  readonly promise: (at: string) => string;
  readonly renewed: (count: number) => string;
  readonly service: Readonly<
    Record<'onus' | 'bifast_out' | 'switch_out' | 'bifast_in' | 'bill' | 'qris', string>
  >;
  readonly line: Readonly<
    Record<
      'principal_out' | 'principal_in' | 'fee' | 'tax' | 'mdr' | 'opening' | 'correction',
      string
    >
  >;
  readonly nameUnknown: Readonly<
    Record<'found_not' | 'unknown', { readonly title: string; readonly wayOut: string }>
  >;
  readonly proxy: {
    readonly notFound: { readonly title: string; readonly wayOut: string };
    readonly pending: string;
    readonly states: Readonly<Record<ProxyStateName, string>>;
    readonly notes: Readonly<Partial<Record<ProxyStateName, string>>>;
  };
  readonly consent: (facts: ConsentFacts) => string;
  readonly route: Readonly<Record<TransferRoute, string>>;
  readonly routeUsual: (seconds: number) => string;
  readonly routeHealth: (percent: number, count: number) => string;
  readonly wib: { readonly days: readonly string[]; readonly months: readonly string[] };
}

export interface ConsentFacts {
  readonly amount: string;
  readonly fee: string;
  readonly total: string;
  readonly payeeName: string;
  readonly payeeBank: string;
  readonly payeeAccount: string;
  readonly fromAccount: string;
  /** It will be held for a check before it is sent, at most this long. */
  readonly waitHours?: number;
  readonly remark: string;
  /** The chosen way to another bank, in words. */
  readonly route?: string;
}

export const MOBILE_WORDS: Readonly<Record<Language, MobileWords>> = {
  id: {
    step: {
      received: 'Permintaan diterima',
      debited: 'Saldo didebit',
      sent: 'Dikirim ke jaringan',
      taken: 'Diterima bank tujuan',
      finished: 'Selesai',
      failed: 'Tidak berhasil',
      refunded: 'Dana dikembalikan',
      cancelled: 'Dibatalkan',
      announced: 'Diterima dari bank pengirim',
      credited: 'Masuk ke rekening Anda',
    },
    takenByBiller: 'Diterima penyedia layanan',
    unknownNote: 'Belum ada jawaban pasti dari jaringan. Kami terus menanyakannya.',
    withheldNote:
      'Ditahan sementara untuk pemeriksaan. Dana belum dikirim dan tidak dapat digunakan dua kali.',
    examinedNote: 'Belum ada jawaban pasti. Petugas kami memeriksanya satu per satu.',
    promise: (at) => `Jangan ulangi transaksi. Kami kabari paling lambat ${at}.`,
    renewed: (count) => `Batas waktu ini sudah kami perbarui ${count} kali.`,
    service: {
      onus: 'Transfer sesama bank',
      bifast_out: 'Transfer antarbank (BI-FAST)',
      switch_out: 'Transfer online (jaringan ATM)',
      bifast_in: 'Terima dari bank lain',
      bill: 'Tagihan dan isi ulang',
      qris: 'QRIS',
    },
    line: {
      principal_out: 'Transfer keluar',
      principal_in: 'Dana masuk',
      fee: 'Biaya transfer',
      tax: 'Pajak',
      mdr: 'Biaya QRIS pedagang (MDR)',
      opening: 'Saldo awal',
      correction: 'Koreksi',
    },
    nameUnknown: {
      found_not: {
        title: 'Rekening tidak ditemukan di bank itu.',
        wayOut: 'Periksa lagi bank dan nomor rekening.',
      },
      unknown: {
        title: 'Nama penerima belum bisa dipastikan.',
        wayOut:
          'Bank tujuan belum menjawab, jadi kami belum bisa memastikan siapa pemilik rekening ini. Coba lagi beberapa menit lagi. Saldo Anda tidak terpotong.',
      },
    },
    proxy: {
      notFound: {
        title: 'Nomor atau e-mail ini tidak terdaftar di BI-FAST.',
        wayOut: 'Periksa tulisannya, atau pakai nomor rekening.',
      },
      pending: 'Belum ada jawaban pasti dari BI-FAST. Buka lagi sebentar lagi; jangan diulang.',
      states: {
        asked: 'Sedang dipastikan',
        none: 'Belum terdaftar',
        active: 'Aktif',
        suspended: 'Dihentikan sementara',
        ended: 'Sudah dihapus',
        moved: 'Pindah ke bank lain',
      },
      notes: {
        moved:
          'Uang ke nomor atau e-mail ini masuk ke bank lain. Bukan Anda yang memindahkan? Hubungi kami.',
        suspended: 'Uang ke nomor atau e-mail ini ditolak sampai Anda mengaktifkannya.',
      },
    },
    consent: (facts) =>
      `Saya setuju mengirim ${facts.amount} dari rekening ${facts.fromAccount} ke ${facts.payeeName}, ${facts.payeeBank}, rekening ${facts.payeeAccount}${facts.route ? `, lewat ${facts.route}` : ''}. Biaya ${facts.fee}, total didebit ${facts.total}.${facts.remark ? ` Berita: ${facts.remark}.` : ''}${facts.waitHours ? ` Transfer ini kami tahan dulu untuk pemeriksaan, paling lama ${facts.waitHours} jam; bila tidak selesai, dana bebas kembali.` : ''}`,
    route: { bifast: 'BI-FAST', switch: 'transfer online (jaringan ATM)' },
    routeUsual: (seconds) => `Biasanya selesai dalam ${seconds} detik`,
    routeHealth: (percent, count) =>
      `${percent}% dari ${count} transfer dalam 15 menit terakhir mendapat jawaban pasti`,
    wib: {
      days: ['Min', 'Sen', 'Sel', 'Rab', 'Kam', 'Jum', 'Sab'],
      months: ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'],
    },
  },
  en: {
    step: {
      received: 'Request received',
      debited: 'Balance debited',
      sent: 'Sent to the network',
      taken: 'Accepted by the receiving bank',
      finished: 'Finished',
      failed: 'Did not succeed',
      refunded: 'Money returned',
      cancelled: 'Cancelled',
      announced: 'Received from the sending bank',
      credited: 'In your account',
    },
    takenByBiller: 'Accepted by the provider',
    unknownNote: 'No definite answer from the network yet. We keep asking.',
    withheldNote:
      'Held for a check. The money has not been sent; it is set aside so that it cannot be spent twice.',
    examinedNote: 'No definite answer yet. Our staff are looking at it one by one.',
    promise: (at) => `Do not repeat it. We will tell you by ${at} at the latest.`,
    renewed: (count) => `We have renewed this deadline ${count === 1 ? 'once' : `${count} times`}.`,
    service: {
      onus: 'Transfer within our bank',
      bifast_out: 'Transfer to other banks (BI-FAST)',
      switch_out: 'Online transfer (ATM network)',
      bifast_in: 'Receive from other banks',
      bill: 'Bills and top-ups',
      qris: 'QRIS',
    },
    line: {
      principal_out: 'Transfer out',
      principal_in: 'Money received',
      fee: 'Transfer fee',
      tax: 'Tax',
      mdr: 'QRIS merchant discount (MDR)',
      opening: 'Opening balance',
      correction: 'Correction',
    },
    nameUnknown: {
      found_not: {
        title: 'There is no such account at that bank.',
        wayOut: 'Check the bank and the account number.',
      },
      unknown: {
        title: 'The payee’s name could not be confirmed.',
        wayOut:
          'The receiving bank has not answered, so we cannot tell who owns this account. Try again in a few minutes. Nothing was taken from your balance.',
      },
    },
    proxy: {
      notFound: {
        title: 'This number or e-mail is not registered with BI-FAST.',
        wayOut: 'Check the spelling, or use an account number.',
      },
      pending: 'BI-FAST has not given a definite answer. Look again in a moment; do not repeat it.',
      states: {
        asked: 'Being confirmed',
        none: 'Not registered',
        active: 'Active',
        suspended: 'Paused',
        ended: 'Removed',
        moved: 'Moved to another bank',
      },
      notes: {
        moved:
          'Money to this number or e-mail arrives at another bank. Was it not you who moved it? Contact us.',
        suspended: 'Money to this number or e-mail is refused until you activate it.',
      },
    },
    consent: (facts) =>
      `I agree to send ${facts.amount} from account ${facts.fromAccount} to ${facts.payeeName}, ${facts.payeeBank}, account ${facts.payeeAccount}${facts.route ? `, by ${facts.route}` : ''}. Fee ${facts.fee}, total debited ${facts.total}.${facts.remark ? ` Remark: ${facts.remark}.` : ''}${facts.waitHours ? ` This transfer is held for a check first, for ${facts.waitHours} hours at most; if that is not finished, the money is free again.` : ''}`,
    route: { bifast: 'BI-FAST', switch: 'online transfer (ATM network)' },
    routeUsual: (seconds) => `Usually done within ${seconds} seconds`,
    routeHealth: (percent, count) =>
      `${percent}% of ${count} transfers in the last 15 minutes got a definite answer`,
    wib: {
      days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
      months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
    },
  },
};

/** `14:32 WIB` today, `Sab 29 Mar 2025, 14:32 WIB` on another WIB day. */
export function momentText(input: {
  readonly atMs: number;
  readonly nowMs: number;
  readonly language: Language;
}): string {
  const at = new Date(input.atMs + WIB_OFFSET_MS);
  const clock = `${at.toISOString().slice(11, 16)} WIB`;
  if (
    at.toISOString().slice(0, 10) ===
    new Date(input.nowMs + WIB_OFFSET_MS).toISOString().slice(0, 10)
  )
    return clock;
  const { days, months } = MOBILE_WORDS[input.language].wib;
  return `${days[at.getUTCDay()]} ${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock}`;
}

const WIB_OFFSET_MS = 7 * 3_600_000;
