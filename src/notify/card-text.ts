/** What cardholders read. Wording: domain.md 4.5 and 8.1; a refusal for a restriction says that nothing was debited and what works (I7). */
import type { Text } from './render.ts';
import type { Language, MessageTemplate } from './template.ts';

type CardTemplate = Extract<MessageTemplate, `card.${string}`>;

/** By language and key. */
export const CARD_TEXTS: Readonly<Record<Language, Readonly<Record<CardTemplate, Text>>>> = {
  id: {
    'card.withdrawn': (w) => ({
      title: 'Tarik tunai',
      body: `Tarik tunai ${w.amount} di ${w.name} pada ${w.at}. Total terpotong ${w.total}, termasuk biaya. Bukan Anda? Blokir kartu di aplikasi. No. referensi ${w.reference}.`,
    }),
    'card.returned': (w) => ({
      title: 'Dana dikembalikan',
      body: `Tarik tunai di ${w.name} tidak terjadi. Dana ${w.total}, termasuk biaya, sudah kembali ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'card.returned_in_part': (w) => ({
      title: 'Dana dikembalikan sebagian',
      body: `Mesin di ${w.name} tidak mengeluarkan seluruh uang. ${w.amount} sudah kembali ke rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'card.deposited': (w) => ({
      title: 'Setor tunai',
      body: `Setor tunai ${w.amount} di ${w.name} pada ${w.at} sudah masuk ke rekening Anda. No. referensi ${w.reference}.`,
    }),
    'card.deposit_returned': (w) => ({
      title: 'Setor tunai dibatalkan',
      body: `Setor tunai ${w.amount} di ${w.name} tidak terjadi: mesin tidak menyimpan uangnya. Jumlah itu dikeluarkan dari rekening Anda pada ${w.at}. No. referensi ${w.reference}.`,
    }),
    'card.restricted': (w) => ({
      title: 'Tarik tunai ditolak',
      body: `Tarik tunai ${w.amount} di ${w.name} ditolak karena layanan ini sedang kami batasi. Saldo Anda tidak terpotong. Transfer di aplikasi tetap tersedia selama tidak ditandai dibatasi. No. referensi ${w.reference}.`,
    }),
    'card.blocked': (w) => ({
      title: 'Kartu diblokir',
      body: `Kartu ${w.name} diblokir atas permintaan Anda pada ${w.at} dan tidak dapat dipakai lagi. Untuk kartu baru, datang ke kantor cabang.`,
    }),
    'card.pin_locked': (w) => ({
      title: 'PIN kartu terblokir',
      body: `PIN kartu ${w.name} salah tiga kali, terakhir pada ${w.at}. Kartu tidak dapat dipakai. Bukan Anda? Blokir kartu di aplikasi.`,
    }),
    'card.pin_changed': (w) => ({
      title: 'PIN kartu diganti',
      body: `PIN kartu ${w.name} diganti di mesin kami pada ${w.at}. Bukan Anda? Blokir kartu di aplikasi.`,
    }),
  },
  en: {
    'card.withdrawn': (w) => ({
      title: 'Cash withdrawal',
      body: `Cash withdrawal of ${w.amount} at ${w.name} at ${w.at}. ${w.total} debited, fee included. Was it not you? Block the card in the app. Reference ${w.reference}.`,
    }),
    'card.returned': (w) => ({
      title: 'Money returned',
      body: `The cash withdrawal at ${w.name} did not happen. ${w.total}, fee included, came back to your account at ${w.at}. Reference ${w.reference}.`,
    }),
    'card.returned_in_part': (w) => ({
      title: 'Part of the money returned',
      body: `The machine at ${w.name} did not give out all the cash. ${w.amount} came back to your account at ${w.at}. Reference ${w.reference}.`,
    }),
    'card.deposited': (w) => ({
      title: 'Cash deposit',
      body: `Your cash deposit of ${w.amount} at ${w.name} at ${w.at} is in your account. Reference ${w.reference}.`,
    }),
    'card.deposit_returned': (w) => ({
      title: 'Cash deposit taken back',
      body: `The cash deposit of ${w.amount} at ${w.name} did not happen: the machine did not keep the money. The amount left your account at ${w.at}. Reference ${w.reference}.`,
    }),
    'card.restricted': (w) => ({
      title: 'Cash withdrawal refused',
      body: `The cash withdrawal of ${w.amount} at ${w.name} was refused because we are restricting this service. Nothing was debited. Transfers in the app go on where they are not marked as restricted. Reference ${w.reference}.`,
    }),
    'card.blocked': (w) => ({
      title: 'Card blocked',
      body: `Card ${w.name} was blocked at your request at ${w.at} and cannot be used any more. For a new card please come to a branch.`,
    }),
    'card.pin_locked': (w) => ({
      title: 'Card PIN locked',
      body: `A wrong PIN was entered three times for card ${w.name}, last at ${w.at}. The card cannot be used. Was it not you? Block the card in the app.`,
    }),
    'card.pin_changed': (w) => ({
      title: 'Card PIN changed',
      body: `The PIN of card ${w.name} was changed at a machine of ours at ${w.at}. Was it not you? Block the card in the app.`,
    }),
  },
};
