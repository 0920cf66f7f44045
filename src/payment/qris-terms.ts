import { nnsOf, criteriaOf, type MerchantCode } from '../rail/qris/code.ts';
import type { Sen } from '../kernel/money.ts';
import { bankOfNns } from '../rail/switch/institution.ts';
import type { QrisTerms } from './port.ts';

/** Whom a code of another bank's merchant pays, as a payment names it. */
export interface QrisPayee {
  /** BIC, or the NNS of an acquirer without one. */
  readonly bank: string;
  /** The merchant's PAN. */
  readonly account: string;
  readonly name: string;
  readonly terms: QrisTerms;
}

/** The payee of a code; undefined where nobody but us could be paid, or the name says nothing. A code with several acquirers is paid at
 * the first that is not `ownNns`. */
export function qrisPayeeOf(
  code: MerchantCode,
  { ownNns, tipSen }: { readonly ownNns: string; readonly tipSen: Sen },
): QrisPayee | undefined {
  const account = code.accounts.find(({ pan }) => nnsOf(pan) !== ownNns);
  const bank = account && bankOfNns(nnsOf(account.pan));
  const [name, city] = [code.name.trim(), code.city.trim()];
  if (!account || bank === undefined || name === '' || city === '') return undefined;
  const { additional, repository } = code;
  return {
    bank,
    account: account.pan,
    name,
    terms: {
      acquirer: nnsOf(account.pan),
      tipSen,
      criteria: account.criteria ?? criteriaOf(code),
      city,
      nmid: repository?.nmid ?? '',
      merchantId: account.merchantId ?? '',
      terminalLabel: additional?.terminalLabel ?? '',
      referenceLabel: additional?.referenceLabel ?? '',
      billNumber: additional?.billNumber ?? '',
    },
  };
}
