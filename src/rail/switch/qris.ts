/** QRIS on the wire between banks: payment and refund, built and read for both sides; checks are in `qris-check.ts`. Pure; what answers mean is in
 * `qris-answer.ts`, and who may do what is nowhere here. Source: domain.md 1.7, 4.4; docs/rail/qris.md, "Messages over the switch" [own, for the demo]. */
import { sen } from '../../kernel/money.ts';
import { readAmount, writeAmount } from '../iso8583/amount.ts';
import { readComposite, writeComposite } from '../iso8583/composite.ts';
import type { Dialect, IsoFields, IsoMessage } from '../iso8583/spec.ts';
import { nnsOf } from '../qris/code.ts';
import { hasCheckDigit } from '../qris/pan.ts';
import { instantOf, localMoment } from './id.ts';
import { plain, type SwitchMember } from './transfer.ts';

/** DE3 of the flows; a network that uses others is another row of configuration. */
export const QRIS_PROCESSING = {
  payment: '261000',
  presented: '271000',
  transfer: '281000',
  check: '361000',
  refund: '201000',
} as const;

/** What the codec needs to know of a network. */
export type QrisNetwork = Pick<SwitchMember, 'network' | 'dialect' | 'isCheckFinal'>;

/** The shop, as its code says. */
export interface QrisMerchant {
  /** DE48 MP: the account at the acquirer that is paid; its first eight digits are the acquirer's NNS. */
  readonly pan: string;
  /** DE48 NM; absent where the code has no central repository. */
  readonly nmid?: string;
  /** DE48 CR, three capitals. */
  readonly criteria: string;
  /** DE42, up to 15 characters. */
  readonly id: string;
  /** DE43. */
  readonly name: string;
  readonly city: string;
}

/** Ids of a message: DE11, DE37, DE7. */
export interface QrisIds {
  readonly stan: string;
  readonly rrn: string;
  readonly transmittedAt: string;
}

/** What every message about money says. */
export interface QrisBase extends QrisIds {
  /** DE15, MMDD: the sender's business date. */
  readonly settlementDay: string;
  readonly amountSen: bigint;
  /** DE2: issuer's NNS, customer part, check digit. An alias, never an account number. */
  readonly customerPan: string;
  /** DE32, an NNS: whose STAN it is. */
  readonly sender: string;
  /** DE100, an NNS. */
  readonly receiver: string;
  /** DE18. */
  readonly channelCode: string;
  /** DE41, as long as the dialect has it. */
  readonly terminal: string;
  readonly merchant: QrisMerchant;
  /** DE48 RL and BN: 62-05 and 62-01 of the code. */
  readonly reference?: string;
  readonly billNumber?: string;
}

/** A customer of the sender pays a merchant of the receiver. `amountSen` includes the tip. */
export interface QrisPayment extends QrisBase {
  readonly kind: 'payment';
  readonly tipSen: bigint;
}

/** A merchant of the sender gives a customer of the receiver money back, all of it or a part. */
export interface QrisRefund extends QrisBase {
  readonly kind: 'refund';
  /** DE48 OR and OD: RRN of the payment, and its local date, MMDD. */
  readonly originalRrn: string;
  readonly originalDate: string;
  /** DE48 RN, up to 30 characters: the merchant's own number, used once. */
  readonly refundNumber: string;
}

/** A merchant of the sender scanned the code that a customer of the receiver showed, and asks the receiver for the money. */
export interface QrisPresented extends QrisBase {
  readonly kind: 'presented';
  /** DE48 CD: 9F74 of the code, in upper-case hexadecimal. Whoever knows it may take the money: it goes into no log. */
  readonly codeData: string;
}

/** What moves money. */
export type QrisSaid = QrisPayment | QrisPresented | QrisRefund;

/** QR by an app. */
const ENTRY_QR = '039';
const CONDITION = '00';
/** DE49. */
export const RUPIAH = '360';
const NAME_MAX = 25;
const CITY_MAX = 13;
const ID_MAX = 15;
const REFERENCE_MAX = 25;

/** DE32 and DE100: a bank at the network. */
export const NNS = /^\d{8}$/;
/** DE11. */
export const STAN = /^\d{6}$/;
const RRN = /^\d{12}$/;
const MONTH_DAY = /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const CUSTOMER_PAN = /^\d{16,19}$/;
/** DE48 MP. */
export const MERCHANT_PAN = /^\d{9,19}$/;
const CRITERIA = /^[A-Z]{3}$/;
const NMID = /^ID\d{13}$/;
const CHANNEL = /^60\d\d$/;
const TIP = /^\d{12}$/;
/** DE48 RN. */
export const REFUND_NUMBER = /^[\x21-\x7e]{1,30}$/;
const TEXT = /^[\x20-\x7e]{1,25}$/;
/** 9F74 is 8 to 64 bytes, and DE48 holds 99 characters of one tag. */
const CODE_DATA = /^(?:[0-9A-F]{2}){8,49}$/;

