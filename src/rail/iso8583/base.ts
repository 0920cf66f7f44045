/** The fields of ISO 8583:1987 as data, and the dialect that all of ours start from: everything in ASCII, bitmap in hex. Where
 * networks differ (lengths of DE41, DE48, DE60–63, DE120–127) a link's own dialect says so. Source: domain.md 4.3 [seen ALTO] [mem]. */
import type {
  CompositeForm,
  CompositeRule,
  Content,
  Dialect,
  FieldFormat,
  Padding,
} from './spec.ts';

function fixed(name: string, content: Content, length: number, padding?: Padding): FieldFormat {
  return { name, content, prefix: 'fixed', length, ...(padding && { padding }) };
}

function ll(name: string, content: Content, length: number): FieldFormat {
  return { name, content, prefix: 'LL', length };
}

function lll(name: string, content: Content, length: number): FieldFormat {
  return { name, content, prefix: 'LLL', length };
}

const FIELDS: Readonly<Record<number, FieldFormat>> = {
  2: ll('pan', 'n', 19),
  3: fixed('processing code', 'n', 6),
  4: fixed('amount', 'n', 12),
  5: fixed('settlement amount', 'n', 12),
  6: fixed('billing amount', 'n', 12),
  7: fixed('transmitted at', 'n', 10),
  8: fixed('billing fee', 'n', 8),
  9: fixed('settlement rate', 'n', 8),
  10: fixed('billing rate', 'n', 8),
  11: fixed('stan', 'n', 6),
  12: fixed('local time', 'n', 6),
  13: fixed('local date', 'n', 4),
  14: fixed('expiry', 'n', 4),
  15: fixed('settlement date', 'n', 4),
  16: fixed('conversion date', 'n', 4),
  17: fixed('capture date', 'n', 4),
  18: fixed('channel type', 'n', 4),
  19: fixed('acquirer country', 'n', 3),
  20: fixed('pan country', 'n', 3),
  21: fixed('forwarder country', 'n', 3),
  22: fixed('entry mode', 'n', 3),
  23: fixed('card sequence', 'n', 3),
  24: fixed('network id', 'n', 3),
  25: fixed('condition', 'n', 2),
  26: fixed('pin length max', 'n', 2),
  27: fixed('approval length', 'n', 1),
  28: fixed('transaction fee', 'xn', 9),
  29: fixed('settlement fee', 'xn', 9),
  30: fixed('processing fee', 'xn', 9),
  31: fixed('settlement processing fee', 'xn', 9),
  32: ll('acquirer', 'n', 11),
  33: ll('forwarder', 'n', 11),
  34: ll('pan extended', 'ans', 28),
  35: ll('track 2', 'z', 37),
  36: lll('track 3', 'z', 104),
  37: fixed('rrn', 'an', 12),
  38: fixed('approval code', 'an', 6, 'space_right'),
  39: fixed('response code', 'an', 2),
  40: fixed('service restriction', 'an', 3),
  41: fixed('terminal', 'ans', 8, 'space_right'),
  42: fixed('acceptor', 'ans', 15, 'space_right'),
  43: fixed('acceptor name and place', 'ans', 40, 'space_right'),
  44: ll('additional response', 'ans', 25),
  45: ll('track 1', 'ans', 76),
  46: lll('additional iso', 'ans', 999),
  47: lll('additional national', 'ans', 999),
  48: lll('additional private', 'ans', 999),
  49: fixed('currency', 'n', 3),
  50: fixed('settlement currency', 'n', 3),
  51: fixed('billing currency', 'n', 3),
  52: fixed('pin block', 'b', 8),
  53: fixed('security control', 'n', 16),
  54: lll('additional amounts', 'an', 120),
  // 255 bytes on most links; the length counts hex characters where bytes travel as hex.
  55: lll('chip data', 'b', 255),
  56: lll('reserved iso', 'ans', 999),
  57: lll('private 57', 'ans', 999),
  58: lll('private 58', 'ans', 999),
  59: lll('private 59', 'ans', 999),
  60: lll('private 60', 'ans', 999),
  61: lll('transfer data', 'ans', 999),
  62: lll('private 62', 'ans', 999),
  63: lll('routing', 'ans', 999),
  64: fixed('mac', 'b', 8),
  66: fixed('settlement code', 'n', 1),
  67: fixed('extended payment', 'n', 2),
  68: fixed('receiver country', 'n', 3),
  69: fixed('settler country', 'n', 3),
  70: fixed('network management code', 'n', 3),
  71: fixed('message number', 'n', 4),
  72: fixed('message number last', 'n', 4),
  73: fixed('action date', 'n', 6),
  74: fixed('credits count', 'n', 10),
  75: fixed('credit reversals count', 'n', 10),
  76: fixed('debits count', 'n', 10),
  77: fixed('debit reversals count', 'n', 10),
  78: fixed('transfers count', 'n', 10),
  79: fixed('transfer reversals count', 'n', 10),
  80: fixed('inquiries count', 'n', 10),
  81: fixed('authorisations count', 'n', 10),
  82: fixed('credit processing fees', 'n', 12),
  83: fixed('credit transaction fees', 'n', 12),
  84: fixed('debit processing fees', 'n', 12),
  85: fixed('debit transaction fees', 'n', 12),
  86: fixed('credits amount', 'n', 16),
  87: fixed('credit reversals amount', 'n', 16),
  88: fixed('debits amount', 'n', 16),
  89: fixed('debit reversals amount', 'n', 16),
  90: fixed('original data', 'n', 42),
  91: fixed('file update code', 'an', 1),
  92: fixed('file security code', 'an', 2),
  93: fixed('response indicator', 'an', 5),
  94: fixed('service indicator', 'an', 7),
  95: fixed('replacement amounts', 'an', 42),
  96: fixed('message security code', 'b', 8),
  97: fixed('net settlement', 'xn', 17),
  98: fixed('payee', 'ans', 25, 'space_right'),
  99: ll('settler', 'n', 11),
  100: ll('receiver', 'n', 11),
  101: ll('file name', 'ans', 17),
  102: ll('from account', 'ans', 28),
  103: ll('to account', 'ans', 28),
  104: lll('description', 'ans', 100),
  ...Object.fromEntries(
    Array.from({ length: 23 }, (_, at) => [at + 105, lll(`private ${at + 105}`, 'ans', 999)]),
  ),
  128: fixed('mac', 'b', 8),
};

