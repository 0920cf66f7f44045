/** BI-FAST's part of an instruction. Source: domain.md 2.3, 2.4. */
import { assert } from '../kernel/assert.ts';
import {
  COMMON_FORMS,
  hasForms,
  isParty,
  isRecord,
  isText,
  type InstructionCommon,
  type InstructionParty,
  type IssueMoment,
  type RailForm,
} from './form.ts';

export interface BifastInstruction extends InstructionCommon {
  readonly rail: 'bifast';
  readonly kind: 'credit_transfer' | 'return';
  readonly bizMsgIdr: string;
  readonly msgId: string;
  readonly creditor: InstructionParty;
  /** The proxy that was resolved to this creditor before the PIN: both are signed, so that neither can be exchanged. */
  readonly creditorProxy?: { readonly type: string; readonly value: string };
  /** BI-FAST channel code, e.g. `02` mobile banking (domain.md 2.3). */
  readonly channelCode: string;
  /** trxType + purpose, e.g. `01099`. */
  readonly categoryPurpose: string;
  readonly remittance: string;
  /** BizMsgIdr of the credit that a return gives back. */
  readonly relatedEndToEndId?: string;
}

/** What its ids are made from beside the sequence. */
export interface BifastSeries {
  readonly bic: string;
  readonly trxType: string;
  readonly channelCode: string;
}

const TEXT_CHARS_MAX = 140;
/** Eight digits: the network's field. */
const SEQUENCE_MAX = 99_999_999n;

const FORMS = {
  ...COMMON_FORMS,
  rail: (value: unknown) => value === 'bifast',
  kind: (value: unknown) => value === 'credit_transfer' || value === 'return',
  bizMsgIdr: (value: unknown) => isText(value, /^.{1,64}$/),
  msgId: (value: unknown) => isText(value, /^.{1,64}$/),
  creditor: isParty,
  creditorProxy: (value: unknown) => value === undefined || isProxyField(value),
  channelCode: (value: unknown) => isText(value, /^\d{2}$/),
  categoryPurpose: (value: unknown) => isText(value, /^\d{5}$/),
  remittance: (value: unknown) => typeof value === 'string' && value.length <= TEXT_CHARS_MAX,
  relatedEndToEndId: (value: unknown) => value === undefined || isText(value, /^[0-9A-Z]{30}$/),
};

/** Type and value, and nothing else. */
function isProxyField(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.keys(value).sort().join() === 'type,value' &&
    isText(value['type'], /^0[123]$/) &&
    isText(value['value'], /^[\x21-\x7e]{1,100}$/)
  );
}

/** The form of BI-FAST instructions: BizMsgIdr (30) is the network id and MsgId (27) the second, both from one sequence number
 * of our BIC, whatever the message type. */
export const bifastForm = {
  idFields: ['bizMsgIdr', 'msgId'],
  seriesOf: ({ bic }) => `bifast:${bic}`,
  makeIds(series: BifastSeries, { day, sequence }: IssueMoment) {
    assert(sequence > 0n && sequence <= SEQUENCE_MAX, 'a sequence number has at most eight digits');
    const number = sequence.toString().padStart(8, '0');
    const head = `${day.replaceAll('-', '')}${series.bic}${series.trxType}`;
    const ids = { bizMsgIdr: `${head}O${series.channelCode}${number}`, msgId: `${head}${number}` };
    assert(
      ids.bizMsgIdr.length === 30 && ids.msgId.length === 27,
      'BizMsgIdr has 30 characters and MsgId 27',
    );
    return ids;
  },
  counterpartyOf: (instruction: BifastInstruction) => instruction.creditor.bank,
  isWhole: (value) =>
    hasForms(value, FORMS) &&
    (value['kind'] === 'credit_transfer' || value['creditorProxy'] === undefined) &&
    (value['kind'] === 'return') === (value['relatedEndToEndId'] !== undefined),
} satisfies RailForm;
