import { assert, assertNever } from '../kernel/assert.ts';
import type { AuthorisationDraft } from '../ledger/port.ts';
import { codeOfBank } from '../rail/switch/institution.ts';
import type { PaymentContext } from './context.ts';
import type { TransferCommand } from './port.ts';
import type { PaymentRow } from './row.ts';
import { networkRailOf } from './kind.ts';

/** BI-FAST channel codes: domain.md 2.3. */
const BIFAST_CHANNEL = { mobile: '02', console: '03', snap: '99', synthetic: '99' } as const;
/** DE18: domain.md 4.3. */
const SWITCH_CHANNEL = {
  mobile: '6017',
  console: '6010',
  snap: '6014',
  synthetic: '6017',
} as const;

/** What the ledger is asked to authorise for a transfer to another bank: all of the instruction but the ids. */
export function authorisationOf(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly accountType: string;
    readonly channel: TransferCommand['channel'];
  },
): AuthorisationDraft {
  const { row } = input;
  const { bic, bankCode } = context.bank;
  const rail = networkRailOf(row);
  const draft = { jti: row.jti!, audience: context.audience };
  const common = commonOf(context, input);
  switch (rail) {
    case 'bifast': {
      const channelCode = BIFAST_CHANNEL[input.channel];
      return {
        ...draft,
        series: { bic, trxType: '010', channelCode },
        instruction: {
          ...common,
          rail,
          kind: 'credit_transfer',
          channelCode,
          // Credit transfer to account, purpose 99 other: domain.md 2.4.
          categoryPurpose: '01099',
          remittance: row.remark,
        },
      };
    }
    case 'switch': {
      const institution = codeOfBank(row.counterpartyBank!);
      assert(institution, 'a bank that the switch does not know was refused before');
      return {
        ...draft,
        series: { bic, institution: bankCode },
        instruction: {
          ...common,
          rail,
          kind: 'interbank_transfer',
          institution,
          channelCode: SWITCH_CHANNEL[input.channel],
          remark: row.remark,
        },
      };
    }
    default:
      return assertNever(rail);
  }
}

function commonOf(
  context: PaymentContext,
  { row, accountType }: { readonly row: PaymentRow; readonly accountType: string },
) {
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
      name: row.creditorName,
    },
    channel: row.channel,
    businessDate: row.businessDate,
    cohortBucket: row.cohortBucket,
    isStaff: row.isStaff,
  } as const;
}
