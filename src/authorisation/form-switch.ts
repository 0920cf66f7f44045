/** The switch's part of an instruction: an online interbank transfer. Source: domain.md 4.3, 4.4; docs/rail/switch.md. */
import { assert } from '../kernel/assert.ts';
import {
  COMMON_FORMS,
  hasForms,
  isParty,
  isText,
  type InstructionCommon,
  type InstructionParty,
  type IssueMoment,
  type RailForm,
} from './form.ts';

export interface SwitchInstruction extends InstructionCommon {
  readonly rail: 'switch';
  readonly kind: 'interbank_transfer';
  /** Day, our institution and STAN: the network id, unique for ever. */
  readonly switchId: string;
  /** DE37, twelve digits: the second id. */
  readonly rrn: string;
  /** DE7, MMDDhhmmss in GMT, of the moment of issue: with the STAN it names the message, so every repeat says the same. */
  readonly transmittedAt: string;
  /** `bank` is the BIC, or the NNS of a bank without one. */
  readonly creditor: InstructionParty;
  /** Three digits, DE100 and DE127. */
  readonly institution: string;
  /** DE18, e.g. 6017 mobile. */
  readonly channelCode: string;
  readonly remark: string;
}

/** What its ids are made from beside the sequence. */
export interface SwitchSeries {
  readonly bic: string;
  /** Our own three digits. */
  readonly institution: string;
}

/** STANs above are the gateway's own, for inquiries and network management. */
const SEQUENCE_MAX = 899_999n;
const REMARK_CHARS_MAX = 140;
const WIB_OFFSET_MS = 25_200_000;
const DAY_MS = 86_400_000;

const FORMS = {
  ...COMMON_FORMS,
  rail: (value: unknown) => value === 'switch',
  kind: (value: unknown) => value === 'interbank_transfer',
  switchId: (value: unknown) => isText(value, /^\d{17}$/),
  rrn: (value: unknown) => isText(value, /^\d{12}$/),
  transmittedAt: (value: unknown) => isText(value, /^\d{10}$/),
  creditor: isParty,
  institution: (value: unknown) => isText(value, /^\d{3}$/),
  channelCode: (value: unknown) => isText(value, /^60\d{2}$/),
  remark: (value: unknown) => typeof value === 'string' && value.length <= REMARK_CHARS_MAX,
};

/** The counter of everything that leaves over the switch's links. */
export function switchSeries({ bic }: { readonly bic: string }): string {
  return `switch:${bic}`;
}

/** Id, RRN and DE7 from one number of the day; the STAN is the id's last six digits. Asserts that a STAN can say it. */
export function makeSwitchIds(
  { institution }: SwitchSeries,
  { day, sequence, atMs }: IssueMoment,
): { readonly switchId: string; readonly rrn: string; readonly transmittedAt: string } {
  assert(sequence > 0n && sequence <= SEQUENCE_MAX, 'a STAN of ours is at most 899999');
  const stan = sequence.toString().padStart(6, '0');
  const rrn = `${dayNumber(day)}${new Date(atMs + WIB_OFFSET_MS).toISOString().slice(11, 13)}${stan}`;
  const transmittedAt = new Date(atMs).toISOString().replace(/\D/g, '').slice(4, 14);
  return { switchId: `${day.replaceAll('-', '')}${institution}${stan}`, rrn, transmittedAt };
}

/** The form of interbank transfers. */
export const switchForm = {
  idFields: ['switchId', 'rrn'],
  seriesOf: switchSeries,
  makeIds: makeSwitchIds,
  counterpartyOf: (instruction: SwitchInstruction) => instruction.creditor.bank,
  isWhole: (value) =>
    hasForms(value, FORMS) &&
    // One number: a STAN under another's RRN would settle as that one.
    String(value['switchId']).slice(-6) === String(value['rrn']).slice(-6),
} satisfies RailForm;

/** Last digit of the year and day of the year, as RRNs begin. */
function dayNumber(day: string): string {
  const year = day.slice(0, 4);
  const count = (Date.parse(day) - Date.parse(`${year}-01-01`)) / DAY_MS + 1;
  return `${year.slice(3)}${String(count).padStart(3, '0')}`;
}
