/** A restriction in a customer's words. Derived from the restriction alone; a person may add words elsewhere, never another
 * colour (I7). A containment is never called maintenance: each reason class has its own sentence. Wording: domain.md 8.1, 8.2. */
import type { ReasonClass, Restriction, Scope } from '../../gate/restriction.ts';
import { isNarrow } from '../../gate/scope.ts';
import { formatRupiah } from '../../kernel/money.ts';
import { wibClock, wibDate } from '../../kernel/time.ts';
import type { Language } from '../../notify/template.ts';
import type { ExplainRestriction, ServiceState } from './port.ts';

interface Words {
  readonly service: (scope: Scope) => string;
  readonly cap: (input: { readonly service: string; readonly amount: string }) => string;
  readonly stepUp: (service: string) => string;
  readonly watched: (service: string) => string;
  readonly throttled: (service: string) => string;
  readonly held: (service: string) => string;
  readonly recovering: (input: {
    readonly service: string;
    readonly stage: number;
    readonly cap: string | undefined;
  }) => string;
  readonly stopped: Readonly<
    Record<ReasonClass, (input: { readonly service: string; readonly since: string }) => string>
  >;
  readonly word: Readonly<Record<ReasonClass, string>>;
  readonly recoveringWord: string;
  readonly reason: Readonly<Record<ReasonClass, string>>;
  readonly openOnus: string;
  readonly openOut: string;
  readonly openMerchants: string;
  readonly openMachines: string;
  readonly openOtherShops: string;
  readonly openBelow: (amount: string) => string;
  readonly openUpTo: (amount: string) => string;
  readonly openOtherBank: string;
  readonly openBranch: string;
}

