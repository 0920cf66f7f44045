/** Reads what the switch asks of us (src/rail/notice-switch.ts), field by field (I12). Pure. */
import type {
  SwitchRequestNotice,
  SwitchReversalNotice,
  TransferInRequest,
} from '../../rail/notice-switch.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Year, DE7, DE32, DE11. */
const REQUEST_ID = /^\d{31}$/;
const RRN = /^[0-9A-Za-z]{1,12}$/;
const BANK = /^[A-Z0-9]{8}$/;
const AMOUNT = /^(0|[1-9]\d{0,17})$/;
const ACCOUNT = /^[\x21-\x7e]{1,28}$/;
/** What a field of the switch can hold. */
const WORDS = /^[\x20-\x7e]{0,40}$/;

/** The request in these fields of a notice; undefined when it is none. */
export function readSwitchRequest(fields: Fields): SwitchRequestNotice | undefined {
  const { bizMsgIdr, rrn, fromBank, amountSen, deadlineMs } = fields;
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(rrn, RRN) && is(fromBank, BANK) && is(amountSen, AMOUNT);
  if (!isGood || typeof deadlineMs !== 'number' || !Number.isSafeInteger(deadlineMs))
    return undefined;
  const base = {
    kind: 'request',
    rail: 'switch',
    bizMsgIdr,
    rrn,
    fromBank,
    amountSen,
    deadlineMs,
  } as const;
  return fields['what'] === 'transfer_in' ? readTransferIn(base, fields) : undefined;
}

function readTransferIn(
  base: Omit<
    TransferInRequest,
    'what' | 'debtorName' | 'debtorAccount' | 'creditorAccount' | 'remark'
  >,
  { debtorName, debtorAccount, creditorAccount, remark }: Fields,
): TransferInRequest | undefined {
  return base.amountSen !== '0' &&
    is(debtorName, WORDS) &&
    is(debtorAccount, WORDS) &&
    is(creditorAccount, ACCOUNT) &&
    is(remark, WORDS)
    ? { ...base, what: 'transfer_in', debtorName, debtorAccount, creditorAccount, remark }
    : undefined;
}

/** The reversal in these fields of a notice; undefined when it is none. */
export function readSwitchReversal({
  bizMsgIdr,
  fromBank,
  amountSen,
  keptSen,
}: Fields): SwitchReversalNotice | undefined {
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(fromBank, BANK) && is(amountSen, AMOUNT) && is(keptSen, AMOUNT);
  return isGood && BigInt(keptSen) <= BigInt(amountSen)
    ? { kind: 'reversal', rail: 'switch', bizMsgIdr, fromBank, amountSen, keptSen }
    : undefined;
}

function is(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}
