/** What the mobile channel says about bills, in both languages. */
import type { Language } from '../../notify/template.ts';
import type { BillerProduct } from '../../rail/biller/product.ts';

interface BillConsentFacts {
  readonly amount: string;
  readonly fee: string;
  readonly total: string;
  readonly product: string;
  readonly customerName: string;
  readonly customerKey: string;
  readonly fromAccount: string;
  readonly periods: string;
}

interface BillWords {
  readonly group: Readonly<Record<BillerProduct['group'], string>>;
  readonly notFound: Readonly<Record<string, { readonly title: string; readonly wayOut: string }>>;
  readonly unknown: { readonly title: string; readonly wayOut: string };
  readonly month: (period: string) => string;
  readonly choice: (count: number, of: number) => string;
  readonly consent: (facts: BillConsentFacts) => string;
  /** Names of what a receipt holds. */
  readonly receipt: Readonly<Record<string, string>>;
  readonly receiptDue: string;
}

const MONTHS = {
  id: [
    'Januari',
    'Februari',
    'Maret',
    'April',
    'Mei',
    'Juni',
    'Juli',
    'Agustus',
    'September',
    'Oktober',
    'November',
    'Desember',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
} as const;

export const BILL_WORDS: Readonly<Record<Language, BillWords>> = {
  id: {
    group: {
      electricity: 'Listrik',
      water: 'Air',
      insurance: 'BPJS',
      tax: 'Pajak',
      phone: 'Pulsa',
      wallet: 'Dompet digital',
      loan: 'Cicilan',
    },
    notFound: {
      '54': {
        title: 'Tidak ada tagihan yang harus dibayar.',
        wayOut: 'Tagihan untuk nomor ini sudah lunas.',
      },
      '88': {
        title: 'Penyedia layanan sedang tidak bisa dihubungi.',
        wayOut: 'Coba lagi nanti. Saldo Anda tidak berkurang.',
      },
      '92': { title: 'Nomor ini tidak ditemukan.', wayOut: 'Periksa lagi nomornya.' },
    },
    unknown: {
      title: 'Tagihan belum bisa dicek.',
      wayOut:
        'Penyedia layanan belum menjawab. Coba lagi sebentar lagi. Saldo Anda tidak berkurang.',
    },
    month: (period) => `${MONTHS.id[Number(period.slice(5)) - 1]} ${period.slice(0, 4)}`,
    choice: (count, of) =>
      count === of
        ? `Semua (${count} bulan)`
        : count === 1
          ? 'Bulan terlama'
          : `${count} bulan terlama`,
    consent: (facts) =>
      `Saya setuju membayar ${facts.amount} dari rekening ${facts.fromAccount} untuk ${facts.product} nomor ${facts.customerKey} atas nama ${facts.customerName}${facts.periods}. Biaya ${facts.fee}, total didebit ${facts.total}.`,
    receipt: {
      token: 'Token listrik',
      kwh: 'Energi (kWh)',
      tariff: 'Tarif',
      power: 'Daya',
      reference: 'No. referensi penyedia',
      ntpd: 'NTPD',
      ntpn: 'NTPN',
      ntb: 'NTB',
      serialNumber: 'No. seri (SN)',
      stand: 'Stan meter',
    },
    receiptDue: 'Bukti dari penyedia sedang kami minta. Pembayaran tidak akan diulang.',
  },
  en: {
    group: {
      electricity: 'Electricity',
      water: 'Water',
      insurance: 'BPJS',
      tax: 'Tax',
      phone: 'Phone credit',
      wallet: 'Wallets',
      loan: 'Instalments',
    },
    notFound: {
      '54': { title: 'Nothing is owed.', wayOut: 'The bill for this number is paid.' },
      '88': {
        title: 'The provider cannot be reached now.',
        wayOut: 'Try again later. Your balance has not changed.',
      },
      '92': { title: 'There is no such number.', wayOut: 'Check the number.' },
    },
    unknown: {
      title: 'The bill could not be looked up yet.',
      wayOut: 'The provider has not answered. Try again in a moment. Your balance has not changed.',
    },
    month: (period) => `${MONTHS.en[Number(period.slice(5)) - 1]} ${period.slice(0, 4)}`,
    choice: (count, of) =>
      count === of
        ? `All (${count} ${count === 1 ? 'month' : 'months'})`
        : count === 1
          ? 'The oldest month'
          : `The ${count} oldest months`,
    consent: (facts) =>
      `I agree to pay ${facts.amount} from account ${facts.fromAccount} for ${facts.product}, number ${facts.customerKey}, in the name of ${facts.customerName}${facts.periods}. Fee ${facts.fee}, total debited ${facts.total}.`,
    receipt: {
      token: 'Electricity token',
      kwh: 'Energy (kWh)',
      tariff: 'Tariff',
      power: 'Power',
      reference: 'Provider reference',
      ntpd: 'NTPD',
      ntpn: 'NTPN',
      ntb: 'NTB',
      serialNumber: 'Serial number (SN)',
      stand: 'Meter reading',
    },
    receiptDue: 'We are asking the provider for its proof. Nothing is paid again.',
  },
};
