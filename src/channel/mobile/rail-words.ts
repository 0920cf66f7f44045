/** Why the other side refused, for the customer: one sentence and what to do, for each text of the rail's table. Which check
 * struck is never told. No rule is decided here. */
import type { Language } from '../../notify/template.ts';
import type { ReasonText } from '../../rail/bifast/reason-data.ts';
import { reasonOf } from '../../rail/bifast/reason.ts';

const RAIL_WORDS = {
  account_not_found: {
    id: 'Nomor rekening tidak ada di bank tujuan. Periksa nomornya.',
    en: 'The account number does not exist at the receiving bank. Check the number.',
  },
  account_not_active: {
    id: 'Rekening tujuan tidak aktif. Tanyakan rekening lain kepada penerima.',
    en: 'The receiving account is not active. Ask the payee for another account.',
  },
  account_elsewhere: {
    id: 'Nomor ini terdaftar di bank lain. Ulangi pencarian penerima.',
    en: 'This number is registered at another bank. Look the payee up again.',
  },
  same_account: {
    id: 'Rekening asal dan tujuan sama.',
    en: 'The account to debit and the account to credit are the same.',
  },
  amount_too_small: {
    id: 'Nominal di bawah batas bank tujuan.',
    en: 'The amount is below the limit of the receiving bank.',
  },
  amount_too_large: {
    id: 'Nominal di atas batas bank tujuan. Coba nominal yang lebih kecil.',
    en: 'The amount is above the limit of the receiving bank. Try a smaller one.',
  },
  bank_unknown: {
    id: 'Bank tujuan tidak ikut BI-FAST.',
    en: 'The receiving bank does not take part in BI-FAST.',
  },
  bank_unavailable: {
    id: 'Bank tujuan sedang tidak dapat dihubungi. Coba lagi nanti.',
    en: 'The receiving bank cannot be reached at the moment. Try again later.',
  },
  refused_by_bank: {
    id: 'Bank tujuan menolak uang ini. Tanyakan kepada penerima.',
    en: 'The receiving bank refused the money. Ask the payee.',
  },
  refused_by_check: {
    id: 'Transfer ini tidak dapat diproses. Hubungi layanan nasabah kami.',
    en: 'This transfer cannot be processed. Contact our customer service.',
  },
  our_side: {
    id: 'Ada kendala di pihak kami. Coba lagi nanti.',
    en: 'The trouble is on our side. Try again later.',
  },
} as const satisfies Record<Exclude<ReasonText, 'none'>, Record<Language, string>>;

/** The sentence for a code of the rail; undefined where the code tells the customer nothing. */
export function railReason(code: string | undefined, language: Language): string | undefined {
  const text = code === undefined ? undefined : reasonOf(code)?.text;
  return text === undefined || text === 'none' ? undefined : RAIL_WORDS[text][language];
}
