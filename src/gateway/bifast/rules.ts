import type { RailRules } from '../host.ts';
import type { Instruction } from '../../authorisation/instruction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import { trxTypeOf } from '../../rail/bifast/render.ts';
import { areOneMessage, parseBizMsgIdr } from '../../rail/bifast/id.ts';

/** Scheme caps, domain.md 2.1: Rp1 … */
const AMOUNT_SEN_MIN = 100n;
/** Rp250,000,000. */
const AMOUNT_SEN_MAX = 25_000_000_000n;

/** What the gateway holds every BI-FAST instruction of a bank to. */
export function bifastRules(bank: BankProfile): RailRules {
  return {
    amountSenMin: AMOUNT_SEN_MIN,
    amountSenMax: AMOUNT_SEN_MAX,
    dayOf({ bizMsgIdr, msgId }) {
      const parts = parseBizMsgIdr(bizMsgIdr);
      return parts?.bic === bank.bic && msgId !== undefined ? parts.day : undefined;
    },
    isOurs: (instruction) => isOurs(instruction, bank),
  };
}

function isOurs(instruction: Instruction, bank: BankProfile): boolean {
  if (instruction.rail !== 'bifast') return false;
  const { bizMsgIdr, msgId } = instruction;
  const parts = parseBizMsgIdr(bizMsgIdr);
  const trxType = trxTypeOf(instruction);
  return (
    parts !== undefined &&
    parts.bic === bank.bic &&
    parts.originator === 'O' &&
    parts.trxType === trxType &&
    parts.channelCode === instruction.channelCode &&
    areOneMessage({ bizMsgIdr, msgId }) &&
    instruction.categoryPurpose.startsWith(trxType) &&
    instruction.debtor.bank === bank.bic &&
    instruction.creditor.bank !== bank.bic
  );
}
