/** What a message is about: its flow by MTI and DE3, and the fields that the switch asks for. Source: domain.md 4.3, 4.4, 1.7. */
import type { Fields, Message } from './codec.ts';
import { qrisMerchantOf } from './qris.ts';

/** Seen from the bank that is connected. */
export type Direction = 'from_bank' | 'to_bank';

/** Everything that is asked over a link besides network management. */
export const FLOWS = [
  'withdrawal',
  'balance',
  'transfer_inquiry',
  'transfer',
  'deposit',
  'qris',
  'qris_presented',
  'qris_transfer',
  'qris_refund',
  'qris_check',
  'reversal',
] as const;
export type Flow = (typeof FLOWS)[number];

/** Flows that move money and stand in the book. */
export const MONEY_FLOWS = [
  'withdrawal',
  'transfer',
  'deposit',
  'qris',
  'qris_presented',
  'qris_transfer',
  'qris_refund',
] as const;
export type MoneyFlow = (typeof MONEY_FLOWS)[number];

const BY_PROCESSING: Readonly<Record<string, Flow>> = {
  '01': 'withdrawal',
  '20': 'qris_refund',
  '21': 'deposit',
  '26': 'qris',
  '27': 'qris_presented',
  '28': 'qris_transfer',
  '30': 'balance',
  '31': 'balance',
  '36': 'qris_check',
  '39': 'transfer_inquiry',
  '40': 'transfer',
};

/** DE3 that the peers send. */
export const PROCESSING = {
  withdrawal: '011000',
  balance: '301000',
  transfer_inquiry: '391000',
  transfer: '401000',
  qris: '261000',
  qris_presented: '271000',
  qris_transfer: '281000',
  qris_refund: '201000',
  qris_check: '361000',
} as const satisfies Partial<Record<Flow, string>>;

const CARD = [2, 3, 7, 11, 32, 37, 41, 52];
const PLAIN = [3, 7, 11, 32, 37, 41];
/** Docs: docs/rail/qris.md, the table of fields. */
const QRIS = [2, ...PLAIN, 4, 15, 18, 22, 43, 48, 49, 100];
const REQUIRED: Readonly<Record<Flow, readonly number[]>> = {
  withdrawal: [...CARD, 4, 49],
  balance: CARD,
  deposit: [2, ...PLAIN, 4, 49],
  transfer_inquiry: [...PLAIN, 103, 127],
  transfer: [...PLAIN, 4, 48, 49, 102, 103, 127],
  qris: QRIS,
  qris_presented: QRIS,
  qris_transfer: [...QRIS, 103],
  qris_refund: QRIS,
  qris_check: [...PLAIN, 100],
  reversal: [4, 7, 11, 32, 37, 90],
};

/** The flow of a request; undefined for a DE3 that nobody answers. */
export function flowOf(message: Message): Flow | undefined {
  if (message.mti.startsWith('04')) return 'reversal';
  return BY_PROCESSING[(message.fields[3] ?? '').slice(0, 2)];
}

/** True for a flow that moves money by itself. */
export function isMoney(flow: Flow): flow is MoneyFlow {
  return (MONEY_FLOWS as readonly string[]).includes(flow);
}

/** The first mandatory field that a request lacks. */
export function missingField(flow: Flow, fields: Fields): number | undefined {
  return REQUIRED[flow].find((field) => fields[field] === undefined);
}

/** The account, merchant or card that a request is about, for fault rules: DE103, else the merchant's PAN or the card, without
 * the check digit. A check is about nobody: it is true whoever is asked about. */
export function subjectOf(fields: Fields): string {
  if (fields[3]?.startsWith('36')) return '';
  return fields[103] ?? (qrisMerchantOf(fields) ?? fields[2] ?? '').slice(0, -1);
}

/** What names a request for duplicates and for DE90: its number, its time and who sent it. */
export function originalKey(input: {
  readonly stan: string;
  readonly transmittedAt: string;
  readonly acquirer: string;
}): string {
  return `${input.stan}|${input.transmittedAt}|${input.acquirer.replace(/^0+/, '')}`;
}
