/** What the instructions of all rails have in common, and what each rail must say about its own. Pure. */

export interface InstructionParty {
  /** BIC. */
  readonly bank: string;
  readonly account: string;
  readonly accountType: string;
  readonly name: string;
}

/** The fields that every rail's instruction has: who pays what from where, under which scope. */
export interface InstructionCommon {
  readonly version: 1;
  readonly env: 'prod' | 'drill';
  readonly direction: 'out';
  readonly paymentId: string;
  readonly attempt: number;
  /** Sen as decimal text. */
  readonly amountSen: string;
  readonly currency: 'IDR';
  readonly debtor: InstructionParty;
  /** The channel in our own words, for restriction scopes. */
  readonly channel: string;
  /** WIB date of settlement. */
  readonly businessDate: string;
  /** The customer's stable cohort, 0–9999, and whether it is a member of staff: recovery stages admit by these. */
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** How a payment is named on its network. `bizMsgIdr` is THE network id: burned, registered and looked up, whatever the rail calls
 * it; rows, journals and notices keep the name that the first rail gave it. `msgId` is a second id of the same message. */
export interface NetworkIds {
  readonly bizMsgIdr: string;
  readonly msgId?: string;
}

/** What an id is made from. `day` is the WIB date of the commit, `sequence` counts from 1 within series and day. */
export interface IssueMoment {
  readonly day: string;
  readonly atMs: number;
  readonly sequence: bigint;
}

/** One rail's part of an instruction. */
export interface RailForm {
  /** The fields that the registry issues: the network id first, then the second id where there is one. */
  readonly idFields: readonly [id: string, second?: string];
  /** The counter that ids are drawn from; a number is used once a day. */
  seriesOf(series: { readonly bic: string }): string;
  /** The issued fields. Asserts that they fit the network's fields. */
  makeIds(series: never, moment: IssueMoment): Readonly<Record<string, string>>;
  /** Who is at the other end, 8 characters: a bank's BIC, or the code of who settles for it. */
  counterpartyOf(instruction: never): string;
  /** True when every field has its form and nothing else is in it. */
  isWhole(value: Readonly<Record<string, unknown>>): boolean;
}

/** A field's name to its form. */
export type FieldForms = Readonly<Record<string, (value: unknown) => boolean>>;

const ACCOUNT_TYPE = /^(CACC|SVGS|LOAN|CCRD|UESB|OTHR)$/;

/** The common fields and the form of each. */
export const COMMON_FORMS: FieldForms = {
  version: (value) => value === 1,
  env: (value) => value === 'prod' || value === 'drill',
  direction: (value) => value === 'out',
  paymentId: (value) => isText(value, /^[A-Za-z0-9_-]{1,64}$/),
  attempt: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  amountSen: (value) => isText(value, /^[1-9]\d{0,17}$/),
  currency: (value) => value === 'IDR',
  debtor: isParty,
  channel: (value) => isText(value, /^[a-z_]{1,32}$/),
  businessDate: (value) => isText(value, /^\d{4}-\d{2}-\d{2}$/),
  cohortBucket: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 9_999,
  isStaff: (value) => typeof value === 'boolean',
} satisfies Record<keyof InstructionCommon, (value: unknown) => boolean>;

/** True when each field has its form and there is none besides. */
export function hasForms(value: Readonly<Record<string, unknown>>, forms: FieldForms): boolean {
  return (
    Object.entries(forms).every(([name, isGood]) => isGood(value[name])) &&
    Object.keys(value).every((name) => Object.hasOwn(forms, name))
  );
}

/** True for a party with all its fields and none besides. */
export function isParty(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'account,accountType,bank,name')
    return false;
  return (
    isText(value['bank'], /^[A-Z0-9]{8}$/) &&
    isText(value['account'], /^[A-Za-z0-9-]{1,34}$/) &&
    isText(value['accountType'], ACCOUNT_TYPE) &&
    isText(value['name'], /^.{1,140}$/)
  );
}

/** True for text of that form. */
export function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
