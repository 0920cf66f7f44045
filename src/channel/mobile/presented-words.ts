/** Why a till was refused, for the customer who stands there, by DE39. Nothing was debited in any of them. */
import type { Language } from '../../notify/template.ts';
import { RESPONSE } from '../../presented/decide.ts';
import { SAFE } from './refusal.ts';

interface Words {
  readonly title: string;
  readonly wayOut: string;
}

const REASONS: Readonly<Record<string, Readonly<Record<Language, Words>>>> = {
  [RESPONSE.funds]: {
    id: {
      title: 'Saldo tidak cukup.',
      wayOut: `Isi saldo atau bayar dengan cara lain. ${SAFE.id}`,
    },
    en: { title: 'Your balance is too low.', wayOut: `Add money or pay another way. ${SAFE.en}` },
  },
  [RESPONSE.aboveAmount]: {
    id: {
      title: 'Nominal melebihi batas kode ini atau batas harian Anda.',
      wayOut: `Buat kode baru dengan batas yang lebih besar, atau bayar dengan cara lain. ${SAFE.id}`,
    },
    en: {
      title: 'The amount is above the limit of this code or of your day.',
      wayOut: `Make a new code with a higher limit, or pay another way. ${SAFE.en}`,
    },
  },
  [RESPONSE.aboveCount]: {
    id: {
      title: 'Terlalu banyak pembayaran dalam waktu singkat.',
      wayOut: `Tunggu beberapa menit. ${SAFE.id}`,
    },
    en: { title: 'Too many payments in a short time.', wayOut: `Wait some minutes. ${SAFE.en}` },
  },
  [RESPONSE.notPermitted]: {
    id: {
      title: 'Pembayaran ke toko ini sedang kami batasi.',
      wayOut: `Bayar dengan tunai atau kartu. ${SAFE.id}`,
    },
    en: {
      title: 'We restrict payments to this shop at the moment.',
      wayOut: `Pay by cash or card. ${SAFE.en}`,
    },
  },
  [RESPONSE.notActive]: {
    id: { title: 'Rekening ini tidak aktif.', wayOut: `Pilih rekening lain. ${SAFE.id}` },
    en: { title: 'This account is not active.', wayOut: `Choose another account. ${SAFE.en}` },
  },
};

const OTHER: Readonly<Record<Language, Words>> = {
  id: {
    title: 'Toko meminta yang tidak dapat dibayar.',
    wayOut: `Minta kasir mengulang. ${SAFE.id}`,
  },
  en: {
    title: 'The shop asked for what cannot be paid.',
    wayOut: `Ask the till to repeat it. ${SAFE.en}`,
  },
};

/** The words for a code. */
export function presentedRefusalText(code: string, language: Language): Words {
  return (REASONS[code] ?? OTHER)[language];
}
