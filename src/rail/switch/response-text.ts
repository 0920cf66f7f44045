/** What a customer reads about an answer of the switch, in Bahasa Indonesia. Source: domain.md 4.5. */

/** By key; a code of any network leads to one of these. */
export const RESPONSE_TEXTS = {
  done: 'Transaksi berhasil',
  in_process: 'Transaksi sedang diproses',
  not_possible_now: 'Transaksi belum dapat diproses',
  system_trouble: 'Terjadi gangguan sistem',
  provider_trouble: 'Layanan penyedia sedang gangguan',
  refused_ask_bank: 'Transaksi ditolak, hubungi bank',
  not_possible: 'Transaksi tidak dapat dilakukan',
  amount_invalid: 'Nominal tidak valid',
  card_invalid: 'Nomor kartu tidak valid',
  issuer_unknown: 'Bank penerbit tidak dikenal',
  data_not_found: 'Data tidak ditemukan',
  bank_not_available: 'Bank tujuan tidak tersedia',
  bank_trouble: 'Bank tujuan sedang gangguan',
  card_expired: 'Kartu kedaluwarsa',
  card_blocked: 'Kartu diblokir',
  bill_paid: 'Tagihan sudah dibayar',
  bill_not_available: 'Tagihan tidak tersedia',
  funds_short: 'Saldo tidak mencukupi',
  account_not_found: 'Rekening tidak ditemukan',
  payee_invalid: 'Rekening tujuan tidak valid',
  account_inactive: 'Rekening tidak aktif',
  pin_wrong: 'PIN salah',
  pin_blocked: 'PIN terblokir',
  not_permitted: 'Transaksi tidak diizinkan',
  held_for_safety: 'Transaksi ditangguhkan demi keamanan',
  limit_amount: 'Melebihi batas nominal',
  limit_count: 'Melebihi batas jumlah transaksi',
  end_of_day: 'Sedang proses akhir hari, coba lagi',
  sent_before: 'Transaksi sudah pernah dikirim',
  merchant_unknown: 'Pedagang tidak dikenal',
  merchant_closed: 'Pedagang tidak menerima pembayaran',
  code_used: 'Kode QR sudah dipakai atau kedaluwarsa',
  card_not_verified: 'Kartu tidak dapat diverifikasi',
} as const satisfies Readonly<Record<string, string>>;

/** A key of the table. */
export type ResponseText = keyof typeof RESPONSE_TEXTS;
