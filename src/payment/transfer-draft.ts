import { assert } from '../kernel/assert.ts';
import type { AuthorisationDraft } from '../ledger/port.ts';
import { codeOfBank } from '../rail/switch/institution.ts';
import type { PaymentContext } from './context.ts';
import { commonOf, SWITCH_CHANNEL, type TransferDraft } from './common-draft.ts';
import { codeTransferAuthorisation, qrisAuthorisation } from './qris-draft.ts';

/** BI-FAST channel codes: domain.md 2.3. */
const BIFAST_CHANNEL = { mobile: '02', console: '03', snap: '99', synthetic: '99' } as const;

/** The authorisation of a transfer to another bank: what the gateway will send, and nothing else. */
export function transferAuthorisation(
  context: PaymentContext,
  input: TransferDraft,
): AuthorisationDraft {
  const { qris, codeTransfer } = input.command;
  if (codeTransfer) return codeTransferAuthorisation(context, { ...input, codeTransfer });
  if (qris) return qrisAuthorisation(context, { ...input, qris });
  return input.row.kind === 'switch_out' ? overSwitch(context, input) : overBifast(context, input);
}

function overBifast(context: PaymentContext, input: TransferDraft): AuthorisationDraft {
  const { row } = input;
  const { channel, creditorProxy } = input.command;
  const channelCode = BIFAST_CHANNEL[channel];
  const trxType = creditorProxy ? '110' : '010';
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic: context.bank.bic, trxType, channelCode },
    instruction: {
      ...commonOf(context, input),
      rail: 'bifast',
      kind: 'credit_transfer',
      ...(creditorProxy && {
        creditorProxy: { type: creditorProxy.type, value: creditorProxy.value },
      }),
      channelCode,
      // Credit transfer, purpose 99 other: domain.md 2.4.
      categoryPurpose: `${trxType}99`,
      remittance: row.remark,
    },
  };
}

function overSwitch(context: PaymentContext, input: TransferDraft): AuthorisationDraft {
  const { row, command } = input;
  const institution = codeOfBank(row.counterpartyBank!);
  assert(institution, 'a bank that the switch does not know was refused before');
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic: context.bank.bic, institution: context.bank.bankCode },
    instruction: {
      ...commonOf(context, input),
      rail: 'switch',
      kind: 'interbank_transfer',
      institution,
      channelCode: SWITCH_CHANNEL[command.channel],
      remark: row.remark,
    },
  };
}
