/** The words of the cards' screen, in both languages. */
import type { Language } from '../ui/language.ts';

const ID = {
  listTitle: 'Kartu',
  empty: 'Belum ada kartu',
  emptyWhy: 'Kartu debit dapat diminta di kantor cabang.',
  goodThrough: 'Berlaku sampai',
  account: 'Rekening',
  states: {
    active: 'Aktif',
    blocked: 'Diblokir',
    lost: 'Diblokir, dilaporkan hilang',
    stolen: 'Diblokir, dilaporkan dicuri',
    expired: 'Masa berlaku habis',
    pin_locked: 'PIN terblokir',
  },
  block: 'Blokir kartu',
  blockTitle: 'Blokir kartu ini?',
  blockLead:
    'Kartu langsung tidak dapat dipakai di mesin mana pun, dan tidak dapat dibuka lagi. Rekening dan aplikasi Anda tetap berjalan.',
  why: 'Alasan',
  reasons: { blocked: 'Hanya ingin memblokir', lost: 'Hilang', stolen: 'Dicuri' },
  keep: 'Jangan blokir',
  blocked: 'Kartu diblokir.',
  notBlocked: 'Belum ada kepastian. Muat ulang untuk melihat keadaan kartu.',
};

type CardWords = typeof ID;

const EN: CardWords = {
  listTitle: 'Cards',
  empty: 'No card yet',
  emptyWhy: 'Ask for a debit card at a branch.',
  goodThrough: 'Good through',
  account: 'Account',
  states: {
    active: 'Active',
    blocked: 'Blocked',
    lost: 'Blocked, reported lost',
    stolen: 'Blocked, reported stolen',
    expired: 'Expired',
    pin_locked: 'PIN locked',
  },
  block: 'Block card',
  blockTitle: 'Block this card?',
  blockLead:
    'The card stops working at every machine at once, and cannot be unblocked. Your account and this app go on.',
  why: 'Reason',
  reasons: { blocked: 'Just block it', lost: 'Lost', stolen: 'Stolen' },
  keep: 'Do not block',
  blocked: 'Card blocked.',
  notBlocked: 'It is not certain yet. Reload to see the state of the card.',
};

/** By language. */
export const CARD_WORDS: Readonly<Record<Language, CardWords>> = { id: ID, en: EN };