/** The texts, exported for the test that no containment is called maintenance. */
export const EXPLAIN_WORDS: Readonly<Record<Language, Words>> = {
  id: {
    service: (scope) =>
      serviceName(scope, {
        all: 'Semua transaksi',
        out: 'Transfer antarbank (BI-FAST)',
        online: 'Transfer online (jaringan ATM)',
        in: 'Dana masuk dari bank lain',
        onus: 'Transfer sesama bank',
        cash: 'Tarik tunai di ATM bank lain',
        bill: 'Tagihan dan isi ulang',
        qris: 'Pembayaran QRIS ke pedagang bank lain',
        shop: 'Pembayaran QRIS ke pedagang ini',
        other: 'Layanan ini',
        to: 'ke',
      }),
    cap: ({ service, amount }) => `${service} kami batasi sampai ${amount} per transaksi.`,
    stepUp: (service) => `${service} untuk sementara perlu pemeriksaan tambahan.`,
    watched: (service) => `${service} berjalan seperti biasa dan kami pantau lebih dekat.`,
    throttled: (service) => `${service} untuk sementara kami batasi jumlahnya per menit.`,
    held: (service) =>
      `${service} untuk sementara kami periksa satu per satu sebelum dikirim; dananya kami tahan dulu.`,
    recovering: ({ service, stage, cap }) =>
      `${service} sedang dipulihkan bertahap, tahap ${stage}${cap ? `, dengan batas ${cap} per transaksi` : ''}.`,
    stopped: {
      containment: ({ service, since }) => `${service} kami batasi sementara sejak ${since}.`,
      technical: ({ service, since }) => `${service} sedang mengalami gangguan sejak ${since}.`,
      partner: ({ service, since }) =>
        `${service} sedang terganggu di jaringan tujuan sejak ${since}.`,
      maintenance: ({ service, since }) =>
        `${service} sedang dalam pemeliharaan terjadwal sejak ${since}.`,
      exercise: ({ service, since }) => `${service} dihentikan untuk latihan sejak ${since}.`,
    },
    word: {
      containment: 'Dibatasi sementara',
      technical: 'Gangguan',
      partner: 'Gangguan jaringan tujuan',
      maintenance: 'Pemeliharaan terjadwal',
      exercise: 'Latihan',
    },
    recoveringWord: 'Pemulihan bertahap',
    reason: {
      containment: 'Kami membatasinya demi keamanan transaksi.',
      technical: 'Penyebabnya sedang kami tangani.',
      partner: 'Layanan kami yang lain berjalan normal.',
      maintenance: 'Pekerjaan ini sudah dijadwalkan sebelumnya.',
      exercise: 'Ini latihan, bukan gangguan.',
    },
    openOnus: 'Transfer sesama bank tetap dapat digunakan.',
    openMerchants:
      'Pedagang bank kami tetap dapat dibayar dengan QRIS. Untuk pedagang lain gunakan tunai atau kartu.',
    openMachines: 'ATM kami tetap dapat digunakan.',
    openOtherShops: 'Pedagang lain tetap dapat dibayar. Di sini gunakan tunai atau kartu.',
    openOut: 'Transfer antarbank (BI-FAST) tetap dapat digunakan.',
    openBelow: (amount) => `Anda tetap dapat mengirim di bawah ${amount}.`,
    openUpTo: (amount) => `Anda tetap dapat mengirim sampai ${amount} per transaksi.`,
    openOtherBank: 'Transfer ke bank lain dan sesama bank tetap dapat digunakan.',
    openBranch: 'Kantor cabang tetap melayani Anda.',
  },
  en: {
    service: (scope) =>
      serviceName(scope, {
        all: 'All transactions',
        out: 'Transfers to other banks (BI-FAST)',
        online: 'Online transfers (ATM network)',
        in: 'Money from other banks',
        onus: 'Transfers within our bank',
        cash: 'Cash at other banks’ ATMs',
        bill: 'Bills and top-ups',
        qris: 'QRIS payments to merchants of other banks',
        shop: 'QRIS payments to this merchant',
        other: 'This service',
        to: 'to',
      }),
    cap: ({ service, amount }) => `${service}: limited to ${amount} per transfer.`,
    stepUp: (service) => `${service}: an extra check is needed for now.`,
    watched: (service) => `${service}: open as usual, and watched more closely.`,
    throttled: (service) => `${service}: limited per minute for now.`,
    held: (service) =>
      `${service}: checked one by one before it is sent, for now; its money is set aside.`,
    recovering: ({ service, stage, cap }) =>
      `${service}: coming back in stages, stage ${stage}${cap ? `, up to ${cap} per transfer` : ''}.`,
    stopped: {
      containment: ({ service, since }) => `${service}: temporarily restricted since ${since}.`,
      technical: ({ service, since }) => `${service}: disrupted since ${since}.`,
      partner: ({ service, since }) =>
        `${service}: disrupted in the other bank's network since ${since}.`,
      maintenance: ({ service, since }) => `${service}: in planned maintenance since ${since}.`,
      exercise: ({ service, since }) => `${service}: stopped for an exercise since ${since}.`,
    },
    word: {
      containment: 'Temporarily restricted',
      technical: 'Disrupted',
      partner: 'Disrupted at the other bank',
      maintenance: 'Planned maintenance',
      exercise: 'Exercise',
    },
    recoveringWord: 'Coming back in stages',
    reason: {
      containment: 'We restricted it to keep transactions safe.',
      technical: 'We are working on the cause.',
      partner: 'Our other services run normally.',
      maintenance: 'This work was scheduled in advance.',
      exercise: 'This is an exercise, not a disruption.',
    },
    openOnus: 'Transfers within our bank stay open.',
    openMerchants:
      'Merchants of our bank can still be paid by QRIS. For others use cash or a card.',
    openMachines: 'Our own ATMs stay open.',
    openOtherShops: 'Other merchants can still be paid. Use cash or a card here.',
    openOut: 'Transfers to other banks (BI-FAST) stay open.',
    openBelow: (amount) => `You can still send less than ${amount}.`,
    openUpTo: (amount) => `You can still send up to ${amount} per transfer.`,
    openOtherBank: 'Transfers to other banks and within our bank stay open.',
    openBranch: 'Our branches still serve you.',
  },
};