/** Beneficiary's name, the sender's reference, sender's name. [seen: IBMW] */
const TRANSFER: CompositeForm = {
  kind: 'parts',
  parts: [
    { name: 'beneficiaryName', content: 'ans', length: 30, padding: 'space_right' },
    { name: 'reference', content: 'ans', length: 16, padding: 'space_right' },
    { name: 'senderName', content: 'ans', length: 30, padding: 'space_right' },
  ],
};
/** Shortest entry: tag, length, one character; 999 / 5 would fit, no flow has half as many. */
const TAGS: CompositeForm = { kind: 'tags', lengthDigits: 2, countMax: 100 };

const COMPOSITES: readonly CompositeRule[] = [
  {
    field: 43,
    form: {
      kind: 'parts',
      parts: [
        { name: 'name', content: 'ans', length: 25, padding: 'space_right' },
        { name: 'place', content: 'ans', length: 13, padding: 'space_right' },
        { name: 'country', content: 'ans', length: 2, padding: 'space_right' },
      ],
    },
  },
  { field: 48, processing: ['39', '40'], form: TRANSFER },
  { field: 48, form: TAGS },
  {
    field: 54,
    form: {
      kind: 'blocks',
      countMax: 6,
      parts: [
        { name: 'accountType', content: 'n', length: 2 },
        { name: 'amountType', content: 'n', length: 2 },
        { name: 'currency', content: 'n', length: 3 },
        { name: 'signedAmount', content: 'xn', length: 13 },
      ],
    },
  },
  { field: 55, form: { kind: 'emv', countMax: 64 } },
  { field: 57, form: TAGS },
  {
    field: 90,
    form: {
      kind: 'parts',
      parts: [
        { name: 'mti', content: 'n', length: 4 },
        { name: 'stan', content: 'n', length: 6 },
        { name: 'transmittedAt', content: 'n', length: 10 },
        { name: 'acquirer', content: 'n', length: 11, padding: 'zero_left' },
        { name: 'forwarder', content: 'n', length: 11, padding: 'zero_left' },
      ],
    },
  },
  {
    field: 95,
    form: {
      kind: 'parts',
      parts: [
        { name: 'amount', content: 'n', length: 12 },
        { name: 'settlementAmount', content: 'n', length: 12 },
        { name: 'fee', content: 'xn', length: 9 },
        { name: 'settlementFee', content: 'xn', length: 9 },
      ],
    },
  },
];

/** All of ISO 8583:1987 in ASCII, framed as most networks here do. */
export const BASE: Dialect = {
  name: 'base',
  version: '0',
  // No flow here comes near; DE48 and DE57 full and everything else would.
  frame: { length: 'binary_2', bytesMax: 4_096 },
  header: { kind: 'none' },
  mti: 'ascii',
  bitmap: 'hex',
  amountDecimals: 2,
  wire: { digits: 'ascii', binary: 'hex', prefix: 'ascii', counts: 'units', oddDigit: 'left_0' },
  fields: FIELDS,
  composites: COMPOSITES,
};
