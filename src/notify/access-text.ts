/** What a customer reads about access that partners have to their accounts, and about money that a partner gave back. */
import { formatRupiah } from '../kernel/money.ts';
import { wibClock } from '../kernel/time.ts';
import type { Language, MessageParams, MessageTemplate } from './template.ts';

type AccessTemplate = Extract<MessageTemplate, `${'access_grant' | 'direct_debit'}.${string}`>;
type Text = (params: MessageParams) => { readonly title: string; readonly body: string };

/** Words by language and template. */
export const ACCESS_TEXTS: Readonly<Record<Language, Readonly<Record<AccessTemplate, Text>>>> = {
  id: {
    'access_grant.made': ({ name, reference }) => ({
      title: 'Akses pihak ketiga diberikan',
      body: `${name} kini boleh melihat data rekening yang Anda pilih. Uang Anda tidak dapat dipindahkan dengan izin ini. Bukan Anda? Buka Lainnya, Akses pihak ketiga, lalu cabut, dan ganti PIN Anda. No. referensi ${reference}.`,
    }),
    'access_grant.made_debit': ({ name, reference }) => ({
      title: 'Izin pembayaran diberikan',
      body: `${name} kini boleh mengambil pembayaran dari rekening yang Anda pilih, dalam batas yang Anda tetapkan. Bukan Anda? Buka Lainnya, Akses pihak ketiga, lalu cabut, dan ganti PIN Anda. No. referensi ${reference}.`,
    }),
    'access_grant.made_qris': ({ name, reference }) => ({
      title: 'Izin pembayaran diberikan',
      body: `${name} kini boleh membayar dari rekening yang Anda pilih, termasuk kepada merchant QRIS, dalam batas yang Anda tetapkan. Bukan Anda? Buka Lainnya, Akses pihak ketiga, lalu cabut, dan ganti PIN Anda. No. referensi ${reference}.`,
    }),
    'direct_debit.code_qris': ({ amountSen, name, payee, code, nextAtMs, reference }) => ({
      title: 'Kode pembayaran QRIS',
      body: `${code ?? '-'} adalah kode untuk pembayaran ${formatRupiah(BigInt(amountSen))} kepada merchant ${payee ?? '-'} lewat ${name}. Berlaku sampai ${wibClock(Number(nextAtMs ?? 0))}. Ketik hanya di halaman ${name}; petugas kami tidak pernah memintanya. Bukan Anda? Abaikan, lalu cabut izinnya di Lainnya, Akses pihak ketiga. No. referensi ${reference}.`,
    }),
    'direct_debit.code': ({ amountSen, name, code, nextAtMs, reference }) => ({
      title: 'Kode pembayaran',
      body: `${code ?? '-'} adalah kode untuk pembayaran ${formatRupiah(BigInt(amountSen))} ke ${name}. Berlaku sampai ${wibClock(Number(nextAtMs ?? 0))}. Ketik hanya di halaman ${name}; petugas kami tidak pernah memintanya. Bukan Anda? Abaikan, lalu cabut izinnya di Lainnya, Akses pihak ketiga. No. referensi ${reference}.`,
    }),
    'direct_debit.code_bind': ({ name, code, nextAtMs, reference }) => ({
      title: 'Kode penghubung rekening',
      body: `${code ?? '-'} adalah kode untuk menghubungkan rekening Anda dengan ${name}: sesudahnya ${name} dapat mengambil pembayaran dalam batas izin Anda tanpa Anda masuk lagi. Berlaku sampai ${wibClock(Number(nextAtMs ?? 0))}. Ketik hanya di halaman ${name}; petugas kami tidak pernah memintanya. Bukan Anda? Abaikan, lalu cabut izinnya di Lainnya, Akses pihak ketiga. No. referensi ${reference}.`,
    }),
    'direct_debit.taken': ({ amountSen, name, reference }) => ({
      title: 'Pembayaran diambil',
      body: `${name} mengambil pembayaran ${formatRupiah(BigInt(amountSen))} dari rekening Anda, sesuai izin yang Anda berikan. Bukan pembayaran Anda? Cabut izinnya di Lainnya, Akses pihak ketiga, dan hubungi kami. No. referensi ${reference}.`,
    }),
    'direct_debit.returned': ({ amountSen, name, reference }) => ({
      title: 'Dana dikembalikan',
      body: `${name} mengembalikan ${formatRupiah(BigInt(amountSen))} ke rekening Anda. No. referensi ${reference}.`,
    }),
    'access_grant.ended': ({ name, reference }) => ({
      title: 'Akses pihak ketiga berakhir',
      body: `${name} tidak lagi punya akses ke rekening Anda. No. referensi ${reference}.`,
    }),
  },
  en: {
    'access_grant.made': ({ name, reference }) => ({
      title: 'Third-party access given',
      body: `${name} may now see data of the accounts that you chose. Your money cannot be moved with this permission. Not you? Open More, Third-party access, revoke it, and change your PIN. Reference ${reference}.`,
    }),
    'access_grant.made_debit': ({ name, reference }) => ({
      title: 'Payment permission given',
      body: `${name} may now take payments from the accounts that you chose, within the limits that you set. Not you? Open More, Third-party access, revoke it, and change your PIN. Reference ${reference}.`,
    }),
    'access_grant.made_qris': ({ name, reference }) => ({
      title: 'Payment permission given',
      body: `${name} may now pay from the accounts that you chose, QRIS merchants too, within the limits that you set. Not you? Open More, Third-party access, revoke it, and change your PIN. Reference ${reference}.`,
    }),
    'direct_debit.code_qris': ({ amountSen, name, payee, code, nextAtMs, reference }) => ({
      title: 'QRIS payment code',
      body: `${code ?? '-'} is the code for a payment of ${formatRupiah(BigInt(amountSen))} to the merchant ${payee ?? '-'} through ${name}. It is good until ${wibClock(Number(nextAtMs ?? 0))}. Type it on the page of ${name} only; our staff never ask for it. Not you? Ignore it and revoke the permission under More, Third-party access. Reference ${reference}.`,
    }),
    'direct_debit.code': ({ amountSen, name, code, nextAtMs, reference }) => ({
      title: 'Payment code',
      body: `${code ?? '-'} is the code for a payment of ${formatRupiah(BigInt(amountSen))} to ${name}. It is good until ${wibClock(Number(nextAtMs ?? 0))}. Type it on the page of ${name} only; our staff never ask for it. Not you? Ignore it and revoke the permission under More, Third-party access. Reference ${reference}.`,
    }),
    'direct_debit.code_bind': ({ name, code, nextAtMs, reference }) => ({
      title: 'Code to link an account',
      body: `${code ?? '-'} is the code that links your account with ${name}: afterwards ${name} can take payments within the limits of your permission without you signing in again. It is good until ${wibClock(Number(nextAtMs ?? 0))}. Type it on the page of ${name} only; our staff never ask for it. Not you? Ignore it and revoke the permission under More, Third-party access. Reference ${reference}.`,
    }),
    'direct_debit.taken': ({ amountSen, name, reference }) => ({
      title: 'Payment taken',
      body: `${name} took a payment of ${formatRupiah(BigInt(amountSen))} from your account, as you permitted. Not your payment? Revoke the permission under More, Third-party access, and call us. Reference ${reference}.`,
    }),
    'direct_debit.returned': ({ amountSen, name, reference }) => ({
      title: 'Money returned',
      body: `${name} returned ${formatRupiah(BigInt(amountSen))} to your account. Reference ${reference}.`,
    }),
    'access_grant.ended': ({ name, reference }) => ({
      title: 'Third-party access ended',
      body: `${name} no longer has access to your accounts. Reference ${reference}.`,
    }),
  },
};

/** True for a message about access of partners and what they do with it. */
export function isAccess(template: MessageTemplate): template is AccessTemplate {
  return template.startsWith('access_grant.') || template.startsWith('direct_debit.');
}
