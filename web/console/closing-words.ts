/** Words of closing an incident. */
const id = {
  close: 'Tulis laporan penutupan',
  again: 'Tulis ulang laporan',
  title: 'Simpan laporan penutupan',
  hint: 'Orang kedua membaca dan menyetujui. Menutup tidak melepas pembatasan apa pun.',
  cause: 'Penyebab yang terbukti',
  remedy: 'Yang sudah diperbaiki',
  textHint: 'Minimal 20 huruf. Tanpa nama dan nomor rekening.',
  reference: 'Nomor laporan akhir ke regulator',
  referenceHint: 'Huruf, angka, dan . _ / -',
  askedYou: 'Anda menulis laporan ini. Menunggu orang kedua.',
  askedOther: (name: string) => `Laporan dari ${name}, menunggu persetujuan Anda:`,
  agree: 'Setujui dan tutup insiden',
  asked: 'Laporan tersimpan, menunggu orang kedua',
  closed: 'Insiden ditutup',
  closedAt: 'Ditutup',
};

const en: typeof id = {
  close: 'Write the closing report',
  again: 'Write the report anew',
  title: 'Keep the closing report',
  hint: 'A second person reads it and agrees. Closing lifts no restriction.',
  cause: 'The proven cause',
  remedy: 'What was put right',
  textHint: 'At least 20 letters. No names, no account numbers.',
  reference: 'Number of the final report to the regulators',
  referenceHint: 'Letters, digits, and . _ / -',
  askedYou: 'You wrote this report. Waiting for a second person.',
  askedOther: (name: string) => `A report by ${name}, waiting for your agreement:`,
  agree: 'Agree and close the incident',
  asked: 'Report kept, waiting for a second person',
  closed: 'Incident closed',
  closedAt: 'Closed',
};

export const CLOSING_WORDS = { id, en };
