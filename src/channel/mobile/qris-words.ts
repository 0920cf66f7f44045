/** What the app says of a scanned code, in both languages. The rules are those of `rail/qris`; no rule is decided here. */
import type { CodeReading } from '../../merchant/port.ts';
import type { Language } from '../../notify/template.ts';
import type { AdditionalField, QrisCode, QrisWarning } from '../../rail/qris/code.ts';
import type { QrisFaultCode } from '../../rail/qris/fault.ts';

interface Said {
  readonly title: string;
  readonly wayOut: string;
}

type RefusalGroup =
  | 'damaged'
  | 'not_qris'
  | 'foreign'
  | 'amount'
  | 'cap'
  | 'tip'
  | 'institution'
  | 'identity'
  | 'transfer';

export type WarningCode = QrisWarning['code'] | CodeReading['warnings'][number];

/** Rules by what a person can do about them. */
export const REFUSAL_GROUP = {
  empty: 'not_qris',
  too_long: 'not_qris',
  text_invalid: 'not_qris',
  structure_broken: 'damaged',
  length_invalid: 'damaged',
  duplicate_tag: 'damaged',
  format_indicator_not_first: 'not_qris',
  crc_not_last: 'damaged',
  missing_tag: 'damaged',
  format_indicator_invalid: 'not_qris',
  crc_format: 'damaged',
  crc_mismatch: 'damaged',
  value_invalid: 'damaged',
  country_not_supported: 'foreign',
  currency_not_rupiah: 'foreign',
  amount_format: 'amount',
  amount_decimals: 'amount',
  amount_zero: 'amount',
  amount_above_cap: 'cap',
  tip_fee_missing: 'tip',
  tip_fee_unexpected: 'tip',
  tip_fee_invalid: 'tip',
  account_missing: 'institution',
  nns_unknown: 'institution',
  repository_missing: 'identity',
  nmid_invalid: 'identity',
  transfer_not_dynamic: 'transfer',
  category_invalid: 'transfer',
  purpose_invalid: 'transfer',
  unique_data_invalid: 'transfer',
} as const satisfies Record<QrisFaultCode, RefusalGroup>;

interface QrisWords {
  readonly refusal: Readonly<Record<RefusalGroup, Said>>;
  readonly warning: Readonly<
    Record<WarningCode, { readonly title: string; readonly help: string }>
  >;
  readonly kind: Readonly<Record<QrisCode['kind'], string>>;
  readonly method: Readonly<Record<QrisCode['method'], string>>;
  readonly tipPrompt: string;
  readonly tipFixed: (fee: string) => string;
  readonly tipPercent: (percent: string) => string;
  readonly asks: Readonly<Record<AdditionalField, string>>;
  readonly used: Said;
  readonly expired: Said;
  readonly aboveCap: Said;
  readonly absent: Said;
  readonly consent: (facts: {
    readonly total: string;
    readonly tip: string | undefined;
    readonly name: string;
    readonly city: string;
    readonly nmid: string;
    /** Of a merchant of another bank: where it is paid. */
    readonly bank: string | undefined;
    readonly fromAccount: string;
  }) => string;
  /** QRIS Transfer. */
  readonly consentPerson: (facts: {
    readonly amount: string;
    /** Absent: free. */
    readonly fee: string | undefined;
    readonly name: string;
    readonly bank: string;
    readonly account: string;
    readonly fromAccount: string;
  }) => string;
}

