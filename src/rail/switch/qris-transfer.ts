/** QRIS Transfer on the wire: a customer of the sender sends money to the customer whose code was scanned, at the receiver. Built and read for both
 * sides. Pure. Source: domain.md 1.6, 1.7; docs/rail/qris.md, "QRIS Transfer" [own, for the demo]. */
import { sen } from '../../kernel/money.ts';
import { readAmount, writeAmount } from '../iso8583/amount.ts';
import type { Dialect, IsoMessage } from '../iso8583/spec.ts';
import { nnsOf } from '../qris/code.ts';
import { hasCheckDigit } from '../qris/pan.ts';
import { instantOf, localMoment } from './id.ts';
import {
  is,
  isIds,
  placeOf,
  privateOf,
  QRIS_PROCESSING,
  withPrivate,
  type QrisIds,
  type QrisNetwork,
} from './qris.ts';
import { plain } from './transfer.ts';

/** Money for the customer that a code names. */
export interface QrisTransfer extends QrisIds {
  readonly kind: 'transfer';
  /** DE15, MMDD: the sender's business date. */
  readonly settlementDay: string;
  readonly amountSen: bigint;
  /** DE2 and DE48 MP, of the code (40-01). */
  readonly payeePan: string;
  /** DE103, of the code (40-02). */
  readonly beneficiary: string;
  /** DE43. */
  readonly payeeName: string;
  readonly payeeCity: string;
  /** DE48 PY: the payer's alias. */
  readonly payerPan: string;
  /** DE48 SN: the payer's name. */
  readonly payerName: string;
  /** DE48 UD, of the code (62-99). */
  readonly uniqueData: string;
  /** DE32 and DE100, NNS. */
  readonly sender: string;
  readonly receiver: string;
  readonly terminal: string;
}

/** 52 of such a code, in DE18. */
const CATEGORY = '4829';
const ENTRY_QR = '039';
const CONDITION = '00';
const RUPIAH = '360';
const NAME_MAX = 25;

const NNS = /^\d{8}$/;
const PAN = /^\d{16,19}$/;
const BENEFICIARY = /^[0-9A-Za-z]{1,15}$/;
const UNIQUE_DATA = /^[\x20-\x7e]{8,64}$/;
const MONTH_DAY = /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const NAME = /^[\x20-\x7e]{1,25}$/;

/** What DE48 of it says. */
export function transferTags(said: QrisTransfer): ReadonlyMap<string, string> {
  return new Map([
    ['MP', said.payeePan],
    ['PY', said.payerPan],
    ['SN', plain(said.payerName, NAME_MAX)],
    ['UD', said.uniqueData],
  ]);
}

/** The 0200 of it; undefined when the link cannot say it: nothing may leave. Says the same whenever it is rendered. */
export function renderQrisTransfer(
  { dialect }: QrisNetwork,
  said: QrisTransfer,
  nearMs: number,
): IsoMessage | undefined {
  const atMs = instantOf(said.transmittedAt, nearMs);
  const amount = writeAmount(dialect, sen(said.amountSen));
  if (atMs === undefined || amount === undefined) return undefined;
  const local = localMoment(atMs);
  return withPrivate(
    dialect,
    {
      2: said.payeePan,
      3: QRIS_PROCESSING.transfer,
      4: amount,
      7: said.transmittedAt,
      11: said.stan,
      12: local.time,
      13: local.date,
      15: said.settlementDay,
      18: CATEGORY,
      22: ENTRY_QR,
      25: CONDITION,
      32: said.sender,
      37: said.rrn,
      41: said.terminal,
      49: RUPIAH,
      100: said.receiver,
      103: said.beneficiary,
    },
    { merchant: { name: said.payeeName, city: said.payeeCity }, tags: transferTags(said) },
  );
}

/** What a 0200 of DE3 28 says; undefined where a field is missing, of another form, or disagrees with another: it gets 30. */
export function readQrisTransfer(
  dialect: Dialect,
  { fields }: IsoMessage,
): QrisTransfer | undefined {
  const tags = privateOf(dialect, fields);
  const place = placeOf(dialect, fields);
  const amountSen = readAmount(dialect, fields[4]);
  const { 2: payeePan, 7: transmittedAt, 11: stan, 37: rrn, 15: settlementDay } = fields;
  const { 32: sender, 100: receiver, 103: beneficiary, 41: terminal } = fields;
  const [paid, payerPan, payerName, uniqueData] = ['MP', 'PY', 'SN', 'UD'].map((t) => tags?.get(t));
  if (fields[3] !== QRIS_PROCESSING.transfer || fields[22] !== ENTRY_QR || !place) return undefined;
  if (!isIds({ stan, rrn, transmittedAt }) || amountSen === undefined || amountSen <= 0n)
    return undefined;
  if (!is(sender, NNS) || !is(receiver, NNS) || !is(settlementDay, MONTH_DAY) || !terminal)
    return undefined;
  if (!is(payeePan, PAN) || paid !== payeePan || nnsOf(payeePan) !== receiver) return undefined;
  if (!is(payerPan, PAN) || !hasCheckDigit(payerPan) || nnsOf(payerPan) !== sender)
    return undefined;
  if (!is(beneficiary, BENEFICIARY) || !is(uniqueData, UNIQUE_DATA) || !is(payerName, NAME))
    return undefined;
  return {
    kind: 'transfer',
    stan: stan!, // these three: isIds
    rrn: rrn!,
    transmittedAt: transmittedAt!,
    settlementDay,
    amountSen,
    payeePan,
    beneficiary,
    payeeName: place.name,
    payeeCity: place.city,
    payerPan,
    payerName,
    uniqueData,
    sender,
    receiver,
    terminal,
  };
}
