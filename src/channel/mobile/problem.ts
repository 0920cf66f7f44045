/** Every way the mobile API says no: a code, an HTTP status and words in both languages that name the rule and the way out.
 * The wire form is RFC 9457 problem+json. No rule is decided here. */
import type { FastifyReply } from 'fastify';
import type { Language } from '../../notify/template.ts';
import type { SubmitRefusal } from '../../payment/port.ts';
import { sendProblem } from '../session/problem.ts';
import { SHOP_REFUSALS } from './shop-refusal.ts';
import { BULK_REFUSALS } from './bulk-refusal.ts';
import { STANDING_REFUSALS } from './standing-refusal.ts';
import { internalKind, REFUSALS, SAFE, TERMS_CHANGED, type ProblemKind } from './refusal.ts';

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
  proxy_malformed: {
    status: 400,
    field: 'proxy',
    id: {
      title: 'Ini bukan nomor HP atau alamat e-mail.',
      wayOut: 'Contoh: 0812 3456 7890 atau nama@contoh.id.',
    },
    en: {
      title: 'This is neither a mobile number nor an e-mail address.',
      wayOut: 'For example: 0812 3456 7890 or name@example.id.',
    },
  },
  proxy_limited: {
    status: 429,
    field: 'proxy',
    id: {
      title: 'Terlalu banyak pencarian nomor atau e-mail.',
      wayOut: 'Batas ini melindungi nama nasabah. Coba lagi nanti, atau pakai nomor rekening.',
    },
    en: {
      title: 'Too many look-ups of numbers or e-mails.',
      wayOut: 'This limit protects people’s names. Try again later, or use an account number.',
    },
  },
  proxy_not_now: {
    status: 409,
    id: { title: 'Ini tidak dapat dilakukan sekarang.', wayOut: 'Muat ulang daftar proxy Anda.' },
    en: { title: 'This cannot be done now.', wayOut: 'Reload the list of your proxies.' },
  },
  proxy_not_later: {
    status: 409,
    id: {
      title: 'Transfer terjadwal tidak dapat ke nomor HP atau e-mail.',
      wayOut: 'Nomor itu bisa pindah bank. Pakai nomor rekening.',
    },
    en: {
      title: 'A standing order cannot go to a mobile number or e-mail.',
      wayOut: 'It may move to another bank. Use an account number.',
    },
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
  partner_unknown: {
    status: 404,
    id: {
      title: 'Permintaan ini tidak berasal dari pihak yang terdaftar di bank.',
      wayOut: 'Jangan lanjutkan. Mulai lagi dari aplikasi atau situs pihak itu sendiri.',
    },
    en: {
      title: 'This request does not come from a party that is registered with the bank.',
      wayOut: 'Do not go on. Start again from the app or site of that party.',
    },
  },
  debit_limits: {
    status: 400,
    field: 'limits',
    id: {
      title: 'Batas pembayaran belum benar.',
      wayOut: 'Isi keduanya di atas nol; batas sehari tidak kurang dari batas sekali bayar.',
    },
    en: {
      title: 'The payment limits are not right yet.',
      wayOut: 'Set both above zero; a day not below one payment.',
    },
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
  qris_not_payable: {
    status: 422,
    id: {
      title: 'Kode ini belum bisa dibayar di sini.',
      wayOut: `Kode tunai atau yang diragukan tidak bisa dibayar. ${SAFE.id}`,
    },
    en: {
      title: 'This code cannot be paid here yet.',
      wayOut: `Cash and doubtful codes cannot be paid. ${SAFE.en}`,
    },
  },
  asked_first: {
    status: 409,
    id: {
      title: 'Satu hal lagi sebelum uang dikirim.',
      wayOut: `Baca, lalu masukkan PIN sekali lagi bila memang ini maksud Anda. ${SAFE.id}`,
    },
    en: {
      title: 'One thing before the money leaves.',
      wayOut: `Read this, then enter your PIN once more if it is what you mean. ${SAFE.en}`,
    },
  },
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

export type ProblemCode =
  | SubmitRefusal
  | keyof typeof OWN
  | keyof typeof STANDING_REFUSALS
  | keyof typeof SHOP_REFUSALS
  | keyof typeof BULK_REFUSALS;

/** All problems, for the test of completeness. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  ...REFUSALS,
  ...STANDING_REFUSALS,
  ...SHOP_REFUSALS,
  ...BULK_REFUSALS,
  ...OWN,
};

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
