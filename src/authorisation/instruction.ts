/** The canonical instruction: every money-relevant field of one outgoing payment, as the ledger committed it.
 * The gateway renders the wire message from this and from nothing else (DESIGN.md 1.1). */
import { canonicalJson, sha256 } from '../kernel/canonical.ts';

export interface InstructionParty {
  /** BIC for BI-FAST. */
  readonly bank: string;
  readonly account: string;
  readonly accountType: string;
  readonly name: string;
}

export interface Instruction {
  readonly version: 1;
  readonly env: 'prod' | 'drill';
  readonly rail: 'bifast';
  readonly direction: 'out';
  readonly kind: 'credit_transfer' | 'return';
  readonly paymentId: string;
  readonly attempt: number;
  readonly bizMsgIdr: string;
  readonly msgId: string;
  /** Sen as decimal text. */
  readonly amountSen: string;
  readonly currency: 'IDR';
  readonly debtor: InstructionParty;
  readonly creditor: InstructionParty;
  /** BI-FAST channel code, e.g. `02` mobile banking (domain.md 2.3). */
  readonly channelCode: string;
  /** The channel in our own words, for restriction scopes. */
  readonly channel: string;
  /** trxType + purpose, e.g. `01099`. */
  readonly categoryPurpose: string;
  readonly remittance: string;
  /** BizMsgIdr of the credit that a return gives back. */
  readonly relatedEndToEndId?: string;
  /** WIB date of settlement. */
  readonly businessDate: string;
  /** The customer's stable cohort, 0–9999, and whether it is a member of staff: recovery stages admit by these. */
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** The bytes that are hashed and signed. */
export function instructionText(instruction: Instruction): string {
  return canonicalJson(instruction);
}

/** SHA-256 of the canonical bytes, lower-case hex. */
export function instructionHash(instruction: Instruction): string {
  return sha256(instructionText(instruction)).toString('hex');
}

const TEXT_CHARS_MAX = 140;
const ACCOUNT_TYPE = /^(CACC|SVGS|LOAN|CCRD|UESB|OTHR)$/;

/** Every field of an instruction and the form it must have; nothing else may be in it. */
const FIELD_FORM: Readonly<
  Record<Exclude<keyof Instruction, 'debtor' | 'creditor'>, (value: unknown) => boolean>
> = {
  version: (value) => value === 1,
  env: (value) => value === 'prod' || value === 'drill',
  rail: (value) => value === 'bifast',
  direction: (value) => value === 'out',
  kind: (value) => value === 'credit_transfer' || value === 'return',
  paymentId: (value) => isText(value, /^[A-Za-z0-9_-]{1,64}$/),
  attempt: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  bizMsgIdr: (value) => isText(value, /^.{1,64}$/),
  msgId: (value) => isText(value, /^.{1,64}$/),
  amountSen: (value) => isText(value, /^[1-9]\d{0,17}$/),
  currency: (value) => value === 'IDR',
  channelCode: (value) => isText(value, /^\d{2}$/),
  channel: (value) => isText(value, /^[a-z_]{1,32}$/),
  categoryPurpose: (value) => isText(value, /^\d{5}$/),
  remittance: (value) => typeof value === 'string' && value.length <= TEXT_CHARS_MAX,
  relatedEndToEndId: (value) => value === undefined || isText(value, /^[0-9A-Z]{30}$/),
  businessDate: (value) => isText(value, /^\d{4}-\d{2}-\d{2}$/),
  cohortBucket: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 9_999,
  isStaff: (value) => typeof value === 'boolean',
};

/** Reads an instruction from untrusted data: all fields in their form and none besides; undefined otherwise.
 * What it returns hashes to the same bytes as what was committed. */
export function parseInstruction(value: unknown): Instruction | undefined {
  if (!isRecord(value)) return undefined;
  const names = Object.keys(FIELD_FORM) as (keyof typeof FIELD_FORM)[];
  if (!names.every((name) => FIELD_FORM[name](value[name]))) return undefined;
  const known = new Set<string>([...names, 'debtor', 'creditor']);
  if (Object.keys(value).some((name) => !known.has(name))) return undefined;
  if (!isParty(value['debtor']) || !isParty(value['creditor'])) return undefined;
  if ((value['kind'] === 'return') !== (value['relatedEndToEndId'] !== undefined)) return undefined;
  return value as unknown as Instruction;
}

function isParty(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'account,accountType,bank,name')
    return false;
  return (
    isText(value['bank'], /^[A-Z0-9]{8}$/) &&
    isText(value['account'], /^[A-Za-z0-9-]{1,34}$/) &&
    isText(value['accountType'], ACCOUNT_TYPE) &&
    isText(value['name'], /^.{1,140}$/)
  );
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
