/** Reads what a gateway passes in. The gateway has authenticated the network; core still believes only what has the right form,
 * and rebuilds it field by field, so that nothing else gets past here (I12). Pure. */
import { isRailName, type RailName } from '../../authorisation/instruction.ts';
import type { EvidenceSource } from '../../rail/contract.ts';
import { readGatewayAnswer, recordOf } from '../../rail/gateway-wire.ts';
import type {
  CreditNotice,
  CreditSettledNotice,
  EnquiryNotice,
  OutcomeNotice,
  ParticipantsNotice,
  PositionNotice,
  ProxyMovedNotice,
  RailNotice,
  SettlementLine,
  StatementNotice,
} from '../../rail/notice.ts';
import { readQrisRequest } from './read-qris.ts';
import {
  readGivenUp,
  readMachineReport,
  readSwitchRequest,
  readSwitchReversal,
} from './read-switch.ts';
import { is } from './field.ts';

const ID = /^[\x21-\x7e]{1,64}$/;
const BANK = /^[A-Z0-9]{8}$/;
const ACCOUNT = /^[\x21-\x7e]{1,64}$/;
const AMOUNT = /^[1-9]\d{0,17}$/;
const BALANCE = /^(0|-?[1-9]\d{0,17})$/;
const BANKS_MAX = 2_000;
const PROXY = /^[\x21-\x7e]{1,100}$/;
const REGISTRATION = /^[A-Za-z0-9]{1,35}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const FINGERPRINT = /^[0-9a-f]{0,64}$/;
/** Names and remittance are other people's words. No stricter than the gateway reads them: a text that passes there and not here
 * would be passed in again for ever. The engine cleans them. Source: domain.md 2.4. */
// oxlint-disable-next-line no-control-regex -- keeping them out is the point
const WORDS = /^[^\x00-\x1f]{0,140}$/;
const MAYBE_ACCOUNT = /^[\x21-\x7e]{0,64}$/;
const SOURCES: readonly EvidenceSource[] = [
  'rail_answer',
  'rail_notice',
  'inquiry',
  'statement',
  'gateway',
];

type Fields = Readonly<Record<string, unknown>>;

/** The notice in this JSON value; undefined when it is none of ours, in any field. */
export function readNotice(value: unknown): RailNotice | undefined {
  const fields = recordOf(value);
  const { rail, kind } = fields;
  if (!isRailName(rail)) return undefined;
  switch (kind) {
    case 'outcome':
      return readOutcome(rail, fields);
    case 'statement':
      return readStatement(rail, fields);
    case 'credit_settled':
      return readCreditSettled(rail, fields);
    case 'account_enquiry':
      return readEnquiry(rail, fields);
    case 'request':
      if (rail === 'qris') return readQrisRequest(fields);
      return rail === 'switch' ? readSwitchRequest(fields) : undefined;
    case 'reversal':
      return rail === 'switch' ? readSwitchReversal(fields) : undefined;
    case 'reversal_given_up':
      return rail === 'switch' ? readGivenUp(fields) : undefined;
    case 'machine':
      return rail === 'switch' ? readMachineReport(fields) : undefined;
    case 'participants':
      return readParticipants(rail, fields);
    case 'position':
      return readPosition(rail, fields);
    default:
      return rail === 'bifast' ? readOfBifast(fields) : undefined;
  }
}

/** What only BI-FAST sends us. */
function readOfBifast(fields: Fields): RailNotice | undefined {
  switch (fields['kind']) {
    case 'credit':
      return readCredit(fields);
    case 'proxy_moved':
      return readProxyMoved(fields);
    default:
      return undefined;
  }
}

function readCredit(fields: Fields): CreditNotice | undefined {
  const {
    bizMsgIdr,
    msgId,
    fromBank,
    debtorName,
    debtorAccount,
    creditorAccount,
    creditorName,
    amountSen,
    remittance,
    trxType,
    relatedEndToEndId,
  } = fields;
  const isGood =
    is(bizMsgIdr, ID) &&
    is(msgId, ID) &&
    is(fromBank, BANK) &&
    is(debtorName, WORDS) &&
    is(debtorAccount, MAYBE_ACCOUNT) &&
    is(creditorAccount, ACCOUNT) &&
    is(creditorName, WORDS) &&
    is(amountSen, AMOUNT) &&
    is(remittance, WORDS);
  if (!isGood || (trxType !== '010' && trxType !== '011')) return undefined;
  const notice = {
    kind: 'credit',
    rail: 'bifast',
    bizMsgIdr,
    msgId,
    fromBank,
    debtorName,
    debtorAccount,
    creditorAccount,
    creditorName,
    amountSen,
    remittance,
    trxType,
  } as const;
  if (relatedEndToEndId === undefined) return notice;
  return is(relatedEndToEndId, ID) ? { ...notice, relatedEndToEndId } : undefined;
}

