/** The words of proxies that do not come from the server, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  by: 'Kirim ke',
  byOptions: { account: 'Rekening bank', proxy: 'Nomor HP / e-mail' },
  field: 'Nomor HP atau e-mail penerima',
  hint: 'Contoh: 0812 3456 7890 atau nama@contoh.id. Namanya tampil sebagian, untuk melindungi pemiliknya.',
  rule: 'Nomor HP atau e-mail belum diisi.',
  check: 'Cari penerima',
  title: 'Proxy saya',
  lead: 'Dengan proxy, orang dapat mengirim uang ke nomor HP atau e-mail Anda tanpa nomor rekening.',
  empty: 'Belum ada nomor atau e-mail terdaftar',
  emptyWhy: 'Daftarkan nomor HP atau e-mail Anda lebih dulu di cabang kami.',
  account: 'Uang masuk ke rekening',
  operations: {
    NEWR: 'Daftarkan',
    PORT: 'Pindahkan ke sini',
    AMND: 'Ganti rekening',
    SUSP: 'Hentikan sementara',
    ACTV: 'Aktifkan',
    DEAC: 'Hapus',
  },
  explain: {
    NEWR: 'Uang yang dikirim ke proxy ini akan masuk ke rekening di bawah.',
    PORT: 'Proxy ini terdaftar di bank lain. Setelah dipindahkan, uang masuk ke rekening di bawah.',
    AMND: 'Uang yang dikirim ke proxy ini akan masuk ke rekening di bawah.',
    SUSP: 'Uang yang dikirim ke proxy ini ditolak sampai Anda mengaktifkannya lagi.',
    ACTV: 'Uang yang dikirim ke proxy ini akan diterima lagi.',
    DEAC: 'Proxy ini dihapus dari BI-FAST. Anda dapat mendaftarkannya lagi.',
  },
  done: 'Tersimpan',
  types: { '01': 'Nomor HP', '02': 'E-mail' },
};

const EN: typeof ID = {
  by: 'Send to',
  byOptions: { account: 'Bank account', proxy: 'Mobile number / e-mail' },
  field: 'Mobile number or e-mail of the payee',
  hint: 'For example 0812 3456 7890 or name@example.id. The name is shown in part, to protect its owner.',
  rule: 'The mobile number or e-mail is not filled in yet.',
  check: 'Find the payee',
  title: 'My proxies',
  lead: 'With a proxy people can send money to your mobile number or e-mail without your account number.',
  empty: 'No number or e-mail on record yet',
  emptyWhy: 'Have your mobile number or e-mail recorded at one of our branches first.',
  account: 'Money arrives in account',
  operations: {
    NEWR: 'Register',
    PORT: 'Move it here',
    AMND: 'Change account',
    SUSP: 'Pause',
    ACTV: 'Activate',
    DEAC: 'Remove',
  },
  explain: {
    NEWR: 'Money sent to this proxy will arrive in the account below.',
    PORT: 'This proxy is registered at another bank. Once moved, money arrives in the account below.',
    AMND: 'Money sent to this proxy will arrive in the account below.',
    SUSP: 'Money sent to this proxy is refused until you activate it again.',
    ACTV: 'Money sent to this proxy is accepted again.',
    DEAC: 'This proxy is removed from BI-FAST. You can register it again.',
  },
  done: 'Saved',
  types: { '01': 'Mobile number', '02': 'E-mail' },
};

/** By language. */
export const PROXY_WORDS: Readonly<Record<Language, typeof ID>> = { id: ID, en: EN };
