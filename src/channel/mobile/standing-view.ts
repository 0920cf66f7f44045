/** Standing orders and their runs as a customer reads them: when, in words, what became of each date and why. Pure. */
import { formatRupiah } from '../../kernel/money.ts';
import { dateText, STANDING_REASON_WORDS } from '../../notify/standing-text.ts';
import { paymentStatusText, type StatusTone } from '../../notify/status.ts';
import type { StandingReason } from '../../notify/standing-reason.ts';
import type { Language } from '../../notify/template.ts';
import type { RunClock } from '../../standing/decide-due.ts';
import type { StandingOrder, StandingRun } from '../../standing/port.ts';
import type { Schedule } from '../../standing/schedule.ts';
import { mayMoveStanding, type StandingState } from '../../standing/state.ts';
import { momentText, type ConsentFacts } from './words.ts';
import { wireAmount, type Reader } from './view.ts';

interface StandingWords {
  readonly weekdays: readonly string[];
  readonly once: (date: string) => string;
  readonly weekly: (weekday: string, from: string) => string;
  readonly monthly: (day: string, from: string) => string;
  /** A day that some months do not have. */
  readonly lastDay: string;
  readonly never: string;
  readonly until: (date: string) => string;
  readonly times: (count: number) => string;
  readonly state: Readonly<Record<StandingState, string>>;
  readonly run: Readonly<Record<'waiting' | 'submitting' | 'missed', string>>;
  readonly because: (why: string) => string;
  readonly again: (at: string) => string;
  readonly consent: (facts: ConsentFacts & { readonly when: string }) => string;
  /** Under what is restricted now. */
  readonly stillPossible: (lateDays: number) => string;
  /** What happens on a date; `first` and `later` are clock times. */
  readonly how: (first: string, later: readonly string[]) => string;
}

/** The words. */
export const STANDING_WORDS: Readonly<Record<Language, StandingWords>> = {
  id: {
    weekdays: ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu'],
    once: (date) => `sekali pada ${date}`,
    weekly: (weekday, from) => `setiap ${weekday} mulai ${from}`,
    monthly: (day, from) => `setiap bulan tanggal ${day} mulai ${from}`,
    lastDay: ' (atau hari terakhir bulan itu)',
    never: ', sampai Anda membatalkannya',
    until: (date) => `, sampai ${date}`,
    times: (count) => `, ${count} kali`,
    state: { active: 'Aktif', paused: 'Dijeda', cancelled: 'Dibatalkan', ended: 'Selesai' },
    run: { waiting: 'Menunggu', submitting: 'Sedang diproses', missed: 'Tidak dijalankan' },
    because: (why) => `Karena ${why}.`,
    again: (at) => `Kami coba lagi ${at}.`,
    consent: (facts) =>
      `Saya setuju mengirim ${facts.amount} dari rekening ${facts.fromAccount} ke ${facts.payeeName}, ${facts.payeeBank}, rekening ${facts.payeeAccount}, ${facts.when}. Biaya yang berlaku pada hari itu, paling tinggi ${facts.fee} (biaya saat ini); bila lebih tinggi, tidak dikirim dan saya dikabari. Total paling tinggi ${facts.total} setiap kali.${facts.remark ? ` Berita: ${facts.remark}.` : ''}`,
    stillPossible: (lateDays) =>
      `Transfer terjadwal tetap dapat dibuat. Bila pada tanggalnya layanan masih dibatasi, kami terus mencoba sampai ${lateDays} hari sesudahnya dan mengabari Anda.`,
    how: (first, later) =>
      `Pada tanggalnya, mulai pukul ${first} WIB, saldo Anda didebit, lalu transfer dikirim. ${later.length > 0 ? `Bila saldo belum cukup, kami coba lagi pukul ${later.join(' dan ')} WIB. ` : ''}Bila nama penerima berubah, tidak dikirim. Anda dikabari setiap kali.`,
  },
  en: {
    weekdays: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    once: (date) => `once on ${date}`,
    weekly: (weekday, from) => `every ${weekday} from ${from}`,
    monthly: (day, from) => `every month on day ${day} from ${from}`,
    lastDay: ' (or the last day of the month)',
    never: ', until you cancel it',
    until: (date) => `, until ${date}`,
    times: (count) => (count === 1 ? ', once' : `, ${count} times`),
    state: { active: 'Active', paused: 'Paused', cancelled: 'Cancelled', ended: 'Finished' },
    run: { waiting: 'Waiting', submitting: 'In progress', missed: 'Not carried out' },
    because: (why) => `Because ${why}.`,
    again: (at) => `We try again ${at}.`,
    consent: (facts) =>
      `I agree to send ${facts.amount} from account ${facts.fromAccount} to ${facts.payeeName}, ${facts.payeeBank}, account ${facts.payeeAccount}, ${facts.when}. The fee of that day applies, at most ${facts.fee} (the fee now); if it is higher, nothing is sent and I am told. Total at most ${facts.total} each time.${facts.remark ? ` Remark: ${facts.remark}.` : ''}`,
    stillPossible: (lateDays) =>
      `You can still make the standing order. If the service is still restricted on the date, we keep trying for ${lateDays === 1 ? 'one day' : `${lateDays} days`} after it and tell you.`,
    how: (first, later) =>
      `On the date, from ${first} WIB on, your balance is debited, then the transfer is sent. ${later.length > 0 ? `If your balance does not cover it, we try again at ${later.join(' and ')} WIB. ` : ''}If the payee’s name has changed, nothing is sent. You are told each time.`,
  },
};

