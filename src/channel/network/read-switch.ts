/** Reads what the switch asks of us (src/rail/notice-switch.ts), field by field (I12). Pure. */
import { recordOf } from '../../rail/gateway-wire.ts';
import type {
  AcquiredRequest,
  CardRequest,
  MachineReport,
  PinChangeRequest,
  PresentedChip,
  ReversalGivenUp,
  SwitchRequestNotice,
  SwitchReversalNotice,
  TransferInRequest,
} from '../../rail/notice-switch.ts';
import { BANK, REQUEST_ID, is, readRequestBase, type Fields } from './field.ts';

const RRN = /^[0-9A-Za-z]{1,12}$/;
const AMOUNT = /^(0|[1-9]\d{0,17})$/;
const ACCOUNT = /^[\x21-\x7e]{1,28}$/;
const PAN = /^\d{13,19}$/;
const EXPIRY = /^\d{4}$/;
const PIN_BLOCK = /^([0-9A-F]{16}|[0-9A-F]{32})$/;
const PIN_KEY = /^(zpk|tpk)\.[a-z0-9][a-z0-9-]{0,30}$/;
const TERMINAL = /^[\x21-\x7e]{1,16}$/;
const REVERSIBLE = ['transfer_in', 'withdrawal', 'deposit', 'acquired'] as const;
/** Of what a chip signs: a field of 255 bytes and less. */
const CHIP_DATA = /^[A-Za-z0-9+/]{8,340}={0,2}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
/** Of a machine that sends nothing any more. */
const OWED_MAX = 100_000;
/** What a field of the switch can hold. */
const WORDS = /^[\x20-\x7e]{0,40}$/;

/** The request in these fields of a notice; undefined when it is none. */
export function readSwitchRequest(fields: Fields): SwitchRequestNotice | undefined {
  const base = readRequestBase(fields, { rail: 'switch', rrn: RRN, amount: AMOUNT });
  if (!base) return undefined;
  switch (fields['what']) {
    case 'transfer_in':
      return readTransferIn(base, fields);
    case 'withdrawal':
    case 'balance':
    case 'deposit':
      return readCardRequest({ ...base, what: fields['what'] }, fields);
    case 'pin_change':
      return readPinChange(base, fields);
    case 'acquired':
      return readAcquired(base, fields);
    default:
      return undefined;
  }
}

type Base = Omit<AcquiredRequest, 'what' | 'terminal' | 'place'>;

function readCardRequest(
  base: Base & Pick<CardRequest, 'what'>,
  { card, terminal, place }: Fields,
): CardRequest | undefined {
  const presented = readCard(card);
  const isMoney = base.what !== 'balance';
  // Paying in is for our own machines alone.
  const isPlace = base.what !== 'deposit' || presented?.pinKey.startsWith('tpk.');
  const isGood = (base.amountSen !== '0') === isMoney && isPlace;
  if (!presented || !isGood || !is(terminal, TERMINAL) || !is(place, WORDS)) return undefined;
  return { ...base, card: presented, terminal, place };
}

function readCard(card: unknown): CardRequest['card'] | undefined {
  const { pan, expiry, pinBlock, pinKey } = recordOf(card);
  const isGood = is(pan, PAN) && is(expiry, EXPIRY) && is(pinBlock, PIN_BLOCK);
  if (!isGood || !isPinKey(pinKey)) return undefined;
  const { chip } = recordOf(card);
  if (chip === undefined) return { pan, expiry, pinBlock, pinKey };
  const read = readChip(recordOf(chip));
  return read && { pan, expiry, pinBlock, pinKey, chip: read };
}

function readChip({ sequence, counter, arqc, data }: Fields): PresentedChip | undefined {
  const isGood =
    is(sequence, /^\d{2}$/) &&
    is(counter, /^[0-9A-F]{4}$/) &&
    is(arqc, /^[0-9A-F]{16}$/) &&
    is(data, CHIP_DATA);
  return isGood ? { sequence, counter, arqc, data } : undefined;
}

function readPinChange(base: Base, fields: Fields): PinChangeRequest | undefined {
  const { card, terminal, place } = fields;
  const presented = readCard(card);
  const { newPinBlock } = recordOf(card);
  if (!presented?.pinKey.startsWith('tpk.') || base.amountSen !== '0') return undefined;
  if (!is(newPinBlock, PIN_BLOCK) || !is(terminal, TERMINAL) || !is(place, WORDS)) return undefined;
  return { ...base, what: 'pin_change', card: { ...presented, newPinBlock }, terminal, place };
}

function readAcquired(base: Base, { terminal, place }: Fields): AcquiredRequest | undefined {
  return base.amountSen !== '0' && is(terminal, TERMINAL) && is(place, WORDS)
    ? { ...base, what: 'acquired', terminal, place }
    : undefined;
}

/** What a machine of ours says of itself; undefined when it is none. */
export function readMachineReport(fields: Fields): MachineReport | undefined {
  const { what, bizMsgIdr, terminal, businessDate, cashSen, dispensedSen, depositedSen } = fields;
  const { owedCount } = fields;
  const isCount =
    typeof owedCount === 'number' &&
    Number.isSafeInteger(owedCount) &&
    owedCount >= 0 &&
    owedCount <= OWED_MAX;
  const isGood =
    is(bizMsgIdr, REQUEST_ID) &&
    is(terminal, TERMINAL) &&
    is(businessDate, DATE) &&
    is(cashSen, AMOUNT) &&
    is(dispensedSen, AMOUNT) &&
    is(depositedSen, AMOUNT);
  if (!isGood || !isCount || (what !== 'totals' && what !== 'load')) return undefined;
  return {
    kind: 'machine',
    rail: 'switch',
    what,
    bizMsgIdr,
    terminal,
    businessDate,
    cashSen,
    dispensedSen,
    depositedSen,
    owedCount,
  };
}

function isPinKey(value: unknown): value is CardRequest['card']['pinKey'] {
  return is(value, PIN_KEY);
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
  what,
  bizMsgIdr,
  fromBank,
  amountSen,
  keptSen,
}: Fields): SwitchReversalNotice | undefined {
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(fromBank, BANK) && is(amountSen, AMOUNT) && is(keptSen, AMOUNT);
  const known = REVERSIBLE.find((one) => one === what);
  return known && isGood && BigInt(keptSen) <= BigInt(amountSen)
    ? { kind: 'reversal', rail: 'switch', what: known, bizMsgIdr, fromBank, amountSen, keptSen }
    : undefined;
}

/** A reversal that was given up; undefined when it is none. */
export function readGivenUp(fields: Fields): ReversalGivenUp | undefined {
  const { bizMsgIdr, fromBank, amountSen, keptSen } = fields;
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(fromBank, BANK) && is(amountSen, AMOUNT) && is(keptSen, AMOUNT);
  return isGood
    ? { kind: 'reversal_given_up', rail: 'switch', bizMsgIdr, fromBank, amountSen, keptSen }
    : undefined;
}
