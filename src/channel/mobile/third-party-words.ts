/** What a customer reads before, while and after a partner may see something, in both languages. Pure. */
import { dateText } from '../../notify/standing-text.ts';
import type { Language } from '../../notify/template.ts';
import { wibDate } from '../../kernel/time.ts';
import { formatRupiah } from '../../kernel/money.ts';
import {
  ACCESS_SCOPES,
  type AccessGrant,
  type AccessScope,
  type DebitLimits,
} from '../grant/port.ts';

interface ThirdPartyWords {
  readonly may: Readonly<Record<AccessScope, string>>;
  readonly mayNot: readonly string[];
  readonly mayNotDebit: readonly string[];
  readonly mayNotQris: readonly string[];
  readonly limits: (perPayment: string, perDay: string) => string;
  /** Of a grant that lets it pay merchants, alone or beside payments to itself. */
  readonly limitsQris: (perPayment: string, perDay: string) => string;
  readonly shortLimits: (perPayment: string, perDay: string) => string;
  readonly noMoney: (partner: string) => string;
  readonly and: string;
  readonly consent: (facts: {
    readonly partner: string;
    readonly may: string;
    readonly accounts: string;
    readonly until: string;
    /** What holds for money. */
    readonly money: string;
  }) => string;
  readonly live: (until: string) => string;
  readonly unused: (until: string) => string;
  readonly expired: (at: string) => string;
  readonly ended: Readonly<Record<NonNullable<AccessGrant['endedBy']>, (at: string) => string>>;
}

/** The words. */
export const THIRD_PARTY_WORDS: Readonly<Record<Language, ThirdPartyWords>> = {
  id: {
    may: {
      balance: 'melihat saldo dan status rekening',
      history: 'melihat riwayat transaksi dan mutasi rekening',
      debit: 'mengambil pembayaran dari rekening',
      qris: 'membayar pedagang dengan QRIS dari rekening',
    },
    mayNot: ['memindahkan uang Anda', 'melihat PIN atau kata sandi Anda'],
    mayNotDebit: [
      'mengambil lebih dari batas yang Anda tetapkan',
      'mengirim uang Anda kepada pihak lain',
      'melihat PIN atau kata sandi Anda',
    ],
    mayNotQris: [
      'memindahkan lebih dari batas yang Anda tetapkan',
      'mengirim uang Anda kepada pihak yang tidak disebut di atas',
      'melihat PIN atau kata sandi Anda',
    ],
    limitsQris: (perPayment, perDay) =>
      `Pembayaran olehnya, termasuk kepada merchant QRIS, paling banyak ${perPayment} setiap kali dan ${perDay} sehari, tanpa PIN saya.`,
    limits: (perPayment, perDay) =>
      `Pembayaran kepadanya paling banyak ${perPayment} setiap kali dan ${perDay} sehari, tanpa PIN saya.`,
    shortLimits: (perPayment, perDay) =>
      `paling banyak ${perPayment} sekali bayar dan ${perDay} sehari`,
    noMoney: (partner) => `${partner} tidak dapat memindahkan uang saya.`,
    and: 'dan',
    consent: ({ partner, may, accounts, until, money }) =>
      `Saya mengizinkan ${partner} ${may}, untuk rekening ${accounts}, sampai ${until}. ${money} Saya dapat mencabut izin ini kapan saja di aplikasi ini; pencabutan berlaku seketika.`,
    live: (until) => `Berlaku sampai ${until}`,
    unused: (until) => `Belum dipakai, berlaku sampai ${until}`,
    expired: (at) => `Berakhir sendiri ${at}`,
    ended: {
      customer: (at) => `Anda cabut ${at}`,
      replaced: (at) => `Diganti izin baru ${at}`,
      reuse: (at) => `Kami akhiri demi keamanan ${at}`,
    },
  },
  en: {
    may: {
      balance: 'see the balance and state of the accounts',
      history: 'see transactions and statements of the accounts',
      debit: 'take payments from the accounts',
      qris: 'pay merchants by QRIS from the accounts',
    },
    mayNot: ['move your money', 'see your PIN or password'],
    mayNotDebit: [
      'take more than the limits that you set',
      'send your money to anybody else',
      'see your PIN or password',
    ],
    mayNotQris: [
      'move more than the limits that you set',
      'send your money to anybody who is not named above',
      'see your PIN or password',
    ],
    limitsQris: (perPayment, perDay) =>
      `Payments that it makes, to QRIS merchants too, are at most ${perPayment} each and ${perDay} a day, without my PIN.`,
    limits: (perPayment, perDay) =>
      `Payments to it are at most ${perPayment} each and ${perDay} a day, without my PIN.`,
    shortLimits: (perPayment, perDay) => `at most ${perPayment} per payment and ${perDay} per day`,
    noMoney: (partner) => `${partner} cannot move my money.`,
    and: 'and',
    consent: ({ partner, may, accounts, until, money }) =>
      `I allow ${partner} to ${may}, for account ${accounts}, until ${until}. ${money} I can revoke this permission in this app at any time; it ends at once.`,
    live: (until) => `Valid until ${until}`,
    unused: (until) => `Not used yet, valid until ${until}`,
    expired: (at) => `Ended by itself on ${at}`,
    ended: {
      customer: (at) => `Revoked by you on ${at}`,
      replaced: (at) => `Replaced by a new one on ${at}`,
      reuse: (at) => `Ended by us for safety on ${at}`,
    },
  },
};

