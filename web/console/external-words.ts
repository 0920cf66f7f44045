/** The words of alarms that others told us. */
const id = {
  title: 'Peringatan dari luar',
  none: 'Tidak ada peringatan yang belum dibaca',
  noneText:
    'Peringatan dari jaringan, regulator, bank lain, mitra, atau nasabah dicatat di sini. Yang tidak dibaca dalam sepuluh menit membatasi layanannya, dalam dua puluh menit menghentikannya.',
  add: 'Catat peringatan',
  addTitle: 'Catat dan mulai waktunya',
  source: 'Dari siapa',
  sources: {
    switch: 'Jaringan',
    regulator: 'Regulator',
    bank: 'Bank lain',
    partner: 'Mitra',
    customer: 'Nasabah',
  } as Readonly<Record<string, string>>,
  rail: 'Layanan',
  rails: { bifast: 'BI-FAST', switch: 'Online', qris: 'QRIS', biller: 'Tagihan' } as Readonly<
    Record<string, string>
  >,
  reference: 'Referensi mereka',
  referenceHint: 'Nomor surat, tiket, atau pesan. Bukan nama atau nomor rekening.',
  raised: 'Dicatat oleh',
  throttle: 'Dibatasi pukul',
  stop: 'Dihentikan pukul',
  isThrottled: 'sudah lewat: layanan dibatasi',
  isStopped: 'sudah lewat: layanan dihentikan',
  acknowledge: 'Saya sudah membaca, saya tangani',
  acknowledged: 'Waktunya berhenti. Pembatasan yang sudah ada tetap berlaku.',
};

const en: typeof id = {
  title: 'Alarms from outside',
  none: 'No alarm that nobody has read',
  noneText:
    'Alarms from networks, the regulator, other banks, partners or customers are entered here. One that nobody reads within ten minutes throttles its service, within twenty stops it.',
  add: 'Enter an alarm',
  addTitle: 'Enter it and start its clock',
  source: 'From whom',
  sources: {
    switch: 'Network',
    regulator: 'Regulator',
    bank: 'Other bank',
    partner: 'Partner',
    customer: 'Customer',
  },
  rail: 'Service',
  rails: { bifast: 'BI-FAST', switch: 'Online', qris: 'QRIS', biller: 'Bills' },
  reference: 'Their reference',
  referenceHint: 'Of a letter, ticket or message. No name and no account number.',
  raised: 'Entered by',
  throttle: 'Throttled at',
  stop: 'Stopped at',
  isThrottled: 'passed: the service is throttled',
  isStopped: 'passed: the service is stopped',
  acknowledge: 'I have read it and own it',
  acknowledged: 'Its clock has ended. Restrictions in force stay.',
};

/** Both languages. */
export const EXTERNAL_ALARM_WORDS = { id, en };