/** The 0200 of what moves money; undefined when the link cannot say it: nothing may leave. Says the same whenever it is
 * rendered. */
export function renderQris(
  { dialect }: QrisNetwork,
  said: QrisSaid,
  nearMs: number,
): IsoMessage | undefined {
  const atMs = instantOf(said.transmittedAt, nearMs);
  const amount = writeAmount(dialect, sen(said.amountSen));
  if (atMs === undefined || amount === undefined) return undefined;
  const local = localMoment(atMs);
  const { merchant } = said;
  return withPrivate(
    dialect,
    {
      2: said.customerPan,
      3: QRIS_PROCESSING[said.kind],
      4: amount,
      7: said.transmittedAt,
      11: said.stan,
      12: local.time,
      13: local.date,
      15: said.settlementDay,
      18: said.channelCode,
      22: ENTRY_QR,
      25: CONDITION,
      32: said.sender,
      37: said.rrn,
      41: said.terminal,
      ...(merchant.id !== '' && { 42: plain(merchant.id, ID_MAX) }),
      49: RUPIAH,
      100: said.receiver,
    },
    { merchant, tags: tagsOf(said) },
  );
}

/** What a 0200 or 0201 of DE3 26, 27 or 20 says; undefined where a field is missing, of another form, or disagrees with another: it gets
 * 30. An amount of zero, a tip that is not less than the amount, and a merchant of somebody else are none. */
export function readQris(dialect: Dialect, message: IsoMessage): QrisSaid | undefined {
  const { fields } = message;
  const tags = privateOf(dialect, fields);
  const base = tags && baseOf(dialect, { fields, tags });
  if (!tags || !base) return undefined;
  if (fields[3] === QRIS_PROCESSING.payment) {
    const tip = tags.get('TP');
    const isTip = tip === undefined || (TIP.test(tip) && BigInt(tip) > 0n);
    const tipSen = isTip ? BigInt(tip ?? 0) : base.amountSen;
    const isOurs = nnsOf(base.merchant.pan) === base.receiver;
    const isTheirs = nnsOf(base.customerPan) === base.sender;
    return isOurs && isTheirs && tipSen < base.amountSen
      ? { ...base, kind: 'payment', tipSen }
      : undefined;
  }
  // Both others are a merchant's of the sender, about a customer of the receiver.
  if (nnsOf(base.merchant.pan) !== base.sender || nnsOf(base.customerPan) !== base.receiver)
    return undefined;
  if (fields[3] === QRIS_PROCESSING.presented) {
    const codeData = tags.get('CD');
    return is(codeData, CODE_DATA) ? { ...base, kind: 'presented', codeData } : undefined;
  }
  const [originalRrn, originalDate, refundNumber] = ['OR', 'OD', 'RN'].map((tag) => tags.get(tag));
  return fields[3] === QRIS_PROCESSING.refund &&
    is(originalRrn, RRN) &&
    is(originalDate, MONTH_DAY) &&
    is(refundNumber, REFUND_NUMBER)
    ? { ...base, kind: 'refund', originalRrn, originalDate, refundNumber }
    : undefined;
}

/** DE41 for a terminal label (62-07): what the dialect's field can carry, or `usual` where nothing is left. */
export function terminalOf(dialect: Dialect, label: string | undefined, usual: string): string {
  const kept = (label ?? '').replaceAll(/[^A-Za-z0-9]/g, '');
  return kept.slice(0, dialect.fields[41]?.length ?? 0) || usual;
}

/** What DE48 of it says. */
export function tagsOf(said: QrisSaid): ReadonlyMap<string, string> {
  const { merchant, reference, billNumber } = said;
  const tags = new Map([['MP', merchant.pan]]);
  if (merchant.nmid !== undefined) tags.set('NM', merchant.nmid);
  tags.set('CR', merchant.criteria);
  if (said.kind === 'payment' && said.tipSen > 0n)
    tags.set('TP', String(said.tipSen).padStart(12, '0'));
  if (reference !== undefined) tags.set('RL', plain(reference, REFERENCE_MAX));
  if (billNumber !== undefined) tags.set('BN', plain(billNumber, REFERENCE_MAX));
  if (said.kind === 'presented') tags.set('CD', said.codeData);
  if (said.kind === 'refund') {
    tags.set('OR', said.originalRrn);
    tags.set('OD', said.originalDate);
    tags.set('RN', said.refundNumber);
  }
  return tags;
}