/** The one explanation of a restriction for customers, on every face. */
export const explainRestriction: ExplainRestriction = ({ restriction, language, nowMs }) => {
  const words = EXPLAIN_WORDS[language];
  const { admission, scope, reasonClass } = restriction;
  const service = words.service(scope);
  const title = titleOf(restriction, {
    words,
    service,
    since: clockOf(restriction.madeAtMs, nowMs),
  });
  return {
    state: stateOf(restriction),
    word: admission ? words.recoveringWord : words.word[reasonClass],
    title,
    reason: words.reason[reasonClass],
    alternative: alternativeOf(restriction, words),
    nextUpdateAtMs: restriction.nextUpdateAtMs,
    ...(admission
      ? { percent: admission.staffOnly ? 0 : Math.floor(admission.bucketsBelow / 100) }
      : {}),
  };
};

/** The shape a restriction has on every face. */
function stateOf(restriction: Restriction): ServiceState {
  if (restriction.admission) return 'recovering';
  if (restriction.action.kind === 'step_up') return 'watched';
  if (restriction.action.kind === 'allow') return 'watched';
  // What closes one customer's own account is closed for whoever reads this; the other dimensions leave something open.
  const { account: _account, channel: _channel, ...scope } = restriction.scope;
  return restriction.action.kind === 'stop' && !isNarrow(scope) ? 'stopped' : 'limited';
}

function titleOf(
  restriction: Restriction,
  input: { readonly words: Words; readonly service: string; readonly since: string },
): string {
  const { words, service, since } = input;
  if (restriction.admission) {
    const cap = restriction.admission.capSen;
    return words.recovering({
      service,
      stage: restriction.admission.stage + 1,
      cap: cap === undefined ? undefined : formatRupiah(BigInt(cap)),
    });
  }
  switch (restriction.action.kind) {
    case 'cap':
      return words.cap({ service, amount: formatRupiah(BigInt(restriction.action.amountSen)) });
    case 'step_up':
      return words.stepUp(service);
    case 'allow':
      return words.watched(service);
    case 'throttle':
      return words.throttled(service);
    case 'hold':
      return words.held(service);
    case 'stop':
      return words.stopped[restriction.reasonClass]({ service, since });
  }
}

/** Only what the restriction itself leaves open: nothing is promised that another restriction might close for all. */
function alternativeOf({ scope, action }: Restriction, words: Words): string {
  if (scope.merchant !== undefined) return words.openOtherShops;
  if (scope.amountFromSen !== undefined)
    return words.openBelow(formatRupiah(BigInt(scope.amountFromSen)));
  if (action.kind === 'cap') return words.openUpTo(formatRupiah(BigInt(action.amountSen)));
  if (scope.bank !== undefined) return words.openOtherBank;
  if (scope.rail === 'switch' && scope.product === 'cash') return words.openMachines;
  if (scope.rail === 'qris' && scope.direction !== 'in') return words.openMerchants;
  if (scope.rail === 'onus') return words.openOut;
  if (scope.rail !== undefined) return words.openOnus;
  return words.openBranch;
}

function serviceName(
  scope: Scope,
  names: Readonly<
    Record<
      'all' | 'out' | 'online' | 'in' | 'onus' | 'cash' | 'bill' | 'qris' | 'shop' | 'other' | 'to',
      string
    >
  >,
): string {
  const bank = scope.bank === undefined ? '' : ` ${names.to} ${scope.bank}`;
  if (scope.merchant !== undefined) return names.shop;
  switch (scope.rail) {
    case undefined:
      return names.all;
    case 'onus':
      return names.onus;
    case 'qris':
      return (scope.direction === 'out' ? names.qris : names.other) + bank;
    case 'biller':
      return names.bill;
    case 'bifast':
      return (scope.direction === 'in' ? names.in : names.out) + bank;
    case 'switch':
      if (scope.product === 'cash') return names.cash + bank;
      return (scope.direction === 'out' ? names.online : names.other) + bank;
    default:
      return names.other;
  }
}

function clockOf(atMs: number, nowMs: number): string {
  return wibDate(atMs) === wibDate(nowMs) ? wibClock(atMs) : `${wibDate(atMs)} ${wibClock(atMs)}`;
}
