/** An instruction to pay a merchant of another bank as the message that says it. Pure. Source: docs/rail/qris.md. */
import type {
  QrisAnyInstruction,
  QrisInstruction,
  QrisRefundInstruction,
  QrisScanInstruction,
  QrisTransferInstruction,
} from '../../authorisation/form-qris.ts';
import { nnsOfBank } from '../qris/nns.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import {
  renderQris,
  tagsOf,
  terminalOf,
  type QrisPayment,
  type QrisPresented,
  type QrisRefund,
  type QrisSaid,
} from './qris.ts';
import { renderQrisCheck } from './qris-check.ts';
import { renderQrisTransfer, transferTags, type QrisTransfer } from './qris-transfer.ts';
import type { SwitchMember } from './transfer.ts';

/** The payment in an instruction: the same whenever it is asked. */
export function paymentOf(member: SwitchMember, instruction: QrisInstruction): QrisPayment {
  const { creditor, nmid, merchantId, referenceLabel, billNumber } = instruction;
  return {
    kind: 'payment',
    stan: instruction.qrisId.slice(-6),
    rrn: instruction.rrn,
    transmittedAt: instruction.transmittedAt,
    settlementDay: instruction.businessDate.slice(5).replace('-', ''),
    amountSen: BigInt(instruction.amountSen),
    tipSen: BigInt(instruction.tipSen),
    customerPan: instruction.customerPan,
    sender: nnsOfBank(member.institution),
    receiver: instruction.acquirer,
    channelCode: instruction.channelCode,
    terminal: terminalOf(member.dialect, instruction.terminalLabel, member.terminal),
    merchant: {
      pan: creditor.account,
      ...(nmid !== '' && { nmid }),
      criteria: instruction.criteria,
      // 26-02 may be missing; the number of the central repository has the same length.
      id: merchantId || nmid,
      name: creditor.name,
      city: instruction.city,
    },
    ...(referenceLabel !== '' && { reference: referenceLabel }),
    ...(billNumber !== '' && { billNumber }),
  };
}

/** The refund in an instruction: the same whenever it is asked. */
export function refundOf(member: SwitchMember, instruction: QrisRefundInstruction): QrisRefund {
  const { creditor, debtor, nmid, merchantId } = instruction;
  return {
    kind: 'refund',
    stan: instruction.qrisId.slice(-6),
    rrn: instruction.rrn,
    transmittedAt: instruction.transmittedAt,
    settlementDay: instruction.businessDate.slice(5).replace('-', ''),
    amountSen: BigInt(instruction.amountSen),
    customerPan: creditor.account,
    sender: nnsOfBank(member.institution),
    receiver: instruction.issuer,
    channelCode: instruction.channelCode,
    terminal: terminalOf(member.dialect, instruction.terminalLabel, member.terminal),
    merchant: {
      pan: instruction.merchantPan,
      ...(nmid !== '' && { nmid }),
      criteria: instruction.criteria,
      id: merchantId || nmid,
      name: debtor.name,
      city: instruction.city,
    },
    originalRrn: instruction.originalRrn,
    originalDate: instruction.originalDate,
    refundNumber: instruction.refundNumber,
  };
}

/** The request for the money of a scanned code in an instruction: the same whenever it is asked. */
export function scanOf(member: SwitchMember, instruction: QrisScanInstruction): QrisPresented {
  const { creditor, debtor, nmid, merchantId, billNumber } = instruction;
  return {
    kind: 'presented',
    stan: instruction.qrisId.slice(-6),
    rrn: instruction.rrn,
    transmittedAt: instruction.transmittedAt,
    settlementDay: instruction.businessDate.slice(5).replace('-', ''),
    amountSen: BigInt(instruction.amountSen),
    customerPan: debtor.account,
    codeData: instruction.codeData,
    sender: nnsOfBank(member.institution),
    receiver: instruction.issuer,
    channelCode: instruction.channelCode,
    terminal: terminalOf(member.dialect, instruction.terminalLabel, member.terminal),
    merchant: {
      pan: instruction.merchantPan,
      ...(nmid !== '' && { nmid }),
      criteria: instruction.criteria,
      id: merchantId || nmid,
      name: creditor.name,
      city: instruction.city,
    },
    ...(billNumber !== '' && { billNumber }),
  };
}

/** The transfer in an instruction: the same whenever it is asked. */
export function transferOf(
  member: SwitchMember,
  instruction: QrisTransferInstruction,
): QrisTransfer {
  const { creditor, debtor } = instruction;
  return {
    kind: 'transfer',
    stan: instruction.qrisId.slice(-6),
    rrn: instruction.rrn,
    transmittedAt: instruction.transmittedAt,
    settlementDay: instruction.businessDate.slice(5).replace('-', ''),
    amountSen: BigInt(instruction.amountSen),
    payeePan: instruction.payeePan,
    beneficiary: creditor.account,
    payeeName: creditor.name,
    payeeCity: instruction.city,
    payerPan: instruction.customerPan,
    payerName: debtor.name,
    uniqueData: instruction.uniqueData,
    sender: nnsOfBank(member.institution),
    receiver: instruction.receiver,
    terminal: member.terminal,
  };
}

/** What an instruction of this rail says on the wire. */
export function saidOf(
  member: SwitchMember,
  instruction: QrisAnyInstruction,
): QrisSaid | QrisTransfer {
  switch (instruction.kind) {
    case 'merchant_payment':
      return paymentOf(member, instruction);
    case 'merchant_refund':
      return refundOf(member, instruction);
    case 'shown_code':
      return scanOf(member, instruction);
    case 'code_transfer':
      return transferOf(member, instruction);
  }
}

/** The 0200 of an instruction; undefined when the link cannot say it. */
export function requestOf(
  member: SwitchMember,
  instruction: QrisAnyInstruction,
): IsoMessage | undefined {
  const said = saidOf(member, instruction);
  const nearMs = issuedNearMs(instruction);
  return said.kind === 'transfer'
    ? renderQrisTransfer(member, said, nearMs)
    : renderQris(member, said, nearMs);
}

/** The 0200 that asks what became of an instruction. */
export function checkOf(
  member: SwitchMember,
  instruction: QrisAnyInstruction,
  question: { readonly stan: string; readonly atMs: number },
): IsoMessage | undefined {
  const original = saidOf(member, instruction);
  const said = original.kind === 'transfer' ? transferTags(original) : tagsOf(original);
  return renderQrisCheck(member, { original, said }, question);
}

/** About when an instruction was issued: noon WIB of the day in its id. */
export function issuedNearMs({ qrisId }: Pick<QrisInstruction, 'qrisId'>): number {
  return Date.parse(`${qrisId.slice(0, 4)}-${qrisId.slice(4, 6)}-${qrisId.slice(6, 8)}T05:00:00Z`);
}