function readCreditSettled(
  rail: RailName,
  { bizMsgIdr, fromBank, amountSen }: Fields,
): CreditSettledNotice | undefined {
  if (!is(bizMsgIdr, ID) || !is(fromBank, BANK) || rail === 'biller') return undefined;
  const notice = { kind: 'credit_settled', rail, fromBank, bizMsgIdr } as const;
  if (amountSen === undefined) return notice;
  return is(amountSen, AMOUNT) ? { ...notice, amountSen } : undefined;
}

function readOutcome(
  rail: RailName,
  { bizMsgIdr, answer, source }: Fields,
): OutcomeNotice | undefined {
  const read = readGatewayAnswer(answer);
  if (!is(bizMsgIdr, ID) || !read || read.outcome === 'not_reached' || read.outcome === 'refused')
    return undefined;
  const known = SOURCES.find((one) => one === source);
  return known && { kind: 'outcome', rail, bizMsgIdr, answer: read, source: known };
}

function readEnquiry(rail: RailName, { account }: Fields): EnquiryNotice | undefined {
  return is(account, ACCOUNT) && (rail === 'bifast' || rail === 'switch')
    ? { kind: 'account_enquiry', rail, account }
    : undefined;
}

function readStatement(
  rail: RailName,
  { businessDate, lines, hasMore }: Fields,
): StatementNotice | undefined {
  if (!is(businessDate, DATE) || !Array.isArray(lines)) return undefined;
  // Taken for the last part, a first one would call what follows it not settled.
  if (hasMore !== undefined && hasMore !== true) return undefined;
  const read = lines.map(readLine);
  const isGood = read.every((line) => line !== undefined);
  // A line that stands twice would count its money twice.
  if (!isGood || new Set(read.map((line) => line.lineId)).size !== read.length) return undefined;
  return {
    kind: 'statement',
    rail,
    businessDate,
    lines: read,
    ...(hasMore && { hasMore }),
  };
}

function readProxyMoved(fields: Fields): ProxyMovedNotice | undefined {
  const { proxyType, proxyValue, registrationId, bank } = fields;
  const isGood =
    is(proxyType, /^0[123]$/) &&
    is(proxyValue, PROXY) &&
    is(registrationId, REGISTRATION) &&
    is(bank, BANK);
  return isGood
    ? { kind: 'proxy_moved', rail: 'bifast', proxyType, proxyValue, registrationId, bank }
    : undefined;
}

function readParticipants(rail: RailName, fields: Fields): ParticipantsNotice | undefined {
  const { madeAtMs, isWhole, banks } = fields;
  if (!isInstant(madeAtMs) || typeof isWhole !== 'boolean') return undefined;
  if (!Array.isArray(banks) || banks.length === 0 || banks.length > BANKS_MAX) return undefined;
  const read = banks.map(readStanding);
  const isGood = read.every((bank) => bank !== undefined);
  if (!isGood || new Set(read.map(({ bic }) => bic)).size !== read.length) return undefined;
  return { kind: 'participants', rail, madeAtMs, isWhole, banks: read };
}

function readStanding(value: unknown): ParticipantsNotice['banks'][number] | undefined {
  const { bic, isOpen, changedAtMs } = recordOf(value);
  return is(bic, BANK) && typeof isOpen === 'boolean' && isInstant(changedAtMs)
    ? { bic, isOpen, changedAtMs }
    : undefined;
}

function readPosition(rail: RailName, fields: Fields): PositionNotice | undefined {
  const { madeAtMs, openingSen, bookedSen, freeSen } = fields;
  const isGood = is(openingSen, BALANCE) && is(bookedSen, BALANCE) && is(freeSen, BALANCE);
  return isGood && isInstant(madeAtMs)
    ? { kind: 'position', rail, madeAtMs, openingSen, bookedSen, freeSen }
    : undefined;
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function readLine(value: unknown): SettlementLine | undefined {
  const {
    lineId,
    direction,
    bizMsgIdr,
    amountSen,
    counterpartyBank,
    connector,
    settledAtMs,
    businessDate,
  } = recordOf(value);
  const isGood =
    is(lineId, ID) &&
    is(bizMsgIdr, ID) &&
    is(amountSen, AMOUNT) &&
    is(counterpartyBank, BANK) &&
    is(connector, FINGERPRINT) &&
    is(businessDate, DATE);
  if (!isGood || (direction !== 'out' && direction !== 'in')) return undefined;
  if (typeof settledAtMs !== 'number' || !Number.isSafeInteger(settledAtMs)) return undefined;
  return {
    lineId,
    direction,
    bizMsgIdr,
    amountSen,
    counterpartyBank,
    connector,
    settledAtMs,
    businessDate,
  };
}
