/** Every way the mobile API says no: a code, an HTTP status and words in both languages that name the rule and the way out.
 * The wire form is RFC 9457 problem+json. No rule is decided here. */
import type { FastifyReply } from 'fastify';
import type { Language } from '../../notify/template.ts';
import type { SubmitRefusal } from '../../payment/port.ts';
import { sendProblem } from '../session/problem.ts';

interface Words {
  /** What happened. */
  readonly title: string;
  /** What can be done now. */
  readonly wayOut: string;
}

interface ProblemKind extends Readonly<Record<Language, Words>> {
  readonly status: number;
  /** The field it belongs to, where there is exactly one. */
  readonly field?: string;
}

const SAFE = {
  id: 'Saldo Anda tidak terpotong.',
  en: 'Nothing was taken from your balance.',
} as const;

/** What was agreed is not what would be done now: nothing was taken, and the new quote is one step back. */
const TERMS_CHANGED: ProblemKind = {
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

/** Refusals of the payment engine. Exhaustive: a new reason does not compile until it has words. */
const REFUSALS: Readonly<Record<SubmitRefusal, ProblemKind>> = {
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
  above_daily_limit: {
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
  },
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
};

/** What the channel itself may answer. */
const OWN = {
  wrong_sign_in: {
    status: 401,
    field: 'password',
    id: {
      title: 'Nama pengguna atau kata sandi tidak cocok.',
      wayOut: 'Periksa keduanya. Setelah lima kali salah, akses dikunci 15 menit.',
    },
    en: {
      title: 'The user name or password does not match.',
      wayOut: 'Check both. After five mistakes access is locked for 15 minutes.',
    },
  },
  pin_locked: {
    status: 423,
    field: 'pin',
    id: {
      title: 'PIN Anda dikunci sementara karena beberapa kali salah.',
      wayOut: `Tunggu sampai kunci terbuka. ${SAFE.id}`,
    },
    en: {
      title: 'Your PIN is locked for a while after several mistakes.',
      wayOut: `Wait until it opens. ${SAFE.en}`,
    },
  },
  pin_wrong: {
    status: 403,
    field: 'pin',
    id: {
      title: 'PIN tidak cocok.',
      wayOut: `Coba lagi. Setelah lima kali salah, PIN dikunci 15 menit. ${SAFE.id}`,
    },
    en: {
      title: 'The PIN does not match.',
      wayOut: `Try again. After five mistakes the PIN is locked for 15 minutes. ${SAFE.en}`,
    },
  },
  rate_limited: {
    status: 429,
    id: { title: 'Terlalu banyak percobaan.', wayOut: 'Tunggu satu menit, lalu coba lagi.' },
    en: { title: 'Too many attempts.', wayOut: 'Wait a minute, then try again.' },
  },
  invalid_field: {
    status: 400,
    id: { title: 'Isian ini belum benar.', wayOut: 'Perbaiki isian yang ditandai.' },
    en: { title: 'This entry is not right yet.', wayOut: 'Correct the marked field.' },
  },
  not_found: {
    status: 404,
    id: { title: 'Data ini tidak ditemukan.', wayOut: 'Kembali ke Riwayat dan pilih lagi.' },
    en: { title: 'This was not found.', wayOut: 'Go back to History and choose again.' },
  },
  account_not_yours: {
    status: 404,
    field: 'fromAccount',
    id: { title: 'Rekening asal tidak ditemukan.', wayOut: 'Pilih salah satu rekening Anda.' },
    en: { title: 'The source account was not found.', wayOut: 'Choose one of your accounts.' },
  },
  name_check_expired: {
    status: 409,
    id: {
      title: 'Pemeriksaan nama penerima sudah kedaluwarsa.',
      wayOut: 'Periksa nama penerima sekali lagi.',
    },
    en: { title: 'The name check has expired.', wayOut: 'Check the payee once more.' },
  },
  terms_changed: TERMS_CHANGED,
  consent_missing: {
    status: 409,
    id: {
      title: 'Persetujuan untuk transfer ini tidak ada atau sudah kedaluwarsa.',
      wayOut: `Periksa rincian dan setujui lagi. ${SAFE.id}`,
    },
    en: {
      title: 'The consent for this transfer is missing or has expired.',
      wayOut: `Check the details and agree again. ${SAFE.en}`,
    },
  },
  consent_used: {
    status: 409,
    id: {
      title: 'Persetujuan ini sudah dipakai untuk satu transfer.',
      wayOut: 'Lihat hasilnya di Riwayat. Untuk transfer baru, mulai dari awal.',
    },
    en: {
      title: 'This consent was already used for one transfer.',
      wayOut: 'See the result in History. For a new transfer, start again.',
    },
  },
  consent_mismatch: {
    status: 409,
    id: {
      title: 'Nominal atau penerima berbeda dari yang Anda setujui.',
      wayOut: `Periksa rincian dan setujui lagi. ${SAFE.id}`,
    },
    en: {
      title: 'The amount or payee differs from what you agreed to.',
      wayOut: `Check the details and agree again. ${SAFE.en}`,
    },
  },
  key_missing: {
    status: 400,
    id: {
      title: 'Permintaan ini tidak membawa Idempotency-Key.',
      wayOut: 'Muat ulang aplikasi, lalu coba lagi.',
    },
    en: {
      title: 'This request carries no Idempotency-Key.',
      wayOut: 'Reload the app and try again.',
    },
  },
  outcome_unknown: {
    status: 503,
    id: {
      title: 'Kami belum tahu apakah transfer ini sudah tercatat.',
      wayOut:
        'Jangan mulai transfer baru. Tekan Periksa lagi: permintaan yang sama tidak akan dibayar dua kali.',
    },
    en: {
      title: 'We do not know yet whether this transfer was recorded.',
      wayOut: 'Do not start a new one. Press Check again: the same request is never paid twice.',
    },
  },
  unavailable: {
    status: 503,
    id: {
      title: 'Sistem kami sedang tidak dapat dijangkau.',
      wayOut: 'Coba lagi sebentar lagi. Keadaan layanan ada di halaman status.',
    },
    en: {
      title: 'Our system cannot be reached at the moment.',
      wayOut: 'Try again in a moment. The status page shows our services.',
    },
  },
  internal: internalKind(),
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = SubmitRefusal | keyof typeof OWN;

/** All problems, for the test of completeness. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = { ...REFUSALS, ...OWN };

/** An expected refusal thrown by a route and turned into problem+json by the one error handler. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: ProblemCode;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(code: ProblemCode, extra: Readonly<Record<string, unknown>> = {}) {
    super(`Refused: ${code}`);
    this.code = code;
    this.extra = extra;
  }
}

/** Answers problem+json in the reader's language. `extra` overrides and adds (a field, an explanation, a lock's end). */
export function answerProblem(
  reply: FastifyReply,
  input: {
    readonly code: ProblemCode;
    readonly language: Language;
    readonly extra?: Readonly<Record<string, unknown>>;
  },
): FastifyReply {
  const kind: ProblemKind = PROBLEMS[input.code];
  const field = kind.field === undefined ? {} : { field: kind.field };
  return sendProblem(reply, {
    status: kind.status,
    code: input.code,
    ...kind[input.language],
    ...field,
    ...input.extra,
  });
}

function internalKind(): ProblemKind {
  return {
    status: 500,
    id: { title: 'Ada kesalahan di pihak kami.', wayOut: 'Lihat Riwayat sebelum mencoba lagi.' },
    en: {
      title: 'Something went wrong on our side.',
      wayOut: 'Look at History before you try again.',
    },
  };
}
