/** The canonical instruction: every money-relevant field of one outgoing payment, as the ledger committed it. One member of the
 * union per rail; the gateway renders the wire message from this and from nothing else (DESIGN.md 1.1). A rail's own fields and
 * ids are its form's (`form-<rail>.ts`): a new rail is one such file and one line in `RAIL_FORMS`. */
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { bifastForm, type BifastInstruction, type BifastSeries } from './form-bifast.ts';
import { billerForm, type BillerInstruction, type BillerSeries } from './form-biller.ts';
import { qrisForm, type QrisAnyInstruction } from './form-qris.ts';
import { switchForm, type SwitchInstruction, type SwitchSeries } from './form-switch.ts';
import { isRecord, type IssueMoment, type NetworkIds, type RailForm } from './form.ts';

/** One outgoing payment, by rail. */
export type Instruction =
  | BifastInstruction
  | BillerInstruction
  | QrisAnyInstruction
  | SwitchInstruction;

/** The rails that carry instructions. */
export type RailName = Instruction['rail'];

/** Of each member of a union. */
type Unissued<T> = T extends unknown ? Omit<T, 'qrisId' | 'rrn' | 'transmittedAt'> : never;

/** An instruction whose ids are not issued yet, and what they are made from. */
export type InstructionDraft =
  | {
      readonly series: BifastSeries;
      readonly instruction: Omit<BifastInstruction, 'bizMsgIdr' | 'msgId'>;
    }
  | { readonly series: BillerSeries; readonly instruction: Omit<BillerInstruction, 'reference'> }
  | { readonly series: SwitchSeries; readonly instruction: Unissued<QrisAnyInstruction> }
  | {
      readonly series: SwitchSeries;
      readonly instruction: Omit<SwitchInstruction, 'switchId' | 'rrn' | 'transmittedAt'>;
    };

const RAIL_FORMS: Readonly<Record<RailName, RailForm>> = {
  bifast: bifastForm,
  biller: billerForm,
  qris: qrisForm,
  switch: switchForm,
};

/** The rails by name. */
export const RAIL_NAMES = Object.keys(RAIL_FORMS) as readonly RailName[];

/** True for the name of a rail that carries instructions. */
export function isRailName(value: unknown): value is RailName {
  return typeof value === 'string' && Object.hasOwn(RAIL_FORMS, value);
}

/** The names of the id fields by rail, as they stand in the canonical text. */
export function idFieldsByRail(): Readonly<Record<RailName, RailForm['idFields']>> {
  const fields = RAIL_NAMES.map((rail) => [rail, RAIL_FORMS[rail].idFields]);
  return Object.fromEntries(fields) as Record<RailName, RailForm['idFields']>; // one entry per name
}

/** The bytes that are hashed and signed. */
export function instructionText(instruction: Instruction): string {
  return canonicalJson(instruction);
}

/** SHA-256 of the canonical bytes, lower-case hex. */
export function instructionHash(instruction: Instruction): string {
  return sha256(instructionText(instruction)).toString('hex');
}

/** The counter that a draft's ids are drawn from. */
export function seriesOf({ series, instruction }: InstructionDraft): string {
  return RAIL_FORMS[instruction.rail].seriesOf(series);
}

/** The finished instruction: the draft with the ids of this moment. */
export function issueInstruction(
  { series, instruction }: InstructionDraft,
  moment: IssueMoment,
): Instruction {
  const form = RAIL_FORMS[instruction.rail];
  // The union of drafts ties series to rail, and a form issues just the fields that its draft leaves out.
  return { ...instruction, ...form.makeIds(series as never, moment) } as Instruction;
}

/** How the payment is named on its network. */
export function networkIds(instruction: Instruction): NetworkIds {
  const [id, second] = RAIL_FORMS[instruction.rail].idFields;
  const fields = instruction as unknown as Readonly<Record<string, string>>;
  return { bizMsgIdr: fields[id]!, ...(second !== undefined && { msgId: fields[second]! }) }; // the form names fields of its own
}

/** Who is at the other end, 8 characters. */
export function counterpartyOf(instruction: Instruction): string {
  return RAIL_FORMS[instruction.rail].counterpartyOf(instruction as never); // looked up by its own rail
}

/** Reads an instruction from untrusted data: all fields in their form and none besides; undefined otherwise.
 * What it returns hashes to the same bytes as what was committed. */
export function parseInstruction(value: unknown): Instruction | undefined {
  if (!isRecord(value) || !isRailName(value['rail'])) return undefined;
  return RAIL_FORMS[value['rail']].isWhole(value) ? (value as unknown as Instruction) : undefined;
}
