import { formatRupiah } from '../kernel/money.ts';
import { wibClock } from '../kernel/time.ts';
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

/** Label and helper text of a payment's state (domain.md 8.1). An open outcome is never called failed (I2), and a refused
 * payment says that nothing was debited. Unknown states read as in progress: the honest word when we do not know. */
export function paymentStatusText(facts: StatusFacts, language: Language): StatusText {
  const total = formatRupiah(facts.totalSen);
  const at = wibClock(facts.changedAtMs);
  const promise = facts.promiseAtMs === undefined ? undefined : wibClock(facts.promiseAtMs);
  const isIndonesian = language === 'id';
  const pick = (
    tone: StatusTone,
    id: readonly [string, string],
    en: readonly [string, string],
  ): StatusText => {
    const [label, help] = isIndonesian ? id : en;
    return { label, help, tone };
  };
  switch (facts.state) {
    case 'settled':
      return facts.kind === 'bifast_in'
        ? pick(
            'good',
            ['Berhasil', `Dana masuk pada ${at}.`],
            ['Successful', `Money arrived at ${at}.`],
          )
        : pick(
            'good',
            ['Berhasil', 'Transaksi berhasil. Simpan bukti transaksi ini.'],
            ['Successful', 'The transaction succeeded. Keep this receipt.'],
          );
    case 'refunded':
      return pick(
        'neutral',
        ['Dana dikembalikan', `${total} sudah kembali pada ${at}.`],
        ['Money returned', `${total} came back at ${at}.`],
      );
    case 'refused':
    case 'rejected':
      return pick(
        'bad',
        ['Gagal', 'Transaksi gagal. Saldo Anda tidak terpotong.'],
        ['Failed', 'The transaction failed. Your account was not debited.'],
      );
    case 'cancelled':
      return pick(
        'neutral',
        ['Dibatalkan', `${total} sudah kembali pada ${at}.`],
        ['Cancelled', `${total} came back at ${at}.`],
      );
    case 'returned':
      return pick(
        'neutral',
        [
          'Dikembalikan ke pengirim',
          'Dana tidak dapat dibukukan dan dikembalikan ke bank pengirim.',
        ],
        ['Returned to sender', 'The money could not be booked and goes back to the sending bank.'],
      );
    case 'pending_credit':
      return pick(
        'waiting',
        ['Sedang diproses', 'Dana masuk menunggu penyelesaian.'],
        ['In progress', 'An incoming credit awaits settlement.'],
      );
    case 'review':
      return pick(
        'waiting',
        [
          'Sedang diproses',
          waitingId(
            promise,
            'Petugas kami sedang memastikan transaksi ini. Jangan ulangi transaksi.',
          ),
        ],
        [
          'In progress',
          waitingEn(promise, 'Our staff are confirming this transaction. Do not repeat it.'),
        ],
      );
    default:
      return pick(
        'waiting',
        ['Sedang diproses', waitingId(promise, 'Jangan ulangi transaksi.')],
        ['In progress', waitingEn(promise, 'Do not repeat the transaction.')],
      );
  }
}

function waitingId(promise: string | undefined, lead: string): string {
  return promise ? `${lead} Kami kabari paling lambat ${promise}.` : lead;
}

function waitingEn(promise: string | undefined, lead: string): string {
  return promise ? `${lead} We will tell you by ${promise}.` : lead;
}