/** All of it. */
export const QRIS_WORDS: Readonly<Record<Language, QrisWords>> = {
  id: {
    refusal: {
      damaged: {
        title: 'Kode ini rusak atau tidak terbaca utuh.',
        wayOut: 'Pindai sekali lagi, atau minta penjual menampilkan kode yang baru.',
      },
      not_qris: {
        title: 'Ini bukan kode QRIS.',
        wayOut: 'Pastikan gambar atau teks itu kode dengan logo QRIS.',
      },
      foreign: {
        title: 'Kode ini bukan kode QRIS Indonesia dalam rupiah.',
        wayOut: 'Pembayaran di luar negeri belum didukung. Gunakan cara bayar lain.',
      },
      amount: {
        title: 'Nominal di kode ini tidak sah.',
        wayOut: 'Minta penjual membuat kode yang baru.',
      },
      cap: {
        title: 'Nominal di kode ini melebihi batas QRIS.',
        wayOut: 'Minta penjual membagi pembayaran, atau gunakan transfer.',
      },
      tip: {
        title: 'Biaya tambahan di kode ini tidak sah.',
        wayOut: 'Minta penjual membuat kode yang baru.',
      },
      institution: {
        title: 'Lembaga penerima di kode ini tidak dikenal.',
        wayOut: 'Jangan membayar kode ini. Minta penjual memeriksanya ke penyedia QRIS-nya.',
      },
      identity: {
        title: 'Kode ini tidak memuat identitas pedagang nasional (NMID).',
        wayOut: 'Jangan membayar kode ini. Minta penjual memeriksanya ke penyedia QRIS-nya.',
      },
      transfer: {
        title: 'Kode transfer atau tunai ini tidak sah.',
        wayOut: 'Minta penerima membuat kode yang baru di aplikasinya.',
      },
    },
    warning: {
      check_digit_wrong: {
        title: 'Nomor pedagang di kode ini janggal',
        help: 'Angka pemeriksanya tidak cocok. Cocokkan nama pada kode dengan penjual.',
      },
      static_with_amount: {
        title: 'Kode tetap ini memuat nominal',
        help: 'Kode cetak biasanya tanpa nominal. Periksa nominalnya bersama penjual.',
      },
      name_differs: {
        title: 'Nama di kode berbeda dari data pedagang',
        help: 'Kode mungkin ditempeli orang lain. Jangan membayar sebelum penjual memastikannya.',
      },
      city_differs: {
        title: 'Kota di kode berbeda dari data pedagang',
        help: 'Kode mungkin ditempeli orang lain. Jangan membayar sebelum penjual memastikannya.',
      },
      acquirer_differs: {
        title: 'Lembaga penerima berbeda dari data pedagang',
        help: 'Kode mungkin ditempeli orang lain. Jangan membayar sebelum penjual memastikannya.',
      },
      terminal_of_other_merchant: {
        title: 'Kode ini memakai nomor pedagang lain',
        help: 'Kode mungkin ditempeli orang lain. Jangan membayar sebelum penjual memastikannya.',
      },
      merchant_not_known: {
        title: 'Pedagang ini tidak terdaftar di bank kami',
        help: 'Kode menyebut bank kami, tetapi pedagangnya tidak kami kenal. Jangan membayar kode ini.',
      },
      code_not_made_here: {
        title: 'Kode ini tidak kami buat',
        help: 'Isinya berbeda dari kode asli pedagang. Jangan membayar; minta kode yang baru.',
      },
      merchant_closed: {
        title: 'Pedagang ini sudah tidak menerima QRIS',
        help: 'Kodenya tidak berlaku lagi. Bayar dengan cara lain atau minta kode yang baru.',
      },
    },
    kind: {
      merchant: 'Pembayaran ke pedagang',
      transfer: 'QRIS Transfer',
      cash_out: 'Tarik Tunai',
      cash_in: 'Setor Tunai',
    },
    method: { static: 'Kode tetap', dynamic: 'Kode sekali pakai' },
    tipPrompt: 'Tip sukarela, Anda yang menentukan',
    tipFixed: (fee) => `Ditambah ${fee}`,
    tipPercent: (percent) => `Ditambah ${percent} % dari nominal`,
    asks: {
      billNumber: 'Nomor tagihan',
      mobileNumber: 'Nomor ponsel',
      storeLabel: 'Nama toko',
      loyaltyNumber: 'Nomor anggota',
      referenceLabel: 'Nomor referensi',
      customerLabel: 'Nomor pelanggan',
      terminalLabel: 'Nomor kasir',
      purpose: 'Keperluan',
      consumerData: 'Data pembeli',
      proprietary: 'Data tambahan',
    },
    used: {
      title: 'Kode ini sudah dibayar.',
      wayOut: 'Minta penjual membuat kode yang baru bila masih ada yang harus dibayar.',
    },
    expired: {
      title: 'Masa berlaku kode ini sudah lewat.',
      wayOut: 'Minta penjual membuat kode yang baru.',
    },
    aboveCap: {
      title: 'Nominal dan tambahannya melebihi batas QRIS.',
      wayOut: 'Minta penjual membagi pembayaran, atau gunakan transfer.',
    },
    absent: {
      title: 'Belum bisa dibayar di sini',
      wayOut:
        'Kode tunai dan kode yang minta isian belum bisa dibayar; kode yang diragukan tidak kami bayar. Saldo Anda tidak berubah.',
    },
    consent: (facts) =>
      `Saya setuju membayar ${facts.total} kepada ${facts.name}, ${facts.city} (${placeOf(facts)}) dengan QRIS dari rekening ${facts.fromAccount}.${facts.tip === undefined ? '' : ` Termasuk tambahan ${facts.tip}.`} Tanpa biaya bagi saya.`,
    consentPerson: (facts) =>
      `Saya setuju mengirim ${facts.amount} kepada ${facts.name}, ${facts.bank} ${facts.account}, dengan QRIS Transfer dari rekening ${facts.fromAccount}. ${facts.fee === undefined ? 'Tanpa biaya.' : `Biaya ${facts.fee}.`}`,
  },
  en: {
    refusal: {
      damaged: {
        title: 'This code is damaged or was not read as a whole.',
        wayOut: 'Scan it once more, or ask the seller to show a new code.',
      },
      not_qris: {
        title: 'This is not a QRIS code.',
        wayOut: 'Make sure that the picture or text is a code with the QRIS logo.',
      },
      foreign: {
        title: 'This is not an Indonesian QRIS code in rupiah.',
        wayOut: 'Payments abroad are not supported yet. Pay in another way.',
      },
      amount: {
        title: 'The amount in this code is not valid.',
        wayOut: 'Ask the seller to make a new code.',
      },
      cap: {
        title: 'The amount in this code is above the QRIS limit.',
        wayOut: 'Ask the seller to split the payment, or use a transfer.',
      },
      tip: {
        title: 'The extra charge in this code is not valid.',
        wayOut: 'Ask the seller to make a new code.',
      },
      institution: {
        title: 'The receiving institution in this code is not known.',
        wayOut: 'Do not pay this code. Ask the seller to check with their QRIS provider.',
      },
      identity: {
        title: 'This code has no national merchant identity (NMID).',
        wayOut: 'Do not pay this code. Ask the seller to check with their QRIS provider.',
      },
      transfer: {
        title: 'This transfer or cash code is not valid.',
        wayOut: 'Ask the receiver to make a new code in their app.',
      },
    },
    warning: {
      check_digit_wrong: {
        title: 'The merchant number in this code is odd',
        help: 'Its check digit does not fit. Compare the name in the code with the seller.',
      },
      static_with_amount: {
        title: 'This fixed code holds an amount',
        help: 'A printed code usually has none. Check the amount with the seller.',
      },
      name_differs: {
        title: 'The name in the code differs from the merchant’s record',
        help: 'Somebody may have pasted this code. Do not pay before the seller has confirmed it.',
      },
      city_differs: {
        title: 'The city in the code differs from the merchant’s record',
        help: 'Somebody may have pasted this code. Do not pay before the seller has confirmed it.',
      },
      acquirer_differs: {
        title: 'The receiving institution differs from the merchant’s record',
        help: 'Somebody may have pasted this code. Do not pay before the seller has confirmed it.',
      },
      terminal_of_other_merchant: {
        title: 'This code uses another merchant’s number',
        help: 'Somebody may have pasted this code. Do not pay before the seller has confirmed it.',
      },
      merchant_not_known: {
        title: 'This merchant is not registered with our bank',
        help: 'The code names our bank, but we do not know the merchant. Do not pay this code.',
      },
      code_not_made_here: {
        title: 'We did not make this code',
        help: 'It differs from the merchant’s own code. Do not pay; ask for a new one.',
      },
      merchant_closed: {
        title: 'This merchant takes QRIS no more',
        help: 'Its code is no longer valid. Pay in another way or ask for a new code.',
      },
    },
    kind: {
      merchant: 'Payment to a merchant',
      transfer: 'QRIS transfer',
      cash_out: 'Cash withdrawal',
      cash_in: 'Cash deposit',
    },
    method: { static: 'Fixed code', dynamic: 'Single-use code' },
    tipPrompt: 'A tip as you like',
    tipFixed: (fee) => `Plus ${fee}`,
    tipPercent: (percent) => `Plus ${percent} % of the amount`,
    asks: {
      billNumber: 'Bill number',
      mobileNumber: 'Mobile number',
      storeLabel: 'Store',
      loyaltyNumber: 'Membership number',
      referenceLabel: 'Reference number',
      customerLabel: 'Customer number',
      terminalLabel: 'Till',
      purpose: 'Purpose',
      consumerData: 'Details of the buyer',
      proprietary: 'Further data',
    },
    used: {
      title: 'This code has been paid already.',
      wayOut: 'Ask the seller for a new code if anything is still due.',
    },
    expired: {
      title: 'This code has expired.',
      wayOut: 'Ask the seller to make a new code.',
    },
    aboveCap: {
      title: 'Amount and extra charge are above the QRIS limit.',
      wayOut: 'Ask the seller to split the payment, or use a transfer.',
    },
    absent: {
      title: 'Cannot be paid here yet',
      wayOut:
        'Cash codes, and codes that ask you to type something, cannot be paid yet; a doubtful code we do not pay. Your balance has not changed.',
    },
    consent: (facts) =>
      `I agree to pay ${facts.total} to ${facts.name}, ${facts.city} (${placeOf(facts)}) by QRIS from account ${facts.fromAccount}.${facts.tip === undefined ? '' : ` This includes an extra of ${facts.tip}.`} There is no fee for me.`,
    consentPerson: (facts) =>
      `I agree to send ${facts.amount} to ${facts.name}, ${facts.bank} ${facts.account}, by QRIS Transfer from account ${facts.fromAccount}. ${facts.fee === undefined ? 'There is no fee.' : `The fee is ${facts.fee}.`}`,
  },
};

/** NMID and bank, as far as they are said. */
function placeOf(facts: { readonly nmid: string; readonly bank: string | undefined }): string {
  return [facts.nmid && `NMID ${facts.nmid}`, facts.bank].filter(Boolean).join(', ');
}
