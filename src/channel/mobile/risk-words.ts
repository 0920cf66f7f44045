/** What a payer is asked before a payment that a rule of risk stops at, in true words. Safe: they tell a thief nothing of thresholds. */
import type { Language } from '../../notify/template.ts';

/** A question as the app shows it. */
export interface Question {
  readonly code: string;
  readonly title: string;
  readonly text: string;
}

interface Words {
  readonly title: string;
  /** `seconds` since this payer last asked for a payment to this payee, where one is known. */
  readonly text: (seconds: number | undefined) => string;
}

/** By the rule's code; each rule that may ask has its words here (a test sees to it). */
export const QUESTION_WORDS: Readonly<Record<string, Readonly<Record<Language, Words>>>> = {
  first_payee: {
    id: {
      title: 'Penerima ini masih baru bagi Anda.',
      text: () =>
        'Untuk nominal sebesar ini kami tanyakan sekali lagi. Bila ada yang menyuruh Anda mengirim, berhenti dan hubungi orangnya lewat jalur lain. Bank tidak pernah meminta Anda memindahkan uang.',
    },
    en: {
      title: 'You have not known this payee for long.',
      text: () =>
        'We ask once more about an amount like this. If somebody told you to send it, stop and reach that person another way. The bank never asks you to move money.',
    },
  },
  moved_session: {
    id: {
      title: 'Anda kini memakai jaringan lain.',
      text: () =>
        'Sejak Anda masuk, sambungan internetnya berganti. Bila bukan Anda yang memegang perangkat ini, berhenti dan keluar dari aplikasi. Bila benar Anda, masukkan PIN sekali lagi.',
    },
    en: {
      title: 'You are on another network now.',
      text: () =>
        'Your connection has changed since you signed in. If it is not you who holds this device, stop and sign out. If it is you, enter the PIN once more.',
    },
  },
  repeated: {
    id: {
      title: 'Anda baru saja meminta pembayaran yang sama.',
      text: (seconds) =>
        `Penerima dan nominalnya sama${seconds === undefined ? '' : `, ${seconds} detik yang lalu`}. Lihat Riwayat bila ragu. Bayar lagi hanya bila memang ini yang kedua.`,
    },
    en: {
      title: 'You just asked for the same payment.',
      text: (seconds) =>
        `Same payee, same amount${seconds === undefined ? '' : `, ${seconds} ${seconds === 1 ? 'second' : 'seconds'} ago`}. See History if in doubt. Pay again only if you mean a second one.`,
    },
  },
};

/** Of a rule that was set to ask and has no words of its own. */
const ANY: Readonly<Record<Language, Words>> = {
  id: {
    title: 'Pembayaran ini berbeda dari biasanya.',
    text: () => 'Pastikan penerima dan nominalnya benar.',
  },
  en: {
    title: 'This payment is unlike your others.',
    text: () => 'Make sure that payee and amount are right.',
  },
};

/** The questions in the payer's language. */
export function questionsOf(
  codes: readonly string[],
  of: { readonly language: Language; readonly agoMs: number | undefined },
): readonly Question[] {
  const seconds = of.agoMs === undefined ? undefined : Math.max(1, Math.round(of.agoMs / 1_000));
  return codes.map((code) => {
    const { title, text } = (QUESTION_WORDS[code] ?? ANY)[of.language];
    return { code, title, text: text(seconds) };
  });
}
