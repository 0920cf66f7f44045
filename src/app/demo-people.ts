/** The people of the demo bank: invented names, stable numbers. Pure. */
import { createHash } from 'node:crypto';
import type { MerchantDraft } from '../merchant/port.ts';

/** How many customers the demo bank has. */
export const CUSTOMER_COUNT = 10_000;
/** All demo accounts begin with the bank's code. */
export const ACCOUNT_PREFIX = '199';

const FIRST = [
  'Siti',
  'Budi',
  'Agus',
  'Dewi',
  'Rina',
  'Joko',
  'Putri',
  'Wayan',
  'Made',
  'Nyoman',
  'Asep',
  'Eko',
  'Fitri',
  'Hendra',
  'Indah',
  'Lestari',
  'Mega',
  'Nur',
  'Ratna',
  'Yusuf',
  'Ahmad',
  'Bayu',
  'Citra',
  'Dian',
  'Fajar',
  'Gita',
  'Hani',
  'Ilham',
  'Kartika',
  'Laras',
  'Maya',
  'Nanda',
] as const;
const LAST = [
  'Santoso',
  'Wijaya',
  'Pratama',
  'Sari',
  'Hidayat',
  'Nugroho',
  'Kusuma',
  'Siregar',
  'Harahap',
  'Saputra',
  'Rahayu',
  'Mahendra',
  'Utami',
  'Setiawan',
  'Lubis',
  'Permata',
  'Simanjuntak',
  'Halim',
  'Wulandari',
  'Purnomo',
  'Gunawan',
  'Handayani',
  'Ramadhan',
  'Suryani',
] as const;

/** One customer with one account. */
export interface DemoCustomer {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly openingRupiah: number;
  /** Bank staff are customers too; recovery stages begin with them. */
  readonly isStaff: boolean;
}

/** The customer at `index`, from 0. The first ones are those who can sign in. */
export function demoCustomer(index: number): DemoCustomer {
  const number = String(index + 1).padStart(7, '0');
  const hash = createHash('sha256').update(`demo-customer:${index}`).digest();
  const named = SIGN_IN[index];
  return {
    id: `cus_demo${number}`,
    name: named?.name ?? `${FIRST[hash[0]! % FIRST.length]!} ${LAST[hash[1]! % LAST.length]!}`,
    account: `${ACCOUNT_PREFIX}${number}`,
    openingRupiah: named?.openingRupiah ?? 250_000 + 50_000 * (hash.readUInt16BE(2) % 1_000),
    isStaff: named?.isStaff ?? index % 100 === 99,
  };
}

/** Every demo customer. */
export function demoCustomers(): readonly DemoCustomer[] {
  return Array.from({ length: CUSTOMER_COUNT }, (_, index) => demoCustomer(index));
}

/** Those who can sign in to the app. */
export const SIGN_IN: readonly {
  readonly username: string;
  readonly name: string;
  readonly openingRupiah: number;
  readonly isStaff: boolean;
}[] = [
  { username: 'sari', name: 'Sari Wulandari', openingRupiah: 12_500_000, isStaff: false },
  { username: 'budi', name: 'Budi Santoso', openingRupiah: 48_750_000, isStaff: false },
  { username: 'rina', name: 'Rina Hidayat', openingRupiah: 7_300_000, isStaff: true },
];

/** Who of them may send lists of transfers, and what by them on a day. */
export const BULK_PAYER = { index: 1, rowMax: 10_000, dayMaxRupiah: 1_000_000_000 } as const;

/** Staff of the console. Two different people release; one of them alone cannot. */
export const STAFF = [
  { id: 'stf_operator1', username: 'operator1', name: 'Andi Prasetyo', role: 'operator' },
  { id: 'stf_operator2', username: 'operator2', name: 'Maya Lestari', role: 'operator' },
  { id: 'stf_risk1', username: 'risk1', name: 'Dewi Kartika', role: 'risk' },
] as const;