/** The text that a customer agrees to, word for word; the same facts on the same day give the same text. */
export function grantText(
  facts: {
    readonly partnerName: string;
    readonly scopes: readonly AccessScope[];
    readonly accounts: readonly string[];
    readonly untilMs: number;
    readonly limits?: DebitLimits | undefined;
  },
  language: Language,
): string {
  const words = THIRD_PARTY_WORDS[language];
  return words.consent({
    partner: facts.partnerName,
    may: joined(mayOf(facts.scopes, language), words.and),
    accounts: joined(facts.accounts.toSorted(), words.and),
    until: dateText(wibDate(facts.untilMs), language),
    money: facts.limits
      ? words[facts.scopes.includes('qris') ? 'limitsQris' : 'limits'](
          formatRupiah(facts.limits.perPaymentSen),
          formatRupiah(facts.limits.perDaySen),
        )
      : words.noMoney(facts.partnerName),
  });
}

/** Scopes in words, in one order whatever order they were asked in. */
export function mayOf(scopes: readonly AccessScope[], language: Language): readonly string[] {
  const { may } = THIRD_PARTY_WORDS[language];
  return ACCESS_SCOPES.filter((scope) => scopes.includes(scope)).map((scope) => may[scope]);
}

/** What a partner with these scopes could never do, in words. */
export function mayNotOf(scopes: readonly AccessScope[], language: Language): string[] {
  const { mayNot, mayNotDebit, mayNotQris } = THIRD_PARTY_WORDS[language];
  if (scopes.includes('qris')) return [...mayNotQris];
  return [...(scopes.includes('debit') ? mayNotDebit : mayNot)];
}

/** A grant as the customer sees it in the list. */
export function showGrant(
  grant: AccessGrant,
  reader: { readonly language: Language; readonly nowMs: number },
) {
  const words = THIRD_PARTY_WORDS[reader.language];
  const day = (ms: number): string => dateText(wibDate(ms), reader.language);
  const isLive = grant.endedAtMs === undefined && grant.expiresAtMs > reader.nowMs;
  const status =
    grant.endedAtMs !== undefined && grant.endedBy !== undefined
      ? words.ended[grant.endedBy](day(grant.endedAtMs))
      : !isLive
        ? words.expired(day(grant.expiresAtMs))
        : grant.isUsed
          ? words.live(day(grant.expiresAtMs))
          : words.unused(day(grant.expiresAtMs));
  return {
    id: grant.id,
    partnerName: grant.partnerName,
    may: [
      ...mayOf(grant.scopes, reader.language),
      ...(grant.limits
        ? [
            words.shortLimits(
              formatRupiah(grant.limits.perPaymentSen),
              formatRupiah(grant.limits.perDaySen),
            ),
          ]
        : []),
    ],
    accounts: [...grant.accounts],
    madeAtMs: grant.madeAtMs,
    expiresAtMs: grant.expiresAtMs,
    isLive,
    status,
  };
}

function joined(parts: readonly string[], and: string): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${and} ${parts.at(-1)!}`;
}
