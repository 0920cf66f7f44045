import { sha256 } from '../kernel/canonical.ts';
import type { AuthorisationDraft } from '../ledger/port.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import { checkDigitOf } from '../rail/qris/pan.ts';
import type { PaymentContext } from './context.ts';
import type { CodeTransferTerms, QrisTerms } from './port.ts';
import { commonOf, SWITCH_CHANNEL, type TransferDraft } from './common-draft.ts';

const PART_DIGITS = 10;

/** The authorisation of a payment to a merchant of another bank: who is paid, how much, with what tip, and nothing else. */
export function qrisAuthorisation(
  context: PaymentContext,
  input: TransferDraft & { readonly qris: QrisTerms },
): AuthorisationDraft {
  const { row, qris } = input;
  const { tipSen, ...said } = qris;
  const { bic, bankCode: institution } = context.bank;
  const common = commonOf(context, input);
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic, institution },
    instruction: {
      ...common,
      ...said,
      rail: 'qris',
      kind: 'merchant_payment',
      creditor: { ...common.creditor, accountType: 'OTHR' },
      customerPan: customerPanOf({ institution, payer: row.customerId ?? row.id }),
      tipSen: String(tipSen),
      channelCode: SWITCH_CHANNEL[input.command.channel],
    },
  };
}

/** The authorisation of a QRIS Transfer: who gets how much, as the code names them. */
export function codeTransferAuthorisation(
  context: PaymentContext,
  input: TransferDraft & { readonly codeTransfer: CodeTransferTerms },
): AuthorisationDraft {
  const { row, codeTransfer } = input;
  const { bic, bankCode: institution } = context.bank;
  const common = commonOf(context, input);
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic, institution },
    instruction: {
      ...common,
      ...codeTransfer,
      rail: 'qris',
      kind: 'code_transfer',
      creditor: { ...common.creditor, accountType: 'OTHR' },
      customerPan: customerPanOf({ institution, payer: row.customerId ?? row.id }),
    },
  };
}

/** DE2 of a payer: our NNS, ten digits, check digit. The same for the same payer, made from an id of ours that is random and never leaves:
 * not from the account number, which others could try out. Money never finds its way by it, so two payers may share one. */
export function customerPanOf(of: {
  readonly institution: string;
  /** Id of the customer; of the payment, where there is no customer. */
  readonly payer: string;
}): string {
  const hash = sha256(`qris-customer-pan|${of.institution}|${of.payer}`).readBigUInt64BE();
  const part = String(hash % 10n ** BigInt(PART_DIGITS)).padStart(PART_DIGITS, '0');
  const digits = `${nnsOfBank(of.institution)}${part}`;
  return `${digits}${checkDigitOf(digits)}`;
}