/** Days that every month has. */
const SHORTEST_MONTH = 28;

/** When a schedule runs, in words that fit into a sentence. */
export function whenText({ repetition, firstDate, end }: Schedule, language: Language): string {
  const words = STANDING_WORDS[language];
  const first = dateText(firstDate, language);
  if (repetition === 'once') return words.once(first);
  const day = Number(firstDate.slice(8));
  const weekday = words.weekdays[new Date(`${firstDate}T00:00:00Z`).getUTCDay()]!;
  const begin =
    repetition === 'weekly'
      ? words.weekly(weekday, first)
      : words.monthly(day > SHORTEST_MONTH ? `${day}${words.lastDay}` : String(day), first);
  switch (end.kind) {
    case 'never':
      return begin + words.never;
    case 'until':
      return begin + words.until(dateText(end.date, language));
    case 'times':
      return begin + words.times(end.count);
  }
}

/** What happens on a date, at the hours that the settings give. */
export function howText({ tryMinutes }: RunClock, language: Language): string {
  const [first = '00:00', ...later] = [...new Set(tryMinutes)].map(clockText);
  return STANDING_WORDS[language].how(first, later);
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The very words of a consent. */
export function standingConsentText(
  facts: Omit<ConsentFacts, 'amount' | 'fee' | 'total'> & {
    readonly amountSen: bigint;
    readonly feeSen: bigint;
    readonly schedule: Schedule;
  },
  language: Language,
): string {
  return STANDING_WORDS[language].consent({
    ...facts,
    amount: formatRupiah(facts.amountSen),
    fee: formatRupiah(facts.feeSen),
    total: formatRupiah(facts.amountSen + facts.feeSen),
    when: whenText(facts.schedule, language),
  });
}

const TONES: Readonly<Record<StandingState, StatusTone>> = {
  active: 'good',
  paused: 'waiting',
  cancelled: 'neutral',
  ended: 'neutral',
};

/** One order. */
export function showOrder(order: StandingOrder, reader: Reader) {
  const { language } = reader;
  const { state } = order;
  const may = (to: StandingState): boolean => mayMoveStanding({ from: state, to });
  return {
    id: order.id,
    state,
    status: { label: STANDING_WORDS[language].state[state], tone: TONES[state] },
    ...(order.reason !== undefined && { note: noteOf(order.reason, language) }),
    payee: {
      name: order.payeeName,
      bank:
        order.payeeBank === reader.bank.bic
          ? reader.bank.name
          : (reader.bankNames.get(order.payeeBank) ?? order.payeeBank),
      account: order.payeeAccount,
    },
    fromAccount: order.debitAccount,
    amount: wireAmount(order.amountSen),
    feeMax: wireAmount(order.feeMaxSen),
    remark: order.remark,
    when: capital(whenText(order.schedule, language)),
    ...(order.nextDate !== undefined &&
      state === 'active' && { next: dateText(order.nextDate, language) }),
    can: { pause: may('paused'), resume: may('active'), cancel: may('cancelled') },
    madeAtMs: order.madeAtMs,
  };
}

function noteOf(reason: StandingReason, language: Language): string {
  const { why, todo } = STANDING_REASON_WORDS[language][reason];
  return `${STANDING_WORDS[language].because(why)} ${todo}`;
}

/** One date as it is shown. */
interface RunView {
  readonly date: string;
  readonly status: { readonly label: string; readonly tone: StatusTone };
  readonly note?: string;
  readonly paymentId?: string;
}

/** One date: the state of its payment where there is one. */
export function showRun(
  run: StandingRun,
  input: {
    readonly language: Language;
    readonly nowMs: number;
    readonly payment: { readonly kind: string; readonly state: string } | undefined;
  },
): RunView {
  const { language, payment } = input;
  const words = STANDING_WORDS[language];
  const date = dateText(run.date, language);
  if (run.paymentId !== undefined) {
    const facts = { state: payment?.state ?? '', kind: payment?.kind ?? '' };
    const { label, tone } = paymentStatusText({ ...facts, totalSen: 0n, changedAtMs: 0 }, language);
    return { date, status: { label, tone }, paymentId: run.paymentId };
  }
  const state = run.state === 'submitted' ? 'submitting' : run.state;
  const tone: StatusTone = state === 'missed' ? 'bad' : 'waiting';
  const shown = { date, status: { label: words.run[state], tone } };
  const { reason, dueAtMs } = run;
  if (reason === undefined) return shown;
  if (state === 'missed') return { ...shown, note: noteOf(reason, language) };
  const why = words.because(STANDING_REASON_WORDS[language][reason].why);
  const again = dueAtMs === undefined ? '' : words.again(momentText({ ...input, atMs: dueAtMs }));
  return { ...shown, note: `${why} ${again}`.trim() };
}

/** With a capital letter, where it stands alone. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
