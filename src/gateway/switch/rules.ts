import type { SwitchInstruction } from '../../authorisation/form-switch.ts';
import type { Instruction } from '../../authorisation/instruction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import { parseSwitchId } from '../../rail/switch/id.ts';
import { bankOfCode } from '../../rail/switch/institution.ts';
import type { RailRules } from '../host.ts';

/** Rp1. */
const AMOUNT_SEN_MIN = 100n;
/** Rp25,000,000 an online transfer [mem], domain.md 4.7. */
const AMOUNT_SEN_MAX = 2_500_000_000n;
/** DE102 and DE103. */
const ACCOUNT_CHARS_MAX = 28;

/** What the gateway holds every instruction for the switch to. */
export function switchRules(bank: BankProfile): RailRules {
  return {
    amountSenMin: AMOUNT_SEN_MIN,
    amountSenMax: AMOUNT_SEN_MAX,
    dayOf({ bizMsgIdr, msgId }) {
      const parts = parseSwitchId(bizMsgIdr);
      const isOurs = parts?.institution === bank.bankCode && /^\d{12}$/.test(msgId ?? '');
      return isOurs && msgId?.endsWith(parts.stan) ? parts.day : undefined;
    },
    isOurs: (instruction: Instruction) =>
      instruction.rail === 'switch' && isOurs(instruction, bank),
  };
}

function isOurs(instruction: SwitchInstruction, bank: BankProfile): boolean {
  const { switchId, rrn, institution, debtor, creditor } = instruction;
  const parts = parseSwitchId(switchId);
  return (
    parts?.institution === bank.bankCode &&
    rrn.endsWith(parts.stan) &&
    debtor.bank === bank.bic &&
    creditor.bank !== bank.bic &&
    bankOfCode(institution) === creditor.bank &&
    debtor.account.length <= ACCOUNT_CHARS_MAX &&
    creditor.account.length <= ACCOUNT_CHARS_MAX
  );
}
