/** Sticker fraud: somebody pastes a code of their own over the merchant's. Pure, from what the bank remembers; a warning for the
 * payer to compare, never a refusal. Source: domain.md 1.11, last paragraph. */
import { nnsOf, type MerchantCode } from './code.ts';

/** What the central repository (or an earlier payment) said of an NMID. */
export interface RepositoryRecord {
  readonly nmid: string;
  readonly name: string;
  readonly city: string;
  /** Acquirers seen with this NMID. */
  readonly institutions: readonly string[];
}

/** Why a code may have been pasted over another one. */
export type TamperWarning =
  | 'name_differs'
  | 'city_differs'
  | 'acquirer_differs'
  | 'terminal_of_other_merchant';

/** Compares a code with what is known: the record of its NMID, and the NMID that its terminal had before. Letter case and spaces at
 * the ends do not differ. Nothing known, nothing to warn of. */
export function decideTampering(input: {
  readonly code: MerchantCode;
  readonly record?: RepositoryRecord;
  /** The NMID seen at the same terminal earlier; only asked where the code's own NMID is new there. */
  readonly terminalNmid?: string;
}): readonly TamperWarning[] {
  const { code, record, terminalNmid } = input;
  const nmid = code.repository?.nmid;
  if (nmid === undefined) return [];
  const warnings: TamperWarning[] = [];
  if (record && record.nmid === nmid) {
    if (fold(record.name) !== fold(code.name)) warnings.push('name_differs');
    if (fold(record.city) !== fold(code.city)) warnings.push('city_differs');
    const isKnown = code.accounts.every(({ pan }) => record.institutions.includes(nnsOf(pan)));
    if (!isKnown) warnings.push('acquirer_differs');
  }
  if (terminalNmid !== undefined && terminalNmid !== nmid)
    warnings.push('terminal_of_other_merchant');
  return warnings;
}

function fold(text: string): string {
  return text.trim().toUpperCase();
}
