import { formatRupiah } from '../kernel/money.ts';
import { wibClock } from '../kernel/time.ts';
import { clockOf } from './render.ts';
import type { Language } from './template.ts';

/** What a status text depends on. `state` is a payment state; notify does not import the engine. */
export interface StatusFacts {
  readonly state: string;
  readonly kind: string;
  readonly totalSen: bigint;
  readonly changedAtMs: number;
  readonly promiseAtMs?: number;
  readonly contact?: string;
}

/** The tone a screen may colour by, never the only carrier of the meaning. */
export type StatusTone = 'good' | 'waiting' | 'bad' | 'neutral';

export interface StatusText {
  readonly label: string;
  readonly help: string;
  readonly tone: StatusTone;
}

interface Words {
  readonly total: string;
  readonly at: string;
}

interface Entry {
  readonly tone: StatusTone;
  readonly id: (words: Words) => readonly [label: string, help: string];
  readonly en: (words: Words) => readonly [label: string, help: string];
  /** The promise is told after the help text. */
  readonly isWaiting?: boolean;
}

const FAILED: Entry = {
  tone: 'bad',
  id: () => ['Gagal', 'Transaksi gagal. Saldo Anda tidak terpotong.'],
  en: () => ['Failed', 'The transaction failed. Your account was not debited.'],
};
const IN_PROGRESS: Entry = {
  tone: 'waiting',
  id: () => ['Sedang diproses', 'Jangan ulangi transaksi.'],
  en: () => ['In progress', 'Do not repeat the transaction.'],
  isWaiting: true,
};

/** Wording: domain.md 8.1. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  settled: {
    tone: 'good',
    id: () => ['Berhasil', 'Transaksi berhasil. Simpan bukti transaksi ini.'],
    en: () => ['Successful', 'The transaction succeeded. Keep this receipt.'],
  },
  received: {
    tone: 'good',
    id: (w) => ['Berhasil', `Dana masuk pada ${w.at}.`],
    en: (w) => ['Successful', `Money arrived at ${w.at}.`],
  },
  refunded: {
    tone: 'neutral',
    id: (w) => ['Dana dikembalikan', `${w.total} sudah kembali pada ${w.at}.`],
    en: (w) => ['Money returned', `${w.total} came back at ${w.at}.`],
  },
  refused: FAILED,
  rejected: FAILED,
  cancelled: {
    tone: 'neutral',
    id: (w) => ['Dibatalkan', `${w.total} sudah kembali pada ${w.at}.`],
    en: (w) => ['Cancelled', `${w.total} came back at ${w.at}.`],
  },
  returned: {
    tone: 'neutral',
    id: () => [
      'Dikembalikan ke pengirim',
      'Dana tidak dapat dibukukan dan kembali ke bank pengirim.',
    ],
    en: () => ['Returned to sender', 'The money could not be booked and goes back to its bank.'],
  },
  pending_credit: {
    tone: 'waiting',
    id: () => ['Sedang diproses', 'Dana masuk menunggu penyelesaian.'],
    en: () => ['In progress', 'An incoming credit awaits settlement.'],
  },
  // Somebody stands at a till.
  paying: {
    tone: 'waiting',
    id: () => ['Sedang kami pastikan', 'Jangan bayar lagi. Tunjukkan layar ini ke kasir.'],
    en: () => ['Being checked', 'Do not pay again. Show this screen at the till.'],
    isWaiting: true,
  },
  not_paid: {
    tone: 'neutral',
    id: (w) => [
      'Tidak terbayar',
      `Penjual tidak menerima pembayaran ini. ${w.total} kembali ke rekening Anda pada ${w.at}. Anda boleh membayar lagi.`,
    ],
    en: (w) => [
      'Not paid',
      `The seller did not get this payment. ${w.total} is back in your account since ${w.at}. You may pay again.`,
    ],
  },
  withheld: {
    tone: 'waiting',
    id: () => [
      'Ditahan untuk pemeriksaan',
      'Transaksi ditahan sementara demi keamanan. Dana belum dikirim. Jangan ulangi transaksi.',
    ],
    en: () => [
      'Held for a check',
      'The transaction is held for now to keep your money safe. Nothing has been sent. Do not repeat it.',
    ],
    isWaiting: true,
  },
  review: {
    tone: 'waiting',
    id: () => [
      'Sedang diproses',
      'Petugas kami memastikan transaksi ini. Jangan ulangi transaksi.',
    ],
    en: () => ['In progress', 'Our staff are confirming this transaction. Do not repeat it.'],
    isWaiting: true,
  },
};

/** Label and helper text of a payment's state (domain.md 8.1). An open outcome is never called failed (I2), and a refused
 * payment says that nothing was debited. Unknown states read as in progress: the honest word when we do not know. */
export function paymentStatusText(facts: StatusFacts, language: Language): StatusText {
  const entry = ENTRIES[entryOf(facts)] ?? IN_PROGRESS;
  const [label, help] = entry[language]({
    total: formatRupiah(facts.totalSen),
    at: wibClock(facts.changedAtMs),
  });
  if (!entry.isWaiting || facts.promiseAtMs === undefined) return { label, help, tone: entry.tone };
  const promise = clockOf(facts.promiseAtMs, facts.changedAtMs);
  const told =
    language === 'id' ? `Kami kabari paling lambat ${promise}.` : `We will tell you by ${promise}.`;
  return { label, help: `${help} ${told}`, tone: entry.tone };
}

const PAYING: ReadonlySet<string> = new Set(['held', 'sending', 'accepted', 'unknown']);

const RECEIVED: ReadonlySet<string> = new Set([
  'bifast_in',
  'switch_in',
  'qris_in',
  'qris_scanned',
  'qris_transfer_in',
  'qris_refund_in',
]);

/** To the shop that scanned a code: approved is to come, and what the other bank refused did not happen. */
const SCANNED: Readonly<Record<string, string>> = {
  accepted: 'pending_credit',
  refunded: 'rejected',
  cancelled: 'rejected',
};

/** Cash is drawn, and a shop is paid with a shown code, when it is approved; the settlement is between the banks. */
function entryOf({ kind, state }: StatusFacts): string {
  if (RECEIVED.has(kind) && state === 'settled') return 'received';
  if (kind === 'qris_scanned') return SCANNED[state] ?? state;
  if ((kind === 'qris_out' || kind === 'qris_presented') && state === 'refunded') return 'not_paid';
  if (kind === 'qris_out' && PAYING.has(state)) return 'paying';
  if (kind === 'card_return' || kind === 'onus_refund') return 'received';
  if (kind === 'atm_deposit' && state === 'settled') return 'received';
  const isDone = kind === 'card_withdrawal' || kind === 'qris_presented';
  return isDone && state === 'accepted' ? 'settled' : state;
}
