/** The question what became of a QRIS payment or refund (DE3 361000), built and read for both sides. Pure. Source: as `qris.ts`. */
import { sen } from '../../kernel/money.ts';
import { readAmount, writeAmount } from '../iso8583/amount.ts';
import type { Dialect, IsoMessage } from '../iso8583/spec.ts';
import { localMoment } from './id.ts';
import {
  is,
  isIds,
  MERCHANT_PAN,
  NNS,
  privateOf,
  QRIS_PROCESSING,
  REFUND_NUMBER,
  RUPIAH,
  STAN,
  withPrivate,
  type QrisBase,
  type QrisIds,
  type QrisNetwork,
} from './qris.ts';

/** The question what became of a payment or a refund that the asker sent. Moves nothing. */
export interface QrisCheck extends QrisIds {
  readonly kind: 'payment' | 'presented' | 'transfer' | 'refund';
  /** DE48 OS and OT: STAN and DE7 of the original; its RRN is DE37. */
  readonly originalStan: string;
  readonly originalTransmittedAt: string;
  readonly amountSen: bigint;
  readonly sender: string;
  readonly receiver: string;
  readonly merchantPan: string;
  readonly refundNumber?: string;
}

/** The 0200 that asks what became of it. `question` are ids of the asker's own; DE37 and DE48 are the original's. */
export function renderQrisCheck(
  { dialect }: QrisNetwork,
  {
    original,
    said,
  }: {
    readonly original: Pick<
      QrisBase,
      keyof QrisIds | 'amountSen' | 'sender' | 'receiver' | 'terminal'
    >;
    /** Its DE48. */
    readonly said: ReadonlyMap<string, string>;
  },
  question: { readonly stan: string; readonly atMs: number },
): IsoMessage | undefined {
  const amount = writeAmount(dialect, sen(original.amountSen));
  if (amount === undefined) return undefined;
  const local = localMoment(question.atMs);
  const tags = new Map([...said, ['OT', original.transmittedAt], ['OS', original.stan]] as const);
  return withPrivate(
    dialect,
    {
      3: QRIS_PROCESSING.check,
      4: amount,
      7: new Date(question.atMs).toISOString().slice(5, 19).replaceAll(/[-T:]/g, ''),
      11: question.stan,
      12: local.time,
      13: local.date,
      32: original.sender,
      37: original.rrn,
      41: original.terminal,
      49: RUPIAH,
      100: original.receiver,
    },
    { tags },
  );
}

/** What a check asks about; undefined where it is none. A refund number makes it a question about a refund, the data of a shown code one
 * about a payment with it. */
export function readQrisCheck(dialect: Dialect, { fields }: IsoMessage): QrisCheck | undefined {
  const tags = privateOf(dialect, fields);
  const amountSen = readAmount(dialect, fields[4]);
  const { 7: transmittedAt, 11: stan, 32: sender, 37: rrn, 100: receiver } = fields;
  const [merchantPan, originalStan, originalTransmittedAt, refundNumber] = [
    'MP',
    'OS',
    'OT',
    'RN',
  ].map((tag) => tags?.get(tag));
  const isWhole = fields[3] === QRIS_PROCESSING.check && amountSen !== undefined && amountSen > 0n;
  if (!isWhole || !isIds({ stan, rrn, transmittedAt })) return undefined;
  if (!is(sender, NNS) || !is(receiver, NNS) || !is(merchantPan, MERCHANT_PAN)) return undefined;
  if (!is(originalStan, STAN) || !is(originalTransmittedAt, /^\d{10}$/)) return undefined;
  if (refundNumber !== undefined && !is(refundNumber, REFUND_NUMBER)) return undefined;
  const base = { originalStan, originalTransmittedAt, amountSen, sender, receiver, merchantPan };
  const ids = { stan: stan!, rrn: rrn!, transmittedAt: transmittedAt! }; // isIds
  if (refundNumber !== undefined) return { ...ids, ...base, kind: 'refund', refundNumber };
  const other = tags?.has('UD') ? 'transfer' : 'payment';
  return { ...ids, ...base, kind: tags?.has('CD') ? 'presented' : other };
}

/** Name of a message of another bank's: year, DE7, DE32, DE11, as `switchRequestId` has it, of the original of a check. */
export function checkedIds(check: QrisCheck): {
  readonly transmittedAt: string;
  readonly acquirer: string;
  readonly stan: string;
} {
  return {
    transmittedAt: check.originalTransmittedAt,
    acquirer: check.sender,
    stan: check.originalStan,
  };
}
