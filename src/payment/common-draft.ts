import type { PaymentContext } from './context.ts';
import type { TransferCommand } from './port.ts';
import type { PaymentRow } from './row.ts';

/** DE18: domain.md 4.3. */
export const SWITCH_CHANNEL = {
  mobile: '6017',
  console: '6010',
  snap: '6014',
  synthetic: '6017',
} as const;

/** A transfer in the making. */
export interface TransferDraft {
  readonly row: PaymentRow;
  readonly accountType: string;
  readonly command: Pick<TransferCommand, 'channel' | 'creditorProxy' | 'qris' | 'codeTransfer'>;
}

/** What the instructions of all transfers say alike. */
export function commonOf(context: PaymentContext, { row, accountType, command }: TransferDraft) {
  return {
    version: 1,
    env: context.env,
    direction: 'out',
    paymentId: row.id,
    attempt: 1,
    amountSen: String(row.amountSen),
    currency: 'IDR',
    debtor: {
      bank: context.bank.bic,
      account: row.debitAccount,
      accountType,
      name: row.debtorName,
    },
    creditor: {
      bank: row.counterpartyBank!,
      account: row.creditAccount,
      accountType: 'SVGS',
      name: command.creditorProxy?.registeredName ?? row.creditorName,
    },
    channel: row.channel,
    businessDate: row.businessDate,
    cohortBucket: row.cohortBucket,
    isStaff: row.isStaff,
  } as const;
}