/** A message with its DE43 and DE48; undefined where they do not fit. */
export function withPrivate(
  dialect: Dialect,
  fields: IsoFields,
  input: {
    readonly merchant?: Pick<QrisMerchant, 'name' | 'city'>;
    readonly tags: ReadonlyMap<string, string>;
  },
): IsoMessage | undefined {
  const { merchant, tags } = input;
  const data = writeComposite(dialect, { field: 48, fields, value: { kind: 'tags', tags } });
  const place =
    merchant &&
    writeComposite(dialect, {
      field: 43,
      fields,
      value: {
        kind: 'parts',
        parts: {
          name: plain(merchant.name, NAME_MAX),
          place: plain(merchant.city, CITY_MAX),
          country: 'ID',
        },
      },
    });
  if (!data.ok || place?.ok === false) return undefined;
  return { mti: '0200', fields: { ...fields, ...(place && { 43: place.value }), 48: data.value } };
}

/** The tags of DE48 in a message about rupiah. */
export function privateOf(
  dialect: Dialect,
  fields: IsoFields,
): ReadonlyMap<string, string> | undefined {
  if (fields[49] !== RUPIAH) return undefined;
  const read = readComposite(dialect, { field: 48, fields });
  return read.ok && read.value.kind === 'tags' ? read.value.tags : undefined;
}

function baseOf(
  dialect: Dialect,
  input: { readonly fields: IsoFields; readonly tags: ReadonlyMap<string, string> },
): QrisBase | undefined {
  const { fields, tags } = input;
  const { 7: transmittedAt, 11: stan, 15: settlementDay, 18: channelCode, 37: rrn } = fields;
  const { 2: customerPan, 32: sender, 41: terminal, 100: receiver } = fields;
  const amountSen = readAmount(dialect, fields[4]);
  const merchant = merchantOf(dialect, input);
  const [reference, billNumber] = [tags.get('RL'), tags.get('BN')];
  if (!isIds({ stan, rrn, transmittedAt }) || !merchant) return undefined;
  if (amountSen === undefined || amountSen <= 0n || fields[22] !== ENTRY_QR) return undefined;
  if (!is(customerPan, CUSTOMER_PAN) || !hasCheckDigit(customerPan)) return undefined;
  if (!is(sender, NNS) || !is(receiver, NNS) || !is(channelCode, CHANNEL)) return undefined;
  if (!is(settlementDay, MONTH_DAY) || !terminal) return undefined;
  if (![reference, billNumber].every((one) => one === undefined || TEXT.test(one)))
    return undefined;
  return {
    stan: stan!, // these three: isIds
    rrn: rrn!,
    transmittedAt: transmittedAt!,
    settlementDay,
    amountSen,
    customerPan,
    sender,
    receiver,
    channelCode,
    terminal,
    merchant,
    ...(reference !== undefined && { reference }),
    ...(billNumber !== undefined && { billNumber }),
  };
}

function merchantOf(
  dialect: Dialect,
  input: { readonly fields: IsoFields; readonly tags: ReadonlyMap<string, string> },
): QrisMerchant | undefined {
  const { fields, tags } = input;
  const place = placeOf(dialect, fields);
  const [pan, nmid, criteria] = [tags.get('MP'), tags.get('NM'), tags.get('CR')];
  if (!place) return undefined;
  if (!is(pan, MERCHANT_PAN) || !is(criteria, CRITERIA)) return undefined;
  if (nmid !== undefined && !NMID.test(nmid)) return undefined;
  return {
    pan,
    ...(nmid !== undefined && { nmid }),
    criteria,
    id: fields[42] ?? '',
    ...place,
  };
}

/** Name and city of DE43. */
export function placeOf(
  dialect: Dialect,
  fields: IsoFields,
): Pick<QrisMerchant, 'name' | 'city'> | undefined {
  const place = readComposite(dialect, { field: 43, fields });
  if (!place.ok || place.value.kind !== 'parts') return undefined;
  return { name: place.value.parts['name'] ?? '', city: place.value.parts['place'] ?? '' };
}

/** True for ids of the network's forms. */
export function isIds(ids: Readonly<Record<keyof QrisIds, string | undefined>>): boolean {
  return is(ids.stan, STAN) && is(ids.rrn, RRN) && is(ids.transmittedAt, /^\d{10}$/);
}

/** True for text of that form. */
export function is(value: string | undefined, form: RegExp): value is string {
  return value !== undefined && form.test(value);
}
