import type {
  QrisAnyInstruction,
  QrisInstruction,
  QrisRefundInstruction,
  QrisScanInstruction,
  QrisTransferInstruction,
} from '../../authorisation/form-qris.ts';
import type { Instruction } from '../../authorisation/instruction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import { nnsOf } from '../../rail/qris/code.ts';
import { nnsOfBank } from '../../rail/qris/nns.ts';
import { hasCheckDigit } from '../../rail/qris/pan.ts';
import { parseSwitchId } from '../../rail/switch/id.ts';
import { bankOfNns } from '../../rail/switch/institution.ts';
import type { RailRules } from '../host.ts';
import { switchRules } from './rules.ts';

/** Rp1. Source: domain.md 1.9. */
const AMOUNT_SEN_MIN = 100n;
/** Rp10,000,000 a payment since 1 March 2022. Source: domain.md 1.9 [seen]. */
const AMOUNT_SEN_MAX = 1_000_000_000n;

/** What the gateway holds every QRIS payment to, whatever core says. */
export function qrisRules(bank: BankProfile): RailRules {
  return {
    amountSenMin: AMOUNT_SEN_MIN,
    amountSenMax: AMOUNT_SEN_MAX,
    // Drawn from the same counter as transfers.
    dayOf: switchRules(bank).dayOf,
    isOurs: (instruction: Instruction) => instruction.rail === 'qris' && isOurs(instruction, bank),
  };
}

function isOurs(instruction: QrisAnyInstruction, bank: BankProfile): boolean {
  switch (instruction.kind) {
    case 'merchant_payment':
      return isOurPayment(instruction, bank);
    case 'merchant_refund':
      return isOurRefund(instruction, bank);
    case 'shown_code':
      return isOurScan(instruction, bank);
    case 'code_transfer':
      return isOurTransfer(instruction, bank);
  }
}

/** Our customer sends to the customer of the bank that the code's PAN names, which is another one. */
function isOurTransfer(instruction: QrisTransferInstruction, bank: BankProfile): boolean {
  const { qrisId, rrn, receiver, debtor, creditor, payeePan, customerPan } = instruction;
  const parts = parseSwitchId(qrisId);
  const ownNns = nnsOfBank(bank.bankCode);
  return (
    parts?.institution === bank.bankCode &&
    rrn.endsWith(parts.stan) &&
    debtor.bank === bank.bic &&
    receiver !== ownNns &&
    bankOfNns(receiver) === creditor.bank &&
    nnsOf(payeePan) === receiver &&
    nnsOf(customerPan) === ownNns &&
    hasCheckDigit(customerPan)
  );
}

/** A merchant under our number asks for the money of a customer of the bank that the customer's PAN names, which is another one. */
function isOurScan(instruction: QrisScanInstruction, bank: BankProfile): boolean {
  const { qrisId, rrn, issuer, debtor, creditor, merchantPan } = instruction;
  const parts = parseSwitchId(qrisId);
  const ownNns = nnsOfBank(bank.bankCode);
  return (
    parts?.institution === bank.bankCode &&
    rrn.endsWith(parts.stan) &&
    creditor.bank === bank.bic &&
    issuer !== ownNns &&
    bankOfNns(issuer) === debtor.bank &&
    nnsOf(debtor.account) === issuer &&
    hasCheckDigit(debtor.account) &&
    nnsOf(merchantPan) === ownNns &&
    hasCheckDigit(merchantPan)
  );
}

/** A merchant under our number gives back to a customer of the bank that the customer's PAN names, which is another one. */
function isOurRefund(instruction: QrisRefundInstruction, bank: BankProfile): boolean {
  const { qrisId, rrn, issuer, debtor, creditor, merchantPan } = instruction;
  const parts = parseSwitchId(qrisId);
  const ownNns = nnsOfBank(bank.bankCode);
  return (
    parts?.institution === bank.bankCode &&
    rrn.endsWith(parts.stan) &&
    debtor.bank === bank.bic &&
    issuer !== ownNns &&
    bankOfNns(issuer) === creditor.bank &&
    nnsOf(creditor.account) === issuer &&
    hasCheckDigit(creditor.account) &&
    nnsOf(merchantPan) === ownNns &&
    hasCheckDigit(merchantPan)
  );
}

/** Our customer pays a merchant of the acquirer that the merchant's PAN names, which is another bank. */
function isOurPayment(instruction: QrisInstruction, bank: BankProfile): boolean {
  const { qrisId, rrn, acquirer, debtor, creditor, customerPan } = instruction;
  const parts = parseSwitchId(qrisId);
  const ownNns = nnsOfBank(bank.bankCode);
  return (
    parts?.institution === bank.bankCode &&
    rrn.endsWith(parts.stan) &&
    debtor.bank === bank.bic &&
    acquirer !== ownNns &&
    bankOfNns(acquirer) === creditor.bank &&
    /^\d{9,19}$/.test(creditor.account) &&
    nnsOf(creditor.account) === acquirer &&
    nnsOf(customerPan) === ownNns &&
    hasCheckDigit(customerPan)
  );
}