/** The partner of the SNAP API. */
export const PARTNER = {
  id: 'demo-partner',
  name: 'Toko Nusantara (demo)',
  account: `${ACCOUNT_PREFIX}9000001`,
  openingRupiah: 2_000_000_000,
  /** Where its page takes a customer's browser back. */
  redirectUrl: 'https://toko-nusantara.example/kembali',
} as const;

/** Merchants whose acquirer the demo bank is. Their takings go to accounts of their own; the partner makes codes for the first two. The first is
 * Rina's, who sees it in the app. */
export const MERCHANTS: readonly (MerchantDraft & {
  readonly owner: string;
  readonly customerId?: string;
})[] = [
  {
    id: 'mer_demo1',
    serial: 1n,
    nmid: 'ID1020000019901',
    name: 'WARUNG BU SRI',
    owner: 'Rina Hidayat',
    customerId: demoCustomer(2).id,
    city: 'YOGYAKARTA',
    postalCode: '55221',
    category: '5812',
    merchantClass: 'UMI',
    settlementAccount: `${ACCOUNT_PREFIX}9100001`,
    partnerId: PARTNER.id,
    terminals: ['A01'],
  },
  {
    id: 'mer_demo2',
    serial: 2n,
    nmid: 'ID1020000019902',
    name: 'TOKO NUSANTARA',
    owner: 'Toko Nusantara (demo)',
    city: 'JAKARTA PUSAT',
    postalCode: '10110',
    category: '5411',
    merchantClass: 'UME',
    settlementAccount: `${ACCOUNT_PREFIX}9100002`,
    partnerId: PARTNER.id,
    terminals: ['K01', 'K02'],
  },
  {
    id: 'mer_demo3',
    serial: 3n,
    nmid: 'ID1020000019903',
    name: 'SD CONTOH PULIH',
    owner: 'Yayasan Contoh Pulih',
    city: 'SLEMAN',
    postalCode: '55281',
    category: '8211',
    merchantClass: 'EDU',
    settlementAccount: `${ACCOUNT_PREFIX}9100003`,
    terminals: ['S01'],
  },
];

/** The bank's own account for the small payments that fill a thin recovery stage, and where they go. */
export const SYNTHETIC = {
  /** Counts as staff, so that its payments pass the first stage. */
  customerId: 'cus_synthetic',
  account: `${ACCOUNT_PREFIX}9000002`,
  name: 'Bank Pulih Uji Pemulihan',
  openingRupiah: 10_000_000,
  targets: [
    { bank: 'BNINIDJA', account: '1100000001', name: 'ASEP NUGROHO' },
    { bank: 'CENAIDJA', account: '1100000002', name: 'INDAH HIDAYAT' },
  ],
} as const;

/** The customers who pay now and then through the partner, so that a demo shows life; never those who can sign in. */
export const TRAFFIC = { from: 1_000, count: 500 } as const;

/** Members of the network. */
export const BANKS = [
  { bic: 'PULHIDJA', name: 'Bank Pulih Daerah', shortName: 'Bank Pulih', bankCode: '199' },
  { bic: 'BNINIDJA', name: 'Bank Negara Indonesia', shortName: 'BNI', bankCode: '009' },
  { bic: 'CENAIDJA', name: 'Bank Central Asia', shortName: 'BCA', bankCode: '014' },
  { bic: 'BMRIIDJA', name: 'Bank Mandiri', shortName: 'Mandiri', bankCode: '008' },
  { bic: 'BRINIDJA', name: 'Bank Rakyat Indonesia', shortName: 'BRI', bankCode: '002' },
] as const;

/** A mobile number and an e-mail address of a customer who can sign in. Numbers end in 0804: nobody else's at the hub. */
export function demoContacts(
  username: string,
  index: number,
): readonly { readonly index: number; readonly kind: '01' | '02'; readonly value: string }[] {
  return [
    { index, kind: '01', value: `62811${String(1_000 + index)}0804` },
    { index, kind: '02', value: `${username}0804@contoh.id` },
  ];
}
