/** What a code for a merchant says, and why one is not made. Pure. */
import type { Sen } from '../kernel/money.ts';
import { NO_ADDITIONAL, type MerchantCode } from '../rail/qris/code.ts';
import { criteriaOf } from '../rail/qris/mdr.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import { checkDigitOf } from '../rail/qris/pan.ts';
import type { CodeCommand, CodeRefusal, Merchant } from './port.ts';

/** How long a dynamic code is good for when nobody says; what acquirers take as a rule (domain.md 1.5: 14 minutes). */
export const CODE_VALID_MS = 15 * 60_000;
/** The longest that a partner may ask for. Source: domain.md 1.5 (Winpay: three months). */
export const CODE_VALID_MS_MAX = 90 * 86_400_000;

const SERIAL_DIGITS = 10;

/** The merchant PAN under our number: NNS, ten digits of serial, check digit. Source: domain.md 1.3. */
export function merchantPan(bankCode: string, serial: bigint): string {
  const digits = `${nnsOfBank(bankCode)}${String(serial).padStart(SERIAL_DIGITS, '0')}`;
  return `${digits}${checkDigitOf(digits)}`;
}

/** Our name in template 26-00: the reverse domain that a bank registers, of its BIC here. Source: domain.md 1.3. */
export function globalIdOf(bic: string): string {
  return `ID.CO.${bic}.WWW`;
}

/** Why a code is not made. */
export function refuseCode(
  command: CodeCommand,
  facts: {
    readonly merchant: Merchant | undefined;
    readonly capSen: Sen;
    readonly nowMs: number;
  },
): CodeRefusal | undefined {
  const { merchant, nowMs } = facts;
  const { amountSen, terminal, validUntilMs } = command;
  // Somebody else's merchant is not there for this partner, and a closed one for nobody.
  if (merchant?.partnerId !== command.partner.id || merchant.closedAtMs !== undefined)
    return 'merchant_not_found';
  if (terminal !== undefined && !merchant.terminals.includes(terminal)) return 'terminal_not_found';
  if (amountSen === undefined) return refuseLabels(command);
  if (amountSen <= 0n) return 'amount_not_positive';
  if (amountSen > facts.capSen) return 'amount_above_cap';
  if (validUntilMs === undefined) return undefined;
  const isInRange = validUntilMs > nowMs && validUntilMs <= nowMs + CODE_VALID_MS_MAX;
  return isInRange ? undefined : 'validity_out_of_range';
}

/** A static code is the terminal's own, the same for everybody: nothing of one sale belongs into it. */
function refuseLabels(command: CodeCommand): CodeRefusal | undefined {
  const { billNumber, storeLabel, validUntilMs } = command;
  const isPlain =
    billNumber === undefined && storeLabel === undefined && validUntilMs === undefined;
  return isPlain ? undefined : 'label_without_amount';
}

/** The content of a code. `reference` only with an amount. */
export function codeContent(input: {
  readonly merchant: Merchant;
  readonly bic: string;
  readonly terminal: string;
  readonly amountSen?: Sen;
  readonly reference?: string;
  readonly billNumber?: string | undefined;
  readonly storeLabel?: string | undefined;
}): MerchantCode {
  const { merchant, amountSen } = input;
  const criteria = criteriaOf(merchant.merchantClass);
  const method = amountSen === undefined ? 'static' : 'dynamic';
  return {
    kind: 'merchant',
    statedMethod: method,
    method,
    amountSen,
    tip: { kind: 'none' },
    name: merchant.name,
    city: merchant.city,
    postalCode: merchant.postalCode,
    additional: {
      ...NO_ADDITIONAL,
      billNumber: input.billNumber,
      storeLabel: input.storeLabel,
      referenceLabel: input.reference,
      terminalLabel: input.terminal,
    },
    languageText: undefined,
    other: [],
    category: merchant.category,
    accounts: [
      {
        tag: 26,
        globalId: globalIdOf(input.bic),
        pan: merchant.pan,
        merchantId: String(merchant.serial).padStart(15, '0'),
        criteria,
        other: [],
      },
    ],
    repository: { nmid: merchant.nmid, pan: undefined, criteria, other: [] },
  };
}
