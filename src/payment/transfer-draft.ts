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
    readonly command: Pick<TransferCommand, 'channel' | 'creditorProxy'>;
  },
): AuthorisationDraft {
  const { row } = input;
  const { channel, creditorProxy } = input.command;
  const channelCode = CHANNEL_CODE[channel];
  const trxType = creditorProxy ? '110' : '010';
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic: context.bank.bic, trxType, channelCode },
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
        name: creditorProxy?.registeredName ?? row.creditorName,
      },
      ...(creditorProxy && {
        creditorProxy: { type: creditorProxy.type, value: creditorProxy.value },
      }),
      channelCode,
      channel: row.channel,
      // Credit transfer, purpose 99 other: domain.md 2.4.
      categoryPurpose: `${trxType}99`,
      remittance: row.remark,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  };
}
