/** What the mobile channel says about lists and their rows, in both languages. Wording: domain.md section 8. */
import type { BulkState } from '../../bulk/state.ts';
import type { RowFault, RowReason } from '../../notify/bulk-reason.ts';
import type { Language } from '../../notify/template.ts';

interface BulkWords {
  readonly state: Readonly<Record<BulkState, string>>;
  readonly row: Readonly<
    Record<'unchecked' | 'faulty' | 'checked' | 'left' | 'submitting' | 'refused', string>
  >;
  readonly reason: Readonly<Record<RowFault | RowReason, string>>;
  readonly ended: string;
  readonly consent: (facts: ConsentFacts) => string;
}

interface ConsentFacts {
  readonly name: string;
  readonly count: number;
  readonly leftCount: number;
  readonly amount: string;
  readonly fee: string;
  readonly total: string;
  readonly fromAccount: string;
  readonly id: string;
}

export const BULK_WORDS: Readonly<Record<Language, BulkWords>> = {
  id: {
    state: {
      checking: 'Sedang diperiksa',
      ready: 'Siap disetujui',
      running: 'Sedang dikirim',
      paused: 'Berhenti sementara',
      done: 'Selesai diproses',
      cancelled: 'Dibatalkan',
      expired: 'Kedaluwarsa',
    },
    row: {
      unchecked: 'Menunggu diperiksa',
      faulty: 'Bermasalah, tidak ikut',
      checked: 'Siap dikirim',
      left: 'Tidak dikirim',
      submitting: 'Sedang diproses',
      refused: 'Tidak dibayar',
    },
    reason: {
      columns_wrong: 'Jumlah kolom bukan lima.',
      bank_unknown: 'Bank tidak dikenal. Pakai kode tiga angka atau BIC.',
      account_malformed: 'Nomor rekening harus 6 sampai 34 angka.',
      name_missing: 'Nama penerima kosong.',
      amount_malformed: 'Nominal harus angka tanpa titik ribuan, misalnya 1500000 atau 1500000.00.',
      amount_outside_limits: 'Nominal di luar batas jaringan.',
      remark_malformed: 'Berita paling panjang 60 huruf, angka, dan tanda biasa.',
      row_repeated: 'Rekening dan nominal ini sudah ada di baris sebelumnya.',
      same_account: 'Penerima adalah rekening asal.',
      payee_not_found: 'Bank tujuan tidak menemukan rekening ini.',
      name_differs: 'Nama di bank tujuan berbeda.',
      name_unconfirmed: 'Bank tujuan belum memastikan nama. Unggah baris ini lagi nanti.',
      restricted: 'Layanan dibatasi sementara. Kami coba lagi tiap 10 menit.',
      bank_closed: 'Bank tujuan sedang tutup di BI-FAST. Kami coba lagi tiap 10 menit.',
      busy: 'Sistem sedang ramai. Kami coba lagi tiap 10 menit.',
      fee_changed: 'Biaya berubah sejak Anda setuju. Unggah baris ini lagi.',
      account_closed: 'Rekening sudah ditutup.',
      account_frozen: 'Rekening sedang dibekukan.',
      not_possible: 'Transfer ini tidak dapat dilakukan.',
      too_late: 'Waktunya habis sebelum dapat dikirim.',
    },
    ended: 'Belum ada uang yang keluar untuk baris ini.',
    consent: (f) =>
      `Saya setuju mengirim ${f.count} transfer dari daftar ${f.name} (${f.id}) senilai ${f.amount} dari rekening ${f.fromAccount}, biaya ${f.fee}, total ${f.total}. ${f.leftCount} baris tidak ikut. Setiap baris adalah transfer sendiri; yang sudah dikirim tidak dapat dibatalkan.`,
  },
  en: {
    state: {
      checking: 'Being checked',
      ready: 'Ready to be agreed to',
      running: 'Being sent',
      paused: 'Paused',
      done: 'Carried out',
      cancelled: 'Cancelled',
      expired: 'Expired',
    },
    row: {
      unchecked: 'Waiting to be checked',
      faulty: 'Faulty, left out',
      checked: 'Ready to be sent',
      left: 'Not sent',
      submitting: 'In progress',
      refused: 'Not paid',
    },
    reason: {
      columns_wrong: 'It has not five columns.',
      bank_unknown: 'The bank is not known. Use its code of three digits or its BIC.',
      account_malformed: 'An account number has 6 to 34 digits.',
      name_missing: 'The payee’s name is missing.',
      amount_malformed: 'Write the amount without separators, such as 1500000 or 1500000.00.',
      amount_outside_limits: 'The amount is outside the network’s limits.',
      remark_malformed: 'A remark has at most 60 letters, digits and plain signs.',
      row_repeated: 'The same account and amount stand in a row before.',
      same_account: 'The payee is the source account.',
      payee_not_found: 'The payee’s bank does not find this account.',
      name_differs: 'The name at the payee’s bank is another one.',
      name_unconfirmed: 'The payee’s bank did not confirm the name. Upload this row again later.',
      restricted: 'The service is restricted for now. We try again every 10 minutes.',
      bank_closed: 'The payee’s bank is closed at BI-FAST. We try again every 10 minutes.',
      busy: 'The system is busy. We try again every 10 minutes.',
      fee_changed: 'The fee changed since you agreed. Upload this row again.',
      account_closed: 'The account is closed.',
      account_frozen: 'The account is frozen.',
      not_possible: 'This transfer is not possible.',
      too_late: 'Its time was up before it could be sent.',
    },
    ended: 'No money has left for this row.',
    consent: (f) =>
      `I agree to send ${f.count} transfers of the list ${f.name} (${f.id}) worth ${f.amount} from account ${f.fromAccount}, fee ${f.fee}, total ${f.total}. ${f.leftCount} rows are left out. Each row is a transfer of its own; what has been sent cannot be cancelled.`,
  },
};
