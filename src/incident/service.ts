/** The services that customers know, and which flows each one is. Names in both languages; `key` is stable. */
import type { Scope } from '../gate/restriction.ts';
import { isNarrow } from '../gate/scope.ts';

export type Language = 'id' | 'en';
export type Both = Readonly<Record<Language, string>>;

export interface Service {
  readonly key:
    | 'mobile_app'
    | 'onus_transfer'
    | 'bifast_out'
    | 'bifast_in'
    | 'switch_out'
    | 'switch_in'
    | 'cash_other'
    | 'qris_out'
    | 'bill'
    | 'partner_api';
  readonly name: Both;
  /** What a customer can use instead. */
  readonly alternative: Both;
  /** Another way to the same, and what is said of it while it runs as usual. */
  readonly other?: { readonly key: Service['key']; readonly words: Both };
  readonly flow: Pick<Scope, 'rail' | 'direction' | 'channel' | 'product'>;
  /** Payment kinds whose outcomes measure it. */
  readonly paymentKinds: readonly string[];
}

const ONUS: Both = {
  id: 'Transfer sesama bank, kantor cabang, dan ATM kami tetap dapat digunakan.',
  en: 'Transfers within our bank, our branches and our ATMs stay available.',
};
const BRANCH: Both = {
  id: 'Kantor cabang tetap melayani Anda.',
  en: 'Our branches still serve you.',
};

/** Every service that a customer or partner can name. */
export const SERVICES: readonly Service[] = [
  {
    key: 'mobile_app',
    name: { id: 'Aplikasi mobile', en: 'Mobile app' },
    alternative: BRANCH,
    flow: { channel: 'mobile' },
    paymentKinds: [],
  },
  {
    key: 'onus_transfer',
    name: { id: 'Transfer sesama bank', en: 'Transfers within our bank' },
    alternative: BRANCH,
    flow: { rail: 'onus', direction: 'out' },
    paymentKinds: ['onus'],
  },
  {
    key: 'bifast_out',
    name: { id: 'Transfer antarbank (BI-FAST)', en: 'Transfers to other banks (BI-FAST)' },
    alternative: ONUS,
    other: {
      key: 'switch_out',
      words: {
        id: 'Ke bank lain gunakan transfer online (jaringan ATM).',
        en: 'To other banks use online transfers (ATM network).',
      },
    },
    flow: { rail: 'bifast', direction: 'out' },
    paymentKinds: ['bifast_out'],
  },
  {
    key: 'bifast_in',
    name: { id: 'Terima dari bank lain', en: 'Incoming from other banks' },
    alternative: {
      id: 'Minta pengirim mencoba lagi setelah kabar berikutnya.',
      en: 'Ask the sender to try again after our next update.',
    },
    flow: { rail: 'bifast', direction: 'in' },
    paymentKinds: ['bifast_in'],
  },
  {
    key: 'switch_out',
    name: { id: 'Transfer online (jaringan ATM)', en: 'Online transfers (ATM network)' },
    alternative: ONUS,
    other: {
      key: 'bifast_out',
      words: {
        id: 'Ke bank lain gunakan BI-FAST.',
        en: 'To other banks use BI-FAST.',
      },
    },
    flow: { rail: 'switch', direction: 'out' },
    paymentKinds: ['switch_out'],
  },
  {
    key: 'switch_in',
    name: { id: 'Terima transfer online', en: 'Incoming online transfers' },
    alternative: {
      id: 'Minta pengirim mencoba lagi setelah kabar berikutnya.',
      en: 'Ask the sender to try again after our next update.',
    },
    flow: { rail: 'switch', direction: 'in', product: 'transfer' },
    paymentKinds: ['switch_in'],
  },
  {
    key: 'cash_other',
    name: { id: 'Tarik tunai di ATM bank lain', en: 'Cash at other banks’ ATMs' },
    alternative: {
      id: 'Tarik tunai di ATM kami atau di kantor cabang.',
      en: 'Draw cash at our own ATMs or at a branch.',
    },
    flow: { rail: 'switch', direction: 'in', product: 'cash' },
    paymentKinds: [],
  },
  {
    key: 'qris_out',
    name: { id: 'Bayar QRIS ke pedagang bank lain', en: 'QRIS payments to other banks’ merchants' },
    alternative: {
      id: 'Pedagang bank kami tetap dapat dibayar dengan QRIS. Untuk yang lain gunakan tunai atau kartu.',
      en: 'Merchants of our bank can still be paid by QRIS. For others use cash or a card.',
    },
    flow: { rail: 'qris', direction: 'out' },
    paymentKinds: ['qris_out', 'qris_presented', 'qris_transfer_out'],
  },
  {
    key: 'bill',
    name: { id: 'Tagihan dan isi ulang', en: 'Bills and top-ups' },
    alternative: {
      id: 'Bayar di kantor cabang kami atau di gerai penyedia.',
      en: 'Pay at our branches or at the provider’s own counters.',
    },
    flow: { rail: 'biller', direction: 'out' },
    paymentKinds: ['bill'],
  },
  {
    key: 'partner_api',
    name: { id: 'API mitra (SNAP)', en: 'Partner API (SNAP)' },
    alternative: BRANCH,
    flow: { channel: 'snap' },
    paymentKinds: [],
  },
];

/** How much of a service a scope touches. `part` = only some banks, accounts, amounts or channels. One shop is no part of a service that the
 * public needs to know of. */
export function touches(service: Service, scope: Scope): 'none' | 'part' | 'whole' {
  if (scope.merchant !== undefined) return 'none';
  const { rail, direction, channel, product } = service.flow;
  // A channel as a service is touched by what is said of that channel or of everything, not by one rail.
  if (channel !== undefined) {
    if (scope.rail !== undefined || (scope.channel !== undefined && scope.channel !== channel))
      return 'none';
  } else {
    if (scope.rail !== undefined && scope.rail !== rail) return 'none';
    if (scope.direction !== undefined && scope.direction !== direction) return 'none';
    if (product !== undefined && scope.product !== undefined && scope.product !== product)
      return 'none';
  }
  const { channel: named, product: kind, ...rest } = scope;
  const isPart =
    isNarrow(rest) ||
    (product === undefined && kind !== undefined) ||
    (channel === undefined && named !== undefined) ||
    (channel !== undefined && scope.direction === 'in');
  return isPart ? 'part' : 'whole';
}

/** The services that stay fully open under these scopes, by name. */
export function openServices(scopes: readonly Scope[]): readonly Service[] {
  return SERVICES.filter((service) => scopes.every((scope) => touches(service, scope) === 'none'));
}
