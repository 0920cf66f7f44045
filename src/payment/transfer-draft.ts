import type { AuthorisationDraft } from '../ledger/port.ts';
import type { PaymentContext } from './context.ts';
import type { TransferCommand } from './port.ts';
import type { PaymentRow } from './row.ts';

/** BI-FAST channel codes: domain.md 2.3. */
const CHANNEL_CODE = { mobile: '02', console: '03', snap: '99', synthetic: '99' } as const;

/** The authorisation of a BI-FAST transfer: what the gateway will send, and nothing else. */
export function transferAuthorisation(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly accountType: string;
    readonly channel: TransferCommand['channel'];
  },
): AuthorisationDraft {
  const { row } = input;
  const channelCode = CHANNEL_CODE[input.channel];
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic: context.bank.bic, trxType: '010', channelCode },
    instruction: {
      version: 1,
      env: context.env,
      rail: 'bifast',
      direction: 'out',
      kind: 'credit_transfer',
      paymentId: row.id,
      attempt: 1,
      amountSen: String(row.amountSen),
      currency: 'IDR',
      debtor: {
        bank: context.bank.bic,
        account: row.debitAccount,
        accountType: input.accountType,
        name: row.debtorName,
      },
      creditor: {
        bank: row.counterpartyBank!,
        account: row.creditAccount,
        accountType: 'SVGS',
        name: row.creditorName,
      },
      channelCode,
      channel: row.channel,
      // Credit transfer to account, purpose 99 other: domain.md 2.4.
      categoryPurpose: '01099',
      remittance: row.remark,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  };
}
